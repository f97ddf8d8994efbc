"""Content identifiers of stored evidence, computed as IPFS does (formats, section 12).

CIDv1, base32, SHA-256; raw leaves of 262,144 bytes under a balanced tree of dag-pb nodes with at most 174
links: what `ipfs add --cid-version=1` gives.
"""

from base64 import b32encode
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

CHUNK = 262_144
LINKS = 174
_RAW = b"\x01\x55\x12\x20"
_DAG_PB = b"\x01\x70\x12\x20"
_FILE = b"\x08\x02"


class _Node(NamedTuple):
    """A block: its CID, the bytes of file under it, the bytes of all blocks under it and itself."""

    cid: bytes
    content: int
    blocks: int


class CidBuilder:
    """Computes the CID of content that comes in pieces of any length, in constant memory.

    Args:
        on_leaf: Gets the SHA-256 of each leaf, 32 bytes, as soon as the leaf is complete.
    """

    def __init__(self, on_leaf: Callable[[bytes], object] | None = None) -> None:
        self._on_leaf = on_leaf
        self._levels: list[list[_Node]] = [[]]
        self._running = sha256()
        self._filled = 0
        self.size = 0
        """Bytes that came so far."""

    def update(self, piece: bytes | bytearray | memoryview) -> None:
        """Take the next piece."""
        rest = memoryview(piece)
        self.size += len(rest)
        while rest:
            part = rest[: CHUNK - self._filled]
            self._running.update(part)
            self._filled += len(part)
            rest = rest[len(part) :]
            if self._filled == CHUNK:
                self._close_leaf()

    def cid(self) -> str:
        """Return the CID of all that came; nothing may come after it."""
        if self._filled or not self._levels[0]:
            self._close_leaf()
        return _text(_root(self._levels))

    def _close_leaf(self) -> None:
        digest = self._running.digest()
        _add(self._levels, 0, _Node(_RAW + digest, self._filled, self._filled))
        if self._on_leaf is not None:
            self._on_leaf(digest)
        self._running, self._filled = sha256(), 0


def cid_of(pieces: Iterable[bytes]) -> str:
    """Return the CID of content that comes in pieces of any length, in constant memory.

    Args:
        pieces: The content.
    """
    builder = CidBuilder()
    for piece in pieces:
        builder.update(piece)
    return builder.cid()


def cid_of_leaves(leaves: Sequence[bytes], size: int) -> str:
    """Return the CID of content by the hashes of its leaves.

    Args:
        leaves: SHA-256 of each 262,144 bytes, 32 bytes each; the last leaf may be shorter.
        size: Bytes of content. It must be one that so many leaves can hold.
    """
    levels: list[list[_Node]] = [[]]
    for place, digest in enumerate(leaves):
        length = min(CHUNK, size - place * CHUNK)
        _add(levels, 0, _Node(_RAW + digest, length, length))
    return _text(_root(levels))


def leaf_count(size: int) -> int:
    """Return how many leaves content of so many bytes has: no bytes are one empty leaf."""
    return max(1, -(-size // CHUNK))


def _add(levels: list[list[_Node]], level: int, node: _Node) -> None:
    # A full level is closed when one more comes, not before: a tree of exactly 174 leaves has one root.
    if len(levels[level]) == LINKS:
        _close(levels, level)
    levels[level].append(node)


def _close(levels: list[list[_Node]], level: int) -> None:
    if level + 1 == len(levels):
        levels.append([])
    _add(levels, level + 1, _parent(levels[level]))
    levels[level] = []


def _root(levels: list[list[_Node]]) -> _Node:
    level = 0
    while level + 1 < len(levels) or len(levels[level]) > 1:
        _close(levels, level)
        level += 1
    return levels[level][0]


def _text(node: _Node) -> str:
    return "b" + b32encode(node.cid).decode("ascii").rstrip("=").lower()


def _parent(children: list[_Node]) -> _Node:
    """Return the dag-pb node over some children: its links, then what UnixFS says of the part under it."""
    links = b"".join(
        _field(2, _field(1, child.cid) + b"\x12\x00\x18" + _varint(child.blocks)) for child in children
    )
    content = sum(child.content for child in children)
    sizes = b"".join(b"\x20" + _varint(child.content) for child in children)
    block = links + _field(1, _FILE + b"\x18" + _varint(content) + sizes)
    blocks = len(block) + sum(child.blocks for child in children)
    return _Node(_DAG_PB + sha256(block).digest(), content, blocks)


def _field(number: int, value: bytes) -> bytes:
    """Return a length-delimited protobuf field."""
    return bytes([number << 3 | 2]) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
