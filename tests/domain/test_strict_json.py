"""Strict JSON: what everybody reads alike is read, everything else is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import strict_json
from ledger.domain.errors import MalformedError, UsageError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-strict_json.MAX_INTEGER, strict_json.MAX_INTEGER) | st.floats(
    allow_nan=False, allow_infinity=False
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=25,
)


def nested(levels: int) -> list[Any]:
    """Return empty arrays within arrays."""
    return [] if levels == 1 else [nested(levels - 1)]


BAD = {
    "nothing": (b"", "json-syntax"),
    "two values": (b"1 2", "json-syntax"),
    "trailing comma": (b"[1,]", "json-syntax"),
    "single quotes": (b"'a'", "json-syntax"),
    "leading zero": (b"01", "json-syntax"),
    "no-break space before": (b"\xc2\xa01", "json-syntax"),
    "vertical tab before": (b"\x0b1", "json-syntax"),
    "control character in a string": (b'"\x01"', "json-syntax"),
    "unterminated string": (b'"abc', "json-syntax"),
    "duplicate member": (b'{"a":1,"b":2,"a":1}', "json-duplicate"),
    "duplicate member, written differently": (b'{"a":1,"\\u0061":2}', "json-duplicate"),
    "duplicate member deep inside": (b'[{"x":{"a":1,"a":2}}]', "json-duplicate"),
    "NaN": (b"[NaN]", "json-number"),
    "Infinity": (b"Infinity", "json-number"),
    "minus Infinity": (b'{"a":-Infinity}', "json-number"),
    "float out of range": (b"1e999", "json-number"),
    "integer too large by one": (b"9007199254740992", "json-number"),
    "integer too small by one": (b"-9007199254740992", "json-number"),
    "integer of 5,000 digits": (b"1" * 5000, "json-number"),
    "byte order mark": (b"\xef\xbb\xbf1", "json-encoding"),
    "UTF-16": ("{}".encode("utf-16"), "json-encoding"),
    "not UTF-8": (b'"\xff"', "json-encoding"),
    "surrogate in UTF-8": (b'"\xed\xa0\x80"', "json-encoding"),
    "unpaired high surrogate": (b'["\\ud800"]', "json-encoding"),
    "unpaired low surrogate in a name": (b'{"\\uDC00":1}', "json-encoding"),
    "33 levels": (b"[" * 33 + b"]" * 33, "json-depth"),
    "33 levels of objects": (b'{"a":' * 33 + b"1" + b"}" * 33, "json-depth"),
    "100,000 levels": (b"[" * 100_000, "json-depth"),
}


@pytest.mark.parametrize(("document", "code"), BAD.values(), ids=BAD)
def test_refuses(document: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        strict_json.loads(document, max_bytes=1_000_000)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("document", "value"),
    [
        (b" \n\t\r[1 , 2]\n", [1, 2]),
        (b"9007199254740991", 2**53 - 1),
        (b"-9007199254740991", -(2**53) + 1),
        (b"-0", 0),
        (b"1.5e3", 1500.0),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\\\ud800"', "\\ud800"),
        (b"[" * 32 + b"]" * 32, nested(32)),
        (b'["' + b"[{" * 50 + b'"]', ["[{" * 50]),
        (b'["\\"' + b"[" * 50 + b'"]', ['"' + "[" * 50]),
    ],
)
def test_reads(document: bytes, value: object) -> None:
    assert strict_json.loads(document, max_bytes=1000) == value


def test_refuses_a_document_over_the_limit_without_looking_at_it() -> None:
    assert strict_json.loads(b"[1]", max_bytes=3) == [1]
    with pytest.raises(MalformedError) as caught:
        strict_json.loads(b"\xff" * 4, max_bytes=3)
    assert caught.value.code == "too-large"


def test_takes_time_in_proportion_to_an_unterminated_string() -> None:
    # Quadratic scanning of these 4 MB would take hours; the test's own limit would end it.
    with pytest.raises(MalformedError):
        strict_json.loads(b"[" * 40 + b'"' + b'\\"' * 2_000_000, max_bytes=10_000_000)


@given(VALUES)
def test_reads_back_what_it_wrote(value: Any) -> None:
    assert strict_json.loads(strict_json.dumps(value), max_bytes=100_000) == value


@given(VALUES)
def test_reads_what_another_writer_wrote(value: Any) -> None:
    assert strict_json.loads(json.dumps(value, indent=1).encode(), max_bytes=100_000) == value


@given(st.binary(max_size=60) | st.text('{}[]",:0123456789eE.+-\\utrnfals \n', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_in_the_one_way(document: bytes) -> None:
    try:
        value = strict_json.loads(document, max_bytes=1000)
    except MalformedError:
        return
    assert json.loads(document) == value


@pytest.mark.parametrize(
    "value", [float("nan"), 2**53, "\ud800", b"bytes", {"a": object()}, nested(33), {1: 2, "1": 3}]
)
def test_writes_only_what_it_would_read(value: object) -> None:
    with pytest.raises(UsageError) as caught:
        strict_json.dumps(value)
    assert caught.value.code == "not-json"


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(UsageError):
        strict_json.dumps(loop)


def test_keeps_the_order_of_members() -> None:
    assert strict_json.dumps({"b": 1, "a": "ä"}) == '{"b":1,"a":"ä"}'.encode()
