"""The blocks of a stored item in IPFS: which leaves it has, believed because together they give its CID.

A node of the tree is a dag-pb block (ipld.io/specs/codecs/dag-pb) with UnixFS data in it
(specs.ipfs.tech/unixfs): link = field 2 with a binary CID in its field 1; data = field 1, whose field 3 is
the size of the file. What is read here need not be right: it is compared in the end.
"""

from base64 import b32decode, b32encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from ledger.domain.cid import CHUNK, cid_of_leaves, leaf_count
from ledger.evidence.store import rotten

Block = Callable[[str], bytes]
"""Gives the block of a CID, right or wrong; raises NotFoundError when there is none."""

_RAW = bytes.fromhex("01551220")
_DAG_PB = bytes.fromhex("01701220")
_DEEPEST = 4
_MAX_BLOCKS = 1 << 22


@dataclass(frozen=True, slots=True)
class Tree:
    """What an item is made of.

    Args:
        size: Its bytes.
        leaves: SHA-256 of each 262,144 of them.
        nodes: The CIDs of the blocks above them, from the root; none when the root is a leaf.
    """

    size: int
    leaves: tuple[bytes, ...]
    nodes: tuple[str, ...]

    def blocks(self) -> Iterator[str]:
        """Yield the CIDs of all blocks, from the root."""
        yield from self.nodes
        for leaf in self.leaves:
            yield text(_RAW + leaf)


def read_tree(cid: str, block: Block) -> Tree:
    """Return what an item is made of; every block above its leaves is read and compared with its CID.

    Args:
        cid: Of the item.
        block: Gives blocks.

    Raises:
        VerificationError: A block is not what its CID says, or this is no item as it is stored here.
    """
    leaves: list[bytes] = []
    nodes: list[str] = []

    def walk(binary: bytes, depth: int) -> int | None:
        """Note a block and what is under it, and return the size that a node says that its file has."""
        name = text(binary)
        data = block(name)
        if depth > _DEEPEST or sha256(data).digest() != binary[4:]:
            raise rotten(cid)
        nodes.append(name)
        links, size = _node(data)
        for link in links:
            if link.startswith(_RAW):
                leaves.append(link[4:])
            else:
                walk(link, depth + 1)
            if len(leaves) + len(nodes) > _MAX_BLOCKS:
                raise rotten(cid)
        return size

    root = b32decode(cid[1:].upper() + "=" * (-len(cid[1:]) % 8))
    if root.startswith(_RAW):
        data = block(cid)
        if sha256(data).digest() != root[4:] or len(data) > CHUNK:
            raise rotten(cid)
        return Tree(len(data), (root[4:],), ())
    try:
        size = walk(root, 1)
    except (IndexError, ValueError):
        raise rotten(cid) from None
    if size is None or leaf_count(size) != len(leaves) or cid_of_leaves(leaves, size) != cid:
        raise rotten(cid)
    return Tree(size, tuple(leaves), tuple(nodes))


def text(binary: bytes) -> str:
    """Return a binary CID as text."""
    return "b" + b32encode(binary).decode("ascii").rstrip("=").lower()


def leaf_cid(digest: bytes) -> str:
    """Return the CID of a leaf by its SHA-256."""
    return text(_RAW + digest)


def _node(data: bytes) -> tuple[list[bytes], int | None]:
    """Return the binary CIDs that a dag-pb node links to, and the size that its UnixFS data says."""
    links, size = [], None
    for number, value in _fields(data):
        if number == 2 and isinstance(value, bytes):
            links += [one for field, one in _fields(value) if field == 1 and isinstance(one, bytes)]
        elif number == 1 and isinstance(value, bytes):
            size = next((one for field, one in _fields(value) if field == 3 and isinstance(one, int)), None)
    if any(len(link) != 36 or not link.startswith((_RAW, _DAG_PB)) for link in links):
        raise ValueError("a link to something else than a block of an item")
    return links, size


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Yield the fields of a protobuf message that has numbers and bytes only."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        value, at = _varint(data, at)
        if key & 7 == 0:
            yield key >> 3, value
        elif key & 7 == 2 and at + value <= len(data):
            yield key >> 3, data[at : at + value]
            at += value
        else:
            raise ValueError("a field of another kind")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at
        if shift > 63:
            raise ValueError("a number of more than 64 bits")
