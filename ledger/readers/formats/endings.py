"""Where a PNG and a JPEG end by their own account: a ZIP hides in a picture by following it."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from ledger.readers.reading import Complaint

_PNG, _CHUNK_LENGTH_BYTES = b"\x89PNG\r\n\x1a\n", 12
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)
_START_OF_SCAN, _END_OF_IMAGE, _APP2 = 0xDA, 0xD9, 0xE2
_ALONE = {0x01, *range(0xD0, 0xD9)}
_BEGINNINGS = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"%PDF-", "a PDF"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)


def trailing(source: BinaryIO, size: int) -> tuple[Complaint, ...]:
    """Return the complaint about bytes that follow the end of a PNG or JPEG; nothing when there is no end.

    Args:
        source: The picture; is left anywhere.
        size: Bytes in it.
    """
    source.seek(0)
    end = _png_end(source, size) if source.read(8) == _PNG else _jpeg_end(source)
    if end is None or end >= size:
        return ()
    source.seek(end)
    head = source.read(8)
    what = next((name for magic, name in _BEGINNINGS if head.startswith(magic)), None)
    seems = f"; they begin like {what}" if what else ""
    return (Complaint("trailing-data", f"{size - end} bytes follow the end of the picture{seems}"),)


def _png_end(source: BinaryIO, size: int) -> int | None:
    at = len(_PNG)
    while at + _CHUNK_LENGTH_BYTES <= size:
        source.seek(at)
        head = source.read(8)
        at += _CHUNK_LENGTH_BYTES + int.from_bytes(head[:4], "big")
        if head[4:] == b"IEND":
            return at
    return None


def _jpeg_end(source: BinaryIO) -> int | None:
    source.seek(0)
    data = source.read()
    several = False
    for marker, at in _markers(data):
        several |= marker == _APP2 and data[at + 4 : at + 8] == b"MPF\0"
        if marker == _END_OF_IMAGE:
            # Cameras put further pictures behind the first one, and say so (CIPA DC-007).
            return None if several and data.startswith(b"\xff\xd8", at + 2) else at + 2
    return None


def _markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the markers of a JPEG and where they stand (ITU-T T.81, B.1)."""
    at = 2
    while found := _MARKER.search(data, at):
        marker, start = found[1][0], found.end() - 2
        yield marker, start
        if marker == _END_OF_IMAGE:
            return
        at = start + 2
        if marker not in _ALONE:
            at += int.from_bytes(data[at : at + 2], "big")
