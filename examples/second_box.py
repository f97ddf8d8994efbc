"""Containers and seals: section 13 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from second_case import Finding, failed
from second_line import MACHINES, Line
from second_profile import Profile
from second_told import Time, Told, kind_of

Seal = dict[str, Any]


@dataclass
class Known:
    """A seal that was heard of: `state` is on, off, broken, missing, or emptied (off, to empty the box)."""

    seal: Seal
    state: str
    by: Told
    mark: str | None

    @property
    def place(self) -> tuple[str, str | None]:
        return self.seal["on"], self.seal["kind"]


@dataclass
class Box:
    """One container trip."""

    trip: str
    line: Line
    found: list[Finding]
    warnings: set[str]
    seals: dict[str, Known] = field(default_factory=dict)
    applied: set[str] = field(default_factory=set)
    pictured: set[str] = field(default_factory=set)
    unobserved: int | None = None
    clean: Told | None = None

    def fail(self, reason: str, message: str) -> None:
        self.found.append(failed(reason, f"{self.trip}: {message}"))

    @property
    def on(self) -> list[str]:
        return sorted(number for number, known in self.seals.items() if known.state == "on")

    # Found, removed, applied.

    def look(self, told: Told) -> None:
        found, removed, applied = (
            told.members.get(f"seals_{name}", []) for name in ("found", "removed", "applied")
        )
        self.applied |= {seal["number"] for seal in applied}
        for seal in found:
            self.find(told, seal, found)
        changes = bool(removed or applied)
        signed = told.by.statement.content["body"]
        withheld = len(signed.get("_sd", [])) > len(told.by.body.keys() - signed.keys())
        if told.kind == "inspection" and changes and "reason" not in told.members and not withheld:
            self.fail("inspection-incomplete", "no reason")
        for seal in removed:
            self.remove(told, seal)
        for seal in applied:
            self.apply(told, seal)
        if told.kind == "inspection" and changes:
            if not any(at >= told.time for at, _ in self.line.moved):
                self.warnings.add("inspection-not-yet-accepted")
            if told.id not in self.pictured:
                self.warnings.add("inspection-not-pictured")
            shut = {self.seals[number].seal["on"] for number in self.on}
            if {seal["on"] for seal in removed} - shut:
                self.warnings.add("seal-not-renewed")

    def find(self, told: Told, seal: Seal, beside: list[Seal]) -> None:
        known = self.seals.get(seal["number"])
        if known is not None and known.state == seal["state"]:
            return
        known = self.meet(told, seal, beside)
        if seal["state"] != "intact":
            self.fail(f"seal-{seal['state']}", f"seal {seal['number']} was found so")
            known.state = seal["state"]

    def meet(self, told: Told, seal: Seal, beside: list[Seal]) -> Known:
        """Return the seal that is on; complain when another one should be, and go on with this one."""
        known = self.seals.get(seal["number"])
        if known is None or known.state != "on":
            named = {each["number"] for each in beside}
            instead = [number for number in self.on if number not in named and self.fits(number, seal)]
            if instead:
                self.seals[instead[0]].state = "off"
            reason = "seal-changed" if instead or known is not None else "seal-unknown"
            self.fail(reason, f"seal {seal['number']} was found")
            known = self.seals[seal["number"]] = Known(seal, "on", told, seal["mark"])
        self.compare(known, seal)
        return known

    def fits(self, number: str, seal: Seal) -> bool:
        on, kind = self.seals[number].place
        return on == seal["on"] and (None in (kind, seal["kind"]) or kind == seal["kind"])

    def compare(self, known: Known, seal: Seal) -> None:
        if None not in (known.mark, seal["mark"]) and known.mark != seal["mark"]:
            self.fail("seal-cloned", f"seal {seal['number']} has another mark")
        known.mark = known.mark or seal["mark"]

    def remove(self, told: Told, seal: Seal) -> None:
        if seal["number"] not in {each["number"] for each in told.members.get("seals_found", [])}:
            self.meet(told, seal, told.members["seals_removed"])
            if told.kind == "inspection":
                self.fail("inspection-incomplete", f"it does not say how it found seal {seal['number']}")
        emptied = told.kind == "stripping" and self.line.holder_at(told.time) == told.iss
        if told.kind != "inspection" and not emptied:
            replaced = "seals_applied" in told.members
            self.fail("seal-replaced" if replaced else "seal-removed", f"seal {seal['number']}")
        self.seals[seal["number"]].state = "emptied" if emptied else "off"

    def apply(self, told: Told, seal: Seal) -> None:
        known = self.seals.get(seal["number"])
        if known is not None and known.state == "on":
            self.compare(known, seal)
            return
        if known is not None:
            self.fail("seal-cloned", f"seal {seal['number']} was put on twice")
        else:
            place = seal["on"], seal["kind"]
            before = [
                one
                for one in self.seals.values()
                if one.place == place and one.by is not told and one.state != "emptied"
            ]
            still = [one for one in before if one.state == "on"]
            inspected = told.kind == "inspection"
            if still:
                self.fail("inspection-incomplete" if inspected else "seal-replaced", "one over another")
                still[0].state = "off"
            elif before and not inspected and "seals_removed" not in told.members:
                self.fail("seal-replaced", f"seal {seal['number']} after another")
        self.seals[seal["number"]] = Known(seal, "on", told, seal["mark"])


def follow_box(trip: str, said: list[Told], line: Line, profile: Profile, found: list[Finding]) -> Box:
    """Follow the container of a trip through the statements that count."""
    box = Box(trip, line, found, set())
    facts = sorted(about_box(box, said), key=lambda told: told.order)
    pictures = {told.id for told in facts if told.kind in ("photo", "video")}
    for told in facts:
        named = {one["id"] for one in told.by.statement.content["references"]}
        if told.id in pictures:
            box.pictured |= named
        if told.by.body.get("evidence") or named & pictures:
            box.pictured.add(told.id)
    for told in facts:
        box.look(told)
    for number, told in enumerate(facts):
        if told.members.get("doors") == "opened" and not may_be_open(facts, number):
            box.fail("doors-opened", f"in a {told.kind}")
    clean = [told for told in facts if is_clean(told, facts)]
    box.clean = clean[-1] if clean else None
    box.unobserved = unobserved(facts, clean)
    if None not in (box.unobserved, profile.unobserved) and int(box.unobserved or 0) > int(
        profile.unobserved or 0
    ):
        box.warnings.add("unobserved")
    return box


def about_box(box: Box, said: list[Told]) -> Iterator[Told]:
    for told in said:
        keys = [each.split(":")[3] for each in told.subjects if kind_of(each) == "trip"]
        seen = told.members.get("container")
        if told.malformed:
            box.warnings.add("body-malformed")
        if seen is not None and seen not in keys:
            box.fail("container-mismatch", f"container {seen} was seen")
        if len(keys) == 1 or seen == box.trip.split(":")[3]:
            yield told


# Doors, clean states, and who looked.


def fills(told: Told) -> bool:
    return told.kind == "stuffing" or "seals_applied" in told.members


def may_be_open(facts: list[Told], number: int) -> bool:
    if facts[number].kind in ("inspection", "stuffing", "stripping"):
        return True
    if fills(facts[number]):
        return False
    for earlier in reversed(facts[:number]):
        if earlier.kind == "stripping":
            return True
        if fills(earlier):
            return False
    return any(fills(later) for later in facts[number + 1 :])


def is_clean(told: Told, facts: list[Told]) -> bool:
    if told.kind not in ("scan", "inspection"):
        return False
    of = {"rel": "of", "id": told.id}
    words = [
        one
        for one in facts
        if "conclusion" in one.members
        and (one is told or (one.kind == "analysis" and of in one.by.statement.content["references"]))
    ]
    words.sort(key=lambda one: (one.members.get("concluded_by") == "person", one.order))
    return bool(words) and words[-1].members["conclusion"] == "clear"


def unobserved(facts: list[Told], clean: list[Told]) -> int | None:
    ladings = [told.time for told in facts if told.kind == "loading"]
    starts = [told.time for told in clean if ladings and told.time <= ladings[-1]]
    if not starts:
        return None
    start, end = max(starts), ladings[-1]
    looks = [look for told in facts for look in looked(told) if look[1] > start and look[0] < end]
    dark, seen = Time(0), start
    for first, last in sorted(looks):
        dark += max(Time(0), first - seen)
        seen = max(seen, min(last, end))
    return int((dark + end - seen) // 60)


def looked(told: Told) -> Iterator[tuple[Time, Time]]:
    if "observed" in told.members:
        first, last = told.members["observed"]
        yield told.right(first), told.right(last)
    elif told.kind in MACHINES:
        yield told.time, told.time + 60
