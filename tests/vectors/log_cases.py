"""Vectors of log entries and Merkle proofs."""

from collections.abc import Sequence
from typing import Any

from ledger.domain import merkle
from ledger.domain.entry import genesis_entry, map_root_entry, statement_entry
from tests.builders import seeded

Case = dict[str, Any]
ERROR: Case = {"error": True}


def entries() -> list[Case]:
    """Return one entry of each kind."""
    envelope, tags = seeded("envelope", 32), [seeded(("tag", i), 32) for i in range(2)]
    made: list[tuple[str, Case, bytes]] = [
        ("genesis", {"genesis_hash": envelope.hex()}, genesis_entry(envelope)),
        ("map root", {"map_root": envelope.hex()}, map_root_entry(envelope)),
        (
            "statement in two streams",
            {"envelope": envelope.hex(), "tags": [tag.hex() for tag in tags]},
            statement_entry(envelope, tags),
        ),
    ]
    return [
        {
            "name": name,
            "input": given,
            "expect": {"entry": entry.hex(), "leaf_hash": merkle.leaf_hash(entry).hex()},
        }
        for name, given, entry in made
    ]


def _tree(size: int) -> list[bytes]:
    return [merkle.leaf_hash(seeded(("leaf", i), 40)) for i in range(size)]


def _getter(leaves: Sequence[bytes]) -> Any:
    def get(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return merkle.node_hash(get(level - 1, 2 * index), get(level - 1, 2 * index + 1))

    return get


def inclusions() -> list[Case]:
    """Return proofs of every place in small trees, and damaged ones."""
    cases: list[Case] = []
    for size in (1, 2, 3, 7, 8, 13):
        leaves = _tree(size)
        get = _getter(leaves)
        root = merkle.root(size, get)
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, get)
            given = {
                "leaf_hash": leaves[index].hex(),
                "index": index,
                "size": size,
                "path": [node.hex() for node in proof],
                "root": root.hex(),
            }
            cases.append({"name": f"{index} of {size}", "input": given, "expect": {"root": root.hex()}})
    last: Case = cases[-1]["input"]
    wrong: dict[str, Case] = {
        "index past the end": {"index": 13},
        "another index": {"index": 11},
        "another size": {"size": 12},
        "path too short": {"path": last["path"][:-1]},
        "path too long": {"path": [*last["path"], last["root"]]},
        "another root": {"root": last["leaf_hash"]},
    }
    return cases + [{"name": name, "input": last | change, "expect": ERROR} for name, change in wrong.items()]


def consistencies() -> list[Case]:
    """Return proofs between small sizes, and damaged ones."""
    leaves = _tree(13)
    get = _getter(leaves)
    cases: list[Case] = []
    for size1, size2 in ((1, 1), (1, 2), (2, 3), (3, 7), (4, 8), (6, 13), (8, 13), (13, 13)):
        given = {
            "size1": size1,
            "size2": size2,
            "path": [node.hex() for node in merkle.consistency_proof(size1, size2, get)],
            "root1": merkle.root(size1, get).hex(),
            "root2": merkle.root(size2, get).hex(),
        }
        cases.append({"name": f"{size1} to {size2}", "input": given, "expect": {}})
    good: Case = cases[5]["input"]
    wrong: dict[str, Case] = {
        "roots swapped": {"root1": good["root2"], "root2": good["root1"]},
        "no proof": {"path": []},
        "size of another tree": {"size1": 5},
        "larger before smaller": {"size1": 13, "size2": 6},
    }
    return cases + [{"name": name, "input": good | change, "expect": ERROR} for name, change in wrong.items()]


SECTIONS = {"entry": entries, "merkle-inclusion": inclusions, "merkle-consistency": consistencies}
