"""Reading the stored tree: nodes and proofs at any size, by way of the tiles."""

from collections.abc import Collection, Sequence
from typing import cast

from sqlalchemy import Connection, Engine, bindparam, select

from ledger.domain import merkle
from ledger.domain.errors import NotFoundError, UnavailableError
from ledger.log.lru import Lru
from ledger.log.tile import WIDTH, Tile, TileId, locate
from ledger.storage.engine import read_transaction
from ledger.storage.tables import log, tiles

DEFAULT_TILES_KEPT = 4096
"""At 16 KiB each, what proofs over a million entries touch."""
_ONE = select(tiles.c.width, tiles.c.hashes).where(
    tiles.c.level == bindparam("level"), tiles.c.idx == bindparam("idx")
)


def load_tiles(connection: Connection, names: Collection[TileId]) -> dict[TileId, Tile]:
    """Return those of the tiles named that are stored."""
    # One by one: SQLite reads the whole table when it is asked for several pairs at once.
    found = ((name, connection.execute(_ONE, {"level": name[0], "idx": name[1]}).first()) for name in names)
    return {name: Tile(*row) for name, row in found if row is not None}


def damaged(name: TileId, size: int) -> UnavailableError:
    """Return the complaint about a tile that lacks what a log of a size has."""
    return UnavailableError(
        "database-damaged",
        f"tile {name} lacks what a log of {size} entries has; restore a copy of the database",
    )


class Tree:
    """The committed tree of one database.

    A node that is complete never changes, so that a tile in memory is right about every node it holds, even
    when the stored one has grown since: only what it lacks is looked up again.

    Args:
        engine: The database.
        tiles_kept: How many tiles stay in memory, up to 16 KiB each.
    """

    def __init__(self, engine: Engine, *, tiles_kept: int = DEFAULT_TILES_KEPT) -> None:
        self._engine = engine
        self._kept: Lru[TileId, Tile] = Lru(tiles_kept)
        self._size = 0

    def nodes(self, ids: Sequence[merkle.NodeId], size: int) -> list[bytes]:
        """Return the hashes of complete subtrees `(level, index)`, 32 bytes each, in the same order.

        Args:
            ids: All of them in the tree of the size.
            size: Number of entries that the log must have.

        Raises:
            NotFoundError: It has fewer.
            UnavailableError: The stored tree is damaged, or cannot be read now.
        """
        self._check_size(size)
        places = [locate(level, index) for level, index in ids]
        known = self._kept.get({name for name, _, _ in places})
        hashes = [_node(known.get(name), height, place) for name, height, place in places]
        lacking = {name for (name, _, _), node in zip(places, hashes, strict=True) if node is None}
        if lacking:
            with read_transaction(self._engine) as connection:
                loaded = load_tiles(connection, lacking)
            self._kept.keep(loaded)
            known |= loaded
            hashes = [_node(known.get(name), height, place) for name, height, place in places]
        if None in hashes:
            raise damaged(places[hashes.index(None)][0], size)
        return cast("list[bytes]", hashes)

    def _check_size(self, size: int) -> None:
        # A log never shrinks: only a size beyond what was seen before is a question to the database.
        if size <= self._size:
            return
        with read_transaction(self._engine) as connection:
            stored = connection.execute(select(log.c.size)).scalar() or 0
        if size > stored:
            raise NotFoundError("tree-size", f"the log has {stored} entries; it does not have {size} yet")
        self._size = stored

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Return the inclusion proof of an entry in the tree of a size (RFC 9162 section 2.1.3.1).

        Raises:
            UsageError: The index does not lie below the size.
            NotFoundError: The log does not have that many entries.
        """
        needed = merkle.inclusion_nodes(index, size)
        return merkle.assemble(needed, self.nodes(needed.ids, size))

    def consistency_proof(self, size1: int, size2: int) -> list[bytes]:
        """Return the consistency proof between two sizes (RFC 9162 section 2.1.4.1).

        Raises:
            UsageError: The first size is larger than the second.
            NotFoundError: The log does not have that many entries.
        """
        needed = merkle.consistency_nodes(size1, size2)
        return merkle.assemble(needed, self.nodes(needed.ids, size2))

    def root(self, size: int) -> bytes:
        """Return the root of the tree of a size, 32 bytes.

        Raises:
            NotFoundError: The log does not have that many entries.
        """
        if size == 0:
            return merkle.EMPTY_ROOT
        return merkle.fold(self.nodes(merkle.subtrees(0, size)[::-1], size))

    def tile(self, name: TileId) -> Tile | None:
        """Return a tile as it is stored now, None when there is none yet."""
        kept = self._kept.get([name]).get(name)
        if kept is not None and kept.width == WIDTH:
            return kept
        with read_transaction(self._engine) as connection:
            loaded = load_tiles(connection, [name])
        self._kept.keep(loaded)
        return loaded.get(name)


def _node(tile: Tile | None, height: int, place: int) -> bytes | None:
    return None if tile is None else tile.node(height, place)
