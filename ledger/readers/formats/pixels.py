"""Pixels of pictures and scans: their fingerprints, and renditions with window and level for people."""

import hashlib
from io import BytesIO
from struct import pack
from typing import TYPE_CHECKING

from ledger.readers.detail import HIGHEST, WIDTH, detail_hash
from ledger.readers.formats import stills
from ledger.readers.reading import Fingerprint, Rendition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Pixels = NDArray[np.uint8] | NDArray[np.uint16]
    """Rows, columns and, where there are several, channels."""

MAX_PIXELS = 50_000_000
_SHOWN_PIXELS = 2048


def prepare() -> None:
    """Import what is needed, and use each of it once."""
    import numpy as np

    stills.prepare()
    ramp = np.arange(1 << 16, dtype=np.uint16).reshape(256, 256)
    fingerprint("scan", ramp)
    windows("page", ramp)
    shown("picture", (ramp >> 8).astype(np.uint8))


def fingerprint(kind: str, pixels: "Pixels") -> Fingerprint | None:
    """Return the fingerprint of a picture, None when it shows one value only.

    Exact is `SHA-256(u32 rows ‖ u32 columns ‖ u8 channels ‖ u8 bits ‖ values)`, row by row, big-endian; a
    channel that only says "opaque", and channels that repeat a grey one, are left out first. So it is the
    same in every format that loses nothing.

    Args:
        kind: See `Fingerprint`; of a `scan` with one channel the dense parts are hashed for likeness.
        pixels: The picture.
    """
    plain = _plain(pixels)
    if plain.min() == plain.max():
        return None
    rows, columns = plain.shape[:2]
    channels = 1 if plain.ndim == 2 else plain.shape[2]
    head = pack(">IIBB", rows, columns, channels, plain.dtype.itemsize * 8)
    hashed = hashlib.sha256(head)
    hashed.update(plain.astype(plain.dtype.newbyteorder(">")).tobytes())
    alike = detail_hash(plain) if kind == "scan" and plain.ndim == 2 else perceptual(plain)
    return Fingerprint(kind, hashed.digest(), alike)


def perceptual(pixels: "Pixels") -> bytes | None:
    """Return the PDQ hash of a photograph, 32 bytes; None when there is too little in it for one.

    Args:
        pixels: The photograph.
    """
    from PIL import Image

    image = _as_image(pixels).convert("RGB")
    height = max(1, round(image.height * WIDTH / image.width))
    if height > HIGHEST:
        return None
    # Always the same width: PDQ smooths over parts of it, which pictures of a few hundred pixels do not have.
    return stills.perceptual(image.resize((WIDTH, height), Image.Resampling.BILINEAR))


def windows(name: str, page: "Pixels") -> list[Rendition]:
    """Return an X-ray page as analysts look at it: all of it, its dense parts, its thin parts, and its depth.

    Args:
        name: Of the page, such as `low energy`.
        page: One channel; bright where the beam came through.
    """
    import numpy as np

    top = np.iinfo(page.dtype).max
    low, middle, high = (
        int(value) for value in np.percentile(page[:: _step(page), :: _step(page)], (1, 30, 99))
    )
    cuts = [("all", 0, top), ("dense", low, max(middle, low + 1)), ("thin", middle, max(high, middle + 1))]
    values = np.arange(int(top) + 1, dtype=np.float32)
    renditions = []
    for what, bottom, ceiling in cuts:
        table = np.clip((values - bottom) * (255 / (ceiling - bottom)), 0, 255).astype(np.uint8)
        renditions.append(_png(f"{name}, window {bottom} to {ceiling} ({what})", table[page]))
    depth = np.log(np.maximum(values, 1)) / np.log(np.float32(max(high, 2)))
    table = np.clip(depth * 255, 0, 255).astype(np.uint8)
    renditions.append(_png(f"{name}, logarithm of 1 to {max(high, 2)}", table[page]))
    return renditions


def shown(title: str, pixels: "Pixels") -> Rendition:
    """Return a picture for people: small, and without anything but its pixels.

    Args:
        title: What it shows.
        pixels: The picture.
    """
    return Rendition(title, "image/jpeg", stills.jpeg(_as_image(pixels), widest=_SHOWN_PIXELS))


def _plain(pixels: "Pixels") -> "Pixels":
    import numpy as np

    if pixels.ndim == 3 and pixels.shape[2] in {2, 4}:
        alpha = pixels[..., -1]
        if alpha.min() == np.iinfo(pixels.dtype).max:
            pixels = pixels[..., :-1]
    if pixels.ndim == 3 and all(
        np.array_equal(pixels[..., 0], pixels[..., n]) for n in range(1, pixels.shape[2])
    ):
        pixels = pixels[..., 0]
    return pixels


def _step(pixels: "Pixels") -> int:
    return max(1, int(max(pixels.shape[:2])) // _SHOWN_PIXELS)


def _as_image(pixels: "Pixels") -> "Image.Image":
    import numpy as np
    from PIL import Image

    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.ndim == 3 and pixels.shape[2] == 2:
        pixels = pixels[..., 0]
    return Image.fromarray(np.ascontiguousarray(pixels))


def _png(title: str, pixels: "NDArray[np.uint8]") -> Rendition:
    image = _as_image(pixels)
    image.thumbnail((_SHOWN_PIXELS, _SHOWN_PIXELS))
    out = BytesIO()
    image.save(out, "PNG", compress_level=3)
    return Rendition(title, "image/png", out.getvalue())
