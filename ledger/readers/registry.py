"""Which readers there are, and what a reader is given; content decides which one reads, never a name.

A reader is a module. It is imported in a child process, `prepare`d there, and only then are files, network
and processes taken from that child: after `prepare` nothing can be opened or imported any more. So a reader
module imports nothing heavy at its top, and everything in `prepare`, including what its libraries load late
(plug-ins, fonts, codecs): reading a tiny made-up item there is the way to be sure.

Complaints are recorded in the clear. Their messages say what is wrong, and never quote the item.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import BinaryIO, Protocol, cast

from ledger.readers.reading import Reading

HEAD_BYTES = 65_536
"""How much of an item `accepts` is shown."""

MODULES: tuple[str, ...] = (
    "ledger.readers.formats.dicos",
    "ledger.readers.formats.n42",
    "ledger.readers.formats.picture",
    "ledger.readers.formats.tiff",
    "ledger.readers.formats.video",
    "ledger.readers.formats.pdf",
    "ledger.readers.formats.xml_paper",
    "ledger.readers.formats.edifact",
    "ledger.readers.formats.json_paper",
    "ledger.readers.formats.csv_log",
)
"""The readers, in the order in which they are asked: the first that accepts an item reads it."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """What an item should be like by what is known of it elsewhere; what differs is complained of.

    Args:
        c2pa: It should carry a C2PA manifest that holds.
        container: It should be of this container (ISO 6346), if it names one.
        c2pa_anchors: Certificates that signers of C2PA manifests must lead to, PEM; empty trusts nobody.
    """

    c2pa: bool = False
    container: str | None = None
    c2pa_anchors: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader is told beside the item.

    Args:
        size: Bytes in the item.
        media_type: What its author says that it is: never believed, only compared.
        category: Category of the evidence, such as `scan`, `radiation`, `photo`.
        expectations: What the item should be like.
    """

    size: int
    media_type: str
    category: str
    expectations: Expectations = field(default_factory=Expectations)


class Reader(Protocol):
    """A module that reads one family of formats."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a constant of a module
        """Name of the reader and of the library behind it, such as `n42/SpecUtils`."""

    @property
    def FORMAT(self) -> str:  # noqa: N802 - a constant of a module
        """The family that `accepts` knows, such as `N42.42`: said when the reading itself breaks off."""

    def version(self) -> str:
        """Return the version of reader and library, such as `1/0.0.11`; called after `prepare`."""

    def prepare(self) -> None:
        """Import and open all that `read` will need.

        Raises:
            ImportError: A library is not installed.
        """

    def accepts(self, head: bytes, size: int, /) -> bool:
        """Return whether an item looks like one for this reader.

        Args:
            head: Its first 64 KiB.
            size: Bytes in the whole item.
        """

    def read(self, source: BinaryIO, context: Context, /) -> Reading:
        """Return what is found; whatever is wrong with the item comes as complaints.

        Args:
            source: The item, at its beginning; can be sought in, cannot be written.
            context: What is known beside it.

        Raises:
            CorridorError: Nothing at all can be found; its code and message become the complaint.
        """


def load(modules: Iterable[str] = MODULES) -> tuple[Reader, ...]:
    """Return the readers of these modules, in order."""
    return tuple(cast(Reader, import_module(name)) for name in modules)
