"""Storage slots and packed values, against the compiler's own layout and against the ABI's encoding."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import evm_layout as layout
from ledger.domain.errors import MalformedError, UsageError
from ledger.domain.evm_layout import Closure, Head, Interval, KeyRecord, Organisation
from tests.builders import seeded

LAYOUT = Path(__file__).parents[2] / "ledger" / "chain" / "artifacts" / "storage-layout.json"
HASH, OTHER = seeded("hash", 32), seeded("other", 32)
U48, U64 = st.integers(0, 2**48 - 1), st.integers(0, 2**64 - 1)
HASHES, ADDRESSES = st.binary(min_size=32, max_size=32), st.binary(min_size=20, max_size=20)


def solc(contract: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(LAYOUT.read_text())[contract]
    return found


def variable(contract: str, name: str) -> dict[str, Any]:
    return next(each for each in solc(contract)["variables"] if each["name"] == name)


def packed(contract: str, struct: str) -> list[tuple[str, int, int, int]]:
    """Return name, slot, offset in bits and bits of each member of a struct."""
    members = solc(contract)["structs"][f"struct {struct}"]["members"]
    return [(m["name"], m["slot"], 8 * m["offset"], 8 * m["bytes"]) for m in members]


@pytest.mark.parametrize(
    ("contract", "name", "slot", "declared"),
    [
        (
            "CheckpointAnchor",
            "anchors",
            layout.ANCHORS_SLOT,
            "mapping(bytes32 => mapping(uint64 => bytes32))",
        ),
        ("CheckpointAnchor", "heads", layout.HEADS_SLOT, "mapping(bytes32 => struct ICheckpointAnchor.Head)"),
        (
            "CheckpointAnchor",
            "closures",
            layout.CLOSURES_SLOT,
            "mapping(bytes32 => struct ICheckpointAnchor.Closure)",
        ),
        (
            "ParticipantRegistry",
            "organisations",
            layout.ORGANISATIONS_SLOT,
            "mapping(bytes32 => struct IParticipantRegistry.Organisation)",
        ),
        (
            "ParticipantRegistry",
            "roleIntervals",
            layout.ROLE_INTERVALS_SLOT,
            "mapping(bytes32 => mapping(bytes32 => struct IParticipantRegistry.Interval[]))",
        ),
        (
            "ParticipantRegistry",
            "keys",
            layout.KEYS_SLOT,
            "mapping(bytes32 => struct IParticipantRegistry.KeyRecord)",
        ),
    ],
)
def test_slots_are_those_of_the_compiler(contract: str, name: str, slot: int, declared: str) -> None:
    found = variable(contract, name)
    assert (found["slot"], found["offset"], found["type"]) == (slot, 0, declared)


def test_packing_is_that_of_the_compiler() -> None:
    anchor, registry = "CheckpointAnchor", "ParticipantRegistry"
    assert packed(anchor, "ICheckpointAnchor.Head") == [
        ("operator", 0, 0, 160),
        ("size", 0, 160, 64),
        ("closed", 0, 224, 8),
    ]
    assert packed(anchor, "ICheckpointAnchor.Closure") == [
        ("successor", 0, 0, 256),
        ("lastGoodSize", 1, 0, 64),
        ("closedAt", 1, 64, 64),
    ]
    assert packed(registry, "IParticipantRegistry.Organisation") == [
        ("admin", 0, 0, 160),
        ("from", 0, 160, 48),
        ("ended", 0, 208, 48),
    ]
    assert packed(registry, "IParticipantRegistry.Interval") == [("from", 0, 0, 64), ("ended", 0, 64, 64)]
    assert packed(registry, "IParticipantRegistry.KeyRecord") == [
        ("organisation", 0, 0, 256),
        ("from", 1, 0, 64),
        ("ended", 1, 64, 64),
        ("suspectSince", 1, 128, 64),
        ("use", 1, 192, 8),
    ]


def mapped(types: list[str], values: list[object]) -> int:
    """Return where Solidity keeps a mapping's entry, by the ABI's own encoder."""
    return int.from_bytes(layout.keccak(encode(types, values)))


@given(HASHES, HASHES, U64)
def test_slots_follow_solidity(one: bytes, other: bytes, number: int) -> None:
    in_anchors = mapped(["bytes32", "uint256"], [one, 0])
    assert layout.anchor_slot(one, number) == mapped(["uint64", "uint256"], [number, in_anchors])
    assert layout.head_slot(one) == mapped(["bytes32", "uint256"], [one, 1])
    closure = mapped(["bytes32", "uint256"], [one, 2])
    assert layout.closure_slots(one) == (closure, closure + 1)
    assert layout.organisation_slot(one) == mapped(["bytes32", "uint256"], [one, 1])
    in_roles = mapped(["bytes32", "uint256"], [one, 2])
    count = mapped(["bytes32", "uint256"], [other, in_roles])
    assert layout.role_count_slot(one, other) == count
    assert layout.role_interval_slot(one, other, 3) == (mapped(["uint256"], [count]) + 3) % 2**256
    key = mapped(["bytes32", "uint256"], [one, 3])
    assert layout.key_slots(one) == (key, key + 1)


@given(HASHES, U64, U64)
def test_the_anchor_record_is_what_the_contract_hashes(root: bytes, number: int, time: int) -> None:
    encoded = encode(["bytes32", "uint64", "uint64"], [root, number, time])
    assert layout.anchor_record(root, number, time) == layout.keccak(encoded)


def test_keccak_is_not_sha3() -> None:
    assert layout.keccak(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_names_on_the_chain() -> None:
    assert layout.role_id("governor") == layout.keccak(b"governor")
    # SHA-256 of "abc", FIPS 180-2 appendix B.1.
    assert layout.organisation_id("abc").hex().startswith("ba7816bf8f01cfea")


@given(ADDRESSES, U64, st.booleans())
def test_unpacks_heads(operator: bytes, size: int, closed: bool) -> None:
    value = int.from_bytes(operator) | size << 160 | closed << 224
    assert layout.unpack_head(value) == Head(operator, size, closed)


@given(HASHES, U64, U64)
def test_unpacks_closures(successor: bytes, size: int, block: int) -> None:
    value = int.from_bytes(successor)
    assert layout.unpack_closure(value, size | block << 64) == Closure(successor, size, block)


@given(ADDRESSES, U48, U48)
def test_unpacks_organisations(admin: bytes, start: int, ended: int) -> None:
    value = int.from_bytes(admin) | start << 160 | ended << 208
    assert layout.unpack_organisation(value) == Organisation(admin, Interval(start, ended))


@given(HASHES, U64, U64, U64, st.integers(0, 255))
def test_unpacks_keys(organisation: bytes, start: int, ended: int, suspect: int, use: int) -> None:
    value = start | ended << 64 | suspect << 128 | use << 192
    expected = KeyRecord(organisation, Interval(start, ended), suspect, use)
    assert layout.unpack_key(int.from_bytes(organisation), value) == expected


@given(U64, U64)
def test_unpacks_intervals(start: int, ended: int) -> None:
    assert layout.unpack_interval(start | ended << 64) == Interval(start, ended)


@pytest.mark.parametrize(
    "unpack",
    [
        lambda: layout.unpack_head(1 << 232),
        lambda: layout.unpack_head(2 << 224),
        lambda: layout.unpack_interval(1 << 128),
        lambda: layout.unpack_key(0, 1 << 200),
        lambda: layout.unpack_closure(0, 1 << 128),
    ],
)
def test_bits_outside_the_fields_are_refused(unpack: Callable[[], object]) -> None:
    with pytest.raises(MalformedError):
        unpack()


@pytest.mark.parametrize(
    ("interval", "good"),
    [
        (Interval(0, 0), []),
        (Interval(5, 0), [5, 6, 7, 8]),
        (Interval(5, 7), [5, 6]),
        (Interval(5, 5), []),
    ],
    ids=str,
)
def test_an_interval_ends_before_the_block_that_ended_it(interval: Interval, good: list[int]) -> None:
    assert [block for block in range(9) if interval.contains(block)] == good


@pytest.mark.parametrize(
    "call",
    [
        lambda: layout.head_slot(b"short"),
        lambda: layout.anchor_slot(HASH, 2**64),
        lambda: layout.anchor_slot(HASH, -1),
        lambda: layout.role_count_slot(HASH, b""),
    ],
)
def test_refuses_words_of_another_size(call: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        call()
