"""How a reading comes out of the child: frames over a pipe, believed no more than the item itself.

Two frames of strict JSON, which reader it is and what it says, then one frame for each rendition.
A frame is its length (u32, big-endian) and its bytes.
"""

import re
from collections.abc import Iterator
from typing import Any

from ledger.domain import strict_json
from ledger.domain.errors import MalformedError
from ledger.domain.fields import from_hex
from ledger.readers.reading import Complaint, Fingerprint, Reading, Rendition

MAX_FOUND_BYTES = 65_536
_MAX_HEADER_BYTES = 262_144
_MAX_COMPLAINTS, _MAX_RENDITIONS, _MAX_FINGERPRINTS = 100, 100, 100
_MAX_TEXT = 500
_CODE = re.compile(r"[a-z][a-z0-9-]{0,63}")
_MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def opening(name: str, version: str, family: str) -> bytes:
    """Return the first frame: who reads, and what it took the item for."""
    return _frame(strict_json.dumps({"reader": name, "version": version, "format": family}))


def body(reading: Reading) -> Iterator[bytes]:
    """Yield the other frames of a reading.

    Raises:
        UsageError: The reader says what has no strict JSON form.
    """
    found, complaints = dict(reading.found), reading.complaints
    if len(strict_json.dumps(found)) > MAX_FOUND_BYTES:
        found = {}
        complaints += (Complaint("found-too-much", f"what was found is over {MAX_FOUND_BYTES} bytes"),)
    header = {
        "format": reading.format,
        "found": found,
        "complaints": [{"code": each.code, "message": each.message} for each in complaints],
        "renditions": [{"title": each.title, "media_type": each.media_type} for each in reading.renditions],
        "fingerprints": [_fingerprint(each) for each in reading.fingerprints],
    }
    yield _frame(strict_json.dumps(header))
    for rendition in reading.renditions:
        yield _frame(rendition.data)


def understood(data: bytes) -> tuple[Reading, bool]:
    """Return what a child said, and whether it came to the end of it.

    Args:
        data: All that came through the pipe.

    Raises:
        MalformedError: The child says what no reader says.
    """
    frames = list(_frames(data))
    if not frames:
        return Reading("none", "0", None), False
    first = _members(
        strict_json.loads(frames[0], max_bytes=_MAX_HEADER_BYTES), {"reader", "version", "format"}
    )
    reading = Reading(_text(first["reader"]), _text(first["version"]), _text(first["format"]))
    if len(frames) == 1:
        return reading, False
    header = _members(
        strict_json.loads(frames[1], max_bytes=_MAX_HEADER_BYTES),
        {"format", "found", "complaints", "renditions", "fingerprints"},
    )
    titles = _list(header["renditions"], _MAX_RENDITIONS)
    if len(frames) < len(titles) + 2:
        return reading, False
    if len(frames) > len(titles) + 2 or not isinstance(header["found"], dict):
        raise _strange()
    return (
        Reading(
            reading.reader,
            reading.version,
            None if header["format"] is None else _text(header["format"]),
            header["found"],
            tuple(_complaint(each) for each in _list(header["complaints"], _MAX_COMPLAINTS)),
            tuple(_rendition(*each) for each in zip(titles, frames[2:], strict=True)),
            tuple(_from_json(each) for each in _list(header["fingerprints"], _MAX_FINGERPRINTS)),
        ),
        True,
    )


def _frame(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _frames(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + 4 <= len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            return
        yield data[at + 4 : end]
        at = end


def _fingerprint(each: Fingerprint) -> dict[str, str | None]:
    perceptual = None if each.perceptual is None else each.perceptual.hex()
    return {"kind": each.kind, "exact": each.exact.hex(), "perceptual": perceptual}


def _from_json(value: object) -> Fingerprint:
    each = _members(value, {"kind", "exact", "perceptual"})
    perceptual = None if each["perceptual"] is None else from_hex(each["perceptual"], 32, "perceptual")
    return Fingerprint(_text(each["kind"]), from_hex(each["exact"], 32, "exact"), perceptual)


def _complaint(value: object) -> Complaint:
    each = _members(value, {"code", "message"})
    if not _CODE.fullmatch(_text(each["code"])):
        raise _strange()
    return Complaint(each["code"], _text(each["message"]))


def _rendition(value: object, data: bytes) -> Rendition:
    each = _members(value, {"title", "media_type"})
    if not data.startswith(_MAGIC.get(_text(each["media_type"]), b"\0none")):
        raise _strange()
    return Rendition(_text(each["title"]), each["media_type"], data)


def _members(value: object, names: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != names:
        raise _strange()
    return value


def _list(value: object, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise _strange()
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT or not value.isprintable():
        raise _strange()
    return value


def _strange() -> MalformedError:
    return MalformedError(
        "reader-strange", "the reader said what no reader says; the item may have taken it over"
    )
