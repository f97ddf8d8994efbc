"""Pseudonyms: known to the employer alone, and another one in every shipment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import MalformedError
from ledger.domain.pseudonym import checked, pseudonym
from tests.builders import a_trip, seeded

KEY, PERSON = seeded("register", 32), seeded("guard", 16)
HERE, THERE = a_trip().uri, a_trip("MSKU7654321").uri
CALLED = "person:43xuip7igzvzsfqc3zb7ixrsmm6o64dm"


def test_a_person_is_called_the_same_within_a_shipment() -> None:
    assert pseudonym(KEY, PERSON, HERE) == pseudonym(KEY, PERSON, HERE) == CALLED
    assert checked(CALLED, "body.guard") == CALLED


@pytest.mark.parametrize(
    ("key", "person", "subject"),
    [(KEY, PERSON, THERE), (seeded("another", 32), PERSON, HERE), (KEY, seeded("another", 16), HERE)],
    ids=["another shipment", "another employer", "another person"],
)
def test_anything_else_gives_another_pseudonym(key: bytes, person: bytes, subject: str) -> None:
    assert pseudonym(key, person, subject) != CALLED


@given(st.text(max_size=60))
def test_nothing_else_is_taken_for_one(text: str) -> None:
    with pytest.raises(MalformedError):
        checked(text, "body.guard")
