"""Papers in XML: DUCA, SPS certificate, ASYCUDA manifest; of anything else the name of its root."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version as version_of
from types import MappingProxyType
from typing import BinaryIO
from xml.etree import ElementTree as ET

from ledger.readers import claims
from ledger.readers.formats import asycuda, duca, sps, xml_tree
from ledger.readers.papers import Paper
from ledger.readers.reading import Reading
from ledger.readers.registry import Context

NAME = "xml/defusedxml"
FORMAT = "XML"

_MEDIA_TYPES = ("application/xml", "text/xml")

_PAPERS: Mapping[str, tuple[str, Callable[[ET.Element], Paper]]] = MappingProxyType(
    {
        duca.ROOT: ("DUCA", duca.paper),
        sps.ROOT: ("SPSCertificate", sps.paper),
        **dict.fromkeys(asycuda.ROOTS, ("ASYCUDA-manifest", asycuda.paper)),
    }
)


@cache
def version() -> str:
    """Return the version of this reader and of defusedxml."""
    return f"1/{version_of('defusedxml')}"


def prepare() -> None:
    """Import the parser."""
    import defusedxml.ElementTree  # noqa: F401 - what counts is that it is loaded


def accepts(head: bytes, size: int) -> bool:
    """Return whether an item begins as XML does."""
    return size > 0 and xml_tree.looks_like(head)


def read(source: BinaryIO, context: Context) -> Reading:
    """Return what a paper in XML says, or the root of XML of another kind.

    Raises:
        MalformedError: See `xml_tree.parse`.
    """
    root, namespace = xml_tree.parse(source)
    wrong = claims.media_type(context, _MEDIA_TYPES) if not context.media_type.endswith("+xml") else ()
    if root.tag not in _PAPERS:
        return Reading(NAME, version(), FORMAT, {"root": root.tag[:200], "namespace": namespace[:200]}, wrong)
    name, read_paper = _PAPERS[root.tag]
    paper = read_paper(root)
    return Reading(NAME, version(), name, {"paper": paper.to_json()}, wrong + paper.complained(context))
