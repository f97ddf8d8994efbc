"""How much the checks do for what only somebody who wants to keep everybody busy would say."""

import cProfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ledger.assessment.assess import assess
from ledger.assessment.case import Case, Registered
from ledger.assessment.check import MOST_ALIKE, CorridorCheck, Result
from ledger.assessment.checks.papers import PAPERS
from ledger.assessment.finding import Finding, Reason, Severity, found
from ledger.corridors.shipped import shipped_profile
from ledger.domain.statement import Reference
from ledger.domain.verdict import Status
from ledger.domain.words import Words
from tests.assessment.machine_story import BOX
from tests.domain.custody_story import CUSTOMS, POLICE, A, B, C, D, Story, clock, packed, seal

MANY = 600
CALLS = 20_000_000
"""Of functions, which are counted and no clock: it took hundreds of times as many to look at all pairs."""
Opened = dict[bytes, Mapping[str, Any]]


def alarms_that_are_suspect_and_inspected() -> tuple[Story, Opened]:
    story = packed()
    for place in range(MANY // 3):
        hour = 18 + place / 1000
        alarm = {"alarm": True, "container": BOX, "occurred_at": clock(hour)}
        of = [Reference("of", story.say(C, "radiation", alarm).statement.id)]
        story.say(CUSTOMS, "analysis", {"conclusion": "suspect", "occurred_at": clock(hour)}, references=of)
        story.say(POLICE, "inspection", {"conclusion": "suspect", "occurred_at": clock(30 + place / 1000)})
    return story, {}


def alerts_that_are_suspect() -> tuple[Story, Opened]:
    story = packed()
    for place in range(MANY // 2):
        at = {"occurred_at": clock(18 + place / 1000)}
        alert = story.say(C, "status", {"alert": {"kind": "opened"}, "container": BOX} | at)
        of = [Reference("of", alert.statement.id)]
        story.say(CUSTOMS, "inspection", {"conclusion": "suspect"} | at, references=of)
    return story, {}


def set_points_of_logs_and_papers() -> tuple[Story, Opened]:
    story = packed()
    for place in range(MANY // 2):
        story.say(D, "temperature-log", {"container": BOX, "set_point_c": place / 10})
        story.say(A, "document", {"set_point_c": -place / 10})
    return story, {}


def seals_found_again_and_again() -> tuple[Story, Opened]:
    story = packed()
    for place in range(MANY):
        seals = [seal(f"X{place}-{number}") for number in range(32)]
        story.say(B, "seal-check", {"seals_found": seals, "occurred_at": clock(16 + place / 1000)})
    return story, {}


def readings_of_many_scans_with_many_boxes() -> tuple[Story, Opened]:
    story = packed()
    opened: Opened = {}
    scans = [story.say(C, "scan", {"container": BOX}).statement.id for _ in range(MANY // 4)]
    for place in range(MANY // 2):
        of = [Reference("of", one) for one in scans[place % len(scans) :][:50]]
        reading = story.say(C, "reading", {"category": "scan"}, references=of)
        opened[reading.statement.id] = {"containers": [f"B{number}" for number in range(20_000)]}
    return story, opened


def papers_that_share_their_numbers() -> tuple[Story, Opened]:
    story = packed()
    for place in range(8):
        papers = [
            {
                "document": "bill-of-lading",
                "numbers": [{"kind": "bill-of-lading", "value": f"NUMBER{row}"} for row in range(50)],
                "parties": [
                    {"role": "issuer", "name": f"Line of the Northern Seas {place} {number} {row}"}
                    for row in range(60)
                ],
                "dates": [{"kind": "issued", "value": f"2026-11-{1 + row:02d}"} for row in range(25)],
                "totals": {"value": place, "currency": f"C{place}{number}"},
            }
            for number in range(16)
        ]
        story.say(A, "document", {"papers": papers})
    return story, {}


@pytest.mark.parametrize(
    "told",
    [
        alarms_that_are_suspect_and_inspected,
        alerts_that_are_suspect,
        set_points_of_logs_and_papers,
        seals_found_again_and_again,
        readings_of_many_scans_with_many_boxes,
        papers_that_share_their_numbers,
    ],
)
def test_what_is_said_too_often_is_assessed_without_looking_at_all_pairs(
    told: Callable[[], tuple[Story, Opened]],
) -> None:
    story, opened = told()
    case = Case(
        story.trip.uri,
        tuple(story.said),
        shipped_profile("guatemala-us"),
        registered=Registered(float, accepted=True),
        opened=opened,
        used=lambda _kind, _number: (),
    )
    counting = cProfile.Profile()
    assert counting.runcall(assess, case).to_json()
    assert sum(entry.callcount for entry in counting.getstats()) < CALLS


MANIFOLD = Reason("manifold", Severity.PROBLEM, Words("{n}", "{n}", "{n}"), "Many.")
RARE = Reason("rare", Severity.PROBLEM, Words("{n}", "{n}", "{n}"), "One.")


def test_of_many_findings_of_one_code_the_first_are_told_and_the_others_counted() -> None:
    findings: list[Finding] = [found(MANIFOLD, n=number) for number in range(MOST_ALIKE + 50)]
    findings.append(found(RARE, n=0))
    check = CorridorCheck(
        *("some", Words("", "", ""), None, (MANIFOLD, RARE), (), lambda _profile: True),
        lambda _case: Result(tuple(findings)),
    )
    made = check.make(Case(packed().trip.uri, (), shipped_profile("guatemala-us")))
    assert [one.reason for one in made.findings] == [MANIFOLD] * MOST_ALIKE + [RARE]
    said = made.to_check("some")
    assert (said.status, said.message) == (Status.FAILED, "0 (150 more like it)")


def test_a_value_of_any_length_does_not_make_a_sentence_of_that_length() -> None:
    assert len(found(RARE, n="x" * 1_000_000).sentence()) < 2_000


def test_papers_among_too_many_to_compare_are_not_called_free_of_contradictions() -> None:
    story = packed()
    for place in range(7):
        rows = [
            {"document": "commercial-invoice", "numbers": [{"kind": "invoice", "value": "A-1"}]}
            | {"dates": [{"kind": "issued", "value": f"2026-11-06T10:00:{place * 16 + number:02d}Z"}]}
            for number in range(16)
        ]
        story.say(A, "document", {"papers": rows})
    case = Case(story.trip.uri, tuple(story.said), shipped_profile("guatemala-us"))
    said = PAPERS.make(case).to_check("papers")
    assert (said.status, said.reason) == (Status.MISSING, "papers-left-out")
