"""The check `passages`: what a dossier proves of gates and cameras, and what an officer is told."""

from typing import Any

import pytest

from ledger.domain.statement import Reference
from ledger.domain.verdict import Outcome, Verdict
from ledger.verification.trust import ONLY_IF_ASKED
from ledger.verification.verifier import CHECKS_OF_RECEIPT
from tests.builders import CUSTOMS, ORIGIN_PORT, Trip, a_trip
from tests.verification.factory import World
from tests.verification.test_forgeries import swapped
from tests.verification.verdicts import check, said, verdict_on

AT = "2026-09-21T14:00:00Z"
CLIP = {"camera": "gate-3", "sequence": 1, "from": "2026-09-21T13:59:30Z", "to": "2026-09-21T14:00:30Z"}
RECORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "scan": ("scan", {}),
    "radiation": ("radiation", {}),
    "clip": ("video", {"clip": CLIP}),
    "seal-check": ("seal-check", {}),
}


def a_gate(*, without: str = "", **changes: dict[str, Any]) -> tuple[World, Trip]:
    """Return a world in which a container passes a gate; `changes` says what is other in a record."""
    world, trip = World(), a_trip()
    world.opens(trip)
    references = []
    for rel, (kind, body) in RECORDS.items():
        told = {"occurred_at": AT, "place": "GTPBR"} | body | changes.get(rel, {})
        index = world.says(kind, trip, told, by=ORIGIN_PORT)
        if rel != without:
            references.append(Reference(rel, world.logged[index].signed.statement.id))
    world.says(
        "gate-passage", trip, {"occurred_at": AT, "place": "GTPBR"}, by=ORIGIN_PORT, references=references
    )
    world.checkpoint()
    return world, trip


def judged(world: World, trip: Trip, *, required: bool = True) -> Verdict:
    trust = world.trust()
    wanted = (*trust.required, "passages") if required else trust.required
    return verdict_on(world, world.dossier(trip), trust.model_copy(update={"required": wanted}))


def test_a_passage_whose_records_belong_together_passes() -> None:
    world, trip = a_gate()
    verdict = judged(world, trip)
    assert said(verdict, "passages") == ("passed", "ok")
    assert check(verdict, "passages").message == (
        "1 gate passage with 4 records of the same container and moment; 1 clip without a gap."
    )
    assert verdict.outcome is Outcome.ACCEPTED


def test_a_passage_without_its_scan_is_incomplete_for_who_requires_passages() -> None:
    world, trip = a_gate(without="scan")
    verdict = judged(world, trip)
    assert said(verdict, "passages") == ("missing", "passage-incomplete")
    assert check(verdict, "passages").message == (
        "The gate passage at GTPBR of 2026-09-21 14:00:00 UTC (https://origin-port.example) names no X-ray "
        "scan."
    )
    assert verdict.outcome is Outcome.INCOMPLETE
    assert judged(world, trip, required=False).outcome is Outcome.ACCEPTED


def test_the_scan_of_the_day_before_rejects_whether_passages_are_required_or_not() -> None:
    world, trip = a_gate(scan={"occurred_at": "2026-09-20T14:00:00Z"})
    for required in (True, False):
        verdict = judged(world, trip, required=required)
        assert said(verdict, "passages") == ("failed", "passage-apart")
        assert verdict.outcome is Outcome.REJECTED
    assert check(verdict, "passages").message == (
        "The X-ray scan of 2026-09-20 14:00:00 UTC is 1 d away from the gate passage at GTPBR of 2026-09-21 "
        "14:00:00 UTC (https://origin-port.example) that names it; 15 min are taken."
    )


def test_what_is_worth_a_look_stands_in_the_message_and_stops_nothing() -> None:
    world, trip = a_gate(scan={"place": "Puerto Barrios, lane 3"})
    verdict = judged(world, trip)
    assert said(verdict, "passages") == ("passed", "ok")
    assert "Worth a look: the X-ray scan" in check(verdict, "passages").message
    assert verdict.outcome is Outcome.ACCEPTED


def test_without_a_passage_nothing_was_checked() -> None:
    world, trip = World(), a_trip()
    world.opens(trip)
    world.checkpoint()
    verdict = judged(world, trip)
    assert said(verdict, "passages") == ("not-checked", "no-passage")
    assert verdict.outcome is Outcome.INCOMPLETE


def test_a_clip_is_looked_at_where_there_is_no_passage() -> None:
    world, trip = World(), a_trip()
    world.opens(trip)
    world.says("video", trip, {"clip": CLIP | {"sequence": 2}}, by=ORIGIN_PORT)
    world.checkpoint()
    assert said(judged(world, trip), "passages") == ("missing", "clip-missing")


def test_a_mistaken_passage_is_put_right_by_a_correction() -> None:
    world, trip = a_gate(without="scan")
    logged = [(one.signed.statement.kind, one.signed.statement) for one in world.logged.values()]
    ids = {kind: statement.id for kind, statement in logged}
    references = [Reference(rel, ids[kind]) for rel, (kind, _) in RECORDS.items()]
    world.says(
        "gate-passage",
        trip,
        {"occurred_at": AT},
        by=ORIGIN_PORT,
        references=references,
        corrects=ids["gate-passage"],
    )
    world.checkpoint()
    assert said(judged(world, trip), "passages") == ("passed", "ok")


def test_a_scan_of_another_container_in_the_dossier_cannot_stand_for_it() -> None:
    world, trip = a_gate(without="scan")
    other = a_trip("HLXU7654321")
    world.opens(other)
    index = world.says("scan", other, {"occurred_at": AT}, by=ORIGIN_PORT)
    scan = Reference("scan", world.logged[index].signed.statement.id)
    world.says("gate-passage", trip, {"occurred_at": AT}, by=CUSTOMS, references=[scan])
    world.checkpoint()
    assert said(verdict_on(world, world.dossier(trip, other)), "passages") == (
        "failed",
        "passage-other-container",
    )


def test_a_signature_that_does_not_hold_leaves_passages_unchecked() -> None:
    world, trip = a_gate()
    dossier = world.dossier(trip)
    raw = dossier.statements[1].raw
    verdict = verdict_on(world, swapped(dossier, 1, raw[:-1] + bytes([raw[-1] ^ 1])))
    assert said(verdict, "passages") == ("not-checked", "needs-signature")


@pytest.mark.parametrize("name", ONLY_IF_ASKED)
def test_what_is_required_only_if_asked_is_a_check_of_dossiers_alone(name: str) -> None:
    assert name not in CHECKS_OF_RECEIPT
