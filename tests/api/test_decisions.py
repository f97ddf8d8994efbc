"""Decisions over HTTP: all are told whether to deliver; why, only those whom the authority shows it."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.decision_schemas import DecisionsShape
from ledger.domain.decision import Why, decision_body
from ledger.domain.statement import SignedStatement
from tests.api.errors_seen import Errors
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip
from tests.catalogue.office import a_thing
from tests.integration.stage import Stage, a_stage, another_trip, enrol

HOLD = Why("hold", "cet", "targeting rule 7", "2026-00417")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, errors: Errors) -> Iterator[Stage]:
    """A ledger where exporter, port and customs take part."""
    with a_stage(tmp_path_factory.mktemp("decisions")) as served:
        enrol(served.ledger)
        yield served


def shared(stage: Stage, name: str) -> Trip:
    """Return a new trip that port and customs may read."""
    trip = another_trip(name)
    assert stage.post(stage.says(EXPORTER, "subject-opened", trip)).status_code == 201
    stage.grant(trip, ORIGIN_PORT, CUSTOMS)
    return trip


def decided(stage: Stage, trip: Trip, why: Why, **changes: Any) -> SignedStatement:
    signed = stage.author(CUSTOMS).says(
        "decision",
        trip,
        decision_body(why),
        iat=stage.clock(),
        seen=stage.seen(),
        conceal=[("hold",)],
        **changes,
    )
    answer = stage.post(signed)
    assert answer.status_code == 201, answer.text
    return signed


def shown(stage: Stage, trip: Trip, who: str) -> Any:
    """Return what somebody is shown, whose shape is the one that is documented."""
    answer = stage.http.get(f"/v1/subjects/{trip.uri}/decisions", headers=sign_in(stage, who))
    assert answer.status_code == 200, answer.text
    DecisionsShape.model_validate(answer.json(), strict=True)
    return answer.json()


def test_all_are_told_whether_to_deliver_and_nobody_else_why(stage: Stage) -> None:
    trip = shared(stage, "held")
    assert shown(stage, trip, ORIGIN_PORT) == {"delivery": "none", "in_force": None, "history": []}
    held = decided(stage, trip, HOLD)
    for who in (ORIGIN_PORT, EXPORTER):
        found = shown(stage, trip, who)
        assert (found["delivery"], found["in_force"]["by"]) == ("blocked", CUSTOMS)
        one = found["in_force"]
        assert [one[name] for name in ("decision", "type", "reason", "reference", "source")] == [None] * 5
    one = shown(stage, trip, CUSTOMS)["in_force"]
    assert (one["decision"], one["type"], one["reason"]) == ("hold", "cet", "targeting rule 7")
    assert (one["statement"], one["reference"]) == (held.statement.id.hex(), "2026-00417")


def test_customs_grant_shows_all_of_it_and_its_end_shows_none(stage: Stage) -> None:
    trip = shared(stage, "granted")
    decided(stage, trip, HOLD)
    given = stage.says(CUSTOMS, "grant", trip, {"to": [EXPORTER], "categories": ["enforcement"]})
    assert stage.post(given).status_code == 201
    assert shown(stage, trip, EXPORTER)["in_force"] == shown(stage, trip, CUSTOMS)["in_force"]
    assert shown(stage, trip, ORIGIN_PORT)["in_force"]["type"] is None


def test_a_release_keeps_the_history(stage: Stage) -> None:
    trip = shared(stage, "released")
    for why in (HOLD, Why("exam", "nii"), Why("release")):
        decided(stage, trip, why)
        stage.clock.now += 1
    found = shown(stage, trip, ORIGIN_PORT)
    assert found["delivery"] == "free"
    assert [(one["delivery"], one["state"]) for one in found["history"]] == [
        ("blocked", "replaced"),
        ("blocked", "replaced"),
        ("free", "in-force"),
    ]


def test_a_container_is_held_while_a_consignment_in_it_is(stage: Stage) -> None:
    trip = shared(stage, "shared")
    consignments = [a_thing("consignment", f"XMPL.{number}", seed=str(number)) for number in (1, 2)]
    for one in consignments:
        assert stage.post(stage.says(EXPORTER, "subject-opened", one)).status_code == 201
        stage.grant(one, ORIGIN_PORT, CUSTOMS)
        stuffed = stage.author(EXPORTER).says(
            "stuffing",
            one,
            {},
            iat=stage.clock(),
            seen=stage.seen(),
            subjects=[one.uri, trip.uri],
            streams=[one.custody_tag, trip.custody_tag],
        )
        assert stage.post(stuffed).status_code == 201
    first, second = consignments
    decided(stage, first, Why("release"))
    decided(stage, second, HOLD)
    assert [shown(stage, one, ORIGIN_PORT)["delivery"] for one in (first, second, trip)] == [
        "free",
        "blocked",
        "blocked",
    ]


def test_a_decision_that_does_not_say_whether_to_deliver_is_refused(stage: Stage) -> None:
    trip = shared(stage, "unsaid")
    for body, conceal in (({"hold": {"decision": "hold"}}, []), ({"delivery": "free"}, [("delivery",)])):
        signed = stage.author(CUSTOMS).says(
            "decision", trip, body, iat=stage.clock(), seen=stage.seen(), conceal=conceal
        )
        refused = stage.post(signed)
        assert (refused.status_code, refused.json()["field"]) == (400, "body.delivery")
        assert refused.json()["type"] == "urn:corridor:problem:delivery-not-said"
    assert shown(stage, trip, CUSTOMS)["history"] == []


def test_what_is_not_yours_is_not_there(stage: Stage) -> None:
    trip = another_trip("nobody's")
    answer = stage.http.get(f"/v1/subjects/{trip.uri}/decisions", headers=sign_in(stage, ORIGIN_PORT))
    assert answer.status_code == 404
    assert stage.http.get(f"/v1/subjects/{trip.uri}/decisions").status_code == 401
