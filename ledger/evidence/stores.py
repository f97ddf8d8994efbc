"""The stores of one ledger by their names, and which of them the owner of an item chooses."""

from collections.abc import Mapping, Sequence
from typing import Final

from ledger.domain.errors import MalformedError
from ledger.evidence.paired_store import PairedStore
from ledger.evidence.store import EvidenceStore

LOCAL: Final = "local"
IPFS: Final = "ipfs"
NAMES: Final = (LOCAL, IPFS)
"""All stores that there are, in the order in which they are read."""


def parse_names(text: str, field: str) -> tuple[str, ...]:
    """Return the names of stores in a text such as `local,ipfs`, in our order, each once.

    Args:
        text: The names, separated by commas.
        field: Where the text stands, for the error.

    Raises:
        MalformedError: It names none, or one that there is not.
    """
    named = {part.strip() for part in text.split(",")}
    if not named <= set(NAMES):
        message = f"{field} must name stores, separated by commas: {', '.join(NAMES)}"
        raise MalformedError("no-such-store", message, field=field)
    return tuple(name for name in NAMES if name in named)


def as_text(names: Sequence[str]) -> str:
    """Return names of stores as one text."""
    return ",".join(names)


class Stores:
    """The stores of one ledger.

    Args:
        stores: All that are set up, by name; an item may lie in each of them.
        offered: Those that new items may go to; to all of them unless its owner chooses.
    """

    def __init__(self, stores: Mapping[str, EvidenceStore], offered: Sequence[str]) -> None:
        self.by_name = {name: stores[name] for name in NAMES if name in stores}
        self.offered = tuple(name for name in self.by_name if name in offered)
        self.everywhere = self.of(tuple(self.by_name))

    def chosen(self, text: str | None, field: str) -> tuple[str, ...]:
        """Return the stores that an item goes to.

        Args:
            text: What its owner says, such as `local,ipfs`; None when it says nothing.
            field: Where it says so, for the error.

        Raises:
            MalformedError: A store that is not offered here.
        """
        names = self.offered if text is None else parse_names(text, field)
        if missing := [name for name in names if name not in self.offered]:
            message = f"the store {missing[0]!r} is not offered here; choose of {as_text(self.offered)}"
            raise MalformedError("no-such-store", message, field=field)
        return names

    def of(self, names: Sequence[str]) -> EvidenceStore:
        """Return one store that stands for some of them.

        Args:
            names: One or two, of those that are set up.
        """
        first, *others = (self.by_name[name] for name in names)
        return PairedStore(first, others[0]) if others else first
