"""One deep look at a log: everything that is stored, computed again from the entries by the slow references.

It is called after every mutation in the tests of the log, and after every crash.
"""

from hashlib import sha256
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Table, select

from ledger.domain.checkpoint import Checkpoint, open_checkpoint, verify_cosignatures
from ledger.domain.cose import CoseKey
from ledger.domain.entry import GenesisEntry, MapRootEntry, StatementEntry, parse_entry
from ledger.domain.map import MapValue
from ledger.domain.map_proof import verify
from ledger.domain.merkle import leaf_hash, verify_consistency, verify_inclusion
from ledger.domain.note import Note, VerifierKey
from ledger.domain.statement import Statement
from ledger.log.store import LogStore
from ledger.storage import tables
from ledger.storage.engine import read_transaction
from tests.domain import map_reference, merkle_reference

_NOBODY = sha256(b"no stream of this log").digest()


def check_log(store: LogStore) -> list[bytes]:
    """Check everything that one database says of its log, and return the entries.

    Raises:
        AssertionError: Something stored does not follow from the entries.
        VerificationError: A signature or a proof does not hold.
    """
    with read_transaction(store.engine) as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        entries = _check_entries(connection, store)
        values = _check_statements(connection, entries)
        _check_tiles(connection, entries)
        sizes = _check_checkpoints(connection, store, entries, values)
    _check_proofs(store, entries, sizes, values)
    return entries


def _rows(connection: Connection, table: Table) -> list[Any]:
    return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def _check_entries(connection: Connection, store: LogStore) -> list[bytes]:
    ((_, document, profile, size),) = _rows(connection, tables.log)
    assert sha256(profile).digest() == store.genesis.profile
    rows = _rows(connection, tables.entries)
    assert [row.idx for row in rows] == list(range(size))
    entries = [row.entry for row in rows]
    parsed = [parse_entry(entry) for entry in entries]
    assert parsed[0] == GenesisEntry(sha256(document).digest())
    assert not any(isinstance(entry, GenesisEntry) for entry in parsed[1:])
    return entries


def _check_statements(
    connection: Connection, entries: list[bytes]
) -> dict[bytes, list[tuple[int, MapValue]]]:
    """Return, for each stream, where its entries stand and its value after each."""
    keys = {row.thumbprint: CoseKey.parse(row.cose_key) for row in _rows(connection, tables.cose_keys)}
    assert all(key.thumbprint == thumbprint for thumbprint, key in keys.items())
    said = {row.idx: row for row in _rows(connection, tables.statements)}
    values: dict[bytes, list[tuple[int, MapValue]]] = {}
    for index, entry in enumerate(entries):
        parsed = parse_entry(entry)
        assert (index in said) == isinstance(parsed, StatementEntry), index
        if not isinstance(parsed, StatementEntry):
            continue
        row = said[index]
        statement = Statement.parse(row.statement)
        assert (row.id, row.kid, row.kind, row.sub) == (
            statement.id,
            statement.kid,
            statement.kind,
            statement.sub,
        )
        assert parsed == StatementEntry(sha256(row.statement).digest(), statement.streams)
        if row.kid in keys:
            statement.verify(keys[row.kid])
        for tag in parsed.tags:
            so_far = values.setdefault(tag, [])
            running = so_far[-1][1].running if so_far else bytes(32)
            running = sha256(b"\x12" + running + index.to_bytes(8, "big") + entry).digest()
            so_far.append((index, MapValue(len(so_far) + 1, running)))
    assert len({row.id for row in said.values()}) == len(said)
    assert [tuple(row) for row in _rows(connection, tables.stream_entries)] == [
        (tag, value.count, index, value.running) for tag in sorted(values) for index, value in values[tag]
    ]
    assert [tuple(row) for row in _rows(connection, tables.streams)] == [
        (tag, values[tag][-1][1].count, values[tag][-1][1].running) for tag in sorted(values)
    ]
    return values


def _check_tiles(connection: Connection, entries: list[bytes]) -> None:
    levels = [[leaf_hash(entry) for entry in entries]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = zip(below[::2], below[1::2], strict=False)
        levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
    expected = []
    for level in range(0, len(levels), 8):
        for index in range(-(-len(levels[level]) // 256)):
            rows = [
                b"".join(nodes[index << (8 - height) : (index + 1) << (8 - height)])
                for height, nodes in enumerate(levels[level : level + 8])
            ]
            expected.append((level // 8, index, len(rows[0]) // 32, b"".join(rows)))
    assert [tuple(row) for row in _rows(connection, tables.tiles)] == expected


def _check_checkpoints(
    connection: Connection,
    store: LogStore,
    entries: list[bytes],
    values: dict[bytes, list[tuple[int, MapValue]]],
) -> list[int]:
    rows = _rows(connection, tables.checkpoints)
    last_leaves = [row.size - 1 for row in rows]
    # A map root is the last leaf of every checkpoint and stands nowhere else; each has something new in it.
    roots = [index for index, entry in enumerate(entries) if isinstance(parse_entry(entry), MapRootEntry)]
    assert roots == last_leaves
    assert all(later - earlier > 1 for earlier, later in pairwise(roots))
    _check_map_nodes(connection)
    log_key = VerifierKey.parse(store.genesis.log_key)
    for row in rows:
        assert row.root == merkle_reference.tree_hash(entries[: row.size]), row.size
        assert entries[row.size - 1] == b"\x02" + row.map_root
        assert row.map_root == map_reference.root(values_at(values, row.size))
        assert (row.map_node == 0) == (row.map_root == bytes(32))
        assert (row.note is None) == (row.state == "fixed")
        assert (row.published_at is None) == (row.state != "published")
        if row.note is not None:
            signed = open_checkpoint(row.note, [log_key])
            assert signed.checkpoint == Checkpoint(store.genesis.origin, row.size, row.root)
            assert len(signed.note.signatures) == 1
    _check_cosignatures(connection, {row.size: row.note for row in rows})
    return [row.size for row in rows]


def _check_map_nodes(connection: Connection) -> None:
    hashes = {0: bytes(32)}
    for number, node in _rows(connection, tables.map_nodes):
        assert number == len(hashes)
        preimage, children = (node, b"") if node[:1] == b"\x10" else (node[:65], node[65:])
        if children:
            left, right = int.from_bytes(children[:8], "big"), int.from_bytes(children[8:], "big")
            assert preimage == b"\x11" + hashes[left] + hashes[right]
        hashes[number] = sha256(preimage).digest()


def _check_cosignatures(connection: Connection, notes: dict[int, bytes | None]) -> None:
    for size, witness, time, line in _rows(connection, tables.cosignatures):
        note = notes[size]
        assert note is not None, "cosigned before it was signed"
        cosigned = Note.parse(note + line)
        verified = verify_cosignatures(cosigned, [VerifierKey.parse(witness)])
        assert [cosignature.timestamp for cosignature in verified] == [time]


def _check_proofs(
    store: LogStore, entries: list[bytes], sizes: list[int], values: dict[bytes, list[tuple[int, MapValue]]]
) -> None:
    roots = [store.root(size) for size in sizes]
    for size, root in zip(sizes, roots, strict=True):
        # Every entry would be slow in the longer tests: both ends and some between.
        for index in {0, 1, size // 2, size // 3, size - 2, size - 1}:
            proof = store.inclusion_proof(index, size)
            verify_inclusion(leaf_hash(entries[index]), index, size, proof, root)
        at = values_at(values, size)
        map_root = entries[size - 1][1:]
        for tag in [*list(at)[:3], _NOBODY]:
            assert verify(store.map_proof(tag, size), map_root, tag) == at.get(tag)
            assert len(store.stream(tag, size)) == (at[tag].count if tag in at else 0)
    for (size1, root1), (size2, root2) in pairwise(zip(sizes, roots, strict=True)):
        verify_consistency(size1, size2, store.consistency_proof(size1, size2), root1, root2)


def values_at(values: dict[bytes, list[tuple[int, MapValue]]], size: int) -> dict[bytes, MapValue]:
    """Return what the map of a checkpoint of a size has to hold."""
    below = {tag: [value for index, value in stream if index < size] for tag, stream in values.items()}
    return {tag: stream[-1] for tag, stream in below.items() if stream}
