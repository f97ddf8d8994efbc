"""Assessing: checks that the rules ask for are made, and again only where something new touches them."""

from dataclasses import replace

import pytest

from ledger.assessment import assess as assessing
from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result
from ledger.assessment.finding import Reason, Severity, found
from ledger.corridors.profile import foundation_profile
from ledger.domain.verdict import Status
from ledger.domain.words import Words
from tests.domain.custody_story import packed

BAD = Reason(
    "too-late", Severity.PROBLEM, Words("{n} late", "{n} tarde", "{n} en retard"), "Something is late."
)
ODD = Reason("odd", Severity.WARNING, Words("{n} odd", "{n} raro", "{n} bizarre"), "Something is odd.")


def check(name: str, reads: frozenset[str] | None, ran: list[str]) -> CorridorCheck:
    def run(case: Case) -> Result:
        ran.append(name)
        return Result(
            tuple(found(BAD, one, n=place) for place, one in enumerate(case.of_kind(*(reads or ()))))
        )

    return CorridorCheck(name, Words(name, name, name), reads, (BAD,), (), lambda _profile: True, run)


def test_makes_again_only_the_checks_that_something_new_touches(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    checks = (check("scan", frozenset({"scan"}), ran), check("papers", frozenset({"manifest"}), ran))
    monkeypatch.setattr(assessing, "CHECKS", (*checks, check("time", None, ran)))
    story = packed()
    case = Case(story.trip.uri, tuple(story.said), foundation_profile())
    before = assessing.assess(case)
    assert ran == ["scan", "papers", "time"]
    assert [one.status for one in before.checks] == [Status.PASSED] * 3
    ran.clear()
    story.saw("https://port.example", "scan", 18)
    case = replace(case, said=tuple(story.said))
    after = assessing.reassess(case, before, story.said[-1:])
    assert ran == ["scan", "time"]
    assert after == assessing.assess(case)
    assert after.checks[0].reason == "too-late"


def test_a_sentence_stands_in_each_language_and_warnings_do_not_fail() -> None:
    assert found(BAD, n=3).sentence("es") == "3 tarde"
    assert found(BAD, n=3).sentence("fr") == "3 en retard"
    assert found(BAD, n=3).sentence("de") == "3 late"
    shown = Result((found(ODD, n=1), found(ODD, n=2))).to_check("scan")
    assert (shown.status, shown.reason) == (Status.PASSED, "ok")
    assert "1 odd" in shown.message
    assert "1 more" in shown.message
