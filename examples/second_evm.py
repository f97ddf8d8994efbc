"""What the chain keeps and how its state is proven without it: section 8 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from second_encoding import U64, Refused, k, need

# Where the mappings of the two contracts begin (section 8).
ORGANISATIONS, ROLE_INTERVALS, KEYS = 1, 2, 3
ANCHORS, HEADS, CLOSURES = 0, 1, 2


class Unproven(Refused):
    """The trie nodes given do not reach the value that was asked for."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem, "not-proven")


def u256(number: int) -> bytes:
    return number.to_bytes(32, "big")


def anchor_record(root: bytes, block_number: int, block_time: int) -> bytes:
    return k(root, u256(block_number), u256(block_time))


def mapping_slot(key: bytes, slot: bytes | int) -> bytes:
    return k(key.rjust(32, b"\0"), u256(slot) if isinstance(slot, int) else slot)


def following(slot: bytes, steps: int = 1) -> bytes:
    return u256((int.from_bytes(slot, "big") + steps) % 2**256)


def anchor_slots(origin_hash: bytes, size: int) -> dict[str, bytes]:
    closure = mapping_slot(origin_hash, CLOSURES)
    return {
        "record": mapping_slot(u256(size), mapping_slot(origin_hash, ANCHORS)),
        "head": mapping_slot(origin_hash, HEADS),
        "closure": closure,
        "last_good": following(closure),
    }


def registry_slots(organisation: bytes, role: bytes, thumbprint: bytes) -> dict[str, bytes]:
    key, roles = (
        mapping_slot(thumbprint, KEYS),
        mapping_slot(role, mapping_slot(organisation, ROLE_INTERVALS)),
    )
    return {
        "organisation": mapping_slot(organisation, ORGANISATIONS),
        "key": key,
        "key_interval": following(key),
        "role_count": roles,
        "role_first": k(roles),
    }


def rlp(data: bytes, at: int = 0) -> tuple[Any, int]:
    """Read one RLP item: bytes, or a list of items."""
    need(at < len(data), "RLP: truncated")
    first = data[at]
    if first < 0x80:
        return data[at : at + 1], at + 1
    base = 0xC0 if first >= 0xC0 else 0x80
    length, start = first - base, at + 1
    if length > 55:
        start += length - 55
        length = int.from_bytes(data[at + 1 : start], "big")
    end = start + length
    need(end <= len(data), "RLP: truncated")
    if base == 0x80:
        return data[start:end], end
    items = []
    while start < end:
        item, start = rlp(data, start)
        items.append(item)
    need(start == end, "RLP: a list ends inside an item")
    return items, end


def rlp_whole(data: bytes, what: str, least: int) -> list[Any]:
    try:
        value, end = rlp(data)
    except RecursionError as error:
        raise Refused(f"{what}: RLP nested too deeply") from error
    need(
        end == len(data) and isinstance(value, list) and len(value) >= least,
        f"{what}: not the RLP list it has to be",
    )
    return list(value)


def trie_value(root: bytes, key: bytes, nodes: Mapping[bytes, bytes]) -> bytes:
    """Return the value under a hashed key of a Merkle Patricia trie; empty when the trie has none."""
    path = k(key).hex()
    here: Any = root
    if root == k(b"\x80"):
        return b""
    while here:
        if isinstance(here, list):
            node: list[Any] = here
        elif here in nodes:
            node = rlp_whole(nodes[here], "trie node", 2)
        else:
            raise Unproven("state proof: a trie node is missing")
        if len(node) == 17:
            if not path:
                return bytes(node[16])
            here, path = node[int(path[0], 16)], path[1:]
            continue
        need(len(node) == 2 and node[0], "state proof: not a trie node")
        flags, part = int(node[0].hex()[0], 16), node[0].hex()[2 - (node[0][0] >> 4 & 1) :]
        if not path.startswith(part):
            return b""
        here, path = node[1], path[len(part) :]
        if flags & 2:
            return b"" if path else bytes(here)
    return b""


@dataclass(frozen=True)
class Block:
    number: int
    hash: bytes
    parent: bytes


@dataclass(frozen=True)
class State:
    """The state after one block, as far as the nodes reach."""

    chain_id: int
    chain_genesis: bytes
    blocks: tuple[Block, ...]
    root: bytes
    nodes: Mapping[bytes, bytes]

    @property
    def number(self) -> int:
        return self.blocks[0].number

    @property
    def linked(self) -> bool:
        """Tell whether each header follows the one before it."""
        pairs = itertools.pairwise(self.blocks)
        return all((b.number, b.parent) == (a.number + 1, a.hash) for a, b in pairs)

    def account(self, address: bytes) -> tuple[bytes, bytes]:
        """Return the storage root and the code hash of a contract."""
        account = trie_value(self.root, address, self.nodes)
        need(account, "state proof: there is no such contract", "other-code")
        storage, code = rlp_whole(account, "account", 4)[2:4]
        return storage, code

    def slot(self, address: bytes, slot: bytes) -> int:
        value = trie_value(self.account(address)[0], slot, self.nodes)
        return int.from_bytes(rlp(value)[0], "big") if value else 0


@dataclass(frozen=True)
class StateProof:
    """A state proof as it lies in the file. What its headers and nodes say is read when it is asked for."""

    chain_id: int
    chain_genesis: bytes
    headers: list[bytes]
    nodes: list[bytes]


def read_state_proof(proof: list[Any]) -> StateProof:
    chain_id, chain_genesis, header, descendants, nodes = proof
    need(max(len(descendants), len(nodes)) <= 100_000, "state proof: over 100,000 headers or nodes")
    headers = [header, *descendants]
    need(all(len(raw) <= 4_096 for raw in headers), "state proof: a header of over 4,096 bytes")
    need(all(len(node) <= 1_024 for node in nodes), "state proof: a node of over 1,024 bytes")
    need(nodes == sorted(nodes, key=k) and len(set(nodes)) == len(nodes), "state proof: nodes out of order")
    return StateProof(chain_id, chain_genesis, headers, nodes)


def read_state(proof: StateProof) -> State:
    """Read the headers; whether they follow one another and one is pinned is for the caller."""
    blocks: list[Block] = []
    root = b""
    for raw in proof.headers:
        fields = rlp_whole(raw, "block header", 15)
        need(all(isinstance(field, bytes) for field in fields), "state proof: not a block header")
        widths = [len(fields[each]) for each in (0, 3, 8, 11)]
        need(widths[:2] == [32, 32] and max(widths[2:]) <= 8, "state proof: not a block header")
        root = root or fields[3]
        blocks.append(Block(int.from_bytes(fields[8], "big"), k(raw), fields[0]))
    nodes = {k(node): node for node in proof.nodes}
    return State(proof.chain_id, proof.chain_genesis, tuple(blocks), root, nodes)


STATE_PROOF = (U64, 32, bytes, [bytes], [bytes])
