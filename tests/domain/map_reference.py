"""The verifiable map written down from its definition: slow, obvious, and compared with the fast code."""

from collections.abc import Sequence
from hashlib import sha256

from ledger.domain.map import MapValue

EMPTY = bytes(32)


def bit(tag: bytes, depth: int) -> int:
    """Return the bit of a tag that decides at a depth, most significant first."""
    return tag[depth // 8] >> (7 - depth % 8) & 1


def leaf_hash(tag: bytes, value: MapValue) -> bytes:
    return sha256(b"\x10" + tag + value.count.to_bytes(8, "big") + value.running).digest()


def root(values: dict[bytes, MapValue], depth: int = 0) -> bytes:
    """Return the hash of the subtree at a depth that holds exactly these values."""
    if not values:
        return EMPTY
    if len(values) == 1:
        return leaf_hash(*next(iter(values.items())))
    left = {tag: value for tag, value in values.items() if bit(tag, depth) == 0}
    right = {tag: value for tag, value in values.items() if bit(tag, depth) == 1}
    return sha256(b"\x11" + root(left, depth + 1) + root(right, depth + 1)).digest()


def siblings(values: dict[bytes, MapValue], tag: bytes, depth: int = 0) -> list[bytes]:
    """Return what hangs beside the way to a tag, from the root down."""
    if len(values) < 2:
        return []
    same = {other: value for other, value in values.items() if bit(other, depth) == bit(tag, depth)}
    beside = {other: value for other, value in values.items() if bit(other, depth) != bit(tag, depth)}
    return [root(beside, depth + 1), *siblings(same, tag, depth + 1)]


class Nodes(dict[bytes, bytes]):
    """A node store in memory that fails the test when a node is not kept under its own hash."""

    def get_node(self, node: bytes) -> bytes:
        """Return the preimage of a node."""
        assert sha256(self[node]).digest() == node
        return self[node]

    def get_many(self, nodes: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the preimages of several nodes."""
        assert nodes, "an empty question is a wasted round trip"
        return {node: self.get_node(node) for node in nodes}
