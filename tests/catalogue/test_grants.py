"""Grants for a time and for categories, their ends, requests and answers: who is let in, and until when."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.catalogue import Registered
from ledger.domain.errors import ConflictError, CorridorError, NotFoundError
from ledger.domain.hand_over import Role
from ledger.domain.statement import Reference
from ledger.domain.subject import stream_tag
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip, a_trip, seeded
from tests.catalogue.office import CARRIER, POLICE, STRANGER, Office, a_thing, an_office

TAG = stream_tag(seeded("enforcement", 16))
DAY = 86_400


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with an empty log."""
    with an_office(tmp_path) as office:
        yield office


@pytest.fixture
def trip(office: Office) -> Trip:
    """A trip of the exporter, whom nobody else may read."""
    return office.opens(a_trip())


def at(office: Office, seconds: float) -> str:
    """Return the time so many seconds from now, as RFC 3339."""
    return datetime.fromtimestamp(office.clock.now + seconds, UTC).isoformat().replace("+00:00", "Z")


def grant(office: Office, trip: Trip, by: str, to: str, **more: Any) -> Registered:
    return office.says(by, "grant", trip, {"to": [to]} | more)


def end(office: Office, trip: Trip, by: str, granted: Registered, **changes: Any) -> Registered:
    reference = Reference("ends", granted.id)
    return office.says(by, "grant-ended", trip, {}, references=[reference], **changes)


def is_in(office: Office, trip: Trip, who: str) -> bool:
    """Return whether somebody may file and read, by every question that there is."""
    member = office.catalogue.is_member(trip.custody_tag, who)
    listed = trip.uri in [one.uri for one in office.catalogue.subjects(who)]
    named = who in [one.organisation for one in office.catalogue.members(trip.custody_tag)]
    try:
        read = bool(office.catalogue.statements(trip.uri, who))
    except NotFoundError:
        read = False
    assert {member, listed, named, read} in ({True}, {False})
    return member


def test_a_grant_holds_from_its_beginning_to_its_end(office: Office, trip: Trip) -> None:
    grant(office, trip, EXPORTER, CARRIER, **{"from": at(office, DAY), "until": at(office, 2 * DAY)})
    found = []
    for _day in range(3):
        found.append(is_in(office, trip, CARRIER))
        office.clock.now += DAY
    assert found == [False, True, False]


def test_the_last_second_of_a_grant_is_the_one_before_its_end(office: Office, trip: Trip) -> None:
    grant(office, trip, EXPORTER, CARRIER, until=at(office, 10))
    office.clock.now += 9
    assert is_in(office, trip, CARRIER)
    office.clock.now += 1
    assert not is_in(office, trip, CARRIER)


def test_an_ended_grant_gives_nothing_more(office: Office, trip: Trip) -> None:
    granted = grant(office, trip, EXPORTER, CARRIER)
    # Whoever has filed is remembered as nothing that cannot be ended.
    office.says(CARRIER, "status", trip)
    assert is_in(office, trip, CARRIER)
    end(office, trip, EXPORTER, granted)
    assert not is_in(office, trip, CARRIER)
    with pytest.raises(CorridorError) as refused:
        office.says(CARRIER, "status", trip)
    assert refused.value.code == "not-a-member"


def test_what_was_said_before_the_end_stays_on_record(office: Office, trip: Trip) -> None:
    granted = grant(office, trip, EXPORTER, CARRIER)
    said = office.says(CARRIER, "status", trip)
    end(office, trip, EXPORTER, granted)
    assert said.id in [one.id for one in office.catalogue.statements(trip.uri, EXPORTER)]
    # Its author still gets the receipt of its own statement, and of no other one.
    assert office.catalogue.may_see(said.index, CARRIER)
    assert not office.catalogue.may_see(granted.index, CARRIER)


def test_one_of_two_grants_is_enough(office: Office, trip: Trip) -> None:
    first = grant(office, trip, EXPORTER, CARRIER)
    second = grant(office, trip, EXPORTER, CARRIER)
    end(office, trip, EXPORTER, first)
    assert is_in(office, trip, CARRIER)
    end(office, trip, EXPORTER, second)
    assert not is_in(office, trip, CARRIER)


def test_a_grant_ends_with_its_givers_own(office: Office, trip: Trip) -> None:
    first = grant(office, trip, EXPORTER, CARRIER)
    grant(office, trip, CARRIER, STRANGER)
    # Nor does it help that they let each other in again.
    grant(office, trip, STRANGER, CARRIER)
    end(office, trip, EXPORTER, first)
    assert not is_in(office, trip, CARRIER)
    assert not is_in(office, trip, STRANGER)


def test_nobody_grants_for_longer_than_it_is_in_itself(office: Office, trip: Trip) -> None:
    grant(office, trip, EXPORTER, CARRIER, until=at(office, DAY))
    grant(office, trip, CARRIER, STRANGER, until=at(office, 9 * DAY))
    assert is_in(office, trip, STRANGER)
    office.clock.now += DAY
    assert not is_in(office, trip, STRANGER)


def test_whoever_took_over_stays_in_when_the_givers_grant_ends(office: Office, trip: Trip) -> None:
    granted = grant(office, trip, EXPORTER, ORIGIN_PORT)
    office.gives_and_takes(EXPORTER, ORIGIN_PORT, trip)
    office.gives_and_takes(ORIGIN_PORT, CARRIER, trip, at="2026-09-21T13:33:21Z")
    end(office, trip, EXPORTER, granted)
    assert is_in(office, trip, ORIGIN_PORT)
    assert is_in(office, trip, CARRIER)


def test_a_hand_over_by_somebody_who_is_in_by_a_grant_ends_with_that_grant(
    office: Office, trip: Trip
) -> None:
    """Else whoever is let in for an hour lets an accomplice in for good, who lets it in again."""
    granted = grant(office, trip, EXPORTER, CARRIER)
    offer = office.terms(CARRIER, STRANGER, trip)
    office.hands_over(offer, Role.GIVER, trip, lenient=True)
    again = office.terms(STRANGER, POLICE, trip)
    office.hands_over(again, Role.GIVER, trip, lenient=True)
    assert [is_in(office, trip, who) for who in (CARRIER, STRANGER, POLICE)] == [True, True, True]
    grant(office, trip, STRANGER, CARRIER)
    end(office, trip, EXPORTER, granted)
    assert [is_in(office, trip, who) for who in (CARRIER, STRANGER, POLICE)] == [False, False, False]


def test_a_hand_over_lets_in_no_longer_than_a_grant_lets_its_giver(office: Office, trip: Trip) -> None:
    grant(office, trip, EXPORTER, CARRIER, until=at(office, DAY))
    office.hands_over(office.terms(CARRIER, STRANGER, trip), Role.GIVER, trip, lenient=True)
    assert is_in(office, trip, STRANGER)
    office.clock.now += DAY
    assert not is_in(office, trip, STRANGER)


def test_late_joiners_read_what_was_said_before(office: Office, trip: Trip) -> None:
    said = office.says(EXPORTER, "status", trip)
    grant(office, trip, EXPORTER, CUSTOMS)
    assert said.id in [one.id for one in office.catalogue.statements(trip.uri, CUSTOMS)]


def test_the_tables_made_again_are_the_same(office: Office, trip: Trip) -> None:
    first = grant(office, trip, EXPORTER, CARRIER)
    grant(office, trip, CARRIER, STRANGER, until=at(office, DAY))
    grant(office, trip, EXPORTER, CUSTOMS, categories=["commercial"])
    end(office, trip, EXPORTER, first)
    office.clock.now += 5 * DAY
    told = office.tells()
    office.catalogue.rebuild()
    assert office.tells() == told


def test_an_end_is_filed_where_the_grant_is(office: Office, trip: Trip) -> None:
    office.grants(EXPORTER, trip, CUSTOMS)
    office.says(CUSTOMS, "stream-opened", trip, {"stream": "enforcement"}, streams=(TAG,))
    secret = office.says(CUSTOMS, "grant", trip, {"to": [POLICE]}, streams=(TAG,))
    with pytest.raises(CorridorError) as refused:
        end(office, trip, CUSTOMS, secret)
    assert refused.value.code == "grant-other-stream"
    end(office, trip, CUSTOMS, secret, streams=(TAG,))
    assert not office.catalogue.is_member(TAG, POLICE)


# Requests

ASKED = {"categories": ["commercial"], "purpose": "an audit"}


def ask(office: Office, who: str, to: str, *about: str, **more: Any) -> Registered:
    """Ask for something, in a stream of one's own."""
    own = a_thing("organisation", "OWN", iss=who)
    if not office.catalogue.is_member(own.custody_tag, who):
        office.opens(own)
    return office.says(who, "access-request", own, {"to": to, "about": list(about)} | ASKED | more)


def answer(office: Office, trip: Trip, by: str, request: Registered, to: str, **more: Any) -> Registered:
    body = {"to": to, "answer": "approved"} | more
    return office.says(by, "access-answer", trip, body, references=[Reference("answers", request.id)])


def test_an_approval_acts_as_a_grant(office: Office, trip: Trip) -> None:
    request = ask(office, CARRIER, EXPORTER, trip.uri)
    assert office.catalogue.may_see(request.index, EXPORTER)
    assert not office.catalogue.may_see(request.index, CUSTOMS)
    approved = answer(office, trip, EXPORTER, request, CARRIER, until=at(office, DAY))
    assert is_in(office, trip, CARRIER)
    office.clock.now += DAY
    assert not is_in(office, trip, CARRIER)
    assert office.catalogue.may_see(approved.index, CARRIER)


def test_an_approval_is_ended_as_a_grant_is(office: Office, trip: Trip) -> None:
    approved = answer(office, trip, EXPORTER, ask(office, CARRIER, EXPORTER, trip.uri), CARRIER)
    end(office, trip, EXPORTER, approved)
    assert not is_in(office, trip, CARRIER)


def test_a_refusal_lets_nobody_in_and_is_told(office: Office, trip: Trip) -> None:
    request = ask(office, CARRIER, EXPORTER, trip.uri)
    refused = answer(office, trip, EXPORTER, request, CARRIER, answer="refused", reason="not your trip")
    assert not is_in(office, trip, CARRIER)
    assert office.catalogue.may_see(refused.index, CARRIER)


def test_a_request_about_nothing_is_taken_like_one_about_what_others_keep(office: Office, trip: Trip) -> None:
    """Whoever asks must not learn which subjects there are."""
    nowhere = a_trip("MSKU4567898")
    there, none = (ask(office, CARRIER, CUSTOMS, uri) for uri in (trip.uri, nowhere.uri))
    assert [one.warnings for one in (there, none)] == [(), ()]


def test_of_many_answers_at_once_one_is_taken(office: Office, trip: Trip) -> None:
    request = ask(office, CARRIER, EXPORTER, trip.uri)
    reference = [Reference("answers", request.id)]
    signed = [
        office.signs(EXPORTER, "access-answer", trip, {"to": CARRIER, "answer": said}, references=reference)
        for said in ("refused", "approved") * 4
    ]

    def send(one: Any) -> str:
        try:
            return str(office.registers(one).index)
        except ConflictError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(send, signed))
    assert told.count("already-answered") == len(told) - 1
    assert sum(one.isdecimal() for one in told) == 1
    # The same again is no second answer.
    (taken,) = (one for one, said in zip(signed, told, strict=True) if said.isdecimal())
    assert office.registers(taken).duplicate


def end_twice(office: Office, trip: Trip, granted: Registered) -> None:
    end(office, trip, EXPORTER, granted)
    end(office, trip, EXPORTER, granted)


def answer_twice(office: Office, trip: Trip, request: Registered) -> None:
    for reason in ("first", "second"):
        answer(office, trip, EXPORTER, request, CARRIER, answer="refused", reason=reason)


BAD: dict[str, tuple[str, Callable[[Office, Trip], object]]] = {
    "a grant to oneself": ("grant-to-self", lambda o, t: grant(o, t, EXPORTER, EXPORTER)),
    "a grant that is over": ("grant-expired", lambda o, t: grant(o, t, EXPORTER, CARRIER, until=at(o, 0))),
    "a grant over before it begins": (
        "grant-times",
        lambda o, t: grant(o, t, EXPORTER, CARRIER, **{"from": at(o, 20), "until": at(o, 10)}),
    ),
    "an unknown category": (
        "category-unknown",
        lambda o, t: grant(o, t, EXPORTER, CARRIER, categories=["prices"]),
    ),
    "a category that is no name": (
        "malformed-field",
        lambda o, t: grant(o, t, EXPORTER, CARRIER, categories=["a b"]),
    ),
    "a category twice": (
        "malformed-field",
        lambda o, t: grant(o, t, EXPORTER, CARRIER, categories=["scan", "scan"]),
    ),
    "a time without offset": (
        "malformed-field",
        lambda o, t: grant(o, t, EXPORTER, CARRIER, until="2026-09-21T13:33:20"),
    ),
    "a grant by a stranger": ("not-a-member", lambda o, t: grant(o, t, CARRIER, STRANGER)),
    "a grant by a clock a day ahead": (
        "issued-in-future",
        lambda o, t: o.says(EXPORTER, "grant", t, {"to": [CARRIER]}, iat=o.clock.now + DAY),
    ),
    "an end of nothing": (
        "grant-unknown",
        lambda o, t: o.says(EXPORTER, "grant-ended", t, {}, references=[Reference("ends", bytes(32))]),
    ),
    "an end without a reference": ("malformed-reference", lambda o, t: o.says(EXPORTER, "grant-ended", t)),
    "an end of another's grant": (
        "grant-unknown",
        lambda o, t: (grant(o, t, EXPORTER, CARRIER), end(o, t, CARRIER, grant(o, t, EXPORTER, STRANGER))),
    ),
    "an end twice": (
        "already-ended",
        lambda o, t: end_twice(o, t, grant(o, t, EXPORTER, CARRIER)),
    ),
    "a request to oneself": ("request-to-self", lambda o, t: ask(o, EXPORTER, EXPORTER, t.uri)),
    "a request about no subject": ("malformed-subject", lambda o, t: ask(o, CARRIER, EXPORTER, "urn:x")),
    "a request in a shared stream": (
        "request-subject",
        lambda o, t: (
            grant(o, t, EXPORTER, CARRIER),
            o.says(CARRIER, "access-request", t, {"to": EXPORTER, "about": [t.uri]} | ASKED),
        ),
    ),
    "a request that is over": (
        "grant-expired",
        lambda o, t: ask(o, CARRIER, EXPORTER, t.uri, until=at(o, -5)),
    ),
    "an answer to nothing": (
        "request-unknown",
        lambda o, t: answer(o, t, EXPORTER, Registered(bytes(32), 0, duplicate=False), CARRIER),
    ),
    "an answer by somebody else": (
        "request-unknown",
        lambda o, t: answer(o, t, EXPORTER, ask(o, CARRIER, CUSTOMS, t.uri), CARRIER),
    ),
    "an answer to somebody else": (
        "answer-to-another",
        lambda o, t: answer(o, t, EXPORTER, ask(o, CARRIER, EXPORTER, t.uri), STRANGER),
    ),
    "an approval of another subject": (
        "answer-other-subject",
        lambda o, t: answer(o, t, EXPORTER, ask(o, CARRIER, EXPORTER, a_trip("MSKU4567898").uri), CARRIER),
    ),
    "an answer twice": (
        "already-answered",
        lambda o, t: answer_twice(o, t, ask(o, CARRIER, EXPORTER, t.uri)),
    ),
    "an answer that is neither": (
        "malformed-field",
        lambda o, t: answer(o, t, EXPORTER, ask(o, CARRIER, EXPORTER, t.uri), CARRIER, answer="perhaps"),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_makes_no_sense_is_refused(office: Office, trip: Trip, name: str) -> None:
    code, act = BAD[name]
    with pytest.raises(CorridorError) as refused:
        act(office, trip)
    assert refused.value.code == code
