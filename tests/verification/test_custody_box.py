"""The check `custody` of seals, doors and containers, in sentences that an officer understands."""

from typing import Any

import pytest

from ledger.domain.subject import Subject
from ledger.domain.verdict import Outcome
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip, a_trip, seeded
from tests.verification.factory import World, a_small_world
from tests.verification.verdicts import check, said, verdict_on


def at(minute: int, **body: Any) -> dict[str, Any]:
    return {"occurred_at": f"2026-09-21T13:{minute:02d}:00Z"} | body


def seal(number: str, **more: str) -> list[dict[str, str]]:
    return [{"number": number, "kind": "bolt"} | more]


def sealed() -> tuple[World, Trip]:
    """Return a trip that the exporter sealed."""
    world, trip = a_small_world()
    world.says("seal-applied", trip, at(10, seals_applied=seal("B1", mark="TID-1")), by=EXPORTER)
    return world, trip


def a_consignment() -> Trip:
    tag = seeded("consignment", 32)
    return Trip(Subject.create("consignment", "ABCU.BL1", EXPORTER, tag), b"", tag, EXPORTER)


def stuffed(world: World, goods: Trip, box: Trip) -> None:
    world.opens(goods)
    subjects, streams = (goods.uri, box.uri), (goods.custody_tag, box.custody_tag)
    world.says("stuffing", goods, at(12), subjects=subjects, streams=streams)


INSPECTION = {"reason": "search", "doors": "opened", "seals_found": seal("B1"), "seals_removed": seal("B1")}
CHEATS: dict[str, tuple[str, str, dict[str, Any], str, str]] = {
    "seal changed": (ORIGIN_PORT, "seal-check", {"seals_found": seal("X9")}, "seal-changed", "seal X9 where"),
    "seal cloned": (
        *(ORIGIN_PORT, "seal-check", {"seals_found": seal("B1", mark="TID-2")}),
        *("seal-cloned", "the number is copied"),
    ),
    "seal replaced": (
        *(ORIGIN_PORT, "seal-applied", {"seals_removed": seal("B1"), "seals_applied": seal("B2")}),
        *("seal-replaced", "without an inspection"),
    ),
    "container switched": (
        *(ORIGIN_PORT, "gate-passage", {"container": "MSKU7654321"}),
        *("container-mismatch", "saw container MSKU7654321 where"),
    ),
    "doors opened": (ORIGIN_PORT, "video", {"doors": "opened"}, "doors-opened", "the doors were opened"),
}


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_fails_the_check_and_is_named(name: str) -> None:
    by, kind, body, reason, words = CHEATS[name]
    world, trip = sealed()
    world.says(kind, trip, at(20, **body), by=by)
    world.checkpoint()
    verdict = verdict_on(world, world.dossier(trip))
    assert said(verdict, "custody") == ("failed", reason)
    assert words.lower() in check(verdict, "custody").message.lower()
    assert verdict.outcome is Outcome.REJECTED


def test_an_authoritys_inspection_passes_and_what_is_worth_a_look_is_said() -> None:
    world, trip = sealed()
    world.says("inspection", trip, at(20, **INSPECTION, seals_applied=seal("P1")), by=CUSTOMS)
    world.says("seal-check", trip, at(30, seals_found=seal("P1")), by=ORIGIN_PORT)
    world.checkpoint()
    verdict = verdict_on(world, world.dossier(trip))
    assert said(verdict, "custody") == ("passed", "ok")
    assert "Worth a look: nobody has taken the container over" in check(verdict, "custody").message
    assert verdict.outcome is Outcome.ACCEPTED


def test_an_inspection_by_one_who_may_not_inspect_fails_another_check() -> None:
    world, trip = sealed()
    world.says("inspection", trip, at(20, **INSPECTION, seals_applied=seal("P1")), by=ORIGIN_PORT)
    world.checkpoint()
    verdict = verdict_on(world, world.dossier(trip))
    assert said(verdict, "custody")[0] == "passed"
    assert said(verdict, "authority") == ("failed", "role")


def test_goods_in_a_container_that_the_dossier_does_not_cover_leave_custody_open() -> None:
    world, box = sealed()
    goods = a_consignment()
    stuffed(world, goods, box)
    world.checkpoint()
    verdict = verdict_on(world, world.dossier(goods))
    assert said(verdict, "custody") == ("missing", "linked-trip-not-covered")
    assert box.uri in check(verdict, "custody").message
    assert verdict.outcome is Outcome.INCOMPLETE


def test_goods_are_judged_by_what_their_container_met() -> None:
    world, box = sealed()
    goods = a_consignment()
    stuffed(world, goods, box)
    world.checkpoint()
    assert said(verdict_on(world, world.dossier(goods, box)), "custody") == ("passed", "ok")
    world.says("seal-check", box, at(20, seals_found=seal("X9")), by=ORIGIN_PORT)
    world.checkpoint()
    verdict = verdict_on(world, world.dossier(goods, box))
    assert said(verdict, "custody") == ("failed", "seal-changed")
    # One thing is wrong, in one container: it is said once.
    assert "more like it" not in check(verdict, "custody").message


def test_one_seal_on_two_containers_fails() -> None:
    world, trip = sealed()
    other = a_trip("MSKU7654321")
    world.opens(other)
    world.says("seal-applied", other, at(11, seals_applied=seal("B1")), by=EXPORTER)
    world.checkpoint()
    verdict = verdict_on(world, world.dossier(trip, other))
    assert said(verdict, "custody") == ("failed", "seal-cloned")
    assert said(verdict_on(world, world.dossier(trip)), "custody") == ("passed", "ok")
