"""Whose conclusion counts: nobody talks a suspicion of authorities away, or judges alone what it recorded."""

from typing import Any

import pytest

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck
from ledger.assessment.checks.radiation import CHECK as RADIATION
from ledger.assessment.checks.scan import CHECK as SCAN
from ledger.domain.statement import Reference
from tests.assessment.machine_story import BOX, profile_of
from tests.domain.custody_story import CUSTOMS, POLICE, A, B, C, D, Story, clock, inspected, packed

LAB = "https://lab.example"
ROLES = {
    A: {"exporter"},
    B: {"haulier"},
    C: {"origin-port"},
    D: {"carrier"},
    CUSTOMS: {"origin-customs"},
    POLICE: {"police"},
    LAB: {"lab"},
}
Word = tuple[str, str, float]


def concluded(kind: str, by: str, *words: Word, who: str = "person") -> Story:
    story = packed()
    record = story.saw(by, kind, 18, container=BOX, place="GTPBR", alarm=True)
    of = [Reference("of", record.statement.id)]
    for iss, conclusion, hour in words:
        body = {"conclusion": conclusion, "concluded_by": who, "occurred_at": clock(hour)}
        story.say(iss, "analysis", body, references=of)
    return story


def codes(check: CorridorCheck, story: Story, *, roles: bool = True) -> list[str]:
    known: Any = (lambda iss: ROLES.get(iss, ())) if roles else None
    case = Case(story.trip.uri, tuple(story.said), profile_of(), roles_of=known)
    return [one.reason.code for one in check.make(case).findings]


BOTH = pytest.mark.parametrize(
    ("check", "kind", "found"),
    [
        (SCAN, "scan", ("scan-suspect", "scan-concluded-by-scanner")),
        (RADIATION, "radiation", ("radiation-alarm-suspect", "radiation-alarm-self-answered")),
    ],
)


@BOTH
@pytest.mark.parametrize(
    ("words", "is_suspect"),
    [
        pytest.param([(CUSTOMS, "suspect", 19), (C, "clear", 20)], True, id="the port after customs"),
        pytest.param([(C, "clear", 20), (CUSTOMS, "suspect", 19)], True, id="the port, said before"),
        pytest.param([(CUSTOMS, "suspect", 19), (LAB, "clear", 20)], True, id="a laboratory after customs"),
        pytest.param([(CUSTOMS, "suspect", 19), (POLICE, "clear", 20)], True, id="another authority"),
        pytest.param([(LAB, "suspect", 19), (C, "clear", 20)], True, id="the port after a laboratory"),
        pytest.param([(CUSTOMS, "suspect", 19), (CUSTOMS, "clear", 20)], False, id="customs after customs"),
        pytest.param([(C, "suspect", 19), (CUSTOMS, "clear", 20)], False, id="customs after the port"),
        pytest.param([(CUSTOMS, "clear", 19), (LAB, "suspect", 20)], False, id="a laboratory beside customs"),
    ],
)
def test_a_suspicion_is_taken_back_by_who_has_it_or_by_an_authority_where_none_has_it(
    check: CorridorCheck, kind: str, found: tuple[str, str], words: list[Word], is_suspect: bool
) -> None:
    assert codes(check, concluded(kind, C, *words)) == ([found[0]] if is_suspect else [])


@BOTH
def test_an_inspection_that_is_clear_settles_any_suspicion(
    check: CorridorCheck, kind: str, found: tuple[str, str]
) -> None:
    story = concluded(kind, C, (CUSTOMS, "suspect", 19))
    inspected(story, 21, conclusion="clear", concluded_by="person")
    assert codes(check, story) == []


@BOTH
def test_who_recorded_something_does_not_judge_it_alone_unless_it_is_an_authority(
    check: CorridorCheck, kind: str, found: tuple[str, str]
) -> None:
    assert codes(check, concluded(kind, C, (C, "clear", 19))) == [found[1]]
    assert codes(check, concluded(kind, C, (C, "clear", 19), (LAB, "clear", 20))) == []
    assert codes(check, concluded(kind, CUSTOMS, (CUSTOMS, "clear", 19))) == []


@BOTH
def test_where_roles_are_not_known_the_word_that_weighs_most_counts(
    check: CorridorCheck, kind: str, found: tuple[str, str]
) -> None:
    words = (CUSTOMS, "suspect", 19.0), (C, "clear", 20.0)
    assert codes(check, concluded(kind, C, *words), roles=False) == []
    assert codes(check, concluded(kind, C, *words[::-1], (CUSTOMS, "suspect", 21)), roles=False) == [found[0]]
