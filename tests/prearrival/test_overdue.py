"""What should have come and did not: marked from a day after its ETA on, and never out of the lists."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.corridors.rules import Milestone
from ledger.domain.words import Words
from ledger.prearrival import asking
from ledger.prearrival.asking import Filter
from ledger.prearrival.rows import GRACE
from tests.builders import CUSTOMS, NOON, Trip
from tests.catalogue.office import CARRIER
from tests.prearrival.quay import HOUR, RULES, Quay, a_quay, estimate

ETA = NOON + 100 * HOUR
DISCHARGE = Milestone(Words("discharge", "descarga", "déchargement"), frozenset({"discharge"}))


@pytest.fixture
def quay(tmp_path: Path) -> Iterator[Quay]:
    """A quay whose corridor knows of a discharge behind the arrival."""
    rules = replace(RULES, milestones={**RULES.milestones, "discharge": DISCHARGE})
    with a_quay(tmp_path, rules=rules) as quay:
        yield quay


def shipment(quay: Quay, number: int, eta: int = ETA) -> tuple[Trip, Trip]:
    """Put a shipment on its way."""
    goods, trip = quay.goods(f"MAEU.BL{number}", seed=number)
    quay.carried(goods, trip, eta)
    return goods, trip


def overdue(quay: Quay) -> list[bool]:
    """Return how all items are marked."""
    return [one["overdue"] for one in quay.items(CUSTOMS)]


def test_a_day_after_its_eta_it_is_marked_and_stays_in_the_list(quay: Quay) -> None:
    goods, _ = shipment(quay, 1)
    quay.office.clock.now = ETA + GRACE - 1
    assert overdue(quay) == [False]
    quay.office.clock.now = ETA + GRACE
    assert quay.uris(CUSTOMS) == [goods.uri]
    assert overdue(quay) == [True]
    shown = quay.arrivals.shown(goods.uri, CUSTOMS)
    assert shown is not None
    assert shown["overdue"] is True


@pytest.mark.parametrize(
    "wanted",
    [{}, {"container": "MSKU1234565"}, {"bill_of_lading": "BL1"}, {"port": "USILG"}, {"eta_from": ETA}],
    ids=str,
)
def test_it_is_found_by_asking_for_it_and_left_out_by_asking_that(quay: Quay, wanted: dict[str, Any]) -> None:
    goods, _ = shipment(quay, 1)
    for asked, before, after in ((True, [], [goods.uri]), (False, [goods.uri], [])):
        quay.office.clock.now = ETA
        assert quay.uris(CUSTOMS, overdue=asked, **wanted) == before
        quay.office.clock.now = ETA + GRACE
        assert quay.uris(CUSTOMS, overdue=asked, **wanted) == after


@pytest.mark.parametrize("milestone", ["arrival", "discharge"])
def test_what_arrived_or_was_discharged_is_not_overdue(quay: Quay, milestone: str) -> None:
    goods, trip = shipment(quay, 1)
    quay.office.clock.now = ETA + GRACE
    assert overdue(quay) == [True]
    came = estimate(ETA, milestone=milestone, classifier="ACT")
    quay.both("status", goods, trip, {"schedule": [came]}, CARRIER)
    assert overdue(quay) == [False]
    assert quay.uris(CUSTOMS, overdue=True) == []
    assert quay.uris(CUSTOMS, overdue=False) == [goods.uri]


def test_a_new_eta_ends_it_and_without_an_eta_nothing_is_overdue(quay: Quay) -> None:
    goods, trip = shipment(quay, 1)
    never, _ = quay.goods("MAEU.BL2", seed=2)
    quay.office.clock.now = ETA + GRACE
    assert quay.uris(CUSTOMS, overdue=True) == [goods.uri]
    quay.carried(goods, trip, ETA + 1)
    assert quay.uris(CUSTOMS, overdue=True) == []
    assert quay.uris(CUSTOMS, overdue=False) == [goods.uri, never.uri]


def test_those_that_arrived_do_not_stand_before_the_one_that_did_not(
    quay: Quay, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = [shipment(quay, number) for number in range(3)]
    quay.office.clock.now = ETA
    for one in there:
        quay.both("status", *one, {"schedule": [estimate(ETA, classifier="ACT")]}, CARRIER)
    late, _ = shipment(quay, 8, ETA + HOUR)
    shipment(quay, 9, ETA + 9 * HOUR)
    quay.office.clock.now = ETA + HOUR + GRACE
    monkeypatch.setattr(asking, "SCANNED", 1)
    for wanted in (Filter(overdue=True, port="USILG", country="US"), Filter(overdue=True, delivery="none")):
        (found,) = quay.arrivals.query(CUSTOMS, wanted, limit=1).items
        assert late.uri in found
