"""What is told of shipments: each thing once, whatever is made again, and only what happened since."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.domain.statement import Reference
from ledger.prearrival import working
from ledger.storage.engine import read_transaction
from ledger.storage.faults import Fault
from ledger.storage.prearrival_tables import arrival_events
from tests.builders import CUSTOMS, EXPORTER, NOON, ORIGIN_PORT, a_trip
from tests.catalogue.office import a_thing
from tests.prearrival.quay import HOUR, Quay, a_profile, a_quay, arrivals_of, estimate

ETA = NOON + 100 * HOUR


def test_a_dossier_is_ready_once_all_of_the_origins_evidence_is_there(quay: Quay) -> None:
    goods, trip = quay.goods()
    quay.carried(goods, trip, ETA)
    assert quay.events() == []
    quay.complete(goods, trip)
    assert ("dossier.ready", goods.uri) in quay.events()
    (item,) = quay.items(EXPORTER)
    assert item["ready_at"] == NOON
    assert item["margin_hours"] == 100
    assert quay.uris(EXPORTER, ready="true") == [goods.uri]
    assert quay.uris(EXPORTER, ready="false") == []


def test_what_is_said_after_that_is_told_as_a_change_but_for_who_may_see_it(quay: Quay) -> None:
    goods, trip = quay.goods()
    quay.carried(goods, trip, ETA)
    quay.complete(goods, trip)
    before = quay.events()
    quay.office.grants(EXPORTER, goods, ORIGIN_PORT)
    assert quay.events() == before
    quay.both("photo", goods, trip, {})
    assert len(quay.events()) > len(before)
    assert {kind for kind, _ in quay.events()[len(before) :]} == {"dossier.changed"}


def test_decisions_are_told_one_by_one_and_delivery_follows_the_newest(quay: Quay) -> None:
    goods, trip = quay.goods()
    held = quay.both("decision", goods, trip, {"delivery": "blocked"}, CUSTOMS)
    assert quay.uris(EXPORTER, delivery="blocked") == [goods.uri]
    quay.arrivals.tick()
    stored = quay.office.store.statement_at(held)
    quay.office.says(
        CUSTOMS,
        "decision",
        trip,
        {"delivery": "free"},
        subjects=(goods.uri, trip.uri),
        streams=sorted((goods.custody_tag, trip.custody_tag)),
        references=[Reference("reverses", stored.id)],
    )
    (item,) = quay.items(EXPORTER)
    assert item["delivery"] == "free"
    assert item["decision"]["delivery"] == "free"
    assert [kind for kind, _ in quay.events()] == ["decision.made", "decision.made"]


def test_what_is_missing_is_told_twelve_hours_ahead_and_again_when_the_eta_moves(quay: Quay) -> None:
    goods, trip = quay.goods()
    quay.carried(goods, trip, ETA)
    due, clock = ETA - 48 * HOUR, quay.office.clock
    clock.now = due - 12 * HOUR - 1
    assert quay.events() == []
    clock.now += 1
    told = quay.events()
    assert [kind for kind, _ in told] == ["evidence.missing"] * 2
    assert quay.events() == told
    quay.both("status", goods, trip, {"schedule": [estimate(ETA + 24 * HOUR)]}, "https://carrier.example")
    assert quay.events() == told
    clock.now += 24 * HOUR
    assert len(quay.events()) == 4
    clock.now = ETA + 48 * HOUR
    assert len(quay.events()) == 4


def test_making_all_of_it_again_tells_nothing_again(quay: Quay) -> None:
    goods, trip = quay.goods()
    quay.carried(goods, trip, ETA)
    quay.complete(goods, trip)
    quay.both("decision", goods, trip, {"delivery": "blocked"}, CUSTOMS)
    told, items = quay.events(), {uri: quay.items(uri) for uri in (EXPORTER, CUSTOMS, ORIGIN_PORT)}
    assert told
    quay.arrivals.rebuild()
    assert quay.events() == told
    assert {uri: quay.items(uri) for uri in items} == items
    quay.both("photo", goods, trip, {})
    assert quay.events()[: len(told)] == told
    assert len(quay.events()) > len(told)


def test_several_processes_tell_each_thing_once(tmp_path: Path) -> None:
    with a_quay(tmp_path) as quay:
        profile = a_profile()
        others = [arrivals_of(quay.office, profile) for _ in range(4)]
        for number in range(4):
            goods, trip = quay.goods(f"MAEU.BL{number}", seed=number)
            quay.carried(goods, trip, ETA)
            quay.complete(goods, trip)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda one: one.tick(), others))
        told = quay.events()
        assert len([kind for kind, _ in told if kind == "dossier.ready"]) == len(set(told))
        events = arrival_events.c
        with read_transaction(quay.office.store.engine) as connection:
            numbers = connection.execute(select(events.seq).order_by(events.seq)).scalars().all()
        assert numbers == list(range(1, len(told) + 1))


class PowerCutError(Exception):
    """It is out."""


def _out_at(step: str) -> Fault:
    left = [1]

    def fault(name: str) -> None:
        if name == f"arrivals.{step}" and left:
            left.pop()
            raise PowerCutError

    return fault


@pytest.mark.parametrize("step", ["drawn", "written", "committed"])
def test_failing_at_any_step_tells_nothing_twice_and_leaves_nothing_out(tmp_path: Path, step: str) -> None:
    with a_quay(tmp_path, fault=_out_at(step)) as quay:
        goods, trip = quay.goods()
        quay.carried(goods, trip, ETA)
        quay.complete(goods, trip)
        with pytest.raises(PowerCutError):
            quay.arrivals.tick()
        kinds = [kind for kind, _ in quay.events()]
        assert "dossier.ready" in kinds
        assert quay.uris(EXPORTER) == [goods.uri]
        told = quay.events()
        assert quay.events() == told


def test_a_trip_that_is_drawn_up_before_the_log_is_looked_through_that_far_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "BATCH", 1)
    meanwhile: list[Callable[[], object]] = []

    def fault(name: str) -> None:
        if name == "arrivals.committed" and meanwhile:
            meanwhile.pop()()

    with a_quay(tmp_path, fault=fault) as quay:
        first, goods = (quay.office.opens(a_thing("consignment", number)) for number in ("MAEU.1", "MAEU.2"))

        def stuffs() -> None:
            quay.both("stuffing", goods, quay.office.opens(a_trip()), {})
            quay.office.catalogue.catch_up()

        meanwhile.append(stuffs)
        quay.arrivals.tick()
        assert not meanwhile
        quay.arrivals.tick()
        assert set(quay.uris(EXPORTER)) == {first.uri, goods.uri}
