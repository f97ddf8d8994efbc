"""PDF: its text, the numbers of boxes and goods in it, pictures of its first pages."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from importlib.metadata import version as version_of
from io import BytesIO
from typing import Any, BinaryIO

from ledger.domain.errors import MalformedError
from ledger.domain.identifiers import check_container
from ledger.readers import claims
from ledger.readers.formats import stills
from ledger.readers.papers import hs_code
from ledger.readers.reading import Complaint, Fingerprint, Reading, Rendition
from ledger.readers.registry import Context

NAME = "pdf/pypdfium2"
FORMAT = "PDF"

_HEAD = b"%PDF-"
_END = b"%%EOF"
_TEXT_PAGES, _PICTURE_PAGES = 50, 8
_MAX_TEXT = 12_000
_DOTS_PER_POINT = 110 / 72
_MAX_PIXELS = 2_500_000
_LEAST_TEXT = 100
"""Shorter texts say too little to be told from others."""
_MAX_MENTIONS = 50
_MAX_TAG = 200
_TAIL = 64 * 1024
_TAGS = {"title": "Title", "author": "Author", "creator": "Creator", "producer": "Producer"}

_CONTAINER = re.compile(r"\b[A-Z]{3}[UJZ] ?[0-9]{6} ?-?[0-9]\b")
_HS = re.compile(r"\b[0-9]{4}\.[0-9]{2}(?:\.[0-9]{2}){0,2}(?:\.[0-9]{2})?\b")
_PACKAGES = re.compile(
    r"\b([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,7}) ?(?:cajas|bultos|cartones|cartons|packages|boxes)\b"
)
_KILOGRAMS = re.compile(r"\b([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,9})(\.[0-9]{1,3})? ?(?:kg|KG|kgs|KGS)\b")


@cache
def version() -> str:
    """Return the version of this reader and of pypdfium2."""
    return f"1/{version_of('pypdfium2')}"


def prepare() -> None:
    """Load the library by reading an empty page."""
    import pypdfium2

    document, out = pypdfium2.PdfDocument.new(), BytesIO()
    document.new_page(72, 72)
    document.save(out)
    document.close()
    version()
    read(BytesIO(out.getvalue()), Context(len(out.getvalue()), "application/pdf", "paper"))


def accepts(head: bytes, size: int) -> bool:
    """Return whether an item begins as PDF does; nothing may stand before it (ISO 32000-2, 7.5.2)."""
    return size > 0 and head.startswith(_HEAD)


def read(source: BinaryIO, context: Context) -> Reading:
    """Return what a PDF says, and pictures of at most eight pages.

    Raises:
        MalformedError: It is damaged, or asks for a password.
    """
    wrong = claims.media_type(context, ("application/pdf",)) + _beyond_the_end(source, context.size)
    with _opened(source) as document:
        pages = len(document)
        text = _text(document, pages)
        mentions = _mentions(text)
        found = {
            "pages": pages,
            **_tags(document),
            "attachments": int(document.count_attachments()),
            "mentions": mentions,
            "text": text[:_MAX_TEXT],
        }
        wrong += _odd(document, pages, text)
        pictures = tuple(_pictures(document, pages))
    wrong += claims.container(context, mentions["containers"])
    return Reading(NAME, version(), FORMAT, found, wrong, pictures, _fingerprints(text))


@contextmanager
def _opened(source: BinaryIO) -> Iterator[Any]:
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    source.seek(0)
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            message = "the PDF asks for a password; hand it in without one"
            raise MalformedError("pdf-encrypted", message) from None
        raise MalformedError("pdf-damaged", "the PDF is damaged or was cut off") from None
    try:
        yield document
    finally:
        document.close()


def _beyond_the_end(source: BinaryIO, size: int) -> tuple[Complaint, ...]:
    """Return what is wrong with the end of a file: none, or something after it."""
    source.seek(max(0, size - _TAIL))
    tail = source.read(_TAIL)
    _, end, after = tail.rpartition(_END)
    if not end:
        return (Complaint("truncated", "the PDF has no end: it was cut off, or much follows it"),)
    if after.strip(b"\0\t\n\f\r "):
        return (Complaint("trailing-data", "something follows the PDF in the file that is no part of it"),)
    return ()


def _text(document: Any, pages: int) -> str:
    """Return the text of the first pages, blanks in a row as one."""
    import pypdfium2

    texts: list[str] = []
    for number in range(min(pages, _TEXT_PAGES)):
        try:
            page = document[number]
            texts.append(page.get_textpage().get_text_range(errors="replace"))
        except pypdfium2.PdfiumError:
            continue
        if sum(map(len, texts)) > 20 * _MAX_TEXT:
            break
    lines = (" ".join(line.split()) for line in "\n".join(texts).replace("\ufffe", "-").splitlines())
    return "\n".join(line for line in lines if line).encode("utf-8", "replace").decode()


def _tags(document: Any) -> dict[str, str]:
    values = document.get_metadata_dict(skip_empty=True)
    said = {name: values.get(tag, "") for name, tag in _TAGS.items()}
    said["created_at"] = values.get("CreationDate", "")
    clean = {name: value.encode("utf-8", "replace").decode() for name, value in said.items() if value}
    return {name: value[:_MAX_TAG] for name, value in clean.items()}


def _mentions(text: str) -> dict[str, list[Any]]:
    """Return the numbers in a text that can only be of containers, goods and weights."""
    boxes = (re.sub(r"[ -]", "", each) for each in _CONTAINER.findall(text))
    weights = (float(f"{whole}{part}".replace(",", "")) for whole, part in _KILOGRAMS.findall(text))
    return {
        "containers": _some(each for each in boxes if check_container(each) is None),
        "hs": _some(code for each in _HS.findall(text) if (code := hs_code(each))),
        "packages": _some(int(each.replace(",", "")) for each in _PACKAGES.findall(text)),
        "kilograms": _some(int(each) if each == int(each) else each for each in weights),
    }


def _some(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))[:_MAX_MENTIONS]


def _odd(document: Any, pages: int, text: str) -> tuple[Complaint, ...]:
    from pypdfium2.raw import FPDFDoc_GetJavaScriptActionCount

    wrong = []
    if FPDFDoc_GetJavaScriptActionCount(document) > 0:
        wrong.append(Complaint("pdf-script", "the PDF brings a script with it, which papers have no use for"))
    if pages > _TEXT_PAGES or len(text) > _MAX_TEXT:
        message = f"only the first {_MAX_TEXT} characters of the first {_TEXT_PAGES} pages are kept"
        wrong.append(Complaint("rows-left-out", message))
    if not text:
        wrong.append(Complaint("no-text", "the PDF holds no text: it is a picture of a paper"))
    return tuple(wrong)


def _pictures(document: Any, pages: int) -> Iterator[Rendition]:
    """Return pictures of the first pages; a page of any size gives one of at most 2.5 million pixels."""
    import pypdfium2

    for number in range(min(pages, _PICTURE_PAGES)):
        try:
            page = document[number]
            width, height = page.get_size()
            area = max(width, 1.0) * max(height, 1.0)
            scale = min(_DOTS_PER_POINT, (_MAX_PIXELS / area) ** 0.5, 8000 / max(width, height, 1.0))
            image = page.render(scale=scale, may_draw_forms=False).to_pil()
        except (pypdfium2.PdfiumError, ValueError):
            continue
        yield Rendition(f"page {number + 1}", "image/jpeg", stills.jpeg(image, widest=image.width))


def _fingerprints(text: str) -> tuple[Fingerprint, ...]:
    words = " ".join(text.split())
    return (Fingerprint("document", sha256(words.encode()).digest()),) if len(words) >= _LEAST_TEXT else ()
