"""The verifiable map in the database: nodes under their hash, so that no map root is ever lost."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from sqlalchemy import Connection, Engine, select

from ledger.domain import map as stream_map
from ledger.domain.errors import UnavailableError
from ledger.domain.map import MapProof, MapValue
from ledger.log.lru import Lru
from ledger.storage.engine import insert_or_ignore, read_transaction
from ledger.storage.tables import map_nodes, stream_entries

DEFAULT_NODES_KEPT = 1 << 16
_LOOKUP = 500


class MapStore:
    """Map roots of one database: what they prove, and the next one.

    Args:
        engine: The database.
        nodes_kept: How many nodes stay in memory, about 250 bytes each.
    """

    def __init__(self, engine: Engine, *, nodes_kept: int = DEFAULT_NODES_KEPT) -> None:
        self._engine = engine
        self._kept: Lru[bytes, bytes] = Lru(nodes_kept)

    def prove(self, map_root: bytes, tag: bytes) -> MapProof:
        """Return the proof of what the map under a root holds for a stream.

        Args:
            map_root: Root of the map at some checkpoint, 32 bytes.
            tag: The stream, 32 bytes.
        """
        with read_transaction(self._engine) as connection:
            return stream_map.prove(lambda node: self._load(connection, [node])[node], map_root, tag)

    def advance(
        self, connection: Connection, map_root: bytes, since: int
    ) -> tuple[bytes, dict[bytes, bytes]]:
        """Bring the map up to date, and return its root and the nodes that were added, by hash.

        Args:
            connection: A transaction that writes.
            map_root: Root of the map before, 32 zero bytes for the empty one.
            since: Index of the first entry that is not in it.
        """
        changes = {
            tag: MapValue(count, running)
            for tag, count, running in connection.execute(
                select(stream_entries.c.tag, stream_entries.c.count, stream_entries.c.running)
                .where(stream_entries.c.idx >= since)
                .order_by(stream_entries.c.idx)
            )
        }
        loaded = stream_map.load_paths(lambda nodes: self._load(connection, nodes), map_root, changes)
        root, added = stream_map.update(loaded.__getitem__, map_root, changes)
        # In the order of the key the rows go into the index side by side.
        insert_or_ignore(
            connection, map_nodes, [{"hash": node, "preimage": added[node]} for node in sorted(added)]
        )
        return root, added

    def keep(self, nodes: Mapping[bytes, bytes]) -> None:
        """Keep nodes in memory, once the transaction that added them is through."""
        for node, preimage in nodes.items():
            self._kept.put(node, preimage)

    def _load(self, connection: Connection, nodes: Sequence[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        lacking = []
        for node in nodes:
            preimage = self._kept.get(node)
            if preimage is None:
                lacking.append(node)
            else:
                found[node] = preimage
        for part in chunks(lacking, _LOOKUP):
            rows = connection.execute(
                select(map_nodes.c.hash, map_nodes.c.preimage).where(map_nodes.c.hash.in_(part))
            )
            for node, preimage in rows:
                found[node] = preimage
                self._kept.put(node, preimage)
        if len(found) < len(set(nodes)):
            raise UnavailableError(
                "database-damaged", "a node of the map is not in the database; restore a copy of it"
            )
        return found


def chunks(values: Collection[bytes], size: int) -> Iterator[list[bytes]]:
    """Yield values in lists of at most a size: databases take only so many parameters."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part
