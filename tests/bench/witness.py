"""How fast an index cosigner replays a log of 100,000 streams, beside the map's own hashing."""

import gc
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ledger.domain import map as stream_map
from ledger.domain.checkpoint import Checkpoint
from ledger.domain.entry import genesis_entry, map_root_entry, statement_entry
from ledger.domain.frontier import Frontier
from ledger.domain.map import MapValue
from ledger.domain.merkle import leaf_hash
from ledger.log.cosigner import IndexCosigner, ReplayedLog
from ledger.log.entry_source import parse_bundle
from ledger.log.tiles import encode_bundle
from ledger.log.witness_ports import Cosigned
from ledger.log.witness_store import SqliteWitnessStore
from tests.builders import ORIGIN
from tests.witness.log_simulator import witness_vkey

STREAMS = 100_000
SAID = 50_000
TARGET = 20_000
EACH = (1000, 50)
_GENESIS = bytes(32)


class FastLog:
    """A log in memory made with the fast map, which also tells how long the map's hashing alone took."""

    def __init__(self) -> None:
        self.entries = [genesis_entry(_GENESIS)]
        self._nodes: dict[bytes, bytes] = {}
        self._values: dict[bytes, MapValue] = {}
        self._map_root = stream_map.EMPTY
        self._frontier = Frontier()
        self.seconds = 0.0

    def grow(self, tags: Sequence[bytes], random_bytes: Callable[[int], bytes]) -> None:
        """Say one thing in each stream and close a checkpoint."""
        run = []
        for tag in tags:
            entry = statement_entry(random_bytes(32), [tag])
            run.append((len(self.entries), entry, [tag]))
            self.entries.append(entry)
        changes = stream_map.replay(run, self._values.get)
        self._values |= changes
        start = time.perf_counter()
        self._map_root, new = stream_map.update(self._nodes.__getitem__, self._map_root, changes)
        self.seconds += time.perf_counter() - start
        self._nodes |= new
        self.entries.append(map_root_entry(self._map_root))

    def checkpoint(self) -> Checkpoint:
        """Return the checkpoint of all entries."""
        new = [leaf_hash(entry) for entry in self.entries[self._frontier.size :]]
        self._frontier, _ = self._frontier.append(new)
        return Checkpoint(ORIGIN, self._frontier.size, self._frontier.root())

    def bundle(self, number: int, width: int) -> list[bytes]:
        """Serve entries as they come over the network: encoded, and read again."""
        data = encode_bundle(self.entries[256 * number : 256 * number + width])
        return parse_bundle(data, number, width)


def rows() -> list[dict[str, object]]:
    """Return the figures."""
    source = random.Random(100_000)
    tags = [source.randbytes(32) for _ in range(STREAMS)]
    log = FastLog()
    log.grow(tags, source.randbytes)
    with TemporaryDirectory() as folder:
        store = SqliteWitnessStore(Path(folder) / "witness.db", witness_vkey(), "index-cosigner")
        cosigner = IndexCosigner({ORIGIN: ReplayedLog(_GENESIS, log)}, store)
        old, _ = _replayed(cosigner, store, None, log)
        figures = []
        for each in EACH:
            log.seconds = 0.0
            for _ in range(SAID // each):
                log.grow(source.choices(tags, k=each), source.randbytes)
            # The log in this process's memory is no part of replaying it.
            gc.collect()
            gc.freeze()
            old, value = _replayed(cosigner, store, old, log)
            floor = SAID / log.seconds
            figures.append(
                {
                    "name": f"entries replayed by an index cosigner, {STREAMS} streams, {each} a checkpoint",
                    "value": value,
                    "unit": "entries/s",
                    "floor": floor,
                    "ratio": value / floor,
                    "target": f"at least {TARGET} entries/s",
                    "met": value >= TARGET,
                }
            )
        store.close()
    return figures


def _replayed(
    cosigner: IndexCosigner, store: SqliteWitnessStore, old: Cosigned | None, log: FastLog
) -> tuple[Cosigned, float]:
    """Replay up to the log's end and store the decision; return it, and how many entries a second it took."""
    target = log.checkpoint()
    new = Cosigned(target.size, target.root, 0)
    start = time.perf_counter()
    store.advance(ORIGIN, old, new, b"", cosigner.replay(old, target))
    seconds = time.perf_counter() - start
    return new, (target.size - (0 if old is None else old.size)) / seconds
