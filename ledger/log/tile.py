"""How the tree lies in tiles: eight levels of it in each, every complete node stored.

Tile `(level, index)` covers the subtrees of tree level `8 * level` from `256 * index` on. A C2SP tile is its
lowest row; the seven rows above are stored with it, so that a proof hashes nothing but its right edge. The
root of a full tile is a leaf of the tile above.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ledger.domain.frontier import Run
from ledger.domain.merkle import HASH_SIZE

HEIGHT = 8
WIDTH = 256

TileId = tuple[int, int]


class Tile(NamedTuple):
    """One stored tile.

    Args:
        width: How many nodes its lowest row has, 1 to 256.
        hashes: Its rows from the lowest up, each as far as it is complete, 32 bytes a node.
    """

    width: int
    hashes: bytes

    def node(self, height: int, place: int) -> bytes | None:
        """Return the node at a height (0 to 7) and place within the tile, None when it is not complete."""
        if place >= self.width >> height:
            return None
        start = HASH_SIZE * (_row_start(self.width, height) + place)
        return self.hashes[start : start + HASH_SIZE]

    def row(self, height: int) -> bytes:
        """Return one row, side by side."""
        start = HASH_SIZE * _row_start(self.width, height)
        return self.hashes[start : start + HASH_SIZE * (self.width >> height)]


def _row_start(width: int, height: int) -> int:
    # The rows below have width, width >> 1, ... nodes; n + (n >> 1) + ... is 2n less the one bits of n.
    above = width >> height
    return 2 * (width - above) - width.bit_count() + above.bit_count()


def locate(level: int, index: int) -> tuple[TileId, int, int]:
    """Return the tile that holds a node of the tree, and the node's height and place in it.

    Args:
        level: Level of the node, 0 for leaves.
        index: Place of the node on its level.
    """
    tile_level, height = divmod(level, HEIGHT)
    across = HEIGHT - height
    return (tile_level, index >> across), height, index & ((1 << across) - 1)


def edge(size: int) -> list[TileId]:
    """Return the tiles that are not full in a tree of a size: those that the next append goes on with."""
    return [
        (level, size >> (HEIGHT * level + HEIGHT))
        for level in range(-(-size.bit_length() // HEIGHT))
        if (size >> HEIGHT * level) % WIDTH
    ]


def grow(runs: Sequence[Run], before: Mapping[TileId, Tile]) -> dict[TileId, Tile]:
    """Return every tile that an append changes, as it is afterwards.

    Args:
        runs: What the append completed, as `Frontier.append` returns it.
        before: The tiles of the `edge` before the append.
    """
    by_level = {run.level: run for run in runs}
    grown: dict[TileId, Tile] = {}
    for level in range(0, len(runs), HEIGHT):
        lowest = by_level[level]
        end = lowest.start + len(lowest.hashes)
        for index in range(lowest.start // WIDTH, -(-end // WIDTH)):
            name = level // HEIGHT, index
            old = before.get(name)
            rows = []
            for height in range(HEIGHT):
                if old is not None:
                    rows.append(old.row(height))
                run = by_level.get(level + height)
                if run is None:
                    continue
                first = (index << (HEIGHT - height)) - run.start
                rows += run.hashes[max(first, 0) : first + (WIDTH >> height)]
            grown[name] = Tile(min(WIDTH, end - WIDTH * index), b"".join(rows))
    return grown
