"""What a member can do to a stream that is not its alone: how much work it makes, and what it cannot undo."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.custody import Said
from ledger.domain.hand_over import HAND_OVER, Result
from tests.domain.custody_story import POLICE, A, B, C, Story, inspected, packed, seal, told

MALLORY = "https://mallory.example"
MANY = 32


def many_seals(story: Story, iss: str, kind: str, member: str, *, places: bool, **more: Any) -> None:
    """Name twelve thousand seals, each in a place of its own or all in one."""
    for number in range(400):
        named = [
            {"number": f"{number}-{one}"} | ({"on": f"hatch {number}-{one}"} if places else {})
            for one in range(MANY)
        ]
        story.saw(iss, kind, 15, **{member: named}, **more)


def found_seals(story: Story) -> None:
    many_seals(story, B, "seal-check", "seals_found", places=True)


def applied_seals(story: Story) -> None:
    many_seals(story, B, "seal-applied", "seals_applied", places=False)


def inspected_seals(story: Story) -> None:
    many_seals(story, POLICE, "inspection", "seals_applied", places=True, reason="because")


def a_chain_of_corrections(story: Story) -> None:
    signed = story.say(B, "status", {}).statement
    for number in range(20_000):
        last, ident = story.said[-1], number.to_bytes(32)
        correction = replace(signed, id=ident, corrects=last.statement.id)
        story.said.append(Said(last.index + 1, correction, {}))


FLOODS: dict[str, Callable[[Story], None]] = {
    "seals found, each in a place of its own": found_seals,
    "seals put on, all in one place": applied_seals,
    "inspections that put seals on": inspected_seals,
    "a chain of corrections": a_chain_of_corrections,
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_a_flood_by_a_member_makes_work_in_proportion(flood: Callable[[Story], None]) -> None:
    """The bound is loose for slow machines; what grew with the square took a minute and more."""
    story = packed()
    flood(story)
    begun = time.process_time()
    story.custody()
    assert time.process_time() - begun < 6


# Poison: what a member says against an honest trip.


def honest() -> Story:
    story = packed()
    assert told(story.custody())[0] == []
    return story


def test_whoever_holds_nothing_moves_nothing_and_is_named() -> None:
    story = honest()
    line = story.custody().spans
    story.hand_over(MALLORY, "https://accomplice.example", 18)
    custody = story.custody()
    assert (custody.spans, custody.holder) == (line, C)
    (found,) = [one for one in custody.problems if not one.is_warning]
    assert found.code == "handover-gap"
    assert MALLORY in found.message


POISON: dict[str, dict[str, Any]] = {
    "a seal that nobody put on": {"seals_found": [seal("X9")]},
    "another container": {"container": "MSKU4567898"},
    "opened doors": {"doors": "opened"},
    "a seal taken off": {"seals_removed": [seal("B1")]},
}


@pytest.mark.parametrize("body", POISON.values(), ids=POISON)
def test_a_false_alarm_is_its_authors_to_take_back_and_nobody_elses(body: dict[str, Any]) -> None:
    story = honest()
    alarm = story.saw(MALLORY, "human-interaction", 18, **body)
    alarmed = [one for one in story.custody().problems if not one.is_warning]
    assert alarmed
    assert all(alarm.statement.id in one.statements for one in alarmed)
    # The honest parties cannot make it go away: else a guilty holder could.
    story.say(C, "correction-note", {"remarks": "not so"}, corrects=alarm.statement.id)
    assert told(story.custody())[0] == [one.code for one in alarmed]
    assert "correction-not-entitled" in told(story.custody())[1]
    # Its author can, and that it did stays on record.
    taken_back = story.say(MALLORY, "correction-note", {}, corrects=alarm.statement.id)
    custody = story.custody()
    assert told(custody)[0] == []
    gone = [one for one in custody.corrected if one.statement == alarm.statement.id]
    assert [one.by for one in gone] == [taken_back.statement.id]


def test_nobody_corrects_an_inspection_away() -> None:
    story = honest()
    inspected(story, doors="opened")
    (inspection,) = [one for one in story.said if one.statement.kind == "inspection"]
    before = story.custody().inspections
    for iss in (A, B, C, MALLORY):
        story.say(iss, "inspection", {"reason": "it never was"}, corrects=inspection.statement.id)
    assert before[0] in story.custody().inspections


@pytest.mark.parametrize("result", [Result.REFUSED, Result.ACCEPTED])
def test_taking_back_an_agreed_hand_over_never_leaves_a_clean_line(result: Result) -> None:
    """The haulier would not have had it, or would have given it to somebody else, after the parcel is in."""
    story = Story().open()
    agreed = story.terms(A, B)
    story.give(agreed)
    taken = story.take(agreed)
    story.hand_over(B, C, 3)
    other = agreed if result is Result.REFUSED else story.terms("https://nobody.example", B, 1)
    story.take(other, result, corrects=taken.statement.id)
    custody = story.custody()
    assert told(custody)[0] != []
    assert taken.statement.id in {one.statement for one in custody.corrected}


def test_a_hand_over_is_not_corrected_by_what_is_none() -> None:
    story = honest()
    (first, *_rest) = [one for one in story.said if one.statement.kind == HAND_OVER]
    story.say(first.statement.iss, "correction-note", {}, corrects=first.statement.id)
    custody = story.custody()
    assert (told(custody)[0], custody.corrected) == ([], ())
    assert "correction-not-entitled" in told(custody)[1]


def test_a_clock_put_a_year_ahead_moves_no_custody() -> None:
    """Hand-overs are ordered by the time that both sides signed, whatever one of them says of its clock."""
    story = Story().open()
    agreed = story.terms(A, B)
    story.give(agreed)
    story.take(agreed)
    later = story.terms(B, C, 2)
    story.give(later)
    story.take(later)
    line = story.custody().spans
    for one in story.said:
        if one.statement.kind == HAND_OVER:
            one.body["clock_offset_s"] = 31_536_000  # type: ignore[index]
            one.body["occurred_at"] = "2001-01-01T00:00:00Z"  # type: ignore[index]
    assert story.custody().spans == line
