"""Small strict readers for the fields that the formats share (formats, section 1)."""

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Collection
from datetime import datetime
from difflib import get_close_matches
from itertools import islice
from typing import Any

from ledger.domain.errors import MalformedError
from ledger.domain.strict_json import MAX_INTEGER

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_TO_URL, _FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
_ORGANISATION = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+")
_MAX_ORGANISATION = 200
_LONGEST_NAME = 40
_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)


def b64url(data: bytes) -> str:
    """Return base64url without padding (RFC 4648 section 5)."""
    return b2a_base64(data, newline=False).translate(_TO_URL, b"=").decode("ascii")


def from_b64url(text: object, field: str, *, length: int | None = None) -> bytes:
    """Return the bytes of unpadded base64url in its one canonical form.

    Args:
        text: The text as read.
        field: What to call it in a complaint.
        length: Bytes that it must have, if that is fixed.

    Raises:
        MalformedError: Not text, other characters, padding, or bits set that say nothing.
    """
    if isinstance(text, str) and _BASE64URL.fullmatch(text) and len(text) % 4 != 1:
        data = a2b_base64(text.encode("ascii").translate(_FROM_URL) + b"==="[: -len(text) % 4])
        if b64url(data) == text and length in (None, len(data)):
            return data
    size = "" if length is None else f" of {length} bytes"
    raise MalformedError("malformed-field", f"{field} must be unpadded base64url{size}", field=field)


def from_hex(text: object, length: int, field: str) -> bytes:
    """Return the bytes of lower-case hexadecimal.

    Args:
        text: The text as read.
        length: Bytes that it must have.
        field: What to call it in a complaint.

    Raises:
        MalformedError: Not text, of another length, or not lower-case hexadecimal.
    """
    try:
        data = bytes.fromhex(text)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        data = b""
    # fromhex takes capitals and blanks, so that only the way back tells.
    if len(data) != length or data.hex() != text:
        message = f"{field} must be {length} bytes as {2 * length} lower-case hexadecimal digits"
        raise MalformedError("malformed-field", message, field=field)
    return data


def from_0x_hex(text: object, length: int, field: str) -> bytes:
    """Return the bytes of lower-case hexadecimal with `0x` before it; see `from_hex`."""
    if not isinstance(text, str) or not text.startswith("0x"):
        message = f"{field} must be 0x and {2 * length} lower-case hexadecimal digits"
        raise MalformedError("malformed-field", message, field=field)
    return from_hex(text[2:], length, field)


def natural(value: object, field: str, *, largest: int = MAX_INTEGER) -> int:
    """Return an integer of at least zero; a boolean is none.

    Raises:
        MalformedError: Not an integer between 0 and `largest`.
    """
    if type(value) is not int or not 0 <= value <= largest:
        message = f"{field} must be an integer from 0 to {largest}"
        raise MalformedError("malformed-field", message, field=field)
    return value


def text(value: object, field: str, *, longest: int) -> str:
    """Return a text of 1 to `longest` characters.

    Raises:
        MalformedError: Not text, empty, or longer.
    """
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        message = f"{field} must be text of 1 to {longest} characters"
        raise MalformedError("malformed-field", message, field=field)
    return value


def timestamp(value: object, field: str) -> datetime:
    """Return a time written as in RFC 3339, with its offset.

    Raises:
        MalformedError: Not text, no offset, no such day or hour, or a leap second.
    """
    try:
        # Python reads more of ISO 8601 than RFC 3339 writes, and at most six digits of a second.
        if isinstance(value, str) and (match := _TIMESTAMP.fullmatch(value)):
            return datetime.fromisoformat(value.replace(match[1] or "", (match[1] or "")[:7], 1))
    except ValueError:
        pass
    message = f"{field} must be a time like 2026-11-06T13:00:00-06:00 (RFC 3339)"
    raise MalformedError("malformed-field", message, field=field)


def boolean(value: object, field: str) -> bool:
    """Return a boolean.

    Raises:
        MalformedError: Something else.
    """
    if not isinstance(value, bool):
        raise MalformedError("malformed-field", f"{field} must be true or false", field=field)
    return value


def array(value: object, field: str) -> list[Any]:
    """Return an array.

    Raises:
        MalformedError: Something else.
    """
    if not isinstance(value, list):
        raise MalformedError("malformed-field", f"{field} must be an array", field=field)
    return value


def organisation(value: object, field: str) -> str:
    """Return the URI of an organisation, 1 to 200 visible ASCII characters (formats, section 3).

    Raises:
        MalformedError: Anything else.
    """
    if not isinstance(value, str) or len(value) > _MAX_ORGANISATION or not _ORGANISATION.fullmatch(value):
        message = (
            f"{field} must be the URI of an organisation, such as https://port.example, of at most "
            f"{_MAX_ORGANISATION} visible ASCII characters"
        )
        raise MalformedError("malformed-field", message, field=field)
    return value


def exactly(
    value: object, members: Collection[str], where: str, *, optional: Collection[str] = ()
) -> dict[str, Any]:
    """Return an object that has the members named and no others.

    Args:
        value: What was read.
        members: Names that must be there.
        where: What to call the object in a complaint.
        optional: Names that may be there.

    Raises:
        MalformedError: Not an object, a member is missing, or one is not named.
    """
    if not isinstance(value, dict):
        raise MalformedError("malformed-field", f"{where} must be an object", field=where)
    for name in members:
        if name not in value:
            meant = _alike(name, [str(one) for one in value if one not in members and one not in optional])
            hint = f"; is {meant!r} meant to be it?" if meant else ""
            raise MalformedError("missing-field", f'{where} has no member "{name}"{hint}', field=name)
    if len(value) > len(members):
        for name in value:
            if name not in members and name not in optional:
                meant = _alike(str(name), [*members, *optional])
                hint = f"; is {meant!r} meant?" if meant else "; leave it out"
                message = f"{where} has the unknown member {str(name)[:80]!r}{hint}"
                raise MalformedError("unknown-field", message, field=str(name)[:80])
    return value


def _alike(name: str, names: Collection[str]) -> str | None:
    """Return the name that is most like one that was mistyped, None where none is."""
    # Names that people mistype are short; what is hostile is long, and comparing takes the square of it.
    short = [one for one in islice(names, 100) if len(one) <= _LONGEST_NAME]
    return next(iter(get_close_matches(name, short, 1, 0.75)), None) if len(name) <= _LONGEST_NAME else None


def exactly_at(
    value: object, members: Collection[str], path: str, *, optional: Collection[str] = ()
) -> dict[str, Any]:
    """Return an object as `exactly` does; complaints name its members by their whole path.

    Args:
        value: What was read.
        members: Names that must be there.
        path: The object's place, such as `body.links.0`.
        optional: Names that may be there.

    Raises:
        MalformedError: As `exactly`.
    """
    try:
        return exactly(value, members, path, optional=optional)
    except MalformedError as error:
        field = path if error.field == path else f"{path}.{error.field}"
        raise MalformedError(error.code, error.message, field=field) from None
