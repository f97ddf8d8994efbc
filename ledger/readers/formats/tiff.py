"""TIFF, through tifffile: scans with 16 bits and a page for each energy, as X-ray machines store them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as version_of
from typing import Any, BinaryIO

from ledger.domain import strict_json
from ledger.domain.errors import MalformedError
from ledger.readers import claims
from ledger.readers.formats import c2pa_manifest, pixels
from ledger.readers.reading import Complaint, Fingerprint, Reading, Rendition
from ledger.readers.registry import Context

NAME, FORMAT = "tiff/tifffile", "TIFF"
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MAX_PAGES, _MAX_DESCRIPTION_BYTES, _MAX_TEXT = 8, 16_384, 100
_TAGS = {"Make": "make", "Model": "model", "DateTime": "taken", "Software": "software"}
_SAID = ("container", "device", "site", "time", "endpoints_mev", "field_m", "open_beam")


@dataclass(frozen=True, slots=True)
class _Page:
    name: str
    found: dict[str, Any]
    about: dict[str, Any]
    decoded: "pixels.Pixels | None"
    complaints: tuple[Complaint, ...] = ()


@cache
def version() -> str:
    """Return the version of this reader and of tifffile."""
    return f"1/{version_of('tifffile')}"


def prepare() -> None:
    """Import tifffile and Pillow with its codecs, and read a tiny scan."""
    from io import BytesIO

    import numpy as np
    import tifffile

    tiny = BytesIO()
    tifffile.imwrite(tiny, np.arange(64, dtype=np.uint16).reshape(8, 8), compression="zlib")
    pixels.prepare()
    c2pa_manifest.prepare()
    version()
    read(tiny, Context(tiny.tell(), "image/tiff", "scan"))


def accepts(head: bytes, _size: int) -> bool:
    """Return whether an item begins as a TIFF or BigTIFF does."""
    return head.startswith(_MAGIC)


def read(source: BinaryIO, context: Context) -> Reading:
    """Return size and depth of each page, what the machine says, fingerprints, and windows to look through.

    Raises:
        MalformedError: tifffile finds no page in it, or a larger one than is decoded.
    """
    pages = list(_pages(source, context.size))
    if not pages:
        raise MalformedError("damaged", "it begins like a TIFF, but there is no page in it that can be read")
    about = next((page.about for page in pages if page.about), {})
    named = {str(about["container"])} if "container" in about else set()
    found = {"pages": [page.found for page in pages], "scan": about}
    found["c2pa"], credentials = c2pa_manifest.look(source, context.expectations)
    complaints = [each for page in pages for each in page.complaints]
    scan = context.category.removeprefix("rendition-") == "scan"
    return Reading(
        NAME,
        version(),
        FORMAT,
        found,
        tuple(
            dict.fromkeys(
                (
                    *claims.media_type(context, {"image/tiff"}),
                    *claims.container(context, named),
                    *complaints,
                    *credentials,
                )
            )
        ),
        tuple(each for page in pages for each in _renditions(page)),
        tuple(_fingerprints(pages, "scan" if scan else "photo")),
    )


def _pages(source: BinaryIO, size: int) -> Iterator[_Page]:
    import tifffile

    source.seek(0)
    try:
        with tifffile.TiffFile(source, name="item") as file:
            for number, page in enumerate(file.pages):
                if number == _MAX_PAGES:
                    message = f"there are more than the {_MAX_PAGES} pages that are read"
                    yield _Page("more", {}, {}, None, (Complaint("more-pages", message),))
                    return
                yield _page(number, page, source, size)
    except (MalformedError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - tifffile raises whatever a mangled directory leads to
        raise MalformedError(
            "damaged", f"the TIFF's directory leads nowhere ({type(error).__name__})"
        ) from None


def _page(number: int, page: Any, source: BinaryIO, size: int) -> _Page:
    columns, rows, channels = page.imagewidth, page.imagelength, page.samplesperpixel
    if columns * rows * channels > pixels.MAX_PIXELS or page.imagedepth > 1:
        message = f"page {number + 1} claims over {pixels.MAX_PIXELS} values; so many are not decoded"
        raise MalformedError("image-too-large", message)
    if not columns * rows * channels:
        raise MalformedError("damaged", f"page {number + 1} of the TIFF has no pixels")
    tags = {name: str(page.tags[tag].value)[:_MAX_TEXT] for tag, name in _TAGS.items() if tag in page.tags}
    said = _description(page.description)
    name = f"{said['page']} energy" if isinstance(said.get("page"), str) else f"page {number + 1}"
    found = {"width": columns, "height": rows, "bits": page.bitspersample, "channels": channels, **tags}
    if isinstance(said.get("page"), str):
        found["energy"] = said["page"][:_MAX_TEXT]
    about = {each: said[each] for each in _SAID if each in said}
    ends = (at + length for at, length in zip(page.dataoffsets, page.databytecounts, strict=False))
    if max(ends, default=0) > size:
        message = "the TIFF breaks off before the end of its pixels"
        return _Page(name, found, about, None, (Complaint("truncated", message),))
    decoded = _decoded(number, page, source)
    if isinstance(decoded, Complaint):
        return _Page(name, found, about, None, (decoded,))
    return _Page(name[:_MAX_TEXT], found, about, decoded)


def _decoded(number: int, page: Any, source: BinaryIO) -> "pixels.Pixels | Complaint":
    import numpy as np

    unreadable = Complaint("damaged", f"page {number + 1} of the TIFF cannot be decoded")
    try:
        values = np.asarray(page.asarray(maxworkers=1))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - codecs that tifffile has not got, and whatever mangled ones raise
        try:
            values = _by_pillow(number, source)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - the same for Pillow
            return unreadable
    if values.dtype == np.bool_:
        values = values.astype(np.uint8) * 255
    if values.ndim == 3 and values.shape[0] < min(values.shape[1:]):
        # Channel after channel, instead of pixel after pixel.
        values = np.moveaxis(values, 0, -1)
    good = values.ndim == 2 or (values.ndim == 3 and 1 <= values.shape[2] <= 4)
    if not good or values.dtype not in {np.dtype(np.uint8), np.dtype(np.uint16)} or not values.size:
        return Complaint(
            "odd-pixels", f"page {number + 1} has pixels of a kind that is not read ({values.dtype})"
        )
    return values[..., 0] if values.ndim == 3 and values.shape[2] == 1 else values


def _by_pillow(number: int, source: BinaryIO) -> Any:
    import numpy as np
    from PIL import Image

    source.seek(0)
    with Image.open(source, formats=("TIFF",)) as image:
        image.seek(number)
        return np.asarray(image)


def _description(text: str) -> dict[str, Any]:
    """Return what a machine says in JSON; other descriptions say nothing that can be compared."""
    try:
        said = strict_json.loads(text.encode(), max_bytes=_MAX_DESCRIPTION_BYTES)
    except (MalformedError, UnicodeEncodeError):
        return {}
    return said if isinstance(said, dict) else {}


def _renditions(page: _Page) -> list[Rendition]:
    if page.decoded is None:
        return []
    return (
        pixels.windows(page.name, page.decoded)
        if page.decoded.ndim == 2
        else [pixels.shown(page.name, page.decoded)]
    )


def _fingerprints(pages: list[_Page], kind: str) -> Iterator[Fingerprint]:
    for page in pages:
        known = None if page.decoded is None else pixels.fingerprint(kind, page.decoded)
        if known is not None:
            yield known
