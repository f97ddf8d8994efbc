"""The three entries of the log (formats, section 6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.domain.errors import MalformedError, UsageError

MAX_TAGS = 16

_HASH = 32
_STATEMENT_HEAD = 1 + _HASH + 2


@dataclass(frozen=True, slots=True)
class GenesisEntry:
    """Index 0, and nowhere else.

    Args:
        genesis_hash: Hash of the genesis document, 32 bytes.
    """

    genesis_hash: bytes


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """One statement.

    Args:
        envelope: Hash of the serialised statement, 32 bytes.
        tags: The streams that it is in, 32 bytes each, in the order in which it signs them.
    """

    envelope: bytes
    tags: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class MapRootEntry:
    """The last leaf of every checkpoint, and nowhere else.

    Args:
        map_root: Root of the map over all entries before it, 32 bytes.
    """

    map_root: bytes


Entry = GenesisEntry | StatementEntry | MapRootEntry


def genesis_entry(genesis_hash: bytes) -> bytes:
    """Return the entry of index 0."""
    return b"\x00" + _checked(genesis_hash, "genesis hash")


def statement_entry(envelope: bytes, tags: Sequence[bytes]) -> bytes:
    """Return the entry of a statement.

    Args:
        envelope: Hash of the serialised statement, 32 bytes.
        tags: 1 to 16 different stream tags, 32 bytes each, in the order in which the statement signs them.

    Raises:
        UsageError: A hash of another size, or too few, too many or repeated tags.
    """
    if not 1 <= len(tags) <= MAX_TAGS or len(set(tags)) != len(tags):
        raise UsageError("bad-entry", f"a statement is in 1 to {MAX_TAGS} different streams")
    body = b"".join(_checked(tag, "stream tag") for tag in tags)
    return b"\x01" + _checked(envelope, "envelope") + len(tags).to_bytes(2) + body


def map_root_entry(map_root: bytes) -> bytes:
    """Return the last entry of a checkpoint."""
    return b"\x02" + _checked(map_root, "map root")


def parse_entry(entry: bytes) -> Entry:
    """Read an entry.

    Raises:
        MalformedError: None of the three forms.
    """
    kind, size = entry[:1], len(entry)
    if kind == b"\x01" and size >= _STATEMENT_HEAD:
        count = int.from_bytes(entry[33:35])
        starts = range(_STATEMENT_HEAD, size, _HASH)
        tags = tuple(entry[start : start + _HASH] for start in starts)
        whole = size == _STATEMENT_HEAD + _HASH * count
        if whole and 1 <= count <= MAX_TAGS and len(set(tags)) == count:
            return StatementEntry(entry[1:33], tags)
    elif kind == b"\x00" and size == 1 + _HASH:
        return GenesisEntry(entry[1:])
    elif kind == b"\x02" and size == 1 + _HASH:
        return MapRootEntry(entry[1:])
    raise MalformedError(
        "malformed-entry", f"{size} bytes that begin {entry[:1].hex() or 'nowhere'} are no log entry"
    )


def _checked(value: bytes, what: str) -> bytes:
    if len(value) != _HASH:
        raise UsageError("bad-entry", f"the {what} has {len(value)} bytes; it must have {_HASH}")
    return value
