"""Who sees what of arrivals: nobody learns of a shipment by a row, an order, a time or an answer's shape."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from ledger.domain.errors import CorridorError, NotFoundError
from ledger.domain.statement import Reference
from ledger.domain.subject import stream_tag
from ledger.storage.engine import read_transaction
from ledger.storage.prearrival_tables import arrival_events, arrivals
from tests.builders import CUSTOMS, EXPORTER, NOON, ORIGIN_PORT, a_trip, seeded
from tests.catalogue.office import CARRIER, POLICE, STRANGER, a_thing
from tests.prearrival.quay import HOUR, Quay, estimate

ETA = NOON + 100 * HOUR
READS: dict[str, Callable[[Quay, str], object]] = {
    "the list": lambda quay, _uri: quay.items(STRANGER),
    "the to-do list": lambda quay, _uri: quay.arrivals.todo(STRANGER, state="all"),
    "the item": lambda quay, uri: quay.arrivals.shown(uri, STRANGER),
    "by number": lambda quay, _uri: quay.items(STRANGER, container="MSKU1234565"),
    "by party": lambda quay, _uri: quay.items(STRANGER, party=EXPORTER),
    "the assessment": lambda quay, uri: quay.arrivals.assessment(uri, STRANGER),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_to_strangers_what_is_there_looks_like_what_is_not(
    quay: Quay, read: Callable[[Quay, str], object]
) -> None:
    goods, trip = quay.goods()
    quay.carried(goods, trip, ETA)
    answers = []
    for uri in (goods.uri, a_thing("consignment", "MAEU.BL1", seed="nowhere").uri):
        try:
            answers.append(("answer", repr(read(quay, uri))))
        except CorridorError as error:
            answers.append((error.code, error.message.replace(uri, "(uri)")))
    assert answers[0] == answers[1]


def test_a_grant_shows_a_shipment_from_its_first_to_its_last_second(quay: Quay) -> None:
    trip = quay.office.opens(a_trip())
    begin, end = NOON + HOUR, NOON + 2 * HOUR
    written = (datetime.fromtimestamp(one, UTC).isoformat() for one in (begin, end))
    times = dict(zip(("from", "until"), written, strict=True))
    quay.office.says(EXPORTER, "grant", trip, {"to": [POLICE]} | times)
    seen = {}
    for now in (NOON, begin - 1, begin, end - 1, end, end + HOUR):
        quay.office.clock.now = now
        seen[now] = [*quay.uris(POLICE), quay.arrivals.shown(trip.uri, POLICE) is not None]
    sees = {now: [trip.uri, True] if begin <= now < end else [False] for now in seen}
    assert seen == sees


def test_a_grant_that_was_ended_shows_nothing_more_even_before_the_row_is_drawn_up_again(
    quay: Quay, monkeypatch: pytest.MonkeyPatch
) -> None:
    trip = quay.office.opens(a_trip())
    granted = quay.office.grants(EXPORTER, trip, POLICE)
    assert quay.uris(POLICE) == [trip.uri]
    ends = [Reference("ends", quay.office.store.statement_at(granted.index).id)]
    quay.office.says(EXPORTER, "grant-ended", trip, {}, references=ends)
    # As when a thousand other shipments are to be drawn up before this one.
    monkeypatch.setattr("ledger.prearrival.arrivals.work", lambda *_arguments, **_named: 0)
    assert quay.items(POLICE) == []
    assert quay.arrivals.shown(trip.uri, POLICE) is None
    assert quay.uris(EXPORTER) == [trip.uri]
    monkeypatch.undo()
    assert quay.items(POLICE) == []


def test_who_proves_the_secret_sees_the_shipment_at_once(quay: Quay) -> None:
    trip = quay.office.opens(a_trip())
    assert quay.uris(CARRIER) == []
    quay.office.catalogue.join(trip.custody_secret, CARRIER)
    assert quay.uris(CARRIER) == [trip.uri]


def rows(quay: Quay) -> list[tuple[object, ...]]:
    """Return all rows of the table, and all events."""
    quay.arrivals.tick()
    with read_transaction(quay.office.store.engine) as connection:
        found = [tuple(row) for row in connection.execute(select(arrivals).order_by(arrivals.c.id))]
        return found + [tuple(row) for row in connection.execute(select(arrival_events))]


def test_what_is_said_in_a_restricted_stream_changes_no_row_and_no_time(quay: Quay) -> None:
    goods, trip = quay.goods()
    quay.carried(goods, trip, ETA)
    quay.complete(goods, trip)
    before, items = rows(quay), quay.items(EXPORTER)
    restricted = stream_tag(seeded("enforcement", 16))
    quay.office.clock.now += HOUR
    for kind, body in (
        ("stream-opened", {"stream": "enforcement"}),
        ("grant", {"to": [POLICE]}),
        ("decision", {"delivery": "blocked", "hold": {"decision": "hold", "type": "cet"}}),
        ("document", {"hold": "narcotics"}),
    ):
        quay.office.says(CUSTOMS, kind, trip, body, streams=(restricted,))
    assert rows(quay) == before
    assert quay.items(EXPORTER) == items
    assert quay.arrivals.assessment(trip.uri, EXPORTER)["arrival"]["delivery"] == "none"
    assert quay.arrivals.assessment(trip.uri, CUSTOMS)["arrival"]["delivery"] == "blocked"


def test_who_is_in_the_stream_of_the_container_only_sees_nothing_of_its_goods(quay: Quay) -> None:
    goods, trip = quay.goods()
    quay.carried(goods, trip, ETA)
    quay.office.grants(EXPORTER, trip, ORIGIN_PORT)
    (item,) = quay.items(ORIGIN_PORT)
    assert (item["shipment"], item["bill_of_lading"]) == (trip.uri, None)
    assert goods.uri not in json.dumps(item)
    assert quay.uris(ORIGIN_PORT, bill_of_lading="MAEU.BL1") == []
    before = quay.items(ORIGIN_PORT)
    quay.office.clock.now += HOUR
    quay.office.says(EXPORTER, "document", goods, {"documents": ["commercial-invoice"]})
    assert quay.items(ORIGIN_PORT) == before
    assert quay.items(EXPORTER)[0]["changed_at"] == NOON + HOUR
    # Let into the goods as well, it sees one shipment, and the trip in it.
    quay.office.grants(EXPORTER, goods, ORIGIN_PORT)
    assert quay.items(ORIGIN_PORT) == quay.items(EXPORTER)


def test_who_is_in_the_stream_of_the_goods_only_hears_nothing_of_the_container(quay: Quay) -> None:
    goods, trip = quay.goods()
    quay.carried(goods, trip, ETA)
    quay.office.grants(EXPORTER, goods, POLICE)
    before = quay.items(POLICE)
    quay.office.clock.now += HOUR
    quay.office.says(CUSTOMS, "decision", trip, {"delivery": "blocked"})
    assert quay.items(POLICE) == before
    assert quay.items(EXPORTER)[0]["delivery"] == "blocked"
    quay.arrivals.tick()
    with read_transaction(quay.office.store.engine) as connection:
        told = connection.execute(
            select(arrival_events).where(arrival_events.c.kind == "decision.made")
        ).all()
    assert told
    for event in told:
        assert quay.arrivals.shown(event.shipment, POLICE, event.view) is None
        assert quay.arrivals.shown(event.shipment, EXPORTER, event.view) is not None


def test_why_an_authority_decided_is_shown_to_whom_it_grants_it(quay: Quay) -> None:
    goods, trip = quay.goods()
    body = {"delivery": "blocked", "hold": {"decision": "hold", "type": "cet"}}
    streams = sorted((goods.custody_tag, trip.custody_tag))
    quay.office.says(
        CUSTOMS, "decision", trip, body, subjects=(goods.uri, trip.uri), streams=streams, conceal=[["hold"]]
    )
    own, others = (quay.items(uri)[0]["decision"] for uri in (CUSTOMS, EXPORTER))
    assert (own["delivery"], own["type"]) == ("blocked", "cet")
    shown = quay.office.redaction.view(EXPORTER).agreed
    assert (others["delivery"], others["type"]) == ("blocked", "cet" if "*" in shown else None)


def test_a_link_by_somebody_who_has_no_part_in_the_trip_hides_nothing(quay: Quay) -> None:
    trip = quay.office.opens(a_trip())
    quay.office.grants(EXPORTER, trip, CUSTOMS)
    bait = quay.office.opens(a_thing("consignment", "EVIL.1", iss=STRANGER))
    quay.office.grants(STRANGER, bait, CUSTOMS)
    quay.office.says(STRANGER, "stuffing", bait, {}, subjects=(bait.uri, trip.uri))
    found = {one["shipment"]: one["trips"] for one in quay.items(CUSTOMS)}
    assert found[trip.uri] == [trip.uri]
    assert quay.uris(EXPORTER) == [trip.uri]
    assert quay.uris(STRANGER) == [bait.uri]


def test_only_shipments_are_assessed(quay: Quay) -> None:
    voyage = quay.office.opens(a_thing("voyage", "023N"))
    with pytest.raises(CorridorError) as refusal:
        quay.arrivals.assessment(voyage.uri, EXPORTER)
    assert refusal.value.code == "not-a-shipment"
    with pytest.raises(NotFoundError):
        quay.arrivals.assessment(voyage.uri, STRANGER)


def test_a_voyage_tells_the_eta_of_all_that_it_carries_to_those_who_are_in_its_stream(quay: Quay) -> None:
    voyage = quay.office.opens(a_thing("voyage", "023N", iss=CARRIER))
    trips = [quay.office.opens(a_trip(seed=number)) for number in range(3)]
    for trip in trips:
        quay.office.catalogue.join(trip.custody_secret, CARRIER)
        link = {"rel": "carried-on", "from": trip.uri, "to": voyage.uri}
        streams = sorted((trip.custody_tag, voyage.custody_tag))
        subjects = (trip.uri, voyage.uri)
        quay.office.says(CARRIER, "link", trip, {"links": [link]}, subjects=subjects, streams=streams)
    quay.office.grants(CARRIER, voyage, EXPORTER)
    quay.office.grants(EXPORTER, trips[0], CUSTOMS)
    assert quay.uris(EXPORTER, port="USILG") == []
    quay.office.says(CARRIER, "status", voyage, {"schedule": [estimate(ETA)]})
    assert quay.uris(EXPORTER, port="usilg") == [trip.uri for trip in trips]
    assert [one["eta"] for one in quay.items(CUSTOMS)] == [None]
    quay.office.grants(CARRIER, voyage, CUSTOMS)
    assert [one["eta"]["at"] for one in quay.items(CUSTOMS)] == [ETA]
