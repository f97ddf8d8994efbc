"""How much work one statement makes for a service that looks at it beside others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.catalogue.plausibility import Plausibility
from ledger.corridors.profile import foundation_profile
from ledger.domain.errors import ConflictError, UnavailableError
from tests.builders import EXPORTER, Trip, a_trip
from tests.catalogue.office import OCCURRED, Office, a_thing, an_office

UNKNOWN_SEAL = {"seals_found": [{"number": "X9"}], "occurred_at": OCCURRED}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with an empty log."""
    with an_office(tmp_path) as office:
        yield office


def looked_at(office: Office, trip: Trip, most: int, *, subjects: tuple[str, ...] = ()) -> bool:
    """Return whether a seal that nobody put on is noticed beside so many statements."""
    plausibility = Plausibility(
        office.catalogue, foundation_profile(), office.clock, future_seconds=300, most_beside=most
    )
    signed = office.signs(EXPORTER, "seal-check", trip, UNKNOWN_SEAL, subjects=subjects or None)
    try:
        plausibility.beside_others(signed.statement, UNKNOWN_SEAL, lenient=False)
    except ConflictError as refused:
        return refused.code == "seal-unknown"
    return False


def test_a_line_told_in_too_many_statements_is_left_to_its_readers(office: Office) -> None:
    trip = office.opens(a_trip())
    for _ in range(4):
        office.says(EXPORTER, "status", trip)
    assert looked_at(office, trip, 5)
    assert not looked_at(office, trip, 4)


def test_what_many_subjects_hold_counts_together(office: Office) -> None:
    trips = [office.opens(a_trip(seed=number)) for number in range(4)]
    names = tuple(trip.uri for trip in trips)
    for trip in trips[:3]:
        office.says(EXPORTER, "status", trip)
    assert looked_at(office, trips[3], 1)
    # The last one is not reached any more: two for each of the others.
    assert not looked_at(office, trips[3], 1, subjects=names)


def test_the_trips_of_a_consignment_count_with_it(office: Office) -> None:
    goods, trip = office.opens(a_thing("consignment", "ABCU.BL1")), office.opens(a_trip())
    both = (goods.uri, trip.uri)
    streams = (goods.custody_tag, trip.custody_tag)
    office.says(EXPORTER, "stuffing", trip, {"occurred_at": OCCURRED}, subjects=both, streams=streams)
    for _ in range(3):
        office.says(EXPORTER, "status", trip)
    # Two about the goods, five about the container.
    assert len(office.catalogue.said(goods.uri, EXPORTER, most=7)) == 6
    with pytest.raises(UnavailableError) as given_up:
        office.catalogue.said(goods.uri, EXPORTER, most=6)
    assert given_up.value.code == "too-much-said"
