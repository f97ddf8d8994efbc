"""The small readers: one written form for every value."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import fields
from ledger.domain.errors import MalformedError


@given(st.binary(max_size=80))
def test_base64url_and_hexadecimal_come_back(data: bytes) -> None:
    assert fields.from_b64url(fields.b64url(data), "x") == data
    assert fields.from_hex(data.hex(), len(data), "x") == data
    assert fields.from_0x_hex("0x" + data.hex(), len(data), "x") == data


@given(st.text("ABab01-_+/= \n", max_size=12))
def test_no_two_texts_are_the_same_bytes(text: str) -> None:
    try:
        data = fields.from_b64url(text, "x")
    except MalformedError:
        return
    assert fields.b64url(data) == text


BAD: dict[str, Callable[[], object]] = {
    "base64url with stray bits": lambda: fields.from_b64url("AB", "x"),
    "base64url of one character": lambda: fields.from_b64url("A", "x"),
    "base64url with padding": lambda: fields.from_b64url("AA==", "x"),
    "base64url with a newline": lambda: fields.from_b64url("AAAA\n", "x"),
    "base64url of another length": lambda: fields.from_b64url("AAAA", "x", length=4),
    "base64url of a number": lambda: fields.from_b64url(1, "x"),
    "hexadecimal in capitals": lambda: fields.from_hex("AB", 1, "x"),
    "hexadecimal with a blank": lambda: fields.from_hex("a b", 1, "x"),
    "hexadecimal of another script": lambda: fields.from_hex("١١", 1, "x"),
    "hexadecimal of a number": lambda: fields.from_hex(11, 1, "x"),
    "hexadecimal with 0X": lambda: fields.from_0x_hex("0X11", 1, "x"),
    "hexadecimal without 0x": lambda: fields.from_0x_hex("11", 1, "x"),
    "true for a number": lambda: fields.natural(True, "x"),
    "a float for a number": lambda: fields.natural(1.0, "x"),
    "a number that is too large": lambda: fields.natural(2**53, "x"),
    "a number below zero": lambda: fields.natural(-1, "x"),
    "an empty text": lambda: fields.text("", "x", longest=3),
    "a text that is too long": lambda: fields.text("abcd", "x", longest=3),
    "an object for an array": lambda: fields.array({}, "x"),
    "an organisation without a scheme": lambda: fields.organisation("example", "x"),
    "an organisation that is only a scheme": lambda: fields.organisation("https:", "x"),
    "an organisation with a newline": lambda: fields.organisation("https:x\n", "x"),
    "an array for an object": lambda: fields.exactly([], ("a",), "x"),
    "a member missing": lambda: fields.exactly({}, ("a",), "x"),
    "a member too many": lambda: fields.exactly({"a": 1, "b": 2}, ("a",), "x"),
}


@pytest.mark.parametrize("read", BAD.values(), ids=BAD)
def test_refuses(read: Callable[[], object]) -> None:
    with pytest.raises(MalformedError):
        read()


def test_a_complaint_names_the_member_but_not_at_any_length() -> None:
    with pytest.raises(MalformedError) as caught:
        fields.exactly({"a": 1, "b" * 500: 2}, ("a",), "the thing")
    assert caught.value.field == "b" * 80


def test_optional_members_may_be_there() -> None:
    members: dict[str, Any] = {"a": 1, "b": 2}
    assert fields.exactly(members, ("a",), "x", optional=("b", "c")) == members


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-06T13:00:00-06:00", datetime(2026, 11, 6, 19, tzinfo=UTC)),
        ("2026-11-06T19:00:00Z", datetime(2026, 11, 6, 19, tzinfo=UTC)),
        ("2026-11-06T19:00:00.5Z", datetime(2026, 11, 6, 19, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-06T19:00:00.123456789Z", datetime(2026, 11, 6, 19, 0, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_reads_times_of_rfc_3339(text: str, expected: datetime) -> None:
    assert fields.timestamp(text, "at") == expected


@pytest.mark.parametrize(
    "text",
    [
        None,
        1_790_000_000,
        "2026-11-06",
        "2026-11-06T19:00:00",
        "2026-11-06 19:00:00Z",
        "20261106T190000Z",
        "2026-W45-5T19:00:00Z",
        "2026-11-06T19:00Z",
        "2026-11-06T19:00:00z",
        "2026-02-30T19:00:00Z",
        "2026-11-06T24:00:00Z",
        "2026-11-06T19:00:60Z",
        "2026-11-06T19:00:00+24:00",
        "2026-11-06T19:00:00.Z",
        "२०२६-11-06T19:00:00Z",
        "2026-11-06T19:00:00Z\n",
    ],
)
def test_refuses_other_times(text: object) -> None:
    with pytest.raises(MalformedError):
        fields.timestamp(text, "at")


def test_a_member_that_is_mistyped_is_told_with_the_one_that_is_meant() -> None:
    for value, hint in (
        ({"hold": 1, "reson": 2}, "is 'reson' meant to be it?"),
        ({"hold": 1, "reason": 2, "placed": 3}, "is 'place' meant?"),
        ({"hold": 1, "reason": 2, "other": 3}, "leave it out"),
        ({"hold": 1, "reason": 2, "place" * 100: 3}, "leave it out"),
    ):
        with pytest.raises(MalformedError) as caught:
            fields.exactly(value, ("hold", "reason"), "body", optional=("place",))
        assert caught.value.message.endswith(hint)
