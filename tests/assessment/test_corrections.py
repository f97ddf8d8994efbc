"""Corrections: unknown, late, competing, not entitled, or after a decision; their clean twins say nothing."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ledger.assessment.checks.corrections import CORRECTIONS
from ledger.assessment.finding import Severity
from ledger.domain.verdict import Status
from tests.assessment.papers import PACKING_LIST, PaperStory, a_story, changed
from tests.domain.custody_story import CUSTOMS, A, B, posix

LIGHTER = changed(changed(PACKING_LIST, "totals.gross_kg", 19_400), "goods.0.gross_kg", 19_400)
RENAMED = changed(PACKING_LIST, "goods.0.description", "Pineapples, fresh")


def at(hour: float) -> int:
    return int(posix(hour))


def _correct(story: PaperStory, paper: dict[str, Any], hour: float, iss: str = A, **changes: Any) -> bytes:
    """Let somebody correct the packing list of a story at an hour of 6 November."""
    first = next(one for one in story.story.said if _is_packing_list(one.body))
    corrects = changes.pop("corrects", first.statement.id)
    signed = story.tell(paper, iss=iss, corrects=corrects, iat=at(hour), **changes)
    return bytes(signed.statement.id)


def _is_packing_list(body: Any) -> bool:
    return any(one.get("document") == "packing-list" for one in body.get("papers", []))


def _corrected(paper: dict[str, Any], hour: float, **changes: Any) -> Callable[[], PaperStory]:
    def told() -> PaperStory:
        story = a_story()
        _correct(story, paper, hour, **changes)
        return story

    return told


def _competing() -> PaperStory:
    story = a_story()
    _correct(story, RENAMED, 17)
    _correct(story, LIGHTER, 18)
    return story


def _one_after_the_other() -> PaperStory:
    story = a_story()
    first = _correct(story, RENAMED, 17)
    _correct(story, LIGHTER, 18, corrects=first)
    return story


def _decided(*deliveries: str, late: bool = True, by: str = A) -> Callable[[], PaperStory]:
    """Tell of decisions, a correction before the last of them or behind all."""

    def told() -> PaperStory:
        story = a_story()
        for place, delivery in enumerate(deliveries):
            if not late and place == len(deliveries) - 1:
                _correct(story, RENAMED, 17)
            story.story.say(CUSTOMS, "decision", {"delivery": delivery})
        if late:
            _correct(story, RENAMED, 17, iss=by)
        return story

    return told


PLANTED: Sequence[tuple[str, str, Callable[[], PaperStory]]] = (
    ("something that is not there", "correction-unknown", _corrected(RENAMED, 17, corrects=b"\1" * 32)),
    ("after the departure", "correction-late", _corrected(RENAMED, 30)),
    ("a weight when it was on board", "weight-corrected-late", _corrected(LIGHTER, 22.5)),
    ("two of the same", "correction-competing", _competing),
    ("by somebody else", "correction-not-entitled", _corrected(RENAMED, 17, iss=B)),
    ("after the release", "corrected-after-decision", _decided("free")),
    ("after a hold and a release", "corrected-after-decision", _decided("blocked", "free")),
)
CLEAN: Sequence[tuple[str, Callable[[], PaperStory]]] = (
    ("nothing is corrected", a_story),
    ("before lading", _corrected(LIGHTER, 17)),
    ("words only, when it was on board", _corrected(RENAMED, 22.5)),
    ("one after the other", _one_after_the_other),
    ("while goods are held", _decided("blocked")),
    ("held again after a release", _decided("free", "blocked")),
    ("and the authority decided again", _decided("free", "free", late=False)),
)


@pytest.mark.parametrize(("code", "told"), [each[1:] for each in PLANTED], ids=[each[0] for each in PLANTED])
def test_a_correction_that_should_not_be_is_found_alone(code: str, told: Callable[[], PaperStory]) -> None:
    case = told().case()
    result = CORRECTIONS.run(case)
    assert [one.reason.code for one in result.findings] == [code]
    finding = result.findings[0]
    assert set(finding.statements) <= set(case.by_id)
    assert len({finding.sentence(language) for language in ("en", "es", "fr")}) == 3
    status = {Severity.PROBLEM: Status.FAILED, Severity.MISSING: Status.MISSING}
    assert result.to_check("corrections").status is status.get(finding.reason.severity, Status.PASSED)


@pytest.mark.parametrize("told", [each[1] for each in CLEAN], ids=[each[0] for each in CLEAN])
def test_a_correction_in_time_and_in_order_says_nothing(told: Callable[[], PaperStory]) -> None:
    result = CORRECTIONS.run(told().case())
    assert (result.findings, result.skipped) == ((), None)


def test_changed_amounts_stand_in_the_sentence() -> None:
    finding = CORRECTIONS.run(_corrected(LIGHTER, 22.5)().case()).findings[0]
    assert "gross_kg 19500 → 19400" in finding.sentence()


def test_a_release_that_is_concealed_leads_to_no_finding() -> None:
    story = a_story()
    story.story.say(CUSTOMS, "decision", {"decision": "release"}, conceal=[("decision",)])
    hidden = story.story.said[-1]
    story.story.said[-1] = type(hidden)(hidden.index, hidden.statement, hidden.statement.reveal(()))
    _correct(story, RENAMED, 17)
    assert CORRECTIONS.run(story.case()).findings == ()
