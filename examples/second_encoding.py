"""How bytes, numbers and documents are written: section 1 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone. Every reader here
returns what it read, or refuses it with `Refused`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from typing import Any

from Crypto.Hash import keccak


class Refused(Exception):  # noqa: N818 - a short word reads better in every raise
    """Something is not as the formats page wants it; `code` is the reason of section 15, where it has one."""

    def __init__(self, problem: str, code: str = "malformed") -> None:
        super().__init__(problem)
        self.code = code


def need(condition: object, problem: str, code: str = "malformed") -> None:
    """Refuse unless the condition holds."""
    if not condition:
        raise Refused(problem, code)


def h(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def k(*parts: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=b"".join(parts)).digest()


def u64(number: int) -> bytes:
    return number.to_bytes(8, "big")


def text_of(value: Any, pattern: str, what: str) -> str:
    need(isinstance(value, str) and re.fullmatch(pattern, value), f"{what} is not well-formed: {value!r:.80}")
    return str(value)


def unhex(value: Any, size: int, what: str, prefix: str = "") -> bytes:
    return bytes.fromhex(text_of(value, f"{prefix}[0-9a-f]{{{2 * size}}}", what)[len(prefix) :])


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(value: Any, what: str, *, url: bool = False) -> bytes:
    text = text_of(value, "[A-Za-z0-9_-]*" if url else "[A-Za-z0-9+/]*={0,2}", what)
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4 if url else 0), b"-_" if url else None)
    except ValueError as error:
        raise Refused(f"{what} is not base64") from error
    need((b64url(data) if url else base64.b64encode(data).decode()) == text, f"{what} has stray bits")
    return data


def uint(value: Any, what: str) -> int:
    need(type(value) is int and 0 <= value < 2**53, f"{what} is not an unsigned integer")
    return int(value)


def strict_json(data: bytes) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len(dict(pairs)) == len(pairs), "JSON: a member name occurs twice")
        return dict(pairs)

    def walk(value: Any, depth: int) -> None:
        depth += isinstance(value, dict | list)
        need(depth <= 32, "JSON: nested too deeply")
        if isinstance(value, int | float):
            need(math.isfinite(value) and (isinstance(value, float) or abs(value) < 2**53), "JSON: number")
        elif isinstance(value, str):
            need(not re.search("[\ud800-\udfff]", value), "JSON: unpaired surrogate")
        elif value is not None:
            for child in [*value, *value.values()] if isinstance(value, dict) else value:
                walk(child, depth)

    def constant(name: str) -> Any:
        raise Refused(f"JSON: {name} is no number")

    try:
        value = json.loads(data.decode(), object_pairs_hook=members, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        raise Refused(f"not JSON in UTF-8: {error}") from error
    walk(value, 0)
    return value


def exactly(value: Any, names: str, what: str) -> dict[str, Any]:
    """Refuse anything but an object with these members; a name that ends in ? may be absent."""
    need(isinstance(value, dict), f"{what} is not an object")
    known = {name.rstrip("?") for name in names.split()}
    needed = {name for name in names.split() if not name.endswith("?")}
    need(needed <= value.keys() <= known, f"{what} has not exactly the members {names}")
    return dict(value)


def array(value: Any, what: str, least: int = 0, most: int = 2**53) -> list[Any]:
    need(isinstance(value, list) and least <= len(value) <= most, f"{what} is not an array of its size")
    return list(value)


def cbor_head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    width = next(width for width in (1, 2, 4, 8) if number < 256**width)
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[width]]) + number.to_bytes(width, "big")


def cbor_string(value: bytes | str) -> bytes:
    raw = value if isinstance(value, bytes) else value.encode()
    return cbor_head(2 if isinstance(value, bytes) else 3, len(raw)) + raw


def cbor_item(data: bytes, at: int, depth: int = 0) -> tuple[Any, int]:
    need(at < len(data), "CBOR: truncated")
    major, code = data[at] >> 5, data[at] & 31
    start = at + 1 + {24: 1, 25: 2, 26: 4, 27: 8}.get(code, 0)
    number = code if code < 24 else int.from_bytes(data[at + 1 : start], "big")
    # Indefinite lengths and reserved codes fail here too, for no head looks like them.
    need(data[at:start] == cbor_head(major, number), "CBOR: not in the shortest form")
    if major in (0, 1):
        return (number if major == 0 else -1 - number), start
    if major in (2, 3):
        raw = data[start : start + number]
        need(len(raw) == number, "CBOR: truncated")
        try:
            return (raw if major == 2 else raw.decode()), start + number
        except UnicodeDecodeError as error:
            raise Refused("CBOR: text that is not UTF-8") from error
    need(major not in (4, 5) or depth < 16, "CBOR: nested too deeply")
    if major == 4:
        items = []
        for _ in range(number):
            item, start = cbor_item(data, start, depth + 1)
            items.append(item)
        return items, start
    need(major == 5 or (major, number) == (7, 22), "CBOR: a tag or a simple value that is not allowed here")
    if major == 7:
        return None, start
    pairs: dict[int | str, Any] = {}
    last = b""
    for _ in range(number):
        key, end = cbor_item(data, start, depth + 1)
        need(isinstance(key, int | str) and data[start:end] > last, "CBOR: map keys out of order")
        last = data[start:end]
        pairs[key], start = cbor_item(data, end, depth + 1)
    return pairs, start


U64 = "u64"


def cbor(data: bytes, shape: Any, what: str) -> Any:
    """Read one item of this shape: a type, U64, a number of bytes, (a fixed, array) or [what repeats]."""

    def fits(value: Any, shape: Any) -> bool:
        if isinstance(shape, list):
            return isinstance(value, list) and all(fits(each, shape[0]) for each in value)
        if isinstance(shape, tuple):
            return isinstance(value, list) and len(value) == len(shape) and all(map(fits, value, shape))
        if shape in (int, U64):
            return type(value) is int and 0 <= value < (2**53 if shape is int else 2**64)
        if isinstance(shape, int):
            return isinstance(value, bytes) and len(value) == shape
        return type(value) is shape

    value, end = cbor_item(data, 0)
    need(end == len(data), f"{what}: something stands after the CBOR item")
    need(fits(value, shape), f"{what}: not the CBOR that it has to be")
    return value


def to_cbor(value: Any) -> bytes:
    """Write strict CBOR. Members of a map have to come in the order of their encoded keys."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bytes | str):
        return cbor_string(value)
    if isinstance(value, int):
        return cbor_head(0, value) if value >= 0 else cbor_head(1, -1 - value)
    if isinstance(value, dict):
        return cbor_head(5, len(value)) + b"".join(to_cbor(x) for pair in value.items() for x in pair)
    return cbor_head(4, len(value)) + b"".join(map(to_cbor, value))
