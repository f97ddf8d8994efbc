"""JPEG and PNG, through Pillow: photographs, and scans that a scanner's server turned into pictures."""

import warnings
from functools import cache
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Any, BinaryIO

from ledger.domain.errors import MalformedError
from ledger.readers import claims
from ledger.readers.formats import c2pa_manifest, endings, pixels
from ledger.readers.reading import Complaint, Reading, Rendition
from ledger.readers.registry import Context

if TYPE_CHECKING:
    from PIL.Image import Image

NAME, FORMAT = "picture/Pillow", "picture"
_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_EXIF_IFD, _MAX_TEXT = 0x8769, 100
_EXIF = {0x010F: "make", 0x0110: "model", 0x0131: "software", 0x9003: "taken", 0x9011: "zone"}
_GPS = 0x8825


@cache
def version() -> str:
    """Return the version of this reader and of Pillow."""
    return f"1/{version_of('pillow')}"


def prepare() -> None:
    """Import Pillow with its codecs, and what fingerprints and C2PA need."""
    from PIL import Image

    Image.init()
    Image.MAX_IMAGE_PIXELS = pixels.MAX_PIXELS
    pixels.prepare()
    c2pa_manifest.prepare()
    version()


def accepts(head: bytes, _size: int) -> bool:
    """Return whether an item begins as a JPEG or a PNG does."""
    return head.startswith(tuple(_MAGIC))


def read(source: BinaryIO, context: Context) -> Reading:
    """Return size, time and camera, what comes after the end, C2PA, fingerprint, and a picture to look at.

    Raises:
        MalformedError: Pillow finds no picture in it, or a larger one than is decoded.
    """
    image = _opened(source)
    # Several pictures in one file (CIPA DC-007) are a JPEG that goes on.
    form = "JPEG" if image.format == "MPO" else str(image.format)
    media_type = f"image/{form.lower()}"
    found: dict[str, Any] = {
        "width": image.width,
        "height": image.height,
        "mode": image.mode,
        "exif": _exif(image),
        "frames": getattr(image, "n_frames", 1),
    }
    complaints = (*claims.media_type(context, {media_type}), *endings.complaints(source, context.size))
    found["c2pa"], credentials = c2pa_manifest.look(source, context.expectations)
    source.seek(0)
    decoded = _decoded(_opened(source))
    if isinstance(decoded, Complaint):
        return Reading(NAME, version(), form, found, (*complaints, *credentials, decoded))
    scan = context.category.removeprefix("rendition-") == "scan"
    known = pixels.fingerprint("scan" if scan else "photo", decoded)
    renditions: tuple[Rendition, ...] = (pixels.shown("picture", decoded),)
    if scan and decoded.ndim == 2:
        renditions = tuple(pixels.windows("scan", decoded))
    return Reading(
        NAME,
        version(),
        form,
        found,
        (*complaints, *credentials),
        renditions,
        () if known is None else (known,),
    )


def _opened(source: BinaryIO) -> "Image":
    from PIL import Image, UnidentifiedImageError

    source.seek(0)
    try:
        with warnings.catch_warnings():
            # Pillow only warns of up to twice as many pixels.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(source, formats=("JPEG", "PNG"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        message = f"the picture claims over {pixels.MAX_PIXELS} pixels; so many are not decoded"
        raise MalformedError("image-too-large", message) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        message = "it begins like a picture, but there is none that Pillow can open"
        raise MalformedError("damaged", message) from None


def _decoded(image: "Image") -> "pixels.Pixels | Complaint":
    import numpy as np
    from PIL import Image

    try:
        image.load()
        if image.mode.startswith("I"):
            # 16 bits; Pillow says of some of them that they have 32.
            return np.asarray(np.clip(np.asarray(image), 0, 65_535), dtype=np.uint16)
        if image.mode not in {"L", "LA", "RGB", "RGBA"}:
            image = image.convert(
                "RGBA" if "transparency" in image.info else "L" if image.mode == "1" else "RGB"
            )
        return np.asarray(image, dtype=np.uint8)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        if "truncated" in str(error):
            return Complaint("truncated", "the picture breaks off before its end")
        return Complaint("damaged", "the picture cannot be decoded to its end")


def _exif(image: "Image") -> dict[str, Any]:
    try:
        exif = image.getexif()
        said = dict(exif) | dict(exif.get_ifd(_EXIF_IFD))
    except Exception:  # noqa: BLE001 - whatever a mangled EXIF block raises; the picture counts
        return {"readable": False}
    texts = {
        _EXIF[tag]: _text(value) for tag, value in said.items() if tag in _EXIF and isinstance(value, str)
    }
    return {name: value for name, value in texts.items() if value} | {"position": _GPS in exif}


def _text(value: str) -> str:
    return "".join(each for each in value if each.isprintable()).strip()[:_MAX_TEXT]
