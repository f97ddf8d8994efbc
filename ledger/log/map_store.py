"""The verifiable map in the database: nodes are only ever added, so that no map root is ever lost.

A node is stored under a number that counts up, with the numbers of its children: what one checkpoint adds
lies side by side, and the way down from a root leads from number to number.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select

from ledger.domain import map as stream_map
from ledger.domain.errors import UnavailableError
from ledger.domain.map import EMPTY, MapProof, MapValue
from ledger.domain.map_proof import INNER_SIZE
from ledger.log.lru import Lru
from ledger.storage.engine import read_transaction
from ledger.storage.rows import chunks, insert_rows
from ledger.storage.tables import map_nodes, stream_entries

DEFAULT_NODES_KEPT = 1 << 16
_KEPT_AT_ONCE = 1 << 14
_INNER_STORED = INNER_SIZE + 2 * 8


class MapRoot(NamedTuple):
    """A root of the map: its hash (32 bytes), and its number, 0 for the empty map."""

    hash: bytes
    number: int


NO_STREAMS = MapRoot(EMPTY, 0)


class MapStore:
    """Map roots of one database: what they prove, and the next one.

    Args:
        engine: The database.
        nodes_kept: How many nodes stay in memory, about 250 bytes each.
    """

    def __init__(self, engine: Engine, *, nodes_kept: int = DEFAULT_NODES_KEPT) -> None:
        self._engine = engine
        self._kept: Lru[int, bytes] = Lru(nodes_kept)

    def prove(self, root: MapRoot, tag: bytes) -> MapProof:
        """Return the proof of what the map under a root holds for a stream.

        Args:
            root: Root of the map at some checkpoint.
            tag: The stream, 32 bytes.

        Raises:
            UnavailableError: The database cannot be read now, or is damaged.
        """
        with read_transaction(self._engine) as connection:
            walk = _Walk(connection, self._kept, root)
            proof = stream_map.prove(lambda node: walk.load([node])[node], root.hash, tag)
        self._kept.keep(walk.read)
        return proof

    def advance(
        self, connection: Connection, root: MapRoot, since: int
    ) -> tuple[MapRoot, list[tuple[int, bytes]]]:
        """Bring the map up to date, and return its root and the nodes that were added.

        Args:
            connection: A transaction that writes, with the head of the log held.
            root: Root of the map before.
            since: Index of the first entry that is not in it.

        Raises:
            UnavailableError: The database is damaged.
        """
        columns = stream_entries.c
        rows = connection.execute(
            select(columns.tag, columns.count, columns.running)
            .where(columns.idx >= since)
            .order_by(columns.idx)
        ).all()
        changes = {tag: MapValue(count, running) for tag, count, running in rows}
        walk = _Walk(connection, self._kept, root)
        loaded = stream_map.load_paths(walk.load, root.hash, changes)
        new_root, added = stream_map.update(loaded.__getitem__, root.hash, changes)
        first = (connection.execute(select(func.max(map_nodes.c.id))).scalar() or 0) + 1
        nodes = walk.number(added, first)
        insert_rows(connection, map_nodes, nodes)
        return MapRoot(new_root, int.from_bytes(walk.numbers[new_root])), nodes

    def keep(self, nodes: Sequence[tuple[int, bytes]]) -> None:
        """Keep nodes in memory, once the transaction that added them is through."""
        # Parents come last: of many, those that most ways lead through.
        self._kept.keep(dict(nodes[-_KEPT_AT_ONCE:]))


class _Walk:
    """Knows the numbers of the nodes that ways down from one root have met, and of those made on top.

    Numbers stay the 8 bytes that they are stored as: most are only passed on from one node to the next.
    """

    def __init__(self, connection: Connection, kept: Lru[int, bytes], root: MapRoot) -> None:
        self.numbers = {EMPTY: bytes(8), root.hash: root.number.to_bytes(8)}
        # Read from the database. After an update these are the nodes that no longer count.
        self.read: dict[int, bytes] = {}
        self._connection = connection
        self._kept = kept

    def load(self, nodes: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the preimages of nodes, by hash, each the root or a child of one that was loaded before."""
        numbers = self.numbers
        wanted = [int.from_bytes(numbers[node]) for node in nodes]
        found = self._kept.get(wanted)
        lacking = {number for number in wanted if number not in found}
        if lacking:
            read = self._read(lacking)
            self.read |= read
            found |= read
        loaded = {}
        for node, number in zip(nodes, wanted, strict=True):
            stored = found[number]
            if len(stored) == _INNER_STORED:
                numbers[stored[1:33]] = stored[65:73]
                numbers[stored[33:65]] = stored[73:]
                stored = stored[:INNER_SIZE]
            if sha256(stored).digest() != node:
                raise _damaged(number)
            loaded[node] = stored
        return loaded

    def number(self, added: Mapping[bytes, bytes], first: int) -> list[tuple[int, bytes]]:
        """Return nodes as they are to be stored, numbered from `first` on; children come before parents."""
        numbers = self.numbers
        nodes = []
        for number, (node, preimage) in enumerate(added.items(), first):
            numbers[node] = number.to_bytes(8)
            if len(preimage) == INNER_SIZE:
                nodes.append((number, preimage + numbers[preimage[1:33]] + numbers[preimage[33:]]))
            else:
                nodes.append((number, preimage))
        return nodes

    def _read(self, lacking: set[int]) -> dict[int, bytes]:
        query = select(map_nodes.c.id, map_nodes.c.node)
        read: dict[int, bytes] = {}
        for part in chunks(sorted(lacking)):
            rows = self._connection.execute(query.where(map_nodes.c.id.in_(part))).all()
            read.update(rows)
        if len(read) < len(lacking):
            raise _damaged(min(lacking - read.keys()))
        return read


def _damaged(number: int) -> UnavailableError:
    return UnavailableError(
        "database-damaged",
        f"node {number} of the map is not as it was stored; restore a copy of the database",
    )
