"""Strict CBOR (formats, section 1): core deterministic encoding of the few types that the formats use."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import cbor2

from ledger.domain.errors import MalformedError, UsageError

MAX_DEPTH = 16

_PLAIN = frozenset((int, bytes, str, bool, type(None)))


def loads(data: bytes) -> Any:
    """Return the one item that the bytes are.

    Integers, byte and text strings, arrays (as lists), maps (as dictionaries), booleans and null are taken.
    Tags, floating-point numbers and other simple values occur in no format and are refused.

    Args:
        data: One CBOR item in core deterministic encoding (RFC 8949 section 4.2.1), nothing after it.

    Raises:
        MalformedError: Truncated, trailing bytes, indefinite or not shortest lengths, duplicate or unsorted
            map keys, nesting over 16, or a type that is not taken.
    """
    try:
        value = cbor2.loads(
            data,
            semantic_decoders=_NO_TAGS,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            max_depth=MAX_DEPTH,
        )
        again = cbor2.dumps(value)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise MalformedError("cbor-syntax", f"not strict CBOR: {error}") from None
    _check(value)
    if again != data:
        raise MalformedError(
            "cbor-not-deterministic",
            "not strict CBOR: a length or number is not in its shortest form, or bytes follow the item",
        )
    return value


def dumps(value: object) -> bytes:
    """Return a value in core deterministic encoding (RFC 8949 section 4.2.1).

    Args:
        value: Integers of 64 bits, bytes, text, lists, tuples, dictionaries, booleans, None.

    Raises:
        UsageError: The value holds something else.
    """
    try:
        encoded = cbor2.dumps(_ordered(value))
        loads(encoded)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError, MalformedError) as error:
        raise UsageError("not-cbor", f"the value cannot be written as strict CBOR: {error}") from None
    return encoded


def _check(value: object) -> None:
    # Exact types: cbor2 makes its own classes of what tags and simple values mean.
    kind = type(value)
    if kind in _PLAIN:
        return
    if kind is list:
        for item in value:  # type: ignore[attr-defined]
            # Most of what is read are hashes; a call for each would take longer than decoding them.
            if type(item) not in _PLAIN:
                _check(item)
    elif kind is dict:
        _check_map(value)  # type: ignore[arg-type]
    else:
        raise MalformedError("cbor-type", f"a {kind.__name__} stands where strict CBOR allows none")


def _check_map(value: dict[object, object]) -> None:
    previous = b""
    for key, item in value.items():
        # Labels of headers are small numbers; the general way through cbor2 takes ten times as long.
        encoded = b"%c" % key if type(key) is int and 0 <= key < 24 else _key(key)
        if encoded <= previous:
            raise MalformedError(
                "cbor-not-deterministic", "not strict CBOR: the keys of a map are not in order"
            )
        previous = encoded
        if type(item) not in _PLAIN:
            _check(item)


def _ordered(value: object) -> object:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=_key)}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    return value


def _key(key: object) -> bytes:
    if type(key) is int and 0 <= key < 24:
        return b"%c" % key
    if type(key) not in (int, str, bytes):
        raise MalformedError(
            "cbor-type", f"a map key is a {type(key).__name__}; integers and strings are taken"
        )
    # cbor2's own `canonical` sorts shorter keys first, as RFC 7049 did; RFC 8949 compares the bytes.
    return cbor2.dumps(key)


class _NoTags(Mapping[int, Any]):
    """A decoder for every tag, which refuses: some tags let few bytes stand for a value without bound."""

    def __getitem__(self, tag: int) -> Any:
        def refuse(_value: object, _immutable: bool) -> NoReturn:
            raise ValueError(f"tag {tag}")

        return refuse

    def __iter__(self) -> Iterator[int]:
        return iter(())

    def __len__(self) -> int:
        return 0


_NO_TAGS = _NoTags()
