"""A correction that takes back what spoke against a shipment is worth a look; any other one is not."""

from typing import Any

import pytest

from ledger.assessment.case import Case
from ledger.assessment.checks.corrections import CORRECTIONS
from tests.assessment.machine_story import BOX, profile_of
from tests.domain.custody_story import C, packed, seal

BROKEN = [seal("B1", state="broken")]
ALERT = {"kind": "opened"}


def codes(kind: str, before: dict[str, Any], after: dict[str, Any], **changes: Any) -> list[str]:
    story = packed()
    first = story.say(C, kind, {"container": BOX} | before)
    story.say(C, kind, {"container": BOX} | after, corrects=first.statement.id, **changes)
    if "conceal" in changes:
        last = story.said[-1]
        hidden = {name: value for name, value in last.body.items() if (name,) not in changes["conceal"]}
        story.said[-1] = type(last)(last.index, last.statement, hidden)
    case = Case(story.trip.uri, tuple(story.said), profile_of())
    return [one.reason.code for one in CORRECTIONS.make(case).findings]


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("radiation", {"alarm": True}, {"alarm": False}),
        ("radiation", {"alarm": True}, {}),
        ("status", {"alert": ALERT}, {}),
        ("analysis", {"conclusion": "suspect"}, {"conclusion": "clear"}),
        ("seal-check", {"doors": "opened"}, {"doors": "closed"}),
        ("seal-check", {"seals_found": BROKEN}, {"seals_found": [seal("B1")]}),
    ],
)
def test_what_spoke_against_a_shipment_and_is_not_said_any_more_is_told(
    kind: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert codes(kind, before, after) == ["finding-taken-back"]
    assert codes(kind, before, before | {"place": "GTPBR"}) == []
    assert codes(kind, after, before) == []


def test_what_a_correction_may_still_say_and_does_not_show_is_not_called_taken_back() -> None:
    assert codes("radiation", {"alarm": True}, {"alarm": True}, conceal=[("alarm",)]) == []
