"""The verifiable map from stream to entries: growing it, replaying a log into it, proving what it holds.

Nodes are stored under their hash and never change, so every map root of the past stays provable. A verifier
needs none of this: `verify` stands with the proof's format in `map_proof`.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256

from ledger.domain.errors import MalformedError, UsageError
from ledger.domain.map_proof import (
    EMPTY,
    HASH_SIZE,
    INNER,
    INNER_SIZE,
    TAG_BITS,
    GetNode,
    MapLeaf,
    MapProof,
    MapValue,
    is_inner,
    prove,
    too_deep,
    verify,
)

__all__ = [
    "EMPTY",
    "MapLeaf",
    "MapProof",
    "MapValue",
    "load_paths",
    "prove",
    "replay",
    "running_next",
    "update",
    "verify",
]

NOTHING_YET = MapValue(0, bytes(HASH_SIZE))
GetNodes = Callable[[Sequence[bytes]], Mapping[bytes, bytes]]


def running_next(previous: bytes, index: int, entry: bytes) -> bytes:
    """Return a stream's running hash with one more entry, `SHA-256(12 ‖ previous ‖ u64 index ‖ entry)`.

    Args:
        previous: Running hash before it, 32 zero bytes for the first entry.
        index: Place of the entry in the log.
        entry: The whole log entry, type byte included.
    """
    return sha256(b"\x12" + previous + index.to_bytes(8) + entry).digest()


def replay(
    entries: Iterable[tuple[int, bytes, Sequence[bytes]]], current: Callable[[bytes], MapValue | None]
) -> dict[bytes, MapValue]:
    """Return the map values that a run of log entries leads to, for the streams that they touch.

    Args:
        entries: `(index, entry, tags)` in log order; entries without tags may be left out.
        current: Returns the value of a tag before the first of them, None for a stream not seen yet.

    Raises:
        MalformedError: Indexes do not ascend, or an entry names a stream twice.
    """
    values: dict[bytes, MapValue] = {}
    last = -1
    for index, entry, tags in entries:
        if index <= last:
            raise MalformedError("log-order", f"log entry {index} comes after entry {last}")
        if len(set(tags)) != len(tags):
            raise MalformedError("duplicate-tag", f"log entry {index} names a stream twice")
        last = index
        for tag in tags:
            before = values.get(tag) or current(tag) or NOTHING_YET
            values[tag] = MapValue(before.count + 1, running_next(before.running, index, entry))
    return values


def update(get: GetNode, root: bytes, changes: Mapping[bytes, MapValue]) -> tuple[bytes, dict[bytes, bytes]]:
    """Return the root of the map with these values, and the nodes that are new in it, by hash.

    All changes are made in one pass and only the nodes of the result are hashed. The old root stays provable
    as long as its nodes are kept.

    Args:
        get: Returns the preimage of a node's hash, for the nodes of the tree under `root`.
        root: Root of the map before; 32 zero bytes for the empty one.
        changes: New values by tag (32 bytes): streams to be added and streams that grew.

    Raises:
        UsageError: A tag, count or running hash that cannot be stored.
        MalformedError: What `get` returned is no map node.
    """
    growth = _Growth(get)
    keys: list[int] = []
    leaves: list[bytes] = []
    for tag in sorted(changes):
        value = changes[tag]
        if len(tag) != HASH_SIZE or len(value.running) != HASH_SIZE or not 0 < value.count < 1 << 64:
            raise UsageError(
                "map-value", f"stream {tag.hex()}: tag and running hash are 32 bytes, the count a u64"
            )
        keys.append(int.from_bytes(tag))
        leaves.append(growth.add(MapLeaf(tag, value).preimage()))
    if not keys:
        return root, {}
    return growth.place(root, 0, keys, leaves), growth.nodes


def load_paths(get_many: GetNodes, root: bytes, tags: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return all nodes on the ways to the tags, by hash: what `update` and `prove` will ask for.

    One call for each level of the tree instead of one for each node, for stores where a call is dear.

    Args:
        get_many: Returns the preimages of several hashes, by hash.
        root: Root of the map.
        tags: 32 bytes each.
    """
    keys = sorted({int.from_bytes(tag) for tag in tags})
    loaded: dict[bytes, bytes] = {}
    level = [(root, 0, len(keys))] if keys and root != EMPTY else []
    shift = TAG_BITS
    while level:
        shift -= 1
        loaded |= get_many([node for node, _, _ in level])
        below = []
        for node, begin, end in level:
            preimage = loaded[node]
            if not is_inner(preimage):
                continue
            middle = _split(keys, begin, end, shift)
            if begin < middle and preimage[1:33] != EMPTY:
                below.append((preimage[1:33], begin, middle))
            if middle < end and preimage[33:] != EMPTY:
                below.append((preimage[33:], middle, end))
        level = below
    return loaded


def _split(keys: Sequence[int], begin: int, end: int, shift: int) -> int:
    """Return where, among ascending keys that agree above bit `shift`, those with that bit set begin."""
    if shift < 0:
        raise too_deep()
    if keys[begin] >> shift & 1:
        return begin
    if not keys[end - 1] >> shift & 1:
        return end
    return bisect_left(keys, keys[end - 1] >> shift << shift, begin, end)


class _Growth:
    """One batch of changes on its way into the tree; leaves are given as ascending keys and their hashes."""

    __slots__ = ("get", "nodes")

    def __init__(self, get: GetNode) -> None:
        self.get = get
        self.nodes: dict[bytes, bytes] = {}

    def add(self, preimage: bytes) -> bytes:
        node = sha256(preimage).digest()
        self.nodes[node] = preimage
        return node

    def place(self, node: bytes, depth: int, keys: list[int], leaves: list[bytes]) -> bytes:
        """Return the subtree at a depth with the leaves in it, each in place of the one of its tag."""
        if len(keys) == 1:
            return self.place_one(node, depth, keys[0], leaves[0])
        if node == EMPTY:
            return self.build(keys, leaves, depth)
        preimage = self.get(node)
        if not is_inner(preimage):
            return self.build(*_with_leaf(node, preimage, keys, leaves), depth)
        left, right = preimage[1:33], preimage[33:]
        middle = _split(keys, 0, len(keys), TAG_BITS - 1 - depth)
        if middle:
            left = self.place(left, depth + 1, keys[:middle], leaves[:middle])
        if middle < len(keys):
            right = self.place(right, depth + 1, keys[middle:], leaves[middle:])
        return self.add(INNER + left + right)

    def place_one(self, node: bytes, depth: int, key: int, leaf: bytes) -> bytes:
        """Do what `place` does for a single leaf, which most of the way down is all there is, in a loop."""
        get = self.get
        way: list[tuple[int, bytes]] = []
        bit = 1 << (TAG_BITS - depth) >> 1
        while node != EMPTY:
            preimage = get(node)
            if len(preimage) != INNER_SIZE or preimage[:1] != INNER:
                keys, leaves = _with_leaf(node, preimage, [key], [leaf])
                leaf = self.build(keys, leaves, depth + len(way))
                break
            if not bit:
                raise too_deep()
            way.append((key & bit, preimage))
            node = preimage[33:] if key & bit else preimage[1:33]
            bit >>= 1
        nodes = self.nodes
        for goes_right, preimage in reversed(way):
            changed = preimage[:33] + leaf if goes_right else INNER + leaf + preimage[33:]
            leaf = sha256(changed).digest()
            nodes[leaf] = changed
        return leaf

    def build(self, keys: list[int], leaves: list[bytes], depth: int) -> bytes:
        """Return a subtree at a depth that holds these leaves and nothing else."""
        if len(keys) == 1:
            return leaves[0]
        shift = (keys[0] ^ keys[-1]).bit_length() - 1
        middle = _split(keys, 0, len(keys), shift)
        below = TAG_BITS - shift
        left = self.build(keys[:middle], leaves[:middle], below)
        node = self.add(INNER + left + self.build(keys[middle:], leaves[middle:], below))
        # Where all keys still go the same way, the other side is empty.
        for above in range(shift + 1, TAG_BITS - depth):
            node = self.add(INNER + (EMPTY + node if keys[0] >> above & 1 else node + EMPTY))
        return node


def _with_leaf(
    node: bytes, preimage: bytes, keys: list[int], leaves: list[bytes]
) -> tuple[list[int], list[bytes]]:
    """Return the leaves with the one that stood there before, unless it is among them under its tag."""
    key = int.from_bytes(MapLeaf.parse(preimage).tag)
    place = bisect_left(keys, key)
    if place < len(keys) and keys[place] == key:
        return keys, leaves
    return [*keys[:place], key, *keys[place:]], [*leaves[:place], node, *leaves[place:]]
