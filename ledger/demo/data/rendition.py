"""What the image analyst sees of a scan: 8 bits, windowed, matter told apart by its two energies."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ledger.demo.data.xray import OPEN_BEAM, Scan

CAPTION_ROWS = 28
_DARKEST = 5.2
"""Optical depth at the high energy that is drawn black: half a percent comes through."""
# Ratio of the two optical depths: about 1.19 in steel, 1.24 in fruit. Between them lies what is mixed.
_METAL, _ORGANIC = 1.195, 1.24
_BLUE = np.array((0.25, 0.45, 1.0), dtype=np.float32)
_ORANGE = np.array((1.0, 0.58, 0.12), dtype=np.float32)


def to_png(scan: Scan) -> bytes:
    """Return a scan for people: white where the beam came through, orange organic, blue metal, a caption."""
    low, high = (_depth(page) for page in (scan.low, scan.high))
    bright = np.clip(1 - high / _DARKEST, 0, 1)[..., None]
    ratio = _smooth(low) / np.maximum(_smooth(high), 1e-3)
    organic = np.clip((ratio - _METAL) / (_ORGANIC - _METAL), 0, 1)[..., None]
    hue = organic * _ORANGE + (1 - organic) * _BLUE
    # A thin object has too little of either to be told apart: it stays white.
    thick = np.clip(_smooth(high) / 0.4, 0, 1)[..., None]
    colour = 1 - thick * (1 - hue)
    pixels = (255 * bright * (colour + (1 - colour) * bright)).astype(np.uint8)
    return _captioned(pixels, scan.about)


def as_jpeg(png: bytes) -> bytes:
    """Return the same picture stored anew, lossily: not one byte of the file is the same."""
    with BytesIO() as out:
        Image.open(BytesIO(png)).convert("RGB").save(out, "JPEG", quality=85)
        return out.getvalue()


def _depth(page: NDArray[np.uint16]) -> NDArray[np.float32]:
    passed = np.maximum(page, 1).astype(np.float32) / np.float32(OPEN_BEAM)
    return np.asarray(-np.log(passed), dtype=np.float32)


def _smooth(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean over 9 by 9 pixels; beyond the edge the rim goes on."""
    for axis in (0, 1):
        padding = [(5, 4) if axis == each else (0, 0) for each in (0, 1)]
        total = np.cumsum(np.pad(image, padding, mode="edge"), axis=axis, dtype=np.float64)
        span = image.shape[axis]
        image = ((total.take(range(9, 9 + span), axis) - total.take(range(span), axis)) / 9).astype(
            np.float32
        )
    return image


def _captioned(pixels: NDArray[np.uint8], about: dict[str, object]) -> bytes:
    height, width, _ = pixels.shape
    picture = Image.new("RGB", (width, height + CAPTION_ROWS), "black")
    picture.paste(Image.fromarray(pixels), (0, 0))
    caption = "   ".join(str(about[name]) for name in ("container", "site", "device", "time"))
    ImageDraw.Draw(picture).text((8, height + 4), caption, fill="white", font=ImageFont.load_default(18))
    out = BytesIO()
    picture.save(out, "PNG", compress_level=3)
    return out.getvalue()
