"""Strict JSON (formats, section 1): one reading of every document, or none."""

import json
import re
from math import isfinite
from typing import Any, NoReturn

from ledger.domain.errors import MalformedError, UsageError

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32

# The closing quote is optional, so that an unterminated string is passed over once and not once per quote.
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[\[\]{}]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
# Room for a sign and one digit too many: longer ones are out of range without being computed.
_MAX_DIGITS = 17


def loads(data: bytes, *, max_bytes: int) -> Any:
    """Return the value of a strict JSON document.

    Args:
        data: The document, UTF-8 without BOM.
        max_bytes: Refuse a longer document before anything of it is looked at.

    Raises:
        MalformedError: Not UTF-8, not JSON (RFC 8259), or beyond what strict JSON allows: duplicate names,
            `NaN`, infinities, integers outside ±(2^53 − 1), nesting over 32, unpaired surrogates.
    """
    if len(data) > max_bytes:
        raise MalformedError(
            "too-large", f"the JSON document has {len(data)} bytes; at most {max_bytes} are taken"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(
            "json-encoding", f"the JSON document is not UTF-8 at byte {error.start}"
        ) from None
    if text.startswith("\ufeff"):
        raise MalformedError("json-encoding", "the JSON document starts with a byte order mark; leave it out")
    # More brackets than levels allowed is rare: only then is it worth counting levels.
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise MalformedError("json-depth", f"the JSON document nests deeper than {MAX_DEPTH} levels")
    try:
        value = _DECODER.decode(text)
        if "\\u" in text and _SURROGATE_ESCAPE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise MalformedError(
            "json-encoding", "a string of the JSON document holds an unpaired surrogate"
        ) from None
    except json.JSONDecodeError as error:
        at = f"line {error.lineno} column {error.colno}"
        what = error.msg.removesuffix(" at")
        message = f"not JSON: {what} at {at}; is all of it here, and unchanged?"
        raise MalformedError("json-syntax", message) from None
    except (ValueError, RecursionError) as error:
        raise MalformedError("json-syntax", f"not JSON: {error}") from None
    return value


def dumps(value: object) -> bytes:
    """Return a value as compact UTF-8 JSON that `loads` takes, members in the order they have.

    Args:
        value: Dictionaries with text keys, lists, tuples, text, numbers, booleans and None.

    Raises:
        UsageError: The value has no strict JSON form.
    """
    try:
        encoded = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        loads(encoded, max_bytes=len(encoded))
    except (TypeError, ValueError, RecursionError, MalformedError) as error:
        raise UsageError("not-json", f"the value cannot be written as strict JSON: {error}") from None
    return encoded


def _depth(text: str) -> int:
    depth = deepest = 0
    for mark in _STRING_OR_BRACKET.findall(text):
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        shown = twice[:80].encode("ascii", "backslashreplace").decode()
        raise MalformedError(
            "json-duplicate", f'the member "{shown}" occurs twice in one object', field=shown
        )
    return members


def _integer(digits: str) -> int:
    if len(digits) <= _MAX_DIGITS and -MAX_INTEGER <= (value := int(digits)) <= MAX_INTEGER:
        return value
    raise MalformedError("json-number", f"the integer {digits[:24]} is outside ±(2^53 − 1)")


def _float(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise MalformedError("json-number", f"the number {digits[:24]} is out of range")
    return value


def _constant(name: str) -> NoReturn:
    raise MalformedError("json-number", f"{name} is not a JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)
