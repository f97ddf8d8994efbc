"""Verdicts: one failure rejects, and what was not checked never counts as passed."""

import itertools

import pytest

from ledger.domain.errors import UsageError
from ledger.domain.verdict import CHECKS, Check, Outcome, Status, Verdict


def checks(**statuses: Status) -> list[Check]:
    return [Check(name, status, "because", "A sentence.") for name, status in statuses.items()]


PASSED, FAILED, MISSING, NOT_CHECKED = Status.PASSED, Status.FAILED, Status.MISSING, Status.NOT_CHECKED


@pytest.mark.parametrize("statuses", list(itertools.product(Status, repeat=3)), ids="-".join)
def test_the_outcome_follows_from_the_checks(statuses: tuple[Status, Status, Status]) -> None:
    signature, anchor, time = statuses
    verdict = Verdict.of(
        "urn:x", checks(signature=signature, anchor=anchor, time=time), {"signature", "anchor"}
    )
    if FAILED in statuses:
        assert verdict.outcome is Outcome.REJECTED
    elif (signature, anchor) == (PASSED, PASSED):
        assert verdict.outcome is Outcome.ACCEPTED
    else:
        assert verdict.outcome is Outcome.INCOMPLETE


def test_a_required_check_that_was_not_made_has_not_passed() -> None:
    assert Verdict.of("urn:x", checks(anchor=PASSED), {"anchor", "time"}).outcome is Outcome.INCOMPLETE
    assert Verdict.of("urn:x", [], {"anchor"}).outcome is Outcome.INCOMPLETE


def test_a_check_that_failed_rejects_even_when_it_is_not_required() -> None:
    assert Verdict.of("urn:x", checks(custody=FAILED), ()).outcome is Outcome.REJECTED


def test_checks_are_listed_in_their_order() -> None:
    made = [Check(name, PASSED, "ok", "") for name in reversed(CHECKS)]
    assert [check.name for check in Verdict.of("urn:x", made, CHECKS).checks] == list(CHECKS)


def test_unknown_or_repeated_checks_are_refused() -> None:
    for made, required in (
        (checks(vibes=PASSED), ()),
        (checks(anchor=PASSED) * 2, ()),
        (checks(anchor=PASSED), ("vibes",)),
    ):
        with pytest.raises(UsageError):
            Verdict.of("urn:x", made, required)


def test_the_json_form_is_that_of_the_formats() -> None:
    verdict = Verdict.of("urn:x", checks(anchor=MISSING), ())
    assert verdict.to_json() == {
        "outcome": "accepted",
        "shipment": "urn:x",
        "checks": [{"name": "anchor", "status": "missing", "reason": "because", "message": "A sentence."}],
    }
    assert NOT_CHECKED.value == "not-checked"
