"""Nodes and proofs of the verifiable map: what a verifier needs to read one stream's value under a map root.

The map is a compact sparse Merkle tree from a 32-byte stream tag to how many entries the stream has and a
hash that runs over them. Bits of the tag decide the way down, most significant first, 0 to the left. A
subtree that holds one leaf is that leaf; an empty subtree is 32 zero bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple, Self

from ledger.domain.errors import MalformedError, VerificationError

HASH_SIZE = 32
TAG_BITS = 256
EMPTY = bytes(HASH_SIZE)
LEAF_SIZE = 1 + HASH_SIZE + 8 + HASH_SIZE
INNER_SIZE = 1 + 2 * HASH_SIZE
LEAF = b"\x10"
INNER = b"\x11"
_MAX_COUNT = (1 << 64) - 1

GetNode = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class MapValue:
    """What the map holds for a stream: the number of its entries (u64) and their running hash (32 bytes)."""

    count: int
    running: bytes


class MapLeaf(NamedTuple):
    """One leaf of the map."""

    tag: bytes
    value: MapValue

    def preimage(self) -> bytes:
        """Return the 73 bytes whose SHA-256 is the leaf's hash: `10 ‖ tag ‖ u64 count ‖ running`."""
        return LEAF + self.tag + self.value.count.to_bytes(8) + self.value.running

    @classmethod
    def parse(cls, preimage: bytes) -> Self:
        """Return the leaf that a stored preimage holds.

        Raises:
            MalformedError: These are not the bytes of a leaf.
        """
        if len(preimage) != LEAF_SIZE or preimage[:1] != LEAF:
            raise MalformedError("map-node", "a stored map node is neither a leaf nor an inner node")
        return cls(preimage[1:33], MapValue(int.from_bytes(preimage[33:41]), preimage[41:]))


def is_inner(preimage: bytes) -> bool:
    """Return whether a stored preimage is an inner node, `11 ‖ left ‖ right`; else it has to be a leaf."""
    return len(preimage) == INNER_SIZE and preimage[:1] == INNER


def too_deep() -> MalformedError:
    """Return the error for an inner node where a tag has no bits left: only damage can put one there."""
    return MalformedError("map-node", f"a stored map node lies deeper than the {TAG_BITS} bits of a tag")


@dataclass(frozen=True, slots=True)
class MapProof:
    """What stands on a tag's place in the map, and all that hangs beside the way there.

    Args:
        siblings: 32 bytes each, from the root's child down; zero bytes where the sibling is empty.
        leaf: The leaf at the end of the way, the tag's own or another; None where the place is empty.

    Raises:
        MalformedError: No canonical map has such a place.
    """

    siblings: tuple[bytes, ...]
    leaf: MapLeaf | None

    def __post_init__(self) -> None:
        if len(self.siblings) > TAG_BITS:
            raise MalformedError("map-proof", f"a map proof has at most {TAG_BITS} siblings")
        if any(type(sibling) is not bytes or len(sibling) != HASH_SIZE for sibling in self.siblings):
            raise MalformedError("map-proof", f"every sibling of a map proof must be {HASH_SIZE} bytes")
        if self.siblings and self.siblings[-1] == EMPTY:
            raise MalformedError("map-proof", "the deepest sibling is empty: the place would lie further up")
        if self.leaf is not None:
            tag, value = self.leaf
            if len(tag) != HASH_SIZE or len(value.running) != HASH_SIZE or not 0 < value.count <= _MAX_COUNT:
                raise MalformedError("map-proof", "the leaf of a map proof has a wrong length or count")

    def encode(self) -> bytes:
        """Return `u16 depth ‖ bitmap ‖ siblings not empty ‖ u8 terminal ‖ [tag ‖ u64 count ‖ running]`."""
        depth = len(self.siblings)
        bits = 0
        for sibling in self.siblings:
            bits = bits << 1 | (sibling != EMPTY)
        width = -(-depth // 8)
        bitmap = (bits << (8 * width - depth)).to_bytes(width)
        full = b"".join(sibling for sibling in self.siblings if sibling != EMPTY)
        end = b"\x00" if self.leaf is None else b"\x01" + self.leaf.preimage()[1:]
        return depth.to_bytes(2) + bitmap + full + end

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Return the proof that bytes hold; there is one encoding of each proof, and no other is read.

        Raises:
            MalformedError: The bytes are not the encoding of a map proof.
        """
        depth = int.from_bytes(data[:2])
        width = -(-depth // 8)
        start = 2 + width
        bits = int.from_bytes(data[2:start]) >> (8 * width - depth)
        end = start + HASH_SIZE * bits.bit_count()
        # Reading is lenient about lengths; encoding again and comparing is what makes it strict.
        if len(data) not in (end + 1, end + LEAF_SIZE):
            raise MalformedError("map-proof", "a map proof has the wrong length for its depth and siblings")
        siblings = []
        for place in range(depth):
            present = bits >> (depth - 1 - place) & 1
            siblings.append(data[start : start + HASH_SIZE] if present else EMPTY)
            start += HASH_SIZE * present
        leaf = None if len(data) == end + 1 else MapLeaf.parse(LEAF + data[end + 1 :])
        proof = cls(tuple(siblings), leaf)
        if proof.encode() != data:
            raise MalformedError("map-proof", "a map proof is not in its one canonical encoding")
        return proof


def prove(get: GetNode, root: bytes, tag: bytes) -> MapProof:
    """Return the proof of what a map says of a tag.

    Args:
        get: Returns the preimage of a node's hash.
        root: Root of the map, now or at any time before.
        tag: 32 bytes.

    Raises:
        MalformedError: What `get` returned is no map node.
    """
    key = int.from_bytes(tag)
    siblings: list[bytes] = []
    node = root
    while node != EMPTY:
        preimage = get(node)
        if not is_inner(preimage):
            return MapProof(tuple(siblings), MapLeaf.parse(preimage))
        if len(siblings) == TAG_BITS:
            raise too_deep()
        left, right = preimage[1:33], preimage[33:]
        if key >> (TAG_BITS - 1 - len(siblings)) & 1:
            siblings.append(left)
            node = right
        else:
            siblings.append(right)
            node = left
    return MapProof(tuple(siblings), None)


def verify(proof: MapProof, root: bytes, tag: bytes) -> MapValue | None:
    """Return what the map under a root holds for a tag, None when it is proven to hold nothing.

    Args:
        proof: As `MapProof.decode` or `prove` returns.
        root: 32 bytes.
        tag: 32 bytes.

    Raises:
        VerificationError: The proof does not hold for this root and tag.
    """
    if type(tag) is not bytes or type(root) is not bytes or len(tag) != HASH_SIZE or len(root) != HASH_SIZE:
        raise VerificationError("map-proof", f"a map root and a stream tag are {HASH_SIZE} bytes each")
    key = int.from_bytes(tag)
    depth = len(proof.siblings)
    if proof.leaf is None:
        node = EMPTY
    else:
        apart = (key ^ int.from_bytes(proof.leaf.tag)).bit_length()
        if apart > TAG_BITS - depth:
            raise VerificationError("map-leaf-elsewhere", "the leaf shown does not stand on the tag's way")
        node = sha256(proof.leaf.preimage()).digest()
    bits = key >> (TAG_BITS - depth)
    for sibling in reversed(proof.siblings):
        pair = sibling + node if bits & 1 else node + sibling
        node = sha256(INNER + pair).digest()
        bits >>= 1
    if not compare_digest(node, root):
        raise VerificationError("map-root-mismatch", "the map proof does not lead to the given map root")
    return proof.leaf.value if proof.leaf is not None and proof.leaf.tag == tag else None
