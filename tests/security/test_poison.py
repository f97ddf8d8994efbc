"""Statements that break an honest line: refused at first, on record when that is meant, and put right how."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.domain.custody import Severity, custody_of
from ledger.domain.errors import ConflictError
from ledger.domain.hand_over import HAND_OVER, Role, hand_over_body
from ledger.domain.statement import SignedStatement
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip, a_trip
from tests.catalogue.office import CARRIER, Office, an_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with an empty log."""
    with an_office(tmp_path) as office:
        yield office


@pytest.fixture
def trip(office: Office) -> Trip:
    """A trip that the exporter handed over to the port; the carrier is in its stream too."""
    trip = office.opens(a_trip())
    office.grants(EXPORTER, trip, ORIGIN_PORT, CARRIER, CUSTOMS)
    office.gives_and_takes(EXPORTER, ORIGIN_PORT, trip)
    return trip


def concealed(office: Office, trip: Trip) -> SignedStatement:
    """Return a hand-over that nobody can read, the log neither."""
    terms = office.terms(CARRIER, CUSTOMS, trip)
    body, hidden = hand_over_body(terms, Role.GIVER), (("terms",), ("role",), ("result",), ("agreed",))
    return office.signs(CARRIER, HAND_OVER, trip, body, conceal=hidden)


def between_others(office: Office, trip: Trip) -> SignedStatement:
    """Return a giver's word on terms between others, which it withholds."""
    agreed = office.terms(EXPORTER, ORIGIN_PORT, trip)
    office.hands_over(agreed, Role.GIVER, trip, lenient=True)
    return office.signs(CARRIER, HAND_OVER, trip, hand_over_body(agreed, Role.TAKER), conceal=(("agreed",),))


POISON = {"concealed": concealed, "between others": between_others}


def problems(office: Office, trip: Trip) -> set[tuple[Severity, str, bytes]]:
    found = custody_of(trip.uri, office.catalogue.said(trip.uri, EXPORTER)).problems
    return {(one.severity, one.code, ident) for one in found for ident in one.statements}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_what_breaks_a_line_is_refused_unless_it_is_meant(office: Office, trip: Trip, poison: object) -> None:
    assert callable(poison)
    signed = poison(office, trip)
    size, before = office.store.size(), problems(office, trip)
    with pytest.raises(ConflictError):
        office.registrar.register(signed.raw)
    assert office.store.size() == size
    told = office.registrar.register(signed.raw, lenient=True)
    assert told.warnings
    # It is told under its author's name, and nobody else's statement is at fault by it.
    found = [(severity, ident) for severity, _, ident in problems(office, trip) - before]
    # The carrier has no part in the trip: by what does not count it does not stop it.
    assert found == [(Severity.WARNING, signed.statement.id)]
