"""Content identifiers of stored evidence, computed as IPFS does (formats, section 12).

CIDv1, base32, SHA-256; raw leaves of 262,144 bytes under a balanced tree of dag-pb nodes with at most 174
links: what `ipfs add --cid-version=1` gives.
"""

from base64 import b32encode
from collections.abc import Iterable
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


def cid_of(pieces: Iterable[bytes]) -> str:
    """Return the CID of content that comes in pieces of any length, in constant memory.

    Args:
        pieces: The content.
    """
    levels: list[list[_Node]] = [[]]
    waiting = b""
    for piece in pieces:
        waiting += piece
        whole = len(waiting) - len(waiting) % CHUNK
        for start in range(0, whole, CHUNK):
            _add(levels, 0, _leaf(waiting[start : start + CHUNK]))
        waiting = waiting[whole:]
    if waiting or not levels[0]:
        _add(levels, 0, _leaf(waiting))
    return "b" + b32encode(_root(levels).cid).decode("ascii").rstrip("=").lower()


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


def _leaf(chunk: bytes) -> _Node:
    return _Node(_RAW + sha256(chunk).digest(), len(chunk), len(chunk))


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
