"""An auditor's own replay: every entry of a log into an own tree and an own map, beside what the log says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ledger.cli.log_source import Log
from ledger.domain.entry import StatementEntry, parse_entry
from ledger.domain.errors import NotFoundError, VerificationError
from ledger.domain.merkle import verify_consistency
from ledger.log.cosigner import MAP_ROOT, Replica

_PART = 4096
Advance = Callable[[int], None]
"""Gets told how many entries were replayed so far."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found, when all was as it must be.

    Args:
        size: How many entries were replayed.
        root: Root of the tree over them, 32 bytes.
        map_root: Root of the map over all of them but the last, 32 bytes.
        statements: How many of them are statements.
        streams: In how many streams.
        map_roots: How many map root entries were compared.
        checkpoints: How many signed checkpoints were compared.
    """

    size: int
    root: bytes
    map_root: bytes
    statements: int
    streams: int
    map_roots: int
    checkpoints: int


def replay(log: Log, size: int | None, advance: Advance) -> Replayed:
    """Replay a log from its first entry.

    Args:
        log: The log.
        size: Of the checkpoint at which to stop; None for the newest published one.
        advance: Gets told how far it is.

    Raises:
        NotFoundError: There is no published checkpoint of this size.
        VerificationError: An entry, a root or a map root is not what it must be, or the log did not sign it.
        UnavailableError: The entries cannot be had now.
    """
    head = log.head().checkpoint
    size = head.size if size is None else size
    if not 1 < size <= head.size:
        raise NotFoundError("size", f"the newest checkpoint has {head.size} entries; {size} is no such size")
    run = _Run(log, advance)
    compared = 0
    for note_size, note in log.source.notes():
        if note_size > size:
            break
        run.up_to(note_size)
        signed = log.open(note).checkpoint
        if (signed.size, signed.root) != (note_size, run.replica.frontier.root()):
            raise VerificationError(
                "root-mismatch",
                f"the log signed another root for size {signed.size} than its first {note_size} entries have",
            )
        run.replica.check(note_size)
        compared += 1
    run.up_to(size)
    root = run.replica.frontier.root()
    verify_consistency(size, head.size, log.source.consistency_proof(size, head.size), root, head.root)
    run.replica.check(size)
    return Replayed(size, root, run.last[1:], run.statements, len(run.tags), run.map_roots, compared)


class _Run:
    """One replay on its way."""

    def __init__(self, log: Log, advance: Advance) -> None:
        self.replica = Replica(log.genesis.hash)
        self.last = b""
        self.statements = 0
        self.map_roots = 0
        self.tags: set[bytes] = set()
        self._log = log
        self._advance = advance

    def up_to(self, size: int) -> None:
        """Replay up to a size."""
        for entries in self._parts(size):
            self.replica.feed(entries)
            for entry in entries:
                self._count(entry)
            self.last = entries[-1]
            self._advance(self.replica.frontier.size)

    def _parts(self, size: int) -> Iterator[list[bytes]]:
        while (start := self.replica.frontier.size) < size:
            entries = list(self._log.source.entries(start, min(size, start + _PART)))
            if not entries:
                raise VerificationError("entries-missing", f"the log has no entry {start}, below {size}")
            yield entries

    def _count(self, entry: bytes) -> None:
        if self.replica.wrong is not None:
            return
        if entry[0] == MAP_ROOT:
            self.map_roots += 1
            return
        parsed = parse_entry(entry)
        if isinstance(parsed, StatementEntry):
            self.statements += 1
            self.tags.update(parsed.tags)
