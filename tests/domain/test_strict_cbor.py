"""Strict CBOR: one encoding of every value, and only the types that the formats use."""

from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import strict_cbor
from ledger.domain.errors import MalformedError, UsageError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
KEYS = st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=30) | TEXT
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | KEYS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


def nested(levels: int) -> list[Any]:
    """Return empty arrays within arrays."""
    return [] if levels == 1 else [nested(levels - 1)]


BAD = {
    "nothing": "",
    "array cut off": "8201",
    "text cut off": "6361",
    "length cut off": "59ff",
    "length of 2^63": "5b7fffffffffffffff",
    "array of 2^63": "9b7fffffffffffffff",
    "bytes after the item": "0000",
    "indefinite array": "9fff",
    "indefinite map": "bfff",
    "indefinite bytes": "5f41ff41ffff",
    "indefinite text": "7f6161ff",
    "break alone": "ff",
    "number not shortest": "1817",
    "negative number not shortest": "3800",
    "text length not shortest": "780161",
    "bytes length not shortest": "580161",
    "array length not shortest": "980101",
    "map length not shortest": "b8010000",
    "duplicate key": "a2010201" + "03",
    "keys not in order": "a202000100",
    "keys ordered by length, as RFC 7049 did": "a220001864" + "00",
    "key that is an array": "a1800a",
    "key that is a map": "a1a000",
    "key that is true": "a1f500",
    "key that is a float": "a1f9000000",
    "text that is not UTF-8": "62c328",
    "text with a surrogate": "63eda080",
    "float": "f93c00",
    "float NaN": "f97e00",
    "double": "fb3ff199999999999a",
    "undefined": "f7",
    "simple value": "f0",
    "simple value of two bytes": "f8ff",
    "false in two bytes": "f814",
    "reserved length": "1c",
    "unknown tag": "d8640a",
    "tag of a time": "c100",
    "tag of a big number": "c249010000000000000000",
    "tag of a small big number": "c24101",
    "tag of a fraction with a huge exponent": "c4821b7fffffffffffffff01",
    "tag of a regular expression": "d8236161",
    "tag of a shared value": "d81c80",
    "tag of a value within itself": "d81c81d81d00",
    "tag of string references": "d9010082416161d81900",
    "tag of a set": "d901028101",
    "tag that says that this is CBOR": "d9d9f700",
    "17 levels": "81" * 17 + "00",
    "10,000 levels": "81" * 10_000 + "00",
    "10,000 tags": "c1" * 10_000 + "00",
}


@pytest.mark.parametrize("encoded", BAD.values(), ids=BAD)
def test_refuses(encoded: str) -> None:
    with pytest.raises(MalformedError):
        strict_cbor.loads(bytes.fromhex(encoded))


def test_refuses_values_that_unfold_without_bound() -> None:
    value: list[Any] = []
    for _ in range(10):
        value = [value] * 10
    encoded = cbor2.dumps(value, value_sharing=True)
    assert len(encoded) < 500, "ten levels of ten references each, 10^10 values in all"
    with pytest.raises(MalformedError):
        strict_cbor.loads(encoded)


def test_refuses_every_tag_that_the_library_knows() -> None:
    for tag in (*range(300), 1004, 43000, 55799):
        for content in ("00", "6130", "4130", "80", "82000a"):
            encoded = cbor2.dumps(cbor2.CBORTag(tag, 0))[:-1] + bytes.fromhex(content)
            with pytest.raises(MalformedError):
                strict_cbor.loads(encoded)


@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        ("1bffffffffffffffff", 2**64 - 1),
        ("3bffffffffffffffff", -(2**64)),
        ("a20a00186400", {10: 0, 100: 0}),
        ("a2186400" + "2000", {100: 0, -1: 0}),
        ("a2617a0062616100", {"z": 0, "aa": 0}),
        ("83f4f5f6", [False, True, None]),
        ("81" * 15 + "80", nested(16)),
    ],
)
def test_reads_core_deterministic_encoding(encoded: str, value: object) -> None:
    assert strict_cbor.loads(bytes.fromhex(encoded)) == value
    assert strict_cbor.dumps(value) == bytes.fromhex(encoded)


@given(VALUES)
def test_reads_back_what_it_wrote(value: Any) -> None:
    assert strict_cbor.loads(strict_cbor.dumps(value)) == value


@given(st.dictionaries(KEYS, st.none(), max_size=8))
def test_orders_keys_by_the_bytes_of_their_encoding(value: dict[Any, None]) -> None:
    read = strict_cbor.loads(strict_cbor.dumps(value))
    encodings = [cbor2.dumps(key) for key in read]
    assert encodings == sorted(encodings)


@given(VALUES, st.data())
def test_no_other_bytes_are_read_as_the_same_value(value: Any, data: st.DataObject) -> None:
    encoded = bytearray(strict_cbor.dumps(value))
    at = data.draw(st.integers(0, len(encoded) - 1))
    encoded[at] ^= data.draw(st.integers(1, 255))
    try:
        read = strict_cbor.loads(bytes(encoded))
    except MalformedError:
        return
    assert strict_cbor.dumps(read) == encoded


@given(st.binary(max_size=40))
def test_any_bytes_are_read_in_the_one_way_or_refused(data: bytes) -> None:
    try:
        value = strict_cbor.loads(data)
    except MalformedError:
        return
    assert strict_cbor.dumps(value) == data


@pytest.mark.parametrize("value", [1.5, 2**64, object(), {(): 1}, {True: 1}, "\ud800", {1, 2}])
def test_writes_only_what_it_would_read(value: object) -> None:
    with pytest.raises(UsageError) as caught:
        strict_cbor.dumps(value)
    assert caught.value.code == "not-cbor"
