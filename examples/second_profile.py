"""The corridor profile: section 2 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any

from second_corridor import TABLES, corridor_tables, words
from second_encoding import Refused, array, exactly, need, text_of, uint
from second_formats import NAME

LEVEL = "both|one-and-machine|one"
RECORDS = ("scan", "radiation", "clip", "seal-check")
ONLY_THE_SIGNER = ("hand-over", "subject-opened", "stream-opened")


@dataclass(frozen=True)
class Profile:
    """What a corridor asks."""

    kinds: dict[str, list[str]]
    corrections: dict[str, list[str]]
    least: str
    places: dict[str, str]
    unobserved: int | None
    devices: list[str]
    within: int
    jump: int
    needs: list[str]
    needs_at: dict[str, list[str]]

    def may_correct(self, kind: str, other: str) -> bool:
        """Tell whether statements of a kind correct what another organisation says in another kind."""
        return set(self.kinds.get(kind, ["nobody"])) <= set(self.corrections.get(other, []))


def read_profile(data: bytes) -> Profile:
    need(len(data) <= 131_072, "profile: over 131,072 bytes")
    names = "corridor roles kinds custody? identifiers? corrections? devices? categories? sharing? passages?"
    try:
        value = exactly(tomllib.loads(data.decode()), f"{names} {TABLES}", "profile")
    except ValueError as error:
        raise Refused(f"profile: not TOML in UTF-8: {error}") from error
    corridor = exactly(value["corridor"], "id version title", "profile: corridor")
    text_of(corridor["id"], NAME, "profile: id")
    uint(corridor["version"], "profile: version")
    text_of(corridor["title"], "(?s).{1,200}", "profile: title")
    for tables in (value["roles"], value["kinds"]):
        need(isinstance(tables, dict) and tables, "profile: no role or no kind")
        for name in tables:
            text_of(name, NAME, "profile: name")
    for role in value["roles"].values():
        words_or_text(exactly(role, "title", "profile: role")["title"])
    for kind in value["kinds"].values():
        text_of(exactly(kind, "roles note?", "profile: kind").get("note", " "), "(?s).{1,500}", "note")
        some_of(kind["roles"], value["roles"])
    corridor_tables(value)
    kinds = {name: kind["roles"] for name, kind in value["kinds"].items()}
    return optional_tables(value, kinds)


def words_or_text(value: Any) -> None:
    """Refuse anything but one text, or one in each of the three languages."""
    if isinstance(value, dict):
        words(value)
    else:
        text_of(value, "(?s).{1,200}", "profile: title")


def optional_tables(value: dict[str, Any], kinds: dict[str, list[str]]) -> Profile:
    custody = exactly(value.get("custody", {}), "least? places? unobserved_minutes?", "profile: custody")
    least = text_of(custody.get("least", "both"), LEVEL, "profile: least")
    places = custody.get("places", {})
    need(isinstance(places, dict), "profile: places is no table")
    for place, level in places.items():
        text_of(place, "(?s).{1,200}", "profile: place")
        text_of(level, LEVEL, "profile: level of a place")
    unobserved = custody.get("unobserved_minutes")
    if unobserved is not None:
        uint(unobserved, "profile: unobserved_minutes")
    digits = exactly(value.get("identifiers", {}), "check_digit?", "profile: identifiers")
    text_of(digits.get("check_digit", "warning"), "warning|error", "profile: check_digit")
    corrections = value.get("corrections", {})
    need(isinstance(corrections, dict), "profile: corrections is no table")
    for kind, roles in corrections.items():
        need(kind in kinds and kind not in ONLY_THE_SIGNER, "profile: corrections of such a kind")
        some_of(roles, value["roles"])
    devices = []
    if "devices" in value:
        devices = exactly(value["devices"], "kinds", "profile: devices")["kinds"]
        some_of(devices, kinds)
    shared_tables(value)
    names = "within_seconds? jump_seconds? needs? places?"
    passages = exactly(value.get("passages", {}), names, "profile: passages")
    within = uint(passages.get("within_seconds", 900), "profile: within_seconds")
    jump = uint(passages.get("jump_seconds", 2), "profile: jump_seconds")
    needs = records(passages.get("needs", list(RECORDS)))
    at = passages.get("places", {})
    need(isinstance(at, dict), "profile: places of passages are no table")
    for place in at:
        text_of(place, "(?s).{1,200}", "profile: place")
    needs_at = {place: records(value) for place, value in at.items()}
    return Profile(kinds, corrections, least, places, unobserved, devices, within, jump, needs, needs_at)


def records(value: Any) -> list[str]:
    """Read which records gate passages need: some of four, or none of them."""
    named = array(value, "profile: needs", 0)
    need(all(isinstance(name, str) and name in RECORDS for name in named), "profile: no such record")
    need(len(set(named)) == len(named), "profile: a record twice")
    return named


def shared_tables(value: dict[str, Any]) -> None:
    """Refuse what is wrong in what no verdict goes by: categories and sharing."""
    categories, sharing = value.get("categories", {}), value.get("sharing", {})
    need(isinstance(categories, dict) and isinstance(sharing, dict), "profile: no table")
    taken: list[str] = []
    for name, table in categories.items():
        text_of(name, NAME, "profile: name of a category")
        category = exactly(table, "title members? retention_days?", "profile: category")
        text_of(category["title"], "(?s).{1,200}", "profile: title of a category")
        members = array(category.get("members", []), "profile: members", 0)
        taken += [text_of(member, "(?s).{1,64}", "profile: member") for member in members]
        uint(category.get("retention_days", 0), "profile: retention_days")
    need(len(set(taken)) == len(taken), "profile: a member twice")
    for role, named in sharing.items():
        need(role in value["roles"], "profile: no such role")
        some_of(named, {**categories, "*": None})


def some_of(value: Any, known: dict[str, Any]) -> None:
    """Refuse anything but an array of known names, at least one, none twice."""
    named = array(value, "profile: names", 1)
    need(all(isinstance(name, str) and name in known for name in named), "profile: no such name")
    need(len(set(named)) == len(named), "profile: a name twice")
