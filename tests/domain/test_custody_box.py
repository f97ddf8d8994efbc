"""What is known of a container on its way: holder, seals, clean states, what nobody saw."""

from dataclasses import replace

import pytest

from ledger.domain.custody import Level
from ledger.domain.statement import Reference
from tests.builders import a_trip
from tests.domain.custody_stories import RESEALED
from tests.domain.custody_story import (
    CUSTOMS,
    POLICE,
    A,
    B,
    C,
    D,
    cleared,
    clock,
    inspected,
    packed,
    posix,
    seal,
    told,
)


def test_the_holder_is_known_at_any_moment() -> None:
    custody = packed().custody()
    at = [custody.holder_at(posix(hour)) for hour in (13, 13.99, 14, 16, 17, 50)]
    assert at == [A, A, B, B, C, C]
    assert custody.holder_at() == C
    assert [(span.holder, span.until) for span in custody.spans] == [
        (A, posix(14)),
        (B, posix(17)),
        (C, None),
    ]


def test_before_the_opening_nobody_is_known_to_hold_it() -> None:
    story = packed()
    opened = story.custody().spans[0].since
    assert opened is not None
    assert story.custody().holder_at(opened - 1) is None


def test_the_seals_that_are_on_come_along() -> None:
    story = packed()
    inspected(story)
    (now,) = story.custody().seals
    assert (now.number, now.by, now.since, now.applied) == ("P1", POLICE, posix(20), True)
    assert [(event.what, event.seal.number) for event in story.custody().seal_events] == [
        ("applied", "B1"),
        ("found", "B1"),
        ("found", "B1"),
        ("removed", "B1"),
        ("applied", "P1"),
    ]


def test_a_reason_that_is_not_shown_is_not_a_missing_one() -> None:
    story = packed()
    body = {"occurred_at": clock(20), "officer": "person:x"} | RESEALED
    story.say(POLICE, "inspection", body | {"reason": "random search"}, conceal=[("reason",)])
    story.said[-1] = replace(story.said[-1], body=story.said[-1].statement.reveal(()))
    assert "inspection-incomplete" not in {one.code for one in story.custody().problems}


def test_what_is_shown_in_full_without_a_reason_has_none() -> None:
    story = packed()
    body = {"occurred_at": clock(20), "officer": "person:x"} | RESEALED
    story.say(POLICE, "inspection", body, conceal=[("officer",)])
    assert "inspection-incomplete" in {one.code for one in story.custody().problems}


def test_an_inspection_names_who_took_the_container_after_it() -> None:
    story = packed()
    inspected(story)
    story.hand_over(C, D, 22)
    (inspection,) = story.custody().inspections
    assert (inspection.by, inspection.removed, inspection.applied) == (POLICE, ("B1",), ("P1",))
    assert (inspection.reason, inspection.accepted_by) == ("random search for drugs", D)


def test_the_last_clean_state_and_who_held_it() -> None:
    story = packed()
    cleared(story, 16.5)
    cleared(story, 18)
    story.hand_over(C, D, 19)
    clean = story.custody().last_clean
    assert clean is not None
    assert (clean.time, clean.what, clean.holder) == (posix(18), "scan", C)


@pytest.mark.parametrize(
    ("words", "clean"),
    [
        ([("clear", "algorithm")], True),
        ([("suspect", "algorithm"), ("clear", "person")], True),
        ([("clear", "person"), ("suspect", "algorithm")], True),
        ([("clear", "algorithm"), ("suspect", "person")], False),
        ([("clear", "person"), ("suspect", "person")], False),
        ([("clear", None), ("suspect", "algorithm")], False),
        ([], False),
    ],
)
def test_a_persons_word_on_a_scan_outweighs_a_machines(
    words: list[tuple[str, str | None]], clean: bool
) -> None:
    story = packed()
    of = [Reference("of", story.saw(C, "scan", 18).statement.id)]
    for minute, (conclusion, by) in enumerate(words):
        body = {"conclusion": conclusion} | ({"concluded_by": by} if by else {})
        story.say(CUSTOMS, "analysis", body | {"occurred_at": clock(18.1 + minute / 60)}, references=of)
    assert (story.custody().last_clean is not None) == clean


CONCLUDED: dict[str, dict[str, object]] = {
    "an algorithm without a version": {"algorithm": {"name": "Detector"}},
    "an algorithm with more than its name and version": {
        "algorithm": {"name": "Detector", "version": "2", "maker": "x"}
    },
    "an algorithm with no name": {"algorithm": {"name": "", "version": "2"}},
    "a region of three edges": {"region": [1, 2, 3]},
    "a region left of the picture": {"region": [-1, 2, 3, 4]},
    "a region without width": {"region": [1, 2, 0, 4]},
    "a region of parts of pixels": {"region": [1, 2, 3.0, 4]},
    "a region as an object": {"region": {"x": 1, "y": 2, "w": 3, "h": 4}},
    "confirmed by nobody": {"confirmed_by": ""},
}


@pytest.mark.parametrize("name", sorted(CONCLUDED))
def test_a_conclusion_said_badly_is_warned_of_and_what_is_well_said_counts(name: str) -> None:
    story = packed()
    of = [Reference("of", story.saw(C, "scan", 18).statement.id)]
    body = {"conclusion": "clear", "occurred_at": clock(18.5)} | CONCLUDED[name]
    story.say(CUSTOMS, "analysis", body, references=of)
    assert "body-malformed" in {each.code for each in story.custody().problems}
    assert story.custody().last_clean is not None


def test_a_conclusion_with_all_that_belongs_to_it_is_no_matter_for_a_warning() -> None:
    story = packed()
    of = [Reference("of", story.saw(C, "scan", 18).statement.id)]
    body = {
        "conclusion": "clear",
        "concluded_by": "algorithm",
        "algorithm": {"name": "Detector", "version": "2.1"},
        "region": [0, 10, 640, 480],
        "confirmed_by": "person:abc",
        "occurred_at": clock(18.5),
    }
    story.say(CUSTOMS, "analysis", body, references=of)
    assert "body-malformed" not in {each.code for each in story.custody().problems}


def test_an_inspection_that_found_nothing_is_a_clean_state() -> None:
    story = packed()
    inspected(story, conclusion="clear", concluded_by="person")
    clean = story.custody().last_clean
    assert clean is not None
    assert (clean.what, clean.time) == ("inspection", posix(20))


@pytest.mark.parametrize(
    ("sights", "minutes"),
    [
        ([], 239),
        ([(18, 19)], 180),
        ([(17, 19), (18.5, 20)], 120),
        ([(17, 30)], 0),
        ([(10, 11), (23, 24)], 239),
        ([(19, 20), (18, 21)], 60),
        ([(21, 21.99)], 179),
    ],
)
def test_unobserved_minutes_are_those_that_nobody_saw(
    sights: list[tuple[float, float]], minutes: int
) -> None:
    story = packed()
    cleared(story, 18)
    for start, end in sights:
        story.saw(C, "video", start, observed={"from": clock(start), "to": clock(end)})
    story.saw(C, "loading", 22)
    # The scan itself is the record of a machine, which stands for a minute.
    assert story.custody().unobserved_minutes == minutes


def test_a_watch_by_a_wrong_clock_is_put_right() -> None:
    story = packed()
    cleared(story, 18)
    story.saw(C, "video", 19, clock_offset_s=3600, observed={"from": clock(19), "to": clock(23)})
    story.saw(C, "loading", 22)
    assert story.custody().unobserved_minutes == 0


def test_without_a_clean_state_or_a_lading_there_are_no_unobserved_minutes() -> None:
    story = packed()
    story.saw(C, "loading", 22)
    assert story.custody().unobserved_minutes is None
    cleared(story, 23)
    assert story.custody().unobserved_minutes is None


def test_a_corridor_says_how_well_a_hand_over_must_be_shown_and_where() -> None:
    story = packed()
    story.take(story.terms(C, D, 20))
    assert told(story.custody())[0] == ["handover-unaccepted"]
    at = {"GTPBR": Level.ONE}
    assert (story.custody(least_at=at).holder, told(story.custody(least_at=at))[0]) == (D, [])
    elsewhere = {"USILG": Level.ONE}
    assert told(story.custody(least_at=elsewhere))[0] == ["handover-unaccepted"]
    strict = {"GTPBR": Level.BOTH}
    assert told(story.custody(least=Level.ONE, least_at=strict))[0] == ["handover-unaccepted"]


def test_a_machine_of_the_one_who_signs_stands_in_for_nobody() -> None:
    story = packed()
    passage = story.saw(C, "gate-passage", 20)
    story.give(story.terms(C, D, 20), references=[Reference("shown-by", passage.statement.id)])
    assert told(story.custody(least=Level.ONE_AND_MACHINE))[0] == ["handover-unaccepted"]


def test_whom_the_corridor_names_corrects_what_another_said() -> None:
    story = packed()
    paper = story.say(A, "manifest", {"occurred_at": clock(15), "container": "MSKU0000000"})
    assert told(story.custody())[0] == ["container-mismatch"]
    story.say(CUSTOMS, "inspection", {"occurred_at": clock(19)}, corrects=paper.statement.id)
    assert told(story.custody()) == (["container-mismatch"], ["correction-not-entitled"])
    custody = story.custody(correctors={"manifest": frozenset({"inspection"})})
    assert told(custody) == ([], [])
    assert [one.statement for one in custody.corrected] == [paper.statement.id]


def test_of_two_containers_in_one_statement_it_tells_of_the_one_that_it_names() -> None:
    story = packed()
    other = a_trip("MSKU7654321", iss=A)
    both = [story.trip.uri, other.uri]
    at = {"occurred_at": clock(20)}
    story.say(C, "photo", at | {"doors": "opened", "container": "MSKU7654321"}, subjects=both)
    story.say(C, "photo", at | {"seals_found": [seal("B7")]}, subjects=both)
    assert told(story.custody()) == ([], [])
    story.say(C, "photo", at | {"doors": "opened", "container": "MSKU1234565"}, subjects=both)
    assert told(story.custody())[0] == ["doors-opened"]


def test_gaps_and_overlaps_say_who_and_since_when() -> None:
    story = packed()
    story.hand_over(D, A, 20)
    (gap,) = story.custody().gaps
    assert (gap.since, gap.until, gap.held_by, gap.given_by) == (posix(17), posix(20), C, D)
    story.hand_over(B, D, 19)
    (overlap,) = story.custody().overlaps
    assert (overlap.since, overlap.holders) == (posix(19), (C, D))
