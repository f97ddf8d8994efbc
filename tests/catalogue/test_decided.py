"""Whose decisions bind who delivers: only the customs of the destination set goods free."""

from typing import Any, cast

import pytest

from ledger.catalogue.decided import Decided
from ledger.domain.decision import Why, decision_body
from ledger.domain.decisions import decisions_of
from tests.domain.custody_story import CUSTOMS, POLICE, Story

HOLD, RELEASE = Why("hold", "other"), Why("release")
CBP = "https://cbp.example"
BOTH = "https://one-for-both.example"
LEFT = "https://left.example"
ROLES = {
    CUSTOMS: {"origin-customs"},
    POLICE: {"police"},
    CBP: {"destination-customs"},
    BOTH: {"origin-customs", "destination-customs"},
}


@pytest.mark.parametrize(
    ("said", "delivery"),
    [
        pytest.param([(CUSTOMS, RELEASE)], "none", id="released at the origin"),
        pytest.param([(CUSTOMS, HOLD)], "none", id="held at the origin"),
        pytest.param([(POLICE, RELEASE)], "none", id="released by the police"),
        pytest.param([(POLICE, HOLD)], "blocked", id="held by the police"),
        pytest.param([(LEFT, RELEASE)], "none", id="released by one that takes no part any more"),
        pytest.param([(LEFT, HOLD)], "blocked", id="held by one that takes no part any more"),
        pytest.param([(CBP, RELEASE)], "free", id="released at the destination"),
        pytest.param([(CBP, HOLD), (POLICE, RELEASE)], "blocked", id="held, and released by the police"),
        pytest.param([(CBP, RELEASE), (POLICE, HOLD)], "blocked", id="released, and held by the police"),
        pytest.param([(BOTH, RELEASE)], "free", id="released by one that is customs at both ends"),
    ],
)
def test_the_customs_of_the_destination_alone_set_goods_free(
    said: list[tuple[str, Why]], delivery: str
) -> None:
    story = Story().open()
    for iss, why in said:
        story.say(iss, "decision", decision_body(why))
    decided = Decided(cast(Any, None), lambda iss: ROLES.get(iss, set()))
    assert decisions_of(story.said, decided.binds).delivery == delivery
