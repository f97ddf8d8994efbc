"""Where the contracts keep what verifiers prove: storage slots and packed values (formats, section 8).

The slot numbers are solc's for the committed contracts; a test compares them with the compiler's own layout.
"""

from dataclasses import dataclass
from hashlib import sha256

from eth_hash.auto import keccak as _keccak

from ledger.domain.errors import MalformedError, UsageError

ANCHORS_SLOT = 0
HEADS_SLOT = 1
CLOSURES_SLOT = 2

ORGANISATIONS_SLOT = 1
ROLE_INTERVALS_SLOT = 2
KEYS_SLOT = 3

ADDRESS_SIZE = 20

_WORD = 32
_MAX_WORD = 2**256


@dataclass(frozen=True, slots=True)
class Head:
    """How far a log is anchored.

    Args:
        operator: The account that anchors, 20 bytes.
        size: The largest anchored size.
        closed: Whether no more anchors are taken.
    """

    operator: bytes
    size: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Closure:
    """How far a closed log is to be believed.

    Args:
        successor: Origin hash of the log that goes on, 32 bytes; zero for none.
        last_good_size: Anchors above this size are not believed.
        closed_at: Number of the block of the closing; zero when the log is not closed.
    """

    successor: bytes
    last_good_size: int
    closed_at: int


@dataclass(frozen=True, slots=True)
class Interval:
    """Block numbers `start <= block < ended`.

    Args:
        start: Zero when there never was one.
        ended: Zero while it is open.
    """

    start: int
    ended: int

    def contains(self, block: int) -> bool:
        """Return whether it was good at a block; an end in that same block counts as ended."""
        return self.start != 0 and self.start <= block and (self.ended == 0 or block < self.ended)


@dataclass(frozen=True, slots=True)
class Organisation:
    """An enrolled organisation.

    Args:
        admin: Its admin account, 20 bytes.
        interval: When it was a participant.
    """

    admin: bytes
    interval: Interval


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A registered signing key.

    Args:
        organisation: Identifier of the organisation that it belongs to, 32 bytes.
        interval: When it was good.
        suspect_since: Block since which it may have been in other hands, or zero.
        use: What it is for (`ledger.domain.key_use`); other numbers sign nothing.
    """

    organisation: bytes
    interval: Interval
    suspect_since: int
    use: int


def keccak(data: bytes) -> bytes:
    """Return Keccak-256, the EVM's hash."""
    return bytes(_keccak(data))


def organisation_id(uri: str) -> bytes:
    """Return an organisation's name in the registry, 32 bytes."""
    return sha256(uri.encode()).digest()


def role_id(name: str) -> bytes:
    """Return a role's name in the registry, 32 bytes.

    Args:
        name: Lower case, as in the corridor profile.
    """
    return keccak(name.encode())


def anchor_record(root: bytes, block_number: int, block_time: int) -> bytes:
    """Return what the anchor contract keeps for a size, 32 bytes.

    Args:
        root: The log's root at that size, 32 bytes.
        block_number: The block that anchored it.
        block_time: That block's time, POSIX seconds.
    """
    return keccak(_word(root) + _u64(block_number) + _u64(block_time))


def anchor_slot(origin_hash: bytes, size: int) -> int:
    """Return the slot of the anchor record of a log at a size."""
    return _mapping(_u64(size), _mapping(_word(origin_hash), ANCHORS_SLOT))


def head_slot(origin_hash: bytes) -> int:
    """Return the slot of a log's packed head."""
    return _mapping(_word(origin_hash), HEADS_SLOT)


def closure_slots(origin_hash: bytes) -> tuple[int, int]:
    """Return the two slots of a log's closure."""
    return _pair(_mapping(_word(origin_hash), CLOSURES_SLOT))


def organisation_slot(organisation: bytes) -> int:
    """Return the slot of an organisation's packed record."""
    return _mapping(_word(organisation), ORGANISATIONS_SLOT)


def key_slots(thumbprint: bytes) -> tuple[int, int]:
    """Return the two slots of a key's record."""
    return _pair(_mapping(_word(thumbprint), KEYS_SLOT))


def role_count_slot(organisation: bytes, role: bytes) -> int:
    """Return the slot of the number of intervals that an organisation has of a role."""
    return _mapping(_word(role), _mapping(_word(organisation), ROLE_INTERVALS_SLOT))


def role_interval_slot(organisation: bytes, role: bytes, index: int) -> int:
    """Return the slot of one interval of a role.

    Args:
        organisation: Identifier of the organisation, 32 bytes.
        role: Identifier of the role, 32 bytes.
        index: Zero-based place in the array.
    """
    start = keccak(role_count_slot(organisation, role).to_bytes(_WORD))
    return (int.from_bytes(start) + index) % _MAX_WORD


def unpack_head(value: int) -> Head:
    """Read a head slot's value."""
    operator, size, closed = _unpack(value, 160, 64, 8)
    return Head(operator.to_bytes(ADDRESS_SIZE), size, _flag(closed))


def unpack_closure(value: int, next_value: int) -> Closure:
    """Read the values of a closure's two slots."""
    last_good_size, closed_at = _unpack(next_value, 64, 64)
    return Closure(value.to_bytes(_WORD), last_good_size, closed_at)


def unpack_organisation(value: int) -> Organisation:
    """Read an organisation slot's value."""
    admin, start, ended = _unpack(value, 160, 48, 48)
    return Organisation(admin.to_bytes(ADDRESS_SIZE), Interval(start, ended))


def unpack_key(value: int, next_value: int) -> KeyRecord:
    """Read the values of a key's two slots."""
    start, ended, suspect_since, use = _unpack(next_value, 64, 64, 64, 8)
    return KeyRecord(value.to_bytes(_WORD), Interval(start, ended), suspect_since, use)


def unpack_interval(value: int) -> Interval:
    """Read a role interval slot's value."""
    start, ended = _unpack(value, 64, 64)
    return Interval(start, ended)


def _unpack(value: int, *widths: int) -> list[int]:
    """Cut a slot's value into fields, lowest bits first; bits above the last field must be zero."""
    parts = []
    for width in widths:
        parts.append(value & ((1 << width) - 1))
        value >>= width
    if value:
        raise MalformedError("malformed-slot", "a storage slot holds bits outside its fields")
    return parts


def _flag(value: int) -> bool:
    if value > 1:
        raise MalformedError("malformed-slot", "a storage slot holds a flag that is neither 0 nor 1")
    return value == 1


def _mapping(key: bytes, slot: int) -> int:
    return int.from_bytes(keccak(key + slot.to_bytes(_WORD)))


def _pair(slot: int) -> tuple[int, int]:
    return slot, (slot + 1) % _MAX_WORD


def _word(value: bytes) -> bytes:
    if len(value) != _WORD:
        raise UsageError("bad-word", f"{_WORD} bytes are needed here, not {len(value)}")
    return value


def _u64(value: int) -> bytes:
    if not 0 <= value < 2**64:
        raise UsageError("bad-word", f"{value} is not an unsigned integer of 64 bits")
    return value.to_bytes(_WORD)
