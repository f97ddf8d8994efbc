"""An index cosigner's replay: every entry into an own tree and an own map, before a checkpoint is cosigned.

A log can commit to a map that leaves an entry out or files it elsewhere; inclusion and consistency proofs do
not show it. Whoever replays the log sees it: each map root entry must be the root of the map over all entries
before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Final

from ledger.domain import map as stream_map
from ledger.domain.checkpoint import Checkpoint
from ledger.domain.entry import GenesisEntry, MapRootEntry, StatementEntry, parse_entry
from ledger.domain.errors import MalformedError, UnavailableError, UsageError, VerificationError
from ledger.domain.frontier import Frontier
from ledger.domain.map import MapValue
from ledger.domain.map_proof import LEAF_SIZE
from ledger.domain.merkle import HASH_SIZE, leaf_hash
from ledger.log.entry_source import EntrySource
from ledger.log.tile import WIDTH
from ledger.log.witness_ports import Cosigned, Progress, Replayed, ReplayStore
from ledger.storage.faults import Fault, no_fault

MAP_ROOT: Final = 0x02
DEFAULT_PART: Final = 16_384
"""Entries after which a long replay stores how far it is."""


@dataclass(frozen=True, slots=True)
class ReplayedLog:
    """A log that is replayed.

    Args:
        genesis_hash: What entry 0 must hold, 32 bytes.
        source: Where its entries come from.
    """

    genesis_hash: bytes
    source: EntrySource


class IndexCosigner:
    """Replays logs up to the checkpoints that they want cosigned; implements `Replayer`.

    Calls for one log must not overlap; `Witness` sees to it.

    Args:
        logs: By origin.
        store: Where replays on their way are kept.
        part: After how many entries a long replay is stored.
        stopping: Ends a replay soon after it is set.
        fault: Reaches `part` before each part is stored; for tests.
    """

    def __init__(
        self,
        logs: Mapping[str, ReplayedLog],
        store: ReplayStore,
        *,
        part: int = DEFAULT_PART,
        stopping: Event | None = None,
        fault: Fault = no_fault,
    ) -> None:
        for origin, log in logs.items():
            if len(log.genesis_hash) != HASH_SIZE:
                raise UsageError("genesis-hash", f"the genesis hash of {origin} must be {HASH_SIZE} bytes")
        self._logs = dict(logs)
        self._store = store
        self._part = part
        self._stopping = stopping or Event()
        self._fault = fault
        self._replicas: dict[str, Replica] = {}

    def replay(self, old: Cosigned | None, target: Checkpoint) -> Replayed | None:
        """See `Replayer.replay`."""
        if old is not None and old.size == target.size:
            return None
        # Taken out until it is known to be right: whatever goes wrong, the next one begins with what is kept.
        replica = self._replicas.pop(target.origin, None)
        pending: Progress | None = None
        if replica is None or not _stands_at(replica, old):
            replica, pending = self._load(old, target)
        resumed = pending is not None
        pending = self._feed(replica, old, target, pending)
        if replica.frontier.root() != target.root:
            if pending is not None:
                self._store.drop_pending(target.origin)
            if resumed:
                # The part stored earlier was never confirmed by a root: it may be what is wrong.
                return self.replay(old, target)
            raise VerificationError(
                "entries-of-another-tree",
                f"the entries that the log serves do not give the root it signed for size {target.size}",
            )
        replica.check(target.size)
        self._replicas[target.origin] = replica
        return Replayed(replica.progress(), replica.take_changed(), pending)

    def _load(self, old: Cosigned | None, target: Checkpoint) -> "tuple[Replica, Progress | None]":
        origin = target.origin
        genesis_hash = self._logs[origin].genesis_hash
        saved = self._store.load_replay(origin)
        if saved is not None and saved.pending and saved.progress.size > target.size:
            self._store.drop_pending(origin)
            saved = self._store.load_replay(origin)
        if saved is None:
            replica = Replica(genesis_hash)
        else:
            replica = Replica(genesis_hash, saved.progress, saved.streams)
            if saved.pending:
                return replica, saved.progress
        if not _stands_at(replica, old):
            raise UnavailableError(
                "witness-damaged",
                f"the stored replay of {origin} is not that of its newest cosignature; restore the database",
            )
        return replica, None

    def _feed(
        self, replica: "Replica", old: Cosigned | None, target: Checkpoint, pending: Progress | None
    ) -> Progress | None:
        """Replay up to a size, store the parts, and return where the last stored one stands."""
        source = self._logs[target.origin].source
        stored = replica.frontier.size
        while (size := replica.frontier.size) < target.size:
            if self._stopping.is_set():
                raise UnavailableError("witness-stopping", "this witness is being stopped; try again")
            number, skip = divmod(size, WIDTH)
            bundle = source.bundle(number, min(WIDTH, target.size - size + skip))
            replica.feed(bundle[skip:])
            size = replica.frontier.size
            if size - stored >= self._part and size < target.size and replica.wrong is None:
                self._fault("part")
                progress = replica.progress()
                self._store.save_pending(
                    target.origin, old, Replayed(progress, replica.take_changed(), pending)
                )
                pending, stored = progress, size
        return pending


class Replica:
    """One log, replayed so far: the edge of its tree and its whole map.

    What is wrong with an entry is kept in `wrong` rather than raised: it is the log's fault only when the
    entries turn out to be those it signed. From there on the tree grows and the map does not.

    Args:
        genesis_hash: What entry 0 must hold.
        progress: Where to go on, None for the beginning.
        streams: Every stream's value there.
    """

    def __init__(
        self,
        genesis_hash: bytes,
        progress: Progress | None = None,
        streams: Mapping[bytes, MapValue] | None = None,
    ) -> None:
        self._genesis_hash = genesis_hash
        self.frontier = Frontier() if progress is None else Frontier(progress.size, progress.peaks)
        self._last = -1 if progress is None else progress.last
        self.wrong: VerificationError | None = None
        self._nodes: dict[bytes, bytes] = {}
        self._map_root = stream_map.EMPTY
        self._values: dict[bytes, bytes] = {}
        self._waiting: dict[bytes, MapValue] = dict(streams or {})
        self._changed: dict[bytes, MapValue] = {}
        self._keep(self._waiting)
        self._bring_map_up()

    def progress(self) -> Progress:
        """Return where it stands."""
        return Progress(self.frontier.size, self.frontier.peaks, self._last)

    def take_changed(self) -> dict[bytes, MapValue]:
        """Return the streams that changed since this was asked last, by tag."""
        changed, self._changed = self._changed, {}
        return changed

    def feed(self, entries: Sequence[bytes]) -> None:
        """Go on by some entries."""
        first = self.frontier.size
        self.frontier, _ = self.frontier.append([leaf_hash(entry) for entry in entries])
        if self.wrong is None:
            try:
                self._follow(first, entries)
            except VerificationError as error:
                self.wrong = error

    def check(self, size: int) -> None:
        """Check that all was right so far, and that a checkpoint of this size can end here.

        Raises:
            VerificationError: An entry is not what it must be.
        """
        if self.wrong is not None:
            raise self.wrong
        if self._last != MAP_ROOT:
            raise VerificationError(
                "misplaced-map-root", f"the last entry of the checkpoint of size {size} is not a map root"
            )

    def _follow(self, first: int, entries: Sequence[bytes]) -> None:
        run: list[tuple[int, bytes, tuple[bytes, ...]]] = []
        for index, entry in enumerate(entries, first):
            try:
                parsed = parse_entry(entry)
            except MalformedError as error:
                raise VerificationError("malformed-entry", f"log entry {index} is none: {error}") from None
            if isinstance(parsed, StatementEntry) and index:
                run.append((index, entry, parsed.tags))
            elif isinstance(parsed, MapRootEntry) and index:
                self._grow(run)
                run = []
                self._check_map_root(index, parsed.map_root)
            else:
                self._check_genesis(index, parsed)
            self._last = entry[0]
        self._grow(run)

    def _check_genesis(self, index: int, entry: object) -> None:
        if not isinstance(entry, GenesisEntry):
            raise VerificationError("genesis-missing", "the log does not begin with a genesis entry")
        if index:
            raise VerificationError("misplaced-genesis", f"log entry {index} is a second genesis entry")
        if entry.genesis_hash != self._genesis_hash:
            raise VerificationError(
                "genesis-mismatch",
                f"the log begins with the genesis {entry.genesis_hash.hex()}, not {self._genesis_hash.hex()}",
            )

    def _check_map_root(self, index: int, map_root: bytes) -> None:
        if self._last == MAP_ROOT:
            # No checkpoint can have ended here: none is made without a new statement.
            raise VerificationError("misplaced-map-root", f"log entry {index} is a map root after a map root")
        self._bring_map_up()
        if map_root != self._map_root:
            raise VerificationError(
                "map-root-mismatch",
                f"log entry {index} says the map root is {map_root.hex()}; over all entries before it is "
                f"{self._map_root.hex()}",
            )

    def _grow(self, run: Sequence[tuple[int, bytes, Sequence[bytes]]]) -> None:
        values = stream_map.replay(run, self._current)
        self._waiting |= values
        self._changed |= values
        self._keep(values)

    def _current(self, tag: bytes) -> MapValue | None:
        packed = self._values.get(tag)
        return None if packed is None else MapValue(int.from_bytes(packed[:8]), packed[8:])

    def _keep(self, values: Mapping[bytes, MapValue]) -> None:
        # As bytes: the garbage collector would look through a million value objects again and again.
        for tag, value in values.items():
            self._values[tag] = value.count.to_bytes(8) + value.running

    def _bring_map_up(self) -> None:
        """Bring the map's root up to the values that wait, and let go of the nodes that fall out of it."""
        nodes, changes = self._nodes, self._waiting
        stays: dict[bytes, bytes] = {}

        def take(node: bytes) -> bytes:
            # What lies on the way to a change is replaced, but for a leaf of another stream at its end.
            preimage = nodes.pop(node)
            if len(preimage) == LEAF_SIZE and preimage[1:33] not in changes:
                stays[node] = preimage
            return preimage

        self._map_root, new = stream_map.update(take, self._map_root, changes)
        nodes |= new
        nodes |= stays
        self._waiting = {}


def _stands_at(replica: Replica, old: Cosigned | None) -> bool:
    if old is None or old.size == 0:
        return replica.frontier.size == 0
    return replica.frontier.size == old.size and replica.frontier.root() == old.root
