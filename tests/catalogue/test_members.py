"""Who is a member of a stream: by opening, grant, hand-over and secret, and by nothing else."""

from typing import Any

import pytest

from ledger.domain.disclosure import Path
from ledger.domain.errors import MalformedError, NotFoundError, PolicyError
from ledger.domain.hand_over import Result, Role
from ledger.domain.subject import stream_tag
from ledger.log.append import Submission
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip, a_trip, seeded
from tests.catalogue.office import CARRIER, POLICE, STRANGER, Office


def members(office: Office, trip: Trip) -> dict[str, str]:
    return {one.organisation: one.reason for one in office.catalogue.members(trip.custody_tag)}


def refused(office: Office, uri: str, trip: Trip, **changes: Any) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        office.says(uri, "status", trip, **changes)
    return caught.value


def test_whoever_opens_is_a_member_at_once(office: Office) -> None:
    trip = office.opens(a_trip())
    assert office.says(EXPORTER, "status", trip).index == 2
    assert members(office, trip) == {EXPORTER: "opened"}


def test_a_stranger_who_names_the_tag_is_no_member(office: Office) -> None:
    trip = office.opens(a_trip())
    # The tag is public: it stands in the log.
    error = refused(office, STRANGER, trip)
    assert (error.code, error.field) == ("not-a-member", "streams.0")
    assert not office.catalogue.is_member(trip.custody_tag, STRANGER)


def test_a_stream_that_nobody_opened_is_refused_in_the_same_words(office: Office) -> None:
    trip = office.opens(a_trip())
    there, not_there = refused(office, STRANGER, trip), refused(office, STRANGER, a_trip(seed="not there"))
    assert (there.code, there.field) == (not_there.code, not_there.field)
    mask = str.maketrans("0123456789abcdef", "x" * 16)
    assert there.message.translate(mask) == not_there.message.translate(mask)


def test_every_stream_that_is_named_must_be_ones_own(office: Office) -> None:
    own, others = office.opens(a_trip(iss=STRANGER)), office.opens(a_trip())
    error = refused(office, STRANGER, own, streams=(own.custody_tag, others.custody_tag))
    assert (error.code, error.field) == ("not-a-member", "streams.1")


def test_a_grant_lets_the_new_member_file_at_once(office: Office) -> None:
    trip = office.opens(a_trip())
    refused(office, ORIGIN_PORT, trip)
    office.grants(EXPORTER, trip, ORIGIN_PORT)
    assert not office.says(ORIGIN_PORT, "status", trip).duplicate
    assert members(office, trip) == {EXPORTER: "opened", ORIGIN_PORT: "granted"}


def test_a_member_by_grant_may_grant(office: Office) -> None:
    trip = office.opens(a_trip())
    office.grants(EXPORTER, trip, ORIGIN_PORT)
    office.grants(ORIGIN_PORT, trip, CARRIER, CUSTOMS)
    assert list(members(office, trip)) == [EXPORTER, ORIGIN_PORT, CARRIER, CUSTOMS]


def test_a_grant_that_came_into_the_log_by_a_stranger_counts_nothing(office: Office) -> None:
    trip = office.opens(a_trip())
    office.store.append([Submission(office.signs(STRANGER, "grant", trip, {"to": [STRANGER]}).statement)])
    assert members(office, trip) == {EXPORTER: "opened"}
    office.catalogue.rebuild()
    assert members(office, trip) == {EXPORTER: "opened"}


def test_a_grant_gives_only_the_streams_of_which_its_signer_is_a_member(office: Office) -> None:
    own, others = office.opens(a_trip(iss=STRANGER)), office.opens(a_trip())
    both = (own.custody_tag, others.custody_tag)
    grant = office.signs(STRANGER, "grant", own, {"to": [POLICE]}, streams=both)
    office.store.append([Submission(grant.statement)])
    assert office.catalogue.is_member(own.custody_tag, POLICE)
    assert not office.catalogue.is_member(others.custody_tag, POLICE)


def test_a_concealed_grant_gives_nothing_until_it_is_disclosed(office: Office) -> None:
    trip = office.opens(a_trip())
    path: Path = ["to"]
    grant = office.signs(EXPORTER, "grant", trip, {"to": [ORIGIN_PORT]}, conceal=[path])
    office.registrar.register(grant.raw)
    assert members(office, trip) == {EXPORTER: "opened"}
    other = office.signs(EXPORTER, "grant", trip, {"to": [CARRIER]}, conceal=[path])
    office.registers(other)
    assert members(office, trip) == {EXPORTER: "opened", CARRIER: "granted"}


def test_the_taker_named_in_disclosed_terms_can_answer(office: Office) -> None:
    trip = office.opens(a_trip())
    terms = office.terms(EXPORTER, ORIGIN_PORT, trip)
    office.hands_over(terms, Role.GIVER, trip)
    assert members(office, trip)[ORIGIN_PORT] == "hand-over"
    assert office.hands_over(terms, Role.TAKER, trip).warnings == ()


def test_terms_that_stay_concealed_let_nobody_in(office: Office) -> None:
    trip = office.opens(a_trip())
    terms = office.terms(EXPORTER, ORIGIN_PORT, trip)
    body = {
        "terms": terms.hash.hex(),
        "role": "giver",
        "result": "accepted",
        "agreed": terms.document.decode(),
    }
    signed = office.signs(EXPORTER, "hand-over", trip, body, conceal=[["agreed"]])
    office.registrar.register(signed.raw)
    assert ORIGIN_PORT not in members(office, trip)


def test_an_offer_that_its_giver_refuses_lets_nobody_in(office: Office) -> None:
    trip = office.opens(a_trip())
    office.hands_over(office.terms(EXPORTER, ORIGIN_PORT, trip), Role.GIVER, trip, Result.REFUSED)
    assert ORIGIN_PORT not in members(office, trip)


def test_nobody_lets_itself_in_by_terms_of_its_own(office: Office) -> None:
    trip = office.opens(a_trip())
    terms = office.terms(EXPORTER, STRANGER, trip)
    with pytest.raises(PolicyError):
        office.hands_over(terms, Role.TAKER, trip)
    body = {
        "terms": terms.hash.hex(),
        "role": "giver",
        "result": "accepted",
        "agreed": terms.document.decode(),
    }
    # As giver by the terms, signed by somebody else; and into the log by another way.
    forged = office.signs(STRANGER, "hand-over", trip, body)
    office.store.append([Submission(forged.statement)])
    assert members(office, trip) == {EXPORTER: "opened"}


def test_a_hand_over_of_one_subject_opens_no_stream_of_another(office: Office) -> None:
    trip, other = office.opens(a_trip()), office.opens(a_trip(seed="other"))
    terms = office.terms(EXPORTER, ORIGIN_PORT, trip)
    body = {
        "terms": terms.hash.hex(),
        "role": "giver",
        "result": "accepted",
        "agreed": terms.document.decode(),
    }
    both = (trip.custody_tag, other.custody_tag)
    office.says(EXPORTER, "hand-over", trip, body, streams=both)
    assert office.catalogue.is_member(trip.custody_tag, ORIGIN_PORT)
    assert not office.catalogue.is_member(other.custody_tag, ORIGIN_PORT)


def test_whoever_shows_the_secret_is_a_member(office: Office) -> None:
    trip = office.opens(a_trip())
    assert office.catalogue.join(trip.custody_secret, CARRIER) == trip.custody_tag
    assert office.catalogue.join(trip.custody_secret, CARRIER) == trip.custody_tag
    assert members(office, trip) == {EXPORTER: "opened", CARRIER: "secret"}
    office.says(CARRIER, "status", trip)
    office.catalogue.rebuild()
    assert members(office, trip) == {EXPORTER: "opened", CARRIER: "secret"}


def test_a_secret_that_opens_nothing_is_not_known(office: Office) -> None:
    office.opens(a_trip())
    with pytest.raises(NotFoundError):
        office.catalogue.join(seeded("guess", 16), CARRIER)
    with pytest.raises(MalformedError):
        office.catalogue.join(b"short", CARRIER)


def test_a_grant_counts_from_its_place_in_the_log_whenever_the_catalogue_is_made(office: Office) -> None:
    trip = office.opens(a_trip())
    # A grant that its signer logged before it was a member, which a registrar would have refused.
    office.store.append([Submission(office.signs(CARRIER, "grant", trip, {"to": [STRANGER]}).statement)])
    office.catalogue.join(trip.custody_secret, CARRIER)
    office.grants(CARRIER, trip, POLICE)
    expected = {EXPORTER: "opened", CARRIER: "secret", POLICE: "granted"}
    assert members(office, trip) == expected
    office.catalogue.rebuild()
    assert members(office, trip) == expected


def test_members_of_custody_do_not_see_that_there_is_a_restricted_stream(office: Office) -> None:
    trip = office.opens(a_trip())
    office.grants(EXPORTER, trip, ORIGIN_PORT, CUSTOMS)
    tag = stream_tag(seeded("enforcement", 16))
    office.says(CUSTOMS, "stream-opened", trip, {"stream": "enforcement"}, streams=(tag,))
    office.says(CUSTOMS, "document", trip, {"hold": "narcotics"}, streams=(tag,))
    for uri in (EXPORTER, ORIGIN_PORT):
        assert [one.name for one in office.catalogue.subject(trip.uri, uri).streams] == ["custody"]
        kinds = {one.statement.kind for one in office.catalogue.said(trip.uri, uri)}
        assert kinds == {"subject-opened", "grant"}
        assert not office.catalogue.is_member(tag, uri)
        with pytest.raises(NotFoundError):
            office.catalogue.members(tag, uri)
    assert [one.name for one in office.catalogue.subject(trip.uri, CUSTOMS).streams] == [
        "custody",
        "enforcement",
    ]
    assert len(office.catalogue.statements(trip.uri, CUSTOMS, stream=tag)) == 2
    office.says(CUSTOMS, "grant", trip, {"to": [POLICE]}, streams=(tag,))
    assert [one.name for one in office.catalogue.subject(trip.uri, POLICE).streams] == ["enforcement"]


def test_members_are_told_to_members_only(office: Office) -> None:
    trip = office.opens(a_trip())
    assert len(office.catalogue.members(trip.custody_tag, EXPORTER)) == 1
    with pytest.raises(NotFoundError) as there:
        office.catalogue.members(trip.custody_tag, STRANGER)
    with pytest.raises(NotFoundError) as not_there:
        office.catalogue.members(seeded("nothing", 32), STRANGER)
    assert there.value.message == not_there.value.message
    with pytest.raises(NotFoundError):
        office.catalogue.members(seeded("nothing", 32))
