"""The outermost boxes of MP4 and QuickTime (ISO/IEC 14496-12, section 4.2): all there, and no more?"""

from dataclasses import dataclass
from typing import BinaryIO

_FIRST = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_STILL = frozenset({b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"crx "})
"""Brands of single pictures, which are boxed too."""
_MAX_BOXES = 10_000


@dataclass(frozen=True, slots=True)
class Boxes:
    """What a file is made of.

    Args:
        types: Of the boxes, in order.
        brand: Major brand; empty where there is none, as in old QuickTime files.
        truncated: The last box is longer than the file.
        trailing: What follows the last box is none.
        claimed: Seconds that the header of the film says it lasts, None where it does not say.
    """

    types: tuple[bytes, ...]
    brand: bytes
    truncated: bool
    trailing: bool
    claimed: float | None = None


def looks_like(head: bytes) -> bool:
    """Return whether an item begins as a film in MP4 or QuickTime does."""
    return head[4:8] in _FIRST and not (head[4:8] == b"ftyp" and head[8:12] in _STILL)


def walk(source: BinaryIO, size: int) -> Boxes:
    """Return the outermost boxes of a file.

    Args:
        source: The file; is left anywhere.
        size: Bytes in it.
    """
    types: list[bytes] = []
    brand, at = b"", 0
    claimed: float | None = None
    while at < size and len(types) < _MAX_BOXES:
        source.seek(at)
        head = source.read(16)
        length, kind = int.from_bytes(head[:4]), head[4:8]
        if length == 1:
            length = int.from_bytes(head[8:16])
        elif length == 0:
            length = size - at
        if len(kind) < 4 or not all(0x20 <= each <= 0x7E or each == 0xA9 for each in kind) or length < 8:
            return Boxes(tuple(types), brand, truncated=False, trailing=True, claimed=claimed)
        types.append(kind)
        if kind == b"ftyp" and not brand:
            brand = head[8:12]
        if kind == b"moov" and claimed is None:
            claimed = _claimed(head, source)
        at += length
    return Boxes(tuple(types), brand, truncated=at > size, trailing=at < size, claimed=claimed)


def _claimed(head: bytes, source: BinaryIO) -> float | None:
    """Return the length in the header of a film, which comes first in it (section 8.2.2).

    Args:
        head: The first 16 bytes of `moov`.
        source: The file, just after them.
    """
    if head[12:16] != b"mvhd":
        return None
    header = source.read(32)
    long = header[:1] == b"\1"
    scale, length = (header[20:24], header[24:32]) if long else (header[12:16], header[16:20])
    if not int.from_bytes(scale) or length.strip(b"\xff") == b"":
        return None
    return int.from_bytes(length) / int.from_bytes(scale) or None
