"""Cursors: good for the question that they were given out for, and for no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.access import Cursors
from ledger.domain.errors import MalformedError
from tests.builders import seeded

CURSORS = Cursors(b"k" * 32)
QUESTION = ("https://exporter.example", "/v1/subjects", "type", "trip")
PLACES = st.integers(0, 2**53 - 1) | st.text(max_size=40) | st.lists(st.integers(0, 9), max_size=3)


@given(PLACES)
def test_a_cursor_leads_to_where_it_was_made(after: object) -> None:
    assert CURSORS.read(CURSORS.write(after, QUESTION), QUESTION) == after


@pytest.mark.parametrize(
    "question",
    [
        ("https://other.example", *QUESTION[1:]),
        (QUESTION[0], "/v1/hand-overs", "type", "trip"),
        QUESTION[:2],
        (*QUESTION, "key", "A"),
        ("https://exporter.example/v1/subjects", "", "type", "trip"),
        (*QUESTION[:2], "typetrip"),
    ],
)
def test_a_cursor_is_of_no_use_for_another_question(question: tuple[str, ...]) -> None:
    with pytest.raises(MalformedError) as caught:
        CURSORS.read(CURSORS.write(7, QUESTION), question)
    assert (caught.value.code, caught.value.field) == ("bad-cursor", "cursor")


def test_a_cursor_of_another_service_is_of_no_use() -> None:
    with pytest.raises(MalformedError):
        CURSORS.read(Cursors(b"j" * 32).write(7, QUESTION), QUESTION)


@given(st.text(max_size=60))
def test_no_text_is_a_cursor(text: str) -> None:
    with pytest.raises(MalformedError):
        CURSORS.read(text, QUESTION)


@given(st.data())
def test_a_changed_cursor_is_none(data: st.DataObject) -> None:
    cursor = CURSORS.write([1, "subject"], QUESTION)
    at = data.draw(st.integers(0, len(cursor) - 2))
    other = data.draw(st.sampled_from("AQgw05z").filter(lambda mark: mark != cursor[at]))
    with pytest.raises(MalformedError):
        CURSORS.read(cursor[:at] + other + cursor[at + 1 :], QUESTION)


def test_a_cursor_that_is_too_long_is_not_looked_at() -> None:
    with pytest.raises(MalformedError):
        CURSORS.read(CURSORS.write(seeded("long", 1000).hex(), QUESTION), QUESTION)
