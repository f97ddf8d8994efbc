"""What a reader is shown of what it may read: the catalogue hands on nothing that has not gone through."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ledger.domain.statement import Statement
from ledger.log.store import StoredStatement


class View(Protocol):
    """What one organisation is shown as of one moment; see `ledger.sharing.redaction.View`."""

    def visible(self, statement: Statement, disclosures: Sequence[str]) -> tuple[str, ...]:
        """Return the disclosures of a statement that the reader may see."""

    def redacted(self, stored: StoredStatement) -> StoredStatement:
        """Return a stored statement with the disclosures that the reader may see."""

    def fingerprint(self, tags: Sequence[bytes]) -> str:
        """Return a hash of all that decides what the reader is shown in streams with these tags."""


Views = Callable[[str], View]
"""Returns what an organisation is shown now."""


class NothingShown:
    """Shows nobody anything that was concealed; what a catalogue does that was not told better."""

    def visible(self, _statement: Statement, _disclosures: Sequence[str]) -> tuple[str, ...]:
        """Return no disclosure."""
        return ()

    def redacted(self, stored: StoredStatement) -> StoredStatement:
        """Return the statement without disclosures."""
        return StoredStatement(stored.index, stored.id, stored.statement, (), stored.received_at)

    def fingerprint(self, _tags: Sequence[bytes]) -> str:
        """Return what never changes."""
        return ""


def nothing_shown(_organisation: str) -> View:
    """Return what shows nothing, to whomever."""
    return NothingShown()
