"""Restricted streams: their existence, number and timing are not for those who are not in them to learn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.domain.errors import PolicyError
from ledger.domain.subject import stream_tag
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip, a_trip, seeded
from tests.catalogue.office import OCCURRED, Office, an_office

TAG = stream_tag(seeded("enforcement", 16))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with an empty log."""
    with an_office(tmp_path) as office:
        yield office


@pytest.fixture
def trip(office: Office) -> Trip:
    """A trip with a restricted stream of customs, which is in its custody stream too."""
    trip = office.opens(a_trip())
    office.grants(EXPORTER, trip, ORIGIN_PORT, CUSTOMS)
    office.says(CUSTOMS, "stream-opened", trip, {"stream": "enforcement"}, streams=(TAG,))
    return trip


@pytest.mark.parametrize("lenient", [False, True])
def test_a_statement_in_a_restricted_stream_names_no_other(office: Office, trip: Trip, lenient: bool) -> None:
    """Its entry is public, and whoever reads the other stream reads both tags in the statement."""
    size = office.store.size()
    for streams in ((trip.custody_tag, TAG), (TAG, trip.custody_tag)):
        with pytest.raises(PolicyError) as refused:
            office.says(CUSTOMS, "document", trip, {}, streams=streams, lenient=lenient)
        assert refused.value.code == "restricted-stream-alone"
    assert office.store.size() == size


def test_custody_streams_may_share_a_statement(office: Office, trip: Trip) -> None:
    other = office.opens(a_trip("MSKU4567898"))
    subjects, streams = (trip.uri, other.uri), (trip.custody_tag, other.custody_tag)
    assert office.says(EXPORTER, "status", trip, {}, subjects=subjects, streams=streams).index


def test_what_a_restricted_stream_holds_changes_nothing_that_others_are_told(
    office: Office, trip: Trip
) -> None:
    """Also not the warnings and refusals of what they say."""

    def told() -> tuple[object, ...]:
        return (
            office.tells()[EXPORTER],
            office.tells()[ORIGIN_PORT],
            office.catalogue.said(trip.uri, EXPORTER)[-1].body,
            [one.code for one in found.warnings],
        )

    def looks(number: str) -> dict[str, object]:
        return {"seals_found": [{"number": number}], "occurred_at": OCCURRED}

    found = office.says(EXPORTER, "seal-check", trip, looks("GT1"), lenient=True)
    before = told()
    office.says(
        CUSTOMS,
        "seal-check",
        trip,
        {"seals_found": [{"number": "GT1", "state": "broken"}], "occurred_at": OCCURRED},
        streams=(TAG,),
        lenient=True,
    )
    assert told() == before
    # Had it been told, the seal would be known as broken.
    found = office.says(EXPORTER, "seal-check", trip, looks("GT1"))
    assert found.warnings == ()
