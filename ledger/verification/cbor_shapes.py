"""Small readers for what strict CBOR holds: arrays of a given form, and nothing else."""

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, TypeVar

from ledger.domain.errors import MalformedError
from ledger.domain.strict_json import MAX_INTEGER

_T = TypeVar("_T")
HASH_SIZE = 32


def uint(value: Any, what: str) -> int:
    """Return an unsigned integer of at most 2^53 − 1."""
    if type(value) is not int or not 0 <= value <= MAX_INTEGER:
        raise MalformedError("cbor-shape", f"{what} must be an unsigned integer")
    return value


def blob(value: Any, what: str) -> bytes:
    """Return a byte string."""
    if type(value) is not bytes:
        raise MalformedError("cbor-shape", f"{what} must be a byte string")
    return value


def hash32(value: Any, what: str) -> bytes:
    """Return a byte string of 32 bytes."""
    if type(value) is not bytes or len(value) != HASH_SIZE:
        raise MalformedError("cbor-shape", f"{what} must be {HASH_SIZE} bytes")
    return value


def hashes(value: Any, what: str) -> tuple[bytes, ...]:
    """Return an array of 32-byte strings."""
    # Every statement has a path of them; sets, built in C, are several times faster than a loop.
    if type(value) is not list or not ({*map(type, value)} <= {bytes} and {*map(len, value)} <= {HASH_SIZE}):
        raise MalformedError("cbor-shape", f"{what} must be an array of {HASH_SIZE}-byte strings")
    return tuple(value)


def texts(value: Any, what: str) -> tuple[str, ...]:
    """Return an array of text strings."""
    if type(value) is not list or any(type(one) is not str for one in value):
        raise MalformedError("cbor-shape", f"{what} must be an array of texts")
    return tuple(value)


def record(value: Any, length: int, what: str) -> list[Any]:
    """Return an array of a fixed length."""
    if type(value) is not list or len(value) != length:
        raise MalformedError("cbor-shape", f"{what} must be an array of {length}")
    return value


def many(value: Any, read: Callable[[Any], _T], what: str) -> tuple[_T, ...]:
    """Return an array whose elements `read` reads."""
    if type(value) is not list:
        raise MalformedError("cbor-shape", f"{what} must be an array")
    return tuple(read(one) for one in value)


def ascending(keys: Iterable[Any], what: str) -> None:
    """Refuse keys that do not grow from one to the next."""
    if any(before >= after for before, after in pairwise(keys)):
        raise MalformedError("cbor-order", f"{what} must be ascending, each once")
