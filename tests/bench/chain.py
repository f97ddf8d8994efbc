"""What an anchor costs, whatever it covers, beside a contract that checks nothing."""

import tempfile
from pathlib import Path

from ledger.chain.contracts import ANCHOR, Interface
from ledger.chain.governance import open_log, origin_hash
from ledger.chain.transactions import transact
from ledger.domain import map as log_map
from ledger.domain.entry import genesis_entry, map_root_entry, statement_entry
from ledger.domain.frontier import Frontier
from ledger.domain.merkle import leaf_hash
from tests.builders import NOON, seeded
from tests.chain.chains import OPERATOR, Hands, World, a_chain, settle_world

Row = dict[str, object]

MOST_GAS = 60_000
MOST_DIFFERENCE = 500
MANY_STATEMENTS = 100_000
MANY_STREAMS = 10_000
LOGS = ((1, 1), (MANY_STATEMENTS, 1), (MANY_STREAMS, 1), (MANY_STREAMS, MANY_STREAMS))
"""Statements and streams of each log that is anchored."""

# What no anchor can do without: a transaction, a new storage slot and an event. `sstore(key, value)`, then
# `log1(value, topic key)`, with key and value as the call data.
_KEEPER = bytes.fromhex("6020356000355560203560005260003560206000a100")
_KEEPER_CREATION = bytes.fromhex("6016600c60003960166000f3") + _KEEPER


def rows() -> list[Row]:
    """Return the figures."""
    clock = Hands(NOON)
    with tempfile.TemporaryDirectory() as folder, a_chain(Path(folder), clock) as chain:
        world = settle_world(chain, clock)
        floor = gas_of_keeping(world)
        gas = {log: gas_of_anchors(world, *log) for log in LOGS}
    largest = max(cost for costs in gas.values() for cost in costs)
    by_statements = difference(gas[1, 1], gas[MANY_STATEMENTS, 1])
    by_streams = difference(gas[MANY_STREAMS, 1], gas[MANY_STREAMS, MANY_STREAMS])
    return [
        {
            "name": "one anchor, the dearest of four logs",
            "value": largest,
            "unit": "gas",
            "floor": floor,
            "ratio": largest / floor,
            "target": f"at most {MOST_GAS:,} gas",
            "met": largest <= MOST_GAS,
        },
        _difference_row(f"anchor of {MANY_STATEMENTS:,} statements against one of 1", by_statements),
        _difference_row(f"anchor of {MANY_STREAMS:,} streams against one of 1", by_streams),
    ]


def gas_of_keeping(world: World) -> int:
    """Return what it costs to keep 32 bytes in a new slot and say so, without any check."""
    keeper = transact(world.client, OPERATOR, None, _KEEPER_CREATION).contract
    assert keeper is not None
    return transact(world.client, OPERATOR, keeper, seeded("key", 32) + seeded("value", 32)).gas_used


def gas_of_anchors(world: World, statements: int, streams: int) -> list[int]:
    """Return what the first anchor of a log costs, and the one after another statement.

    Args:
        world: The chain.
        statements: How many the first anchor covers.
        streams: Into how many streams they go, in turns.
    """
    origin = f"log.corridor.example/{statements}-{streams}"
    world.govern(open_log(origin, OPERATOR.address))
    entries: list[tuple[bytes, list[bytes]]] = [(genesis_entry(seeded(origin, 32)), [])]
    costs = []
    for count in (statements, 1):
        for number in range(len(entries), len(entries) + count):
            tags = [seeded(("tag", number % streams), 32)]
            entries.append((statement_entry(seeded(("envelope", number), 32), tags), tags))
        entries.append((map_root_entry(map_root_of(entries)), []))
        frontier, _ = Frontier().append([leaf_hash(entry) for entry, _ in entries])
        call = Interface.load(ANCHOR).call("anchor", origin_hash(origin), frontier.size, frontier.root())
        costs.append(transact(world.client, OPERATOR, world.contracts.anchor, call).gas_used)
    return costs


def map_root_of(entries: list[tuple[bytes, list[bytes]]]) -> bytes:
    """Return the root of the map over a log's entries, each given with its tags."""
    changes = log_map.replay(
        ((index, entry, tags) for index, (entry, tags) in enumerate(entries)), lambda _tag: None
    )
    nothing: dict[bytes, bytes] = {}
    root, _ = log_map.update(nothing.__getitem__, log_map.EMPTY, changes)
    return root


def difference(one: list[int], other: list[int]) -> int:
    """Return by how much the costs of two logs differ at most, the first anchors and the second ones."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _difference_row(name: str, value: int) -> Row:
    return {
        "name": name,
        "value": value,
        "unit": "gas",
        "floor": 0,
        "ratio": 1.0,
        "target": f"within {MOST_DIFFERENCE} gas",
        "met": value <= MOST_DIFFERENCE,
    }
