"""Which evidence was erased: sections 15 and 18 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from second_case import Registered
from second_dossier import check_cid
from second_encoding import Refused, array, exactly, need, text_of, unhex

Item = tuple[str, str]
"""Commitment and CID."""
ALSO = "occurred_at? evidence? remarks?"


def named_items(each: Registered) -> list[Item]:
    """Return what an erasure names; nothing when it is malformed, or is none."""
    if each.kind != "erasure":
        return []
    try:
        body = exactly(each.body, f"items because note? {ALSO}", "erasure")
        text_of(body["because"], "retention|request|order", "erasure: because")
        text_of(body.get("note", "-"), "(?s).{1,500}", "erasure: note")
        items = array(body["items"], "erasure: items", 1, 1000)
        for item in items:
            exactly(item, "commitment cid", "erasure: item")
            unhex(item["commitment"], 32, "erasure: commitment")
            check_cid(item["cid"])
    except Refused:
        return []
    named = [(item["commitment"], item["cid"]) for item in items]
    return named if len(set(named)) == len(named) else []


def held(each: Registered) -> set[str] | None:
    """Return the commitments that a hold names, None for everything; of no good hold, an empty set."""
    if each.kind != "legal-hold":
        return set()
    try:
        body = exactly(each.body, f"items? all? reason? {ALSO}", "hold")
        text_of(body.get("reason", "-"), "(?s).{1,500}", "hold: reason")
        need(("items" in body) != ("all" in body), "hold: either items or all")
        if "all" in body:
            need(body["all"] is True, "hold: all")
            return None
        named = array(body["items"], "hold: items", 1, 1000)
        for one in named:
            unhex(one, 32, "hold: commitment")
        need(len(set(named)) == len(named), "hold: an item twice")
    except Refused:
        return set()
    return set(named)


def lifts(each: Registered, hold: Registered) -> bool:
    """Tell whether a statement ends a hold."""
    if each.kind != "legal-hold-ended" or each.statement.iss != hold.statement.iss:
        return False
    ended = [one["id"] for one in each.statement.content["references"] if one["rel"] == "lifts"]
    return ended == [hold.statement.id.hex()]


def is_held(cid: str, statements: Sequence[Registered], claims: Sequence[tuple[Registered, Any]]) -> bool:
    """Tell whether a hold is in force on a CID when these statements, and no others, have been logged."""
    here = [(by, item) for by, item in claims if item["cid"] == cid and by in statements]
    subjects = {one for by, _ in here for one in by.statement.content["subjects"]}
    commitments = {item["commitment"] for _, item in here}
    for hold in statements:
        named = held(hold)
        covers = bool(commitments) if named is None else not commitments.isdisjoint(named)
        about = not subjects.isdisjoint(hold.statement.content["subjects"])
        if covers and about and not any(lifts(each, hold) for each in statements if each.index > hold.index):
            return True
    return False


def erased(
    statements: Sequence[Registered], claims: Sequence[tuple[Registered, Any]]
) -> Iterator[tuple[str, str, str]]:
    """Yield organisation, commitment and CID of what was erased, and not in vain.

    `claims` are all items that are claimed, each with the statement that claims it.
    """
    for each in statements:
        before = [one for one in statements if one.index < each.index]
        for commitment, cid in named_items(each):
            if not is_held(cid, before, claims):
                yield each.statement.iss, commitment, cid
