"""What everybody can fetch: the whole log, verified from its tiles alone, and the documents beside it."""

from hashlib import sha256

import pytest

from ledger.domain.checkpoint import Checkpoint, open_checkpoint
from ledger.domain.entry import MapRootEntry, StatementEntry, parse_entry
from ledger.domain.genesis import Genesis
from ledger.domain.map import MapValue, replay, update
from ledger.domain.merkle import leaf_hash
from ledger.domain.merkle import root as root_of
from ledger.domain.note import VerifierKey
from ledger.domain.statement import Statement
from ledger.log.tile_path import tile_path
from tests.builders import EXPORTER
from tests.domain.merkle_reference import tree_hash
from tests.integration.stage import Stage, another_trip

WIDTH = 256
TRIP = another_trip("api")


@pytest.fixture(scope="module")
def checkpoint(stage: Stage) -> Checkpoint:
    """A published checkpoint of a log that fills more than one tile."""
    author = stage.author(EXPORTER)
    for number in range(2):
        told = [
            author.says("status", TRIP, {"number": at}, iat=stage.clock(), seen=stage.seen())
            for at in range(number * 150, number * 150 + 150)
        ]
        waiting = [stage.ledger.sequencer.submit(stage.ledger.policy.check(one.raw)) for one in told]
        assert all(future.result() for future in waiting)
        stage.publish()
    # One entry more than the checkpoint has, which nobody may take for part of it.
    assert stage.post(stage.says(EXPORTER, "status", TRIP)).status_code == 201
    note = stage.http.get("/log/checkpoint").content
    key = VerifierKey.parse(Genesis.parse(stage.http.get("/log/genesis").content).log_key)
    return open_checkpoint(note, [key]).checkpoint


def tile(stage: Stage, level: int | None, index: int, size: int) -> bytes:
    """Return a tile of the log of a size; a partial one when the log does not fill it."""
    there = size >> (8 * (level or 0))
    width = min(WIDTH, there - index * WIDTH)
    answer = stage.http.get(f"/log/tile/{tile_path(level, index, width)}")
    assert answer.status_code == 200, answer.text
    return answer.content


def entries_of(stage: Stage, size: int) -> list[bytes]:
    """Return the entries of the log, out of its bundles."""
    entries = []
    for index in range(-(-size // WIDTH)):
        bundle = tile(stage, None, index, size)
        while bundle:
            length = int.from_bytes(bundle[:2])
            entries.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
    return entries


def test_the_whole_log_is_verified_from_its_tiles(stage: Stage, checkpoint: Checkpoint) -> None:
    entries = entries_of(stage, checkpoint.size)
    assert len(entries) == checkpoint.size > WIDTH
    assert tree_hash(entries) == checkpoint.root
    # The hash tiles give the same root without any entry.
    level0 = b"".join(tile(stage, 0, index, checkpoint.size) for index in range(-(-checkpoint.size // WIDTH)))
    leaves = [level0[at : at + 32] for at in range(0, len(level0), 32)]
    assert leaves == [leaf_hash(entry) for entry in entries]
    level1 = tile(stage, 1, 0, checkpoint.size)
    assert (
        root_of(checkpoint.size, lambda level, index: node(leaves, level1, level, index)) == checkpoint.root
    )


def node(leaves: list[bytes], level1: bytes, level: int, index: int) -> bytes:
    """Return a complete node of the tree; those of level 8 as the tile above has them."""
    if level == 8:
        return level1[32 * index : 32 * index + 32]
    if level == 0:
        return leaves[index]
    left, right = (node(leaves, level1, level - 1, 2 * index + side) for side in (0, 1))
    return sha256(b"\x01" + left + right).digest()


def test_every_map_root_follows_from_the_entries_before_it(stage: Stage, checkpoint: Checkpoint) -> None:
    entries = entries_of(stage, checkpoint.size)
    nodes: dict[bytes, bytes] = {}
    values: dict[bytes, MapValue] = {}
    map_root, start, found = bytes(32), 0, 0
    for index, entry in enumerate(entries):
        parsed = parse_entry(entry)
        if not isinstance(parsed, MapRootEntry):
            continue
        run = [
            (at, one, said.tags)
            for at, one in enumerate(entries[start:index], start)
            if isinstance(said := parse_entry(one), StatementEntry)
        ]
        changes = replay(run, values.get)
        map_root, added = update(nodes.__getitem__, map_root, changes)
        nodes |= added
        values |= changes
        start, found = index + 1, found + 1
        assert parsed.map_root == map_root
    assert found >= 2


def test_every_statement_is_in_the_log_under_its_envelope(stage: Stage, checkpoint: Checkpoint) -> None:
    for index, entry in enumerate(entries_of(stage, checkpoint.size)):
        parsed = parse_entry(entry)
        if isinstance(parsed, StatementEntry):
            raw = stage.ledger.store.statement_at(index).statement
            assert (Statement.parse(raw).envelope, sha256(raw).digest()) == (parsed.envelope, parsed.envelope)


def test_the_genesis_document_is_served_byte_for_byte(stage: Stage) -> None:
    answer = stage.http.get("/log/genesis")
    assert answer.content == stage.ledger.genesis.document
    assert entries_of(stage, 1) == [b"\x00" + sha256(answer.content).digest()]
