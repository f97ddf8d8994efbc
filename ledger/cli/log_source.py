"""A log to look into: in the database of a data folder, or behind a URL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ledger.cli.data import open_log
from ledger.cli.output import warn
from ledger.cli.verdicts import load_trust
from ledger.domain.checkpoint import SignedCheckpoint, open_checkpoint
from ledger.domain.errors import NotFoundError, UsageError, VerificationError
from ledger.domain.genesis import Genesis
from ledger.domain.merkle import leaf_hash, verify_consistency, verify_inclusion
from ledger.domain.note import VerifierKey

if TYPE_CHECKING:
    from ledger.log.store import LogStore
    from ledger.log.tile_reader import TileReader
    from ledger.verification.trust import Trust


class Source(Protocol):
    """Where a log is read from; nothing of it is believed without a proof."""

    def genesis(self) -> bytes:
        """Return the genesis document."""

    def size(self) -> int:
        """Return how many entries can be read."""

    def notes(self) -> Iterator[tuple[int, bytes]]:
        """Return the checkpoints that can be had, by size, ascending: the size and the note."""

    def newest(self) -> bytes:
        """Return the note of the newest published checkpoint."""

    def entries(self, start: int, stop: int) -> Sequence[bytes]:
        """Return entries from one index up to, not including, another."""

    def root(self, size: int) -> bytes:
        """Return the root of a size, 32 bytes."""

    def inclusion_proof(self, index: int, size: int) -> Sequence[bytes]:
        """Return an inclusion proof."""

    def consistency_proof(self, size1: int, size2: int) -> Sequence[bytes]:
        """Return a consistency proof."""


class DatabaseSource:
    """A log in a database.

    Args:
        store: The log.
    """

    def __init__(self, store: "LogStore") -> None:
        self._store = store
        self.root = store.root
        self.inclusion_proof = store.inclusion_proof
        self.consistency_proof = store.consistency_proof
        self.entries = store.entries
        self.size = store.size

    def genesis(self) -> bytes:
        """See `Source`."""
        return self._store.genesis.document

    def newest(self) -> bytes:
        """See `Source`."""
        published = self._store.checkpoints.published()
        if published is None:
            raise NotFoundError("not-published", "this log has published no checkpoint yet")
        return self._store.checkpoints.note(published.size)

    def notes(self) -> Iterator[tuple[int, bytes]]:
        """See `Source`."""
        size = 0
        newest = self._store.checkpoints.published()
        while newest is not None and size < newest.size:
            size = self._store.checkpoints.covering(size).size
            yield size, self._store.checkpoints.note(size)


class TileSource:
    """A log behind a URL, as far as it is published.

    Args:
        reader: Reads its tiles.
    """

    def __init__(self, reader: "TileReader") -> None:
        self._reader = reader
        self._note = reader.checkpoint()
        self._size = _claimed_size(self._note)
        self.genesis = reader.genesis
        self.root = reader.root
        self.inclusion_proof = reader.inclusion_proof
        self.consistency_proof = reader.consistency_proof

    def size(self) -> int:
        """See `Source`."""
        return self._size

    def newest(self) -> bytes:
        """See `Source`."""
        return self._note

    def notes(self) -> Iterator[tuple[int, bytes]]:
        """See `Source`."""
        yield self._size, self._note

    def entries(self, start: int, stop: int) -> Sequence[bytes]:
        """See `Source`."""
        return self._reader.entries(start, min(stop, self._size), self._size)


@dataclass(frozen=True, slots=True)
class Log:
    """A log whose genesis document and keys are known.

    Args:
        source: Where it is read from.
        genesis: Its genesis document.
        trust: The trust file that it is looked at under, if there is one.
    """

    source: Source
    genesis: Genesis
    trust: "Trust | None"

    def open(self, note: bytes) -> SignedCheckpoint:
        """Return the checkpoint in a note, once its signature was checked.

        Raises:
            MalformedError: It is none.
            VerificationError: No key of this log signed it.
        """
        if self.trust is None:
            return open_checkpoint(note, [VerifierKey.parse(self.genesis.log_key)])
        size = _claimed_size(note)
        return open_checkpoint(note, [key.vkey for key in self.trust.log_keys if key.covers(size)])

    def head(self) -> SignedCheckpoint:
        """Return the newest published checkpoint; raises as `open`, and NotFoundError when there is none."""
        return self.open(self.source.newest())

    def root(self, size: int) -> bytes:
        """Return the root of a size, shown to be a beginning of the newest published checkpoint.

        Raises:
            NotFoundError: Nothing of that size is published.
            VerificationError: What is read is not the log that was signed.
        """
        head = self.head().checkpoint
        if not 0 < size <= head.size:
            raise NotFoundError(
                "size", f"the newest checkpoint has {head.size} entries; {size} is no such size"
            )
        root = self.source.root(size)
        proof = self.source.consistency_proof(size, head.size)
        verify_consistency(size, head.size, proof, root, head.root)
        return root

    def entry(self, index: int) -> bytes:
        """Return an entry, shown to be in the newest published checkpoint; raises as `root`."""
        head = self.head().checkpoint
        if not 0 <= index < head.size:
            raise NotFoundError("entry-unknown", f"the newest checkpoint has no entry {index}")
        (entry,) = self.source.entries(index, index + 1)
        proof = self.source.inclusion_proof(index, head.size)
        verify_inclusion(leaf_hash(entry), index, head.size, proof, head.root)
        return entry


@contextmanager
def open_source(data: Path | None, url: str | None, trust_file: Path | None) -> Iterator[Log]:
    """Open a log while a block runs.

    Args:
        data: Data folder of a ledger.
        url: Prefix under which a log serves its tiles; one of both is needed.
        trust_file: Says which log it has to be, and its keys.

    Raises:
        UsageError: Both a folder and a URL, or neither.
        NotFoundError: There is no log.
        VerificationError: It is another log than the trust file names.
        UnavailableError: It cannot be read now.
    """
    if (data is None) == (url is None):
        raise UsageError("which-log", "give either --data or --url")
    trust = None if trust_file is None else load_trust(trust_file)
    if data is not None:
        with open_log(data) as store:
            yield _log(DatabaseSource(store), trust)
    elif url is not None:
        from ledger.log.tile_reader import TileReader

        with TileReader(url) as reader:
            log = _log(TileSource(reader), trust)
            if trust is None:
                warn("the log's key is taken from what the log itself serves; give --trust to know better")
            yield log


def _log(source: Source, trust: "Trust | None") -> Log:
    genesis = Genesis.parse(source.genesis())
    if trust is not None and (genesis.hash, genesis.origin) != (trust.genesis, trust.origin):
        raise VerificationError("other-log", "this is another log than the one that the trust file names")
    return Log(source, genesis, trust)


def _claimed_size(note: bytes) -> int:
    from ledger.domain.checkpoint import Checkpoint
    from ledger.domain.note import Note

    return Checkpoint.parse(Note.parse(note).text).size
