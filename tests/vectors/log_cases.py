"""Vectors of entries, Merkle proofs, the map, checkpoints and anchor records."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.domain import merkle
from ledger.domain.checkpoint import Checkpoint, cosign, sign_checkpoint
from ledger.domain.entry import genesis_entry, map_root_entry, statement_entry
from ledger.domain.evm_layout import anchor_record, anchor_slot, closure_slots, head_slot
from ledger.domain.map import MapValue, running_next, update
from ledger.domain.map_proof import EMPTY, prove
from ledger.domain.note import COSIGNATURE_V1, Note, VerifierKey
from tests.builders import NOON, ORIGIN, a_log_verifier_key, an_ed25519_key, seeded

Case = dict[str, Any]
ERROR: Case = {"error": True}
WITNESS = "witness.example/one"


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


def maps() -> list[Case]:
    """Return proofs of presence and absence in a map, and damaged ones."""
    nodes: dict[bytes, bytes] = {}
    values: Mapping[bytes, MapValue] = {
        seeded(("tag", i), 32): MapValue(
            1, running_next(bytes(32), i + 1, statement_entry(bytes(32), [bytes(32)]))
        )
        for i in range(12)
    }
    root, new = update(nodes.__getitem__, EMPTY, values)
    nodes |= new
    cases: list[Case] = []
    for tag, value in values.items():
        proof = prove(nodes.__getitem__, root, tag).encode().hex()
        given = {"tag": tag.hex(), "root": root.hex(), "proof": proof}
        cases.append(
            {
                "name": "present",
                "input": given,
                "expect": {"count": value.count, "running": value.running.hex()},
            }
        )
    present: Case = cases[0]["input"]
    for i in range(4):
        tag = seeded(("absent", i), 32)
        proof = prove(nodes.__getitem__, root, tag).encode().hex()
        given = {"tag": tag.hex(), "root": root.hex(), "proof": proof}
        cases.append({"name": "absent", "input": given, "expect": {"absent": True}})
    wrong: dict[str, Case] = {
        "proof of another tag": {"proof": cases[1]["input"]["proof"]},
        "another root": {"root": seeded("root", 32).hex()},
        "truncated": {"proof": present["proof"][:-2]},
        "something after it": {"proof": present["proof"] + "00"},
    }
    return cases + [
        {"name": name, "input": present | change, "expect": ERROR} for name, change in wrong.items()
    ]


def checkpoints() -> list[Case]:
    """Return a checkpoint with a cosignature, and damaged ones."""
    log_key = VerifierKey.parse(a_log_verifier_key())
    witness = VerifierKey(WITNESS, COSIGNATURE_V1, an_ed25519_key("witness").public_key().public_bytes_raw())
    checkpoint = Checkpoint(ORIGIN, 13, merkle.root(13, _getter(_tree(13))))
    note = sign_checkpoint(checkpoint, log_key, an_ed25519_key("log").sign)
    note = Note.parse(note).add(cosign(checkpoint, witness, NOON, an_ed25519_key("witness").sign)).encode()
    text = note.decode()
    vkeys = [log_key.encode(), witness.encode()]
    good: Case = {"note": text, "vkeys": vkeys}
    expect = {"origin": ORIGIN, "size": 13, "root": checkpoint.root.hex(), "times": {WITNESS: NOON}}
    wrong: dict[str, Case] = {
        "another size": {"note": text.replace("\n13\n", "\n14\n")},
        "size with a leading zero": {"note": text.replace("\n13\n", "\n013\n")},
        "extension line": {"note": text.replace("\n\n", "\nmore\n\n", 1)},
        "no signature": {"note": text.split("\n\n")[0] + "\n\n"},
        "another log key": {"vkeys": [a_log_verifier_key(seed="thief"), vkeys[1]]},
        "last newline gone": {"note": text[:-1]},
    }
    return [
        {"name": "signed and cosigned", "input": good, "expect": expect},
        *({"name": name, "input": good | change, "expect": ERROR} for name, change in wrong.items()),
    ]


def anchor_records() -> list[Case]:
    """Return a record."""
    root = seeded("root", 32)
    given = {"root": root.hex(), "number": 17, "time": NOON}
    return [{"name": "record", "input": given, "expect": {"record": anchor_record(root, 17, NOON).hex()}}]


def slots() -> list[Case]:
    """Return the slots of a log in the anchor contract."""
    origin_hash = seeded("origin", 32)
    closure, last_good = closure_slots(origin_hash)
    expect = {
        "record": anchor_slot(origin_hash, 42),
        "head": head_slot(origin_hash),
        "closure": closure,
        "last_good": last_good,
    }
    return [
        {
            "name": "log",
            "input": {"origin_hash": origin_hash.hex(), "size": 42},
            "expect": {name: slot.to_bytes(32).hex() for name, slot in expect.items()},
        }
    ]


SECTIONS = {
    "entry": entries,
    "merkle-inclusion": inclusions,
    "merkle-consistency": consistencies,
    "map": maps,
    "checkpoint": checkpoints,
    "anchor-record": anchor_records,
    "slots": slots,
}
