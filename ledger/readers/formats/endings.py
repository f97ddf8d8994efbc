"""Where a PNG and a JPEG end by their own account: a ZIP hides in a picture by following it."""

import re
from collections.abc import Iterator
from typing import BinaryIO
from zlib import crc32

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


def complaints(source: BinaryIO, size: int) -> tuple[Complaint, ...]:
    """Return what is wrong with a PNG or JPEG as a file: bytes after its end, parts that fail their checksum.

    Args:
        source: The picture; is left anywhere.
        size: Bytes in it.
    """
    source.seek(0)
    if source.read(len(_PNG)) == _PNG:
        end, whole = _png_end(source, size)
        damaged = () if whole else (Complaint("damaged", "a part of the PNG does not match its checksum"),)
        return (*damaged, *_trailing(source, size, end))
    return _trailing(source, size, _jpeg_end(source))


def _trailing(source: BinaryIO, size: int, end: int | None) -> tuple[Complaint, ...]:
    if end is None or end >= size:
        return ()
    source.seek(end)
    head = source.read(8)
    what = next((name for magic, name in _BEGINNINGS if head.startswith(magic)), None)
    seems = f"; they begin like {what}" if what else ""
    return (Complaint("trailing-data", f"{size - end} bytes follow the end of the picture{seems}"),)


def _png_end(source: BinaryIO, size: int) -> tuple[int | None, bool]:
    """Return where a PNG ends, None when it does not, and whether its checksums hold (ISO 15948, 5.3)."""
    at, whole = len(_PNG), True
    while at + _CHUNK_LENGTH_BYTES <= size:
        source.seek(at)
        head = source.read(8)
        length = int.from_bytes(head[:4], "big")
        at += _CHUNK_LENGTH_BYTES + length
        if at > size:
            break
        whole &= crc32(source.read(length), crc32(head[4:])) == int.from_bytes(source.read(4), "big")
        if head[4:] == b"IEND":
            return at, whole
    return None, whole


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
