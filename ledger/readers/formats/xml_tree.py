"""XML as a tree, with everything refused that XML can be turned into a weapon with."""

import re
from typing import BinaryIO
from xml.etree import ElementTree as ET

from ledger.domain.errors import MalformedError

MAX_BYTES = 32 * 1024 * 1024
MAX_ELEMENTS = 200_000
MAX_DEPTH = 64

_START = re.compile(rb"<[A-Za-z_]")


def looks_like(head: bytes) -> bool:
    """Return whether an item begins as XML does, in UTF-8, ASCII, Latin-1 or UTF-16."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    if text[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        text = text[2:].replace(b"\0", b"")
    text = text.lstrip()
    return text.startswith((b"<?xml", b"<!DOCTYPE", b"<!--")) or _START.match(text) is not None


def parse(source: BinaryIO) -> tuple[ET.Element, str]:
    """Return the root of the tree and its namespace; names in the tree are without theirs.

    Args:
        source: The document, at its beginning.

    Raises:
        MalformedError: A document type, entities, external references (the ways of "billion laughs" and of
            reading other files), not well-formed, or larger than the limits.
    """
    from defusedxml import DefusedXmlException, DTDForbidden
    from defusedxml.ElementTree import ParseError, iterparse

    depth = elements = 0
    root: ET.Element | None = None
    try:
        for event, element in iterparse(
            _Bounded(source), events=("start", "end"), forbid_dtd=True, forbid_entities=True
        ):
            depth += 1 if event == "start" else -1
            elements += event == "start"
            if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
                message = f"the XML has more than {MAX_ELEMENTS} elements or nests deeper than {MAX_DEPTH}"
                raise MalformedError("xml-too-large", message)
            root = element if root is None else root
    except DTDForbidden:
        message = "the XML brings a document type (DTD) with it; such documents are not read"
        raise MalformedError("xml-dtd", message) from None
    except DefusedXmlException:
        message = "the XML brings entities or references to other files; such documents are not read"
        raise MalformedError("xml-entities", message) from None
    except (ParseError, LookupError, ValueError) as error:
        raise MalformedError("xml-syntax", f"the XML is not well-formed{_where(error)}") from None
    if root is None:
        raise MalformedError("xml-syntax", "the XML holds no element")
    namespace, _, _ = root.tag.rpartition("}")
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root, namespace.removeprefix("{")


def text(element: ET.Element | None, path: str = ".") -> str | None:
    """Return the text of the first element at a path that holds any, blanks at its ends cut off."""
    if element is None:
        return None
    found = ((one.text or "").strip() for one in element.findall(path))
    return next((each for each in found if each), None)


def _where(error: Exception) -> str:
    position = getattr(error, "position", None)
    return "" if position is None else f" at line {position[0]}, column {position[1]}"


class _Bounded:
    """Lets a parser read so many bytes and no more."""

    def __init__(self, source: BinaryIO) -> None:
        self._source, self._left = source, MAX_BYTES

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._left -= len(data)
        if self._left < 0:
            message = f"the XML has more than {MAX_BYTES} bytes; so much is not read"
            raise MalformedError("xml-too-large", message)
        return data
