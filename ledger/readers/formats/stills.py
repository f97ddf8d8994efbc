"""Pictures out of clips and papers: JPEG for people, contact sheets, perceptual hashes."""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_LEAST_QUALITY = 50
"""Of the PDQ hash, 0 to 100: its makers advise against comparing pictures of less detail."""
_COLUMNS, _TILE_WIDTH = 4, 320
_CAPTION = 14


def prepare() -> None:
    """Load what making pictures needs: codecs, font, hash."""
    from PIL import Image

    tiny = Image.new("RGB", (16, 16), "white")
    perceptual(tiny)
    contact_sheet([(tiny, "0")])


def jpeg(image: "Image", *, widest: int) -> bytes:
    """Return a picture as JPEG, made smaller where it is wider than so many pixels."""
    from PIL import Image

    if image.width > widest:
        height = max(1, round(image.height * widest / image.width))
        image = image.resize((widest, height), Image.Resampling.BILINEAR)
    out = BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()


def perceptual(image: "Image") -> bytes | None:
    """Return the PDQ hash of a picture, 32 bytes; None where it shows too little to be told from others."""
    import numpy as np
    import pdqhash

    bits, quality = pdqhash.compute(np.asarray(image.convert("RGB")))
    return bytes(np.packbits(bits)) if quality >= _LEAST_QUALITY else None


def contact_sheet(shots: Sequence[tuple["Image", str]]) -> bytes:
    """Return pictures side by side as JPEG, each with a line under it.

    Args:
        shots: Pictures of one size, and what to write under each.
    """
    from PIL import Image, ImageDraw, ImageFont

    first, _ = shots[0]
    height = max(1, round(first.height * _TILE_WIDTH / first.width))
    rows, step = -(-len(shots) // _COLUMNS), height + _CAPTION + 4
    sheet = Image.new("RGB", (_COLUMNS * _TILE_WIDTH, rows * step), "black")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_CAPTION)
    for at, (image, caption) in enumerate(shots):
        left, top = at % _COLUMNS * _TILE_WIDTH, at // _COLUMNS * step
        sheet.paste(image.resize((_TILE_WIDTH, height), Image.Resampling.BILINEAR), (left, top))
        draw.text((left + 4, top + height), caption, fill="white", font=font)
    return jpeg(sheet, widest=sheet.width)
