"""Items as devices make them, made here."""

import struct
import zlib
from functools import cache
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from ledger.demo.data.evidence_file import generator
from ledger.demo.data.n42 import to_n42
from ledger.demo.data.portal import passage
from ledger.demo.data.xray import Scan, ScanOptions, measure, to_tiff
from ledger.demo.facts import Facts

CONTAINER = "XXXU5001233"
"""Of the demo, in the record and in the scan."""


@cache
def facts() -> Facts:
    """Return the demo's facts."""
    return Facts.default()


@cache
def n42(*, treated_driver: bool = False) -> bytes:
    """Return a portal's record, N42.42-2012, with an alarm where the driver was treated."""
    rng = generator(1, "portal")
    passed = passage(facts(), rng, treated_driver=treated_driver)
    return to_n42(facts(), rng, facts().times.gate_in, passed)


@cache
def scan(seed: int = 1, *, scale: float = 0.1, empty: bool = False) -> Scan:
    """Return an X-ray scan."""
    options = ScanOptions(scale=scale, empty=empty)
    return measure(facts(), generator(seed, "xray"), facts().times.gate_in, options)


@cache
def tiff() -> bytes:
    """Return a scan as its machine stores it."""
    return to_tiff(scan())


def photo(size: tuple[int, int] = (320, 180), seed: int = 1) -> Image.Image:
    """Return a picture with something in it."""
    small = np.random.default_rng(seed).integers(0, 256, (9, 16, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    """Return a picture as a file."""
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def archive() -> bytes:
    """Return a ZIP."""
    out = BytesIO()
    with ZipFile(out, "w") as file:
        file.writestr("payload.txt", "hidden")
    return out.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that claims so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 << 16), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def tiff_of(*pages: NDArray[np.generic], **options: object) -> bytes:
    """Return pages as TIFF."""
    out = BytesIO()
    with tifffile.TiffWriter(out) as writer:
        for page in pages:
            writer.write(page, metadata=None, **options)  # type: ignore[arg-type]
    return out.getvalue()
