"""Merkle tree of the log: RFC 9162 section 2.1 with SHA-256, proofs checked and made, no storage.

Complete subtrees are named `(level, index)`: level 0 holds the leaf hashes, and node `(level, index)` covers
the leaves from `index << level` up to, not including, `(index + 1) << level`. Only complete ones are ever
stored; the right edge is folded from them.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple, cast

from ledger.domain.errors import UsageError, VerificationError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
_MAX_SIZE = 1 << 64

NodeId = tuple[int, int]
GetNode = Callable[[int, int], bytes]


class ProofNodes(NamedTuple):
    """Which complete subtrees a proof needs: fetch `ids`, then `assemble`.

    `ids[begin:end]` are not in the proof one by one: they fold into one element, the last of them being the
    leftmost.
    """

    ids: list[NodeId]
    begin: int
    end: int


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a log entry as a leaf, `SHA-256(00 ‖ entry)` (RFC 9162 section 2.1.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node, `SHA-256(01 ‖ left ‖ right)` (RFC 9162 section 2.1.1)."""
    return sha256(b"\x01" + left + right).digest()


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf stands at an index of the tree with this size and root (RFC 9162 section 2.1.3.2).

    Args:
        leaf_hash: 32 bytes, as `leaf_hash(entry)` returns.
        index: Zero-based place of the leaf.
        size: Number of leaves of the tree.
        proof: 32-byte hashes, from the leaf's sibling up.
        root: 32 bytes.

    Raises:
        VerificationError: The proof does not hold, or an argument has a wrong type or length.
    """
    computed = root_from_inclusion(leaf_hash, index, size, proof)
    if type(root) is not bytes or not compare_digest(computed, root):
        raise VerificationError(
            "inclusion-root-mismatch", "the inclusion proof does not lead to the given root"
        )


def root_from_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to; what is checked about it is its shape only.

    Args:
        leaf_hash: 32 bytes.
        index: Zero-based place of the leaf.
        size: Number of leaves of the tree.
        proof: 32-byte hashes, from the leaf's sibling up.

    Raises:
        VerificationError: The proof has a wrong length for this place, or an argument a wrong type or length.
    """
    if type(index) is not int or type(size) is not int or not 0 <= index < size <= _MAX_SIZE:
        raise VerificationError("inclusion-index", "the leaf index must lie within the tree size")
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    _check_hashes((leaf_hash,), "leaf hash")
    _check_proof(proof, inner + border)
    node = leaf_hash
    for level in range(inner):
        if index >> level & 1:
            node = sha256(b"\x01" + proof[level] + node).digest()
        else:
            node = sha256(b"\x01" + node + proof[level]).digest()
    for level in range(inner, inner + border):
        node = sha256(b"\x01" + proof[level] + node).digest()
    return node


def verify_consistency(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> None:
    """Check that a tree is the beginning of a larger one (RFC 9162 section 2.1.4.2).

    Trees of equal size are consistent when the roots are the same bytes and the proof is empty. A first tree
    of size 0 is refused: the empty tree proves nothing about what follows.

    Args:
        size1: Leaves of the earlier tree, at least 1.
        size2: Leaves of the later tree, at least `size1`.
        proof: 32-byte hashes in the order of RFC 9162.
        root1: Root of the earlier tree.
        root2: Root of the later tree.

    Raises:
        VerificationError: The proof does not hold, or an argument has a wrong type or length.
    """
    if type(size1) is not int or type(size2) is not int or not 0 < size1 <= size2 <= _MAX_SIZE:
        raise VerificationError("consistency-sizes", "sizes must be whole numbers with 0 < size1 <= size2")
    if type(root1) is not bytes or type(root2) is not bytes:
        raise VerificationError("consistency-root-mismatch", "roots must be bytes")
    if size1 == size2:
        _check_proof(proof, 0)
        if not compare_digest(root1, root2):
            raise VerificationError("consistency-root-mismatch", "two trees of one size have different roots")
        return
    _check_hashes((root1, root2), "root")
    shift = (size1 & -size1).bit_length() - 1
    inner = ((size1 - 1) ^ (size2 - 1)).bit_length() - shift
    mask = (size1 - 1) >> shift
    border = (mask >> inner).bit_count()
    # A size that is a power of two is one complete subtree: its root is the seed and is not sent.
    start = 0 if size1 == 1 << shift else 1
    _check_proof(proof, start + inner + border)
    old = new = proof[0] if start else root1
    for level in range(inner):
        sibling = proof[start + level]
        if mask >> level & 1:
            old = sha256(b"\x01" + sibling + old).digest()
            new = sha256(b"\x01" + sibling + new).digest()
        else:
            new = sha256(b"\x01" + new + sibling).digest()
    for sibling in proof[start + inner :]:
        old = sha256(b"\x01" + sibling + old).digest()
        new = sha256(b"\x01" + sibling + new).digest()
    if not (compare_digest(old, root1) and compare_digest(new, root2)):
        raise VerificationError(
            "consistency-root-mismatch", "the consistency proof does not lead to the given roots"
        )


def _check_proof(proof: object, length: int) -> None:
    # Typed as object: proofs come from outside, where an annotation holds nobody back.
    if not isinstance(proof, Sequence) or isinstance(proof, (bytes, str)) or len(proof) != length:
        raise VerificationError(
            "proof-length", f"the proof must be a sequence of {length} hashes for these sizes"
        )
    _check_hashes(proof, "proof element")


def _check_hashes(hashes: Sequence[object], what: str) -> None:
    # Sets, built in C: a loop over a proof would take as long as hashing it.
    if not ({*map(type, hashes)} <= {bytes} and {*map(len, cast("Sequence[bytes]", hashes))} <= {HASH_SIZE}):
        raise VerificationError("hash-length", f"every {what} must be {HASH_SIZE} bytes")


def inclusion_nodes(index: int, size: int) -> ProofNodes:
    """Return which complete subtrees the inclusion proof of a leaf needs.

    Args:
        index: Zero-based place of the leaf.
        size: Number of leaves of the tree.

    Raises:
        UsageError: The index lies outside the tree.
    """
    if not 0 <= index < size:
        raise UsageError("inclusion-index", f"there is no leaf {index} in a tree of {size}")
    return _nodes_round(0, index, size)


def consistency_nodes(size1: int, size2: int) -> ProofNodes:
    """Return which complete subtrees the consistency proof between two sizes needs.

    Args:
        size1: Leaves of the earlier tree; with 0, or equal to `size2`, nothing is needed.
        size2: Leaves of the later tree.

    Raises:
        UsageError: The earlier tree is larger than the later one.
    """
    if not 0 <= size1 <= size2:
        raise UsageError("consistency-sizes", f"a tree of {size1} cannot be the beginning of one of {size2}")
    if size1 in (0, size2):
        return ProofNodes([], 0, 0)
    level = (size1 & -size1).bit_length() - 1
    index = (size1 - 1) >> level
    nodes = _nodes_round(level, index, size2)
    if index == 0:
        return nodes
    begin, end = (nodes.begin + 1, nodes.end + 1) if nodes.end else (0, 0)
    return ProofNodes([(level, index), *nodes.ids], begin, end)


def _nodes_round(level: int, index: int, size: int) -> ProofNodes:
    """Return the siblings from a node up to the largest complete subtree round it, then what lies beside."""
    height = (index ^ (size >> level)).bit_length() - 1
    ids = [(level + up, (index >> up) ^ 1) for up in range(height)]
    fork_level = level + height
    fork = index >> height
    begin = len(ids)
    ids += reversed(subtrees((fork + 1) << fork_level, size))
    end = len(ids)
    ids += reversed(subtrees(0, fork << fork_level))
    return ProofNodes(ids, begin, end) if end - begin > 1 else ProofNodes(ids, 0, 0)


def subtrees(begin: int, end: int) -> list[NodeId]:
    """Return the largest complete subtrees, left to right, that cover the leaves from begin to end.

    Args:
        begin: First leaf: 0, or the end of the complete subtree at the left whose size exceeds `end - begin`.
        end: The leaf after the last one.
    """
    ids: list[NodeId] = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        ids.append((level, begin >> level))
        begin += 1 << level
    return ids


def assemble(nodes: ProofNodes, hashes: Sequence[bytes]) -> list[bytes]:
    """Return the proof, given the hashes of `nodes.ids` in the same order."""
    begin, end = nodes.begin, nodes.end
    if not end:
        return list(hashes)
    return [*hashes[:begin], fold(hashes[begin:end]), *hashes[end:]]


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over subtrees that stand side by side, given right to left."""
    node = hashes[0]
    for left in hashes[1:]:
        node = sha256(b"\x01" + left + node).digest()
    return node


def inclusion_proof(index: int, size: int, get: GetNode) -> list[bytes]:
    """Return the inclusion proof of a leaf (RFC 9162 section 2.1.3.1).

    Args:
        index: Zero-based place of the leaf.
        size: Number of leaves of the tree, which may be less than what is stored.
        get: Returns the hash of the complete subtree `(level, index)`.

    Raises:
        UsageError: The index lies outside the tree.
    """
    nodes = inclusion_nodes(index, size)
    return assemble(nodes, [get(level, place) for level, place in nodes.ids])


def consistency_proof(size1: int, size2: int, get: GetNode) -> list[bytes]:
    """Return the consistency proof between two sizes (RFC 9162 section 2.1.4.1).

    From size 0 and between equal sizes it is empty.

    Args:
        size1: Leaves of the earlier tree.
        size2: Leaves of the later tree.
        get: Returns the hash of the complete subtree `(level, index)`.

    Raises:
        UsageError: The earlier tree is larger than the later one.
    """
    nodes = consistency_nodes(size1, size2)
    return assemble(nodes, [get(level, place) for level, place in nodes.ids])


def root(size: int, get: GetNode) -> bytes:
    """Return the root of the tree at a size (RFC 9162 section 2.1.1); of size 0, the hash of nothing.

    Args:
        size: Number of leaves.
        get: Returns the hash of the complete subtree `(level, index)`.
    """
    if size == 0:
        return EMPTY_ROOT
    return fold([get(level, place) for level, place in reversed(subtrees(0, size))])
