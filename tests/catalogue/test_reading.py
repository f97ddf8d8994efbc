"""What each organisation reads: its subjects and statements, page by page, and nothing of others."""

from collections.abc import Callable

import pytest

from ledger.catalogue import Catalogue
from ledger.domain.errors import CorridorError, NotFoundError
from ledger.domain.hand_over import Result, Role
from ledger.domain.statement import Statement
from ledger.log.append import Submission
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, a_trip
from tests.catalogue.office import CARRIER, STRANGER, Office, a_thing


def test_a_subject_is_told_as_it_was_opened(office: Office) -> None:
    trip = office.opens(a_trip())
    record = office.catalogue.subject(trip.uri, EXPORTER)
    assert (record.uri, record.type, record.key) == (trip.uri, "trip", "MSKU1234565")
    assert (record.opened_by, record.opened_at, record.index) == (EXPORTER, office.clock.now, 1)
    assert [(one.name, one.tag) for one in record.streams] == [("custody", trip.custody_tag)]
    assert office.catalogue.stream(trip.custody_tag, EXPORTER).subject == trip.uri


def test_pages_of_subjects_are_complete_and_without_repetition(office: Office) -> None:
    trips = [office.opens(a_trip(seed=number)) for number in range(5)]
    office.opens(a_trip(iss=STRANGER))
    found, after = [], None
    while page := office.catalogue.subjects(EXPORTER, after=after, limit=2):
        found += [one.uri for one in page]
        after = page[-1].index
    assert found == [trip.uri for trip in trips]


def test_subjects_are_found_by_type_and_number(office: Office) -> None:
    again = [office.opens(a_trip(seed=number)) for number in range(2)]
    goods = office.opens(a_thing("consignment", "MAEU.BL1"))
    assert [one.uri for one in office.catalogue.subjects(EXPORTER, key="MSKU1234565")] == [
        t.uri for t in again
    ]
    assert [one.uri for one in office.catalogue.subjects(EXPORTER, type="consignment")] == [goods.uri]
    assert office.catalogue.subjects(EXPORTER, type="trip", key="MAEU.BL1") == []
    assert office.catalogue.subjects(STRANGER) == []


def test_statements_come_in_pages_by_kind_and_stream(office: Office) -> None:
    trip = office.opens(a_trip())
    told = [office.says(EXPORTER, kind, trip) for kind in ("status", "photo", "status", "status")]
    first = office.catalogue.statements(trip.uri, EXPORTER, limit=2)
    rest = office.catalogue.statements(trip.uri, EXPORTER, after=first[-1].index)
    assert [one.index for one in (*first, *rest)] == [1, *(one.index for one in told)]
    assert len(office.catalogue.statements(trip.uri, EXPORTER, kind="status")) == 3
    assert len(office.catalogue.statements(trip.uri, EXPORTER, stream=trip.custody_tag)) == 5
    assert office.catalogue.statements(trip.uri, EXPORTER, stream=bytes(32)) == []


READS: dict[str, Callable[[Catalogue, str], object]] = {
    "subject": lambda catalogue, uri: catalogue.subject(uri, STRANGER),
    "statements": lambda catalogue, uri: catalogue.statements(uri, STRANGER),
    "what was said": lambda catalogue, uri: catalogue.said(uri, STRANGER),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_what_may_not_be_seen_and_what_is_not_there_look_alike(
    office: Office, read: Callable[[Catalogue, str], object]
) -> None:
    trip = office.opens(a_trip())
    errors: list[CorridorError] = []
    for uri in (trip.uri, a_trip(seed="not there").uri):
        with pytest.raises(NotFoundError) as caught:
            read(office.catalogue, uri)
        errors.append(caught.value)
    assert repr(errors[0]) == repr(errors[1])


def test_an_entry_is_seen_by_the_members_of_its_streams(office: Office) -> None:
    trip = office.opens(a_trip())
    index = office.says(EXPORTER, "status", trip).index
    assert office.catalogue.may_see(index, EXPORTER)
    assert not office.catalogue.may_see(index, STRANGER)
    assert not office.catalogue.may_see(0, EXPORTER)


def test_whoever_names_a_subject_in_a_stream_of_its_own_is_not_heard(office: Office) -> None:
    trip = office.opens(a_trip())
    own = office.opens(a_trip(iss=STRANGER))
    office.grants(STRANGER, own, EXPORTER)
    office.says(STRANGER, "status", own, {"sold": True}, subjects=(own.uri, trip.uri))
    assert [one.kind for one in [s.statement for s in office.catalogue.said(trip.uri, EXPORTER)]] == [
        "subject-opened"
    ]
    assert len(office.catalogue.said(own.uri, EXPORTER)) == 3


def test_what_is_filed_under_one_subject_and_names_another_is_heard_of_its_parties(office: Office) -> None:
    trip, goods = office.opens(a_trip()), office.opens(a_thing("consignment", "MAEU.BL1"))
    office.grants(EXPORTER, trip, CUSTOMS)
    office.says(EXPORTER, "stuffing", trip, {}, subjects=(trip.uri, goods.uri))
    filed = office.catalogue.statements(goods.uri, EXPORTER)
    assert [Statement.parse(one.statement).kind for one in filed] == ["subject-opened", "stuffing"]
    # What the container went through, the goods went through.
    said = [one.statement.kind for one in office.catalogue.said(goods.uri, EXPORTER)]
    assert said == ["subject-opened", "subject-opened", "grant", "stuffing"]
    # Customs sees it as what it is filed under; the consignment is not shown for it.
    assert office.catalogue.said(trip.uri, CUSTOMS)[-1].statement.kind == "stuffing"
    with pytest.raises(NotFoundError):
        office.catalogue.said(goods.uri, CUSTOMS)


def test_an_offer_waits_at_the_taker_until_it_answers(office: Office) -> None:
    trip = office.opens(a_trip())
    terms = office.terms(EXPORTER, ORIGIN_PORT, trip)
    offered = office.hands_over(terms, Role.GIVER, trip)
    for uri in (EXPORTER, ORIGIN_PORT):
        (record,) = office.catalogue.hand_overs(uri, open_only=True)
        assert (record.terms, record.giver, record.taker) == (terms, EXPORTER, ORIGIN_PORT)
        assert (record.index, record.is_open, len(record.said)) == (offered.index, True, 1)
    office.hands_over(terms, Role.TAKER, trip)
    assert office.catalogue.hand_overs(ORIGIN_PORT, open_only=True) == []
    (record,) = office.catalogue.hand_overs(ORIGIN_PORT)
    assert [(one.organisation, one.role, one.result) for one in record.said] == [
        (EXPORTER, "giver", "accepted"),
        (ORIGIN_PORT, "taker", "accepted"),
    ]


def test_a_refused_offer_waits_for_nobody(office: Office) -> None:
    trip = office.opens(a_trip())
    terms = office.terms(EXPORTER, ORIGIN_PORT, trip)
    office.hands_over(terms, Role.GIVER, trip)
    office.hands_over(terms, Role.GIVER, trip, Result.REFUSED, lenient=True)
    (record,) = office.catalogue.hand_overs(ORIGIN_PORT)
    assert not record.is_open
    assert office.catalogue.hand_overs(ORIGIN_PORT, open_only=True) == []


def test_a_corrected_offer_is_gone(office: Office) -> None:
    trip = office.opens(a_trip())
    wrong = office.hands_over(office.terms(EXPORTER, ORIGIN_PORT, trip), Role.GIVER, trip)
    office.hands_over(office.terms(EXPORTER, CARRIER, trip), Role.GIVER, trip, corrects=wrong.id)
    assert office.catalogue.hand_overs(ORIGIN_PORT) == []
    assert [one.taker for one in office.catalogue.hand_overs(EXPORTER)] == [CARRIER]


def test_nobody_answers_for_the_taker(office: Office) -> None:
    trip = office.opens(a_trip())
    office.grants(EXPORTER, trip, STRANGER)
    terms = office.terms(EXPORTER, ORIGIN_PORT, trip)
    office.hands_over(terms, Role.GIVER, trip)
    # Without showing the terms, so that the registrar cannot tell; but the giver has shown them.
    body = {"terms": terms.hash.hex(), "role": "taker", "result": "accepted"}
    office.store.append([Submission(office.signs(STRANGER, "hand-over", trip, body).statement)])
    (record,) = office.catalogue.hand_overs(ORIGIN_PORT, open_only=True)
    assert [one.organisation for one in record.said] == [EXPORTER]
    assert office.catalogue.hand_overs(STRANGER) == []


def test_pages_of_hand_overs_are_complete(office: Office) -> None:
    for number in range(3):
        trip = office.opens(a_trip(seed=number))
        office.gives_and_takes(EXPORTER, ORIGIN_PORT, trip)
    everything = office.catalogue.hand_overs(ORIGIN_PORT)
    first = office.catalogue.hand_overs(ORIGIN_PORT, limit=2)
    assert [*first, *office.catalogue.hand_overs(ORIGIN_PORT, after=first[-1].index)] == everything
    assert len(everything) == 3
    assert office.catalogue.hand_overs(STRANGER) == []
