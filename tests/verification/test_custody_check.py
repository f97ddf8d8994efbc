"""The check `custody` in a verdict: hand-overs that close, that stay open, and that contradict each other."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from ledger.domain import strict_json
from ledger.domain.hand_over import HAND_OVER
from ledger.domain.statement import Reference, Statement
from ledger.domain.verdict import Outcome
from tests.builders import EXPORTER, ORIGIN_PORT, Trip, a_trip, seeded
from tests.verification.factory import World, a_small_world
from tests.verification.test_forgeries import swapped
from tests.verification.verdicts import check, said, verdict_on


def terms(trip: Trip, giver: str = EXPORTER, taker: str = ORIGIN_PORT) -> bytes:
    return strict_json.dumps(
        {
            "format": "corridor-terms/1",
            "from": giver,
            "to": taker,
            "subjects": [trip.uri],
            "place": "GTPBR",
            "at": "2026-09-21T14:00:00Z",
            "remarks": [],
            "nonce": seeded("terms", 16).hex(),
        }
    )


def side(world: World, trip: Trip, agreed: bytes, role: str, *, by: str, result: str = "accepted") -> None:

    body: dict[str, Any] = {
        "terms": sha256(agreed).hexdigest(),
        "role": role,
        "result": result,
        "agreed": agreed.decode(),
    }
    world.says(HAND_OVER, trip, body, by=by)


def test_a_hand_over_that_both_sign_goes_on_with_the_line() -> None:
    world, trip = a_small_world()
    side(world, trip, terms(trip), "giver", by=EXPORTER)
    side(world, trip, terms(trip), "taker", by=ORIGIN_PORT)
    world.checkpoint()
    verdict = verdict_on(world, world.dossier(trip))
    assert said(verdict, "custody") == ("passed", "ok")
    assert f"from {EXPORTER}, to {ORIGIN_PORT}" in check(verdict, "custody").message


@pytest.mark.parametrize(
    ("result", "reason"), [(None, "handover-unaccepted"), ("refused", "handover-refused")]
)
def test_a_hand_over_that_is_not_closed_leaves_custody_open(result: str | None, reason: str) -> None:
    world, trip = a_small_world()
    side(world, trip, terms(trip), "giver", by=EXPORTER)
    if result is not None:
        side(world, trip, terms(trip), "taker", by=ORIGIN_PORT, result=result)
    world.checkpoint()
    verdict = verdict_on(world, world.dossier(trip))
    assert said(verdict, "custody") == ("missing", reason)
    assert verdict.outcome is Outcome.INCOMPLETE


def test_a_hand_over_by_one_who_did_not_hold_it_breaks_the_line() -> None:
    world, trip = a_small_world()
    side(world, trip, terms(trip, giver=ORIGIN_PORT, taker=EXPORTER), "giver", by=ORIGIN_PORT)
    side(world, trip, terms(trip, giver=ORIGIN_PORT, taker=EXPORTER), "taker", by=EXPORTER)
    world.checkpoint()
    verdict = verdict_on(world, world.dossier(trip))
    assert said(verdict, "custody") == ("failed", "handover-gap")
    assert verdict.outcome is Outcome.REJECTED


UNREADABLE = {"terms": "x", "role": "taker", "result": "accepted"}


def test_a_strangers_hand_over_that_nobody_can_read_is_worth_a_look() -> None:
    world, trip = a_small_world()
    world.says(HAND_OVER, trip, UNREADABLE, by=ORIGIN_PORT)
    world.checkpoint()
    verdict = verdict_on(world, world.dossier(trip))
    assert said(verdict, "custody") == ("passed", "ok")
    assert f"Worth a look: a hand-over by {ORIGIN_PORT} cannot be read" in check(verdict, "custody").message
    assert verdict.outcome is Outcome.ACCEPTED


def test_a_partys_hand_over_that_nobody_can_read_breaks_the_line() -> None:
    world, trip = a_small_world()
    side(world, trip, terms(trip), "giver", by=EXPORTER)
    side(world, trip, terms(trip), "taker", by=ORIGIN_PORT)
    world.says(HAND_OVER, trip, UNREADABLE, by=ORIGIN_PORT)
    world.checkpoint()
    assert said(verdict_on(world, world.dossier(trip)), "custody") == ("failed", "handover-malformed")


def test_a_reference_to_a_statement_that_is_not_there_is_missing() -> None:
    world, trip = a_small_world()
    world.says("analysis", trip, {}, by=ORIGIN_PORT, references=[Reference("about", seeded("scan", 32))])
    world.checkpoint()
    assert said(verdict_on(world, world.dossier(trip)), "custody") == ("missing", "reference-missing")


def test_the_request_that_an_answer_answers_is_nobody_elses_to_have() -> None:
    world, trip = a_small_world()
    answer = {"to": ORIGIN_PORT, "answer": "approved", "categories": ["paper"]}
    request = seeded("request", 32)
    world.says("access-answer", trip, answer, by=EXPORTER, references=[Reference("answers", request)])
    world.checkpoint()
    assert said(verdict_on(world, world.dossier(trip)), "custody") == ("passed", "ok")
    world.says("access-answer", trip, answer, by=EXPORTER, references=[Reference("about", request)])
    world.checkpoint()
    assert said(verdict_on(world, world.dossier(trip)), "custody") == ("missing", "reference-missing")


def test_a_mistaken_reference_is_put_right_by_a_correction() -> None:
    world, trip = a_small_world()
    world.says("analysis", trip, {}, by=ORIGIN_PORT, references=[Reference("about", seeded("scan", 32))])
    world.checkpoint()
    mistaken = Statement.parse(world.dossier(trip).statements[-1].raw)
    assert mistaken.references
    world.says("analysis", trip, {}, by=ORIGIN_PORT, corrects=mistaken.id)
    world.checkpoint()
    assert said(verdict_on(world, world.dossier(trip)), "custody")[0] == "passed"


def test_of_a_shipment_that_nothing_opens_no_holder_is_known() -> None:
    world, trip = a_small_world()
    dossier = world.dossier(trip)
    elsewhere = replace(dossier, header=replace(dossier.header, shipment=a_trip("HLXU7654321").uri))
    verdict = verdict_on(world, elsewhere)
    assert said(verdict, "custody") == ("missing", "subject-not-opened")
    assert said(verdict, "completeness") == ("failed", "no-custody-stream")


def test_custody_is_not_judged_on_statements_that_nobody_signed() -> None:
    world, trip = a_small_world()
    dossier = world.dossier(trip)
    raw = dossier.statements[2].raw
    verdict = verdict_on(world, swapped(dossier, 2, raw[:-1] + bytes([raw[-1] ^ 1])))
    assert said(verdict, "signature") == ("failed", "signature-invalid")
    assert said(verdict, "custody") == ("not-checked", "needs-signature")
