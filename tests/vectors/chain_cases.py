"""Vectors of what the contracts keep, and of proofs of it."""

from collections.abc import Mapping
from typing import Any

import rlp

from ledger.domain import evm_layout, strict_cbor
from ledger.domain.evm_layout import (
    anchor_record,
    anchor_slot,
    closure_slots,
    head_slot,
    key_slots,
    organisation_id,
    organisation_slot,
    role_count_slot,
    role_id,
    role_interval_slot,
)
from ledger.verification.chain_view import Contract
from ledger.verification.state_proof import StateProof
from tests.builders import EXPORTER, NOON, seeded
from tests.verification.chain import SyntheticChain

Case = dict[str, Any]


def anchor_records() -> list[Case]:
    """Return a record."""
    root = seeded("root", 32)
    given = {"root": root.hex(), "number": 17, "time": NOON}
    return [{"name": "record", "input": given, "expect": {"record": anchor_record(root, 17, NOON).hex()}}]


def slots() -> list[Case]:
    """Return the slots of a log in the anchor contract, and of an organisation and a key in the registry."""
    origin_hash = seeded("origin", 32)
    closure, last_good = closure_slots(origin_hash)
    anchor = {
        "record": anchor_slot(origin_hash, 42),
        "head": head_slot(origin_hash),
        "closure": closure,
        "last_good": last_good,
    }
    organisation, role, thumbprint = organisation_id(EXPORTER), role_id("exporter"), seeded("thumbprint", 32)
    key, interval = key_slots(thumbprint)
    registry = {
        "organisation": organisation_slot(organisation),
        "key": key,
        "key_interval": interval,
        "role_count": role_count_slot(organisation, role),
        "role_first": role_interval_slot(organisation, role, 0),
    }
    names = {"organisation": organisation.hex(), "role": "exporter", "thumbprint": thumbprint.hex()}
    return [
        {"name": "log", "input": {"origin_hash": origin_hash.hex(), "size": 42}, "expect": _words(anchor)},
        {"name": "organisation, role and key", "input": names, "expect": _words(registry)},
    ]


def _words(found: Mapping[str, int]) -> Case:
    return {name: slot.to_bytes(32).hex() for name, slot in found.items()}


def state_proofs() -> list[Case]:
    """Return proofs of slots under a block and under a later one, and proofs that show nothing."""
    chain = SyntheticChain(NOON)
    origin = seeded("origin", 32)
    for size in range(2, 12):
        chain.store(Contract.ANCHOR, evm_layout.anchor_slot(origin, size), size)
    chain.anchor(origin, 42, seeded("root", 32), NOON + 10)
    chain.set_key(EXPORTER, seeded("thumbprint", 32), 1, suspect=3)
    for _ in range(3):
        chain.mine(NOON + 20)
    asked = [
        (Contract.ANCHOR, evm_layout.anchor_slot(origin, 42)),
        (Contract.ANCHOR, evm_layout.anchor_slot(origin, 43)),
        (Contract.ANCHOR, evm_layout.head_slot(origin)),
        (Contract.REGISTRY, evm_layout.key_slots(seeded("thumbprint", 32))[1]),
    ]
    record = int.from_bytes(evm_layout.anchor_record(seeded("root", 32), 1, NOON + 10))
    head = 42 << 160 | int.from_bytes(seeded("operator", 20))
    values = [record, 0, head, 1 << 192 | 3 << 128 | 1]
    alone, followed = chain.proof(2, asked, until=2), chain.proof(2, asked, until=4)
    slots = [
        {"address": chain.addresses[contract].hex(), "slot": slot.to_bytes(32).hex()}
        for contract, slot in asked
    ]
    expect = {"values": [value.to_bytes(32).hex() for value in values], "number": 2}

    def given(proof: StateProof, pinned: int = 4) -> Case:
        return _given(proof.to_bytes(), chain.block_hash(pinned), slots)

    whole = followed.to_bytes()
    header, descendants, nodes = followed.header, followed.descendants, followed.nodes
    renumbered = _renumbered(descendants[0])

    def changed(*parts: Any) -> bytes:
        return strict_cbor.dumps([chain.id, chain.genesis, *parts])

    damaged = {
        "truncated": whole[:-1],
        "something after it": whole + b"\x00",
        "chain id longer than it needs": whole.replace(b"\x19\x7a\x69", b"\x1a\x00\x00\x7a\x69", 1),
        "genesis hash of 31 bytes": strict_cbor.dumps([chain.id, bytes(31), header, descendants, nodes]),
        "one bit of the header": changed(header[:-1] + bytes([header[-1] ^ 1]), descendants, nodes),
        "descendants swapped": changed(header, descendants[::-1], nodes),
        "descendant left out": changed(header, descendants[1:], nodes),
        "block before as descendant": changed(header, [chain.headers[1], *descendants], nodes),
        "node left out": changed(header, descendants, nodes[1:]),
        "nodes out of order": changed(header, descendants, nodes[::-1]),
        "node twice": changed(header, descendants, [nodes[0], *nodes]),
        "one bit of a node": changed(header, descendants, [nodes[0][:-1] + b"\x00", *nodes[1:]]),
    }
    return [
        {"name": "under the block itself", "input": given(alone, 2), "expect": expect},
        {"name": "under a later block", "input": given(followed), "expect": expect},
        _refused("under a block that does not follow", **given(alone)),
        _refused(
            "under a descendant of another number",
            **_given(changed(header, [renumbered], nodes), evm_layout.keccak(renumbered), slots),
        ),
        *(
            _refused(name, **_given(data, chain.block_hash(4), slots))
            for name, data in damaged.items()
            if data != whole
        ),
    ]


def _given(proof: bytes, block_hash: bytes, slots: list[Case]) -> Case:
    return {"proof": proof.hex(), "block_hash": block_hash.hex(), "slots": slots}


def _renumbered(header: bytes) -> bytes:
    fields = rlp.decode(header)
    return bytes(rlp.encode([*fields[:8], b"\x09", *fields[9:]]))


def _refused(name: str, **given: Any) -> Case:
    return {"name": name, "input": given, "expect": {"error": True}}


SECTIONS = {"anchor-record": anchor_records, "slots": slots, "state-proof": state_proofs}
