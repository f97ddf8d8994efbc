"""Tiles: every complete node of the tree in its place, whatever the steps in which the tree grew."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain import merkle
from ledger.domain.frontier import Frontier
from ledger.log.tile import WIDTH, Tile, TileId, edge, grow, locate


def hashes(begin: int, end: int) -> list[bytes]:
    return [sha256(b"leaf %d" % number).digest() for number in range(begin, end)]


def grown(steps: list[int]) -> tuple[int, dict[TileId, Tile]]:
    """Return a tree that grew in these steps, from nothing but the tiles of its edge at each."""
    frontier = Frontier()
    tiles: dict[TileId, Tile] = {}
    for step in steps:
        before = {name: tiles[name] for name in edge(frontier.size)}
        assert all(tile.width < WIDTH for tile in before.values())
        frontier, runs = frontier.append(hashes(frontier.size, frontier.size + step))
        tiles |= grow(runs, before)
    return frontier.size, tiles


def expected(size: int) -> dict[TileId, Tile]:
    """Return the tiles of a tree that was made at one time, level by level."""
    levels = [hashes(0, size)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = zip(below[::2], below[1::2], strict=False)
        levels.append([merkle.node_hash(left, right) for left, right in pairs])
    tiles: dict[TileId, Tile] = {}
    for level in range(0, len(levels), 8):
        for index in range(-(-len(levels[level]) // WIDTH)):
            rows = [
                nodes[index << (8 - height) : (index + 1) << (8 - height)]
                for height, nodes in enumerate(levels[level : level + 8])
            ]
            tiles[level // 8, index] = Tile(len(rows[0]), b"".join(node for row in rows for node in row))
    return tiles


@pytest.mark.parametrize("size", range(1, 70))
def test_small_trees_that_grow_one_by_one(size: int) -> None:
    assert grown([1] * size) == (size, expected(size))


@pytest.mark.parametrize(
    "steps",
    [
        [255],
        [256],
        [257],
        [255, 1],
        [255, 2],
        [256, 1],
        [1, 255],
        [1, 256],
        [511, 1],
        [200, 200, 200],
        [65536, 1],
    ],
    ids=str,
)
def test_trees_that_grow_across_the_end_of_a_tile(steps: list[int]) -> None:
    assert grown(steps) == (sum(steps), expected(sum(steps)))


@settings(max_examples=40)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=8))
def test_the_steps_leave_no_trace(steps: list[int]) -> None:
    assert grown(steps) == (sum(steps), expected(sum(steps)))


def test_every_complete_node_is_found_and_no_other() -> None:
    size, tiles = grown([300, 260, 3])
    nodes = merkle_nodes(size)
    for level in range(12):
        for index in range((size >> level) + 2):
            name, height, place = locate(level, index)
            tile = tiles.get(name)
            assert (None if tile is None else tile.node(height, place)) == nodes.get((level, index))


def merkle_nodes(size: int) -> dict[tuple[int, int], bytes]:
    level, row = 0, hashes(0, size)
    nodes: dict[tuple[int, int], bytes] = {}
    while row:
        nodes |= {(level, index): node for index, node in enumerate(row)}
        pairs = zip(row[::2], row[1::2], strict=False)
        level, row = level + 1, [merkle.node_hash(left, right) for left, right in pairs]
    return nodes


def test_a_tile_begins_with_its_c2sp_tile() -> None:
    _, tiles = grown([300])
    assert tiles[0, 0].hashes[: 32 * 256] == b"".join(hashes(0, 256))
    assert tiles[0, 1].row(0) == b"".join(hashes(256, 300))
    assert tiles[1, 0].row(0) == merkle_nodes(300)[8, 0]


@pytest.mark.parametrize(
    ("size", "names"),
    [
        (0, []),
        (1, [(0, 0)]),
        (255, [(0, 0)]),
        (256, [(1, 0)]),
        (257, [(0, 1), (1, 0)]),
        (65536, [(2, 0)]),
        (65536 + 255, [(0, 256), (2, 0)]),
        (65536 + 256, [(1, 1), (2, 0)]),
    ],
)
def test_the_edge_is_the_tiles_that_are_not_full(size: int, names: list[TileId]) -> None:
    assert edge(size) == names
