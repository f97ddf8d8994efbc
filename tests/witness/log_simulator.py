"""A log in memory that can be honest or lie, built on the slow references and not on the code under test."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from ledger.domain.checkpoint import Checkpoint, sign_checkpoint
from ledger.domain.clock import Clock
from ledger.domain.entry import genesis_entry, map_root_entry, statement_entry
from ledger.domain.map import MapValue
from ledger.domain.note import COSIGNATURE_V1, VerifierKey
from ledger.log.cosigner import IndexCosigner, ReplayedLog
from ledger.log.entry_source import EntrySource
from ledger.log.witness import KnownLog, Witness
from ledger.log.witness_protocol import Request
from ledger.log.witness_server import WatchedLog, WitnessSettings
from ledger.log.witness_store import SqliteWitnessStore
from ledger.storage.faults import Fault, no_fault
from tests.builders import NOON, ORIGIN, a_genesis, a_log_verifier_key, an_ed25519_key, seeded
from tests.domain import map_reference, merkle_reference

WITNESS = "witness.example/w1"


def tag(name: object) -> bytes:
    """Return a stream tag that is always the same for a name."""
    return seeded(("tag", name), 32)


def witness_vkey(name: str = WITNESS, seed: object = "witness") -> str:
    """Return the verifier key of a witness that signs with `an_ed25519_key(seed)`."""
    return VerifierKey(name, COSIGNATURE_V1, an_ed25519_key(seed).public_key().public_bytes_raw()).encode()


def true_map_root(entries: Sequence[bytes]) -> bytes:
    """Return the root of the map over these log entries, from the definition."""
    values: dict[bytes, MapValue] = {}
    for index, entry in enumerate(entries):
        if entry[:1] != b"\x01":
            continue
        for start in range(35, len(entry), 32):
            name = entry[start : start + 32]
            before = values.get(name, MapValue(0, bytes(32)))
            running = sha256(b"\x12" + before.running + index.to_bytes(8, "big") + entry).digest()
            values[name] = MapValue(before.count + 1, running)
    return map_reference.root(values)


class SimulatedLog:
    """A log whose entries are a list; what it serves can be told apart from what it signs.

    Args:
        origin: Its origin line.
        seed: Of its key.
    """

    def __init__(self, origin: str = ORIGIN, seed: object = "log") -> None:
        self.origin = origin
        self.seed = seed
        self.genesis_hash = a_genesis(origin).hash
        self.entries = [genesis_entry(self.genesis_hash)]
        self.asked = 0
        self._said = 0

    @property
    def vkey(self) -> str:
        """Its verifier key."""
        return a_log_verifier_key(self.origin, self.seed)

    def say(self, *names: object) -> None:
        """Append a statement in the streams of these names."""
        self._said += 1
        envelope = seeded(("envelope", self.seed, self._said), 32)
        self.entries.append(statement_entry(envelope, [tag(name) for name in names]))

    def close(self, map_root: bytes | None = None) -> int:
        """Append a map root entry, the true one unless another is given, and return the size."""
        self.entries.append(map_root_entry(true_map_root(self.entries) if map_root is None else map_root))
        return len(self.entries)

    def grow(self, *names: object) -> int:
        """Say one thing in each stream, close a checkpoint, and return its size."""
        for name in names:
            self.say(name)
        return self.close()

    def fork(self, size: int) -> "SimulatedLog":
        """Return another history of this log, the same up to a size."""
        other = SimulatedLog(self.origin, self.seed)
        other.entries = self.entries[:size]
        other._said = 1_000_000 + size
        return other

    def root(self, size: int | None = None) -> bytes:
        """Return the root at a size."""
        return merkle_reference.tree_hash(self.entries[: self._size(size)])

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """Return the checkpoint of a size."""
        return Checkpoint(self.origin, self._size(size), self.root(size))

    def note(self, size: int | None = None) -> bytes:
        """Return the signed checkpoint of a size."""
        sign = an_ed25519_key(self.seed).sign
        return sign_checkpoint(self.checkpoint(size), VerifierKey.parse(self.vkey), sign)

    def proof(self, old_size: int, size: int | None = None) -> list[bytes]:
        """Return the consistency proof between two sizes."""
        size = self._size(size)
        return [] if old_size in (0, size) else merkle_reference.proof(old_size, self.entries[:size])

    def request(self, old_size: int, size: int | None = None) -> bytes:
        """Return the body of an `add-checkpoint` request."""
        return Request.make(old_size, self.proof(old_size, size), self.note(size)).encode()

    def bundle(self, number: int, width: int) -> list[bytes]:
        """Serve entries, as an `EntrySource`."""
        self.asked += 1
        return self.entries[256 * number : 256 * number + width]

    def _size(self, size: int | None) -> int:
        return len(self.entries) if size is None else size


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def a_store(folder: Path, kind: str = "witness", *, fault: Fault = no_fault) -> SqliteWitnessStore:
    """Open the state of the witness in a folder."""
    return SqliteWitnessStore(folder / "witness.db", witness_vkey(), kind, fault=fault)


def a_witness(
    store: SqliteWitnessStore, *logs: SimulatedLog, clock: Clock | None = None, fault: Fault = no_fault
) -> Witness:
    """Return a plain witness of some logs."""
    known = [KnownLog(log.origin, (log.vkey,)) for log in logs]
    return Witness(
        witness_vkey(), an_ed25519_key("witness").sign, known, store, clock or SetClock(), fault=fault
    )


def a_cosigner(
    store: SqliteWitnessStore,
    log: SimulatedLog,
    *,
    source: EntrySource | None = None,
    part: int = 16_384,
    fault: Fault = no_fault,
) -> Witness:
    """Return an index cosigner of a log that gets its entries from a source, or from the log itself."""
    logs = {log.origin: ReplayedLog(log.genesis_hash, source or log)}
    return Witness(
        witness_vkey(),
        an_ed25519_key("witness").sign,
        [KnownLog(log.origin, (log.vkey,))],
        store,
        SetClock(),
        replayer=IndexCosigner(logs, store, part=part, fault=fault),
        fault=fault,
    )


def settings(folder: Path, *logs: SimulatedLog, clock: Clock | None = None, port: int = 0) -> WitnessSettings:
    """Return the settings of a plain witness of some logs."""
    return WitnessSettings(
        vkey=witness_vkey(),
        sign=an_ed25519_key("witness").sign,
        data=folder,
        logs=tuple(WatchedLog(log.origin, (log.vkey,)) for log in logs),
        port=port,
        clock=clock or SetClock(),
    )
