"""The Merkle tree against RFC 9162 section 2.1, exhaustively for small trees, and against foreign vectors."""

import json
from base64 import b64decode
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.domain import merkle
from ledger.domain.errors import UsageError, VerificationError
from tests.domain import merkle_reference as reference

SMALL = 64
ENTRIES = [b"entry %d" % number for number in range(SMALL)]
NODES = reference.StoredNodes(ENTRIES)
ROOTS = [reference.tree_hash(ENTRIES[:size]) for size in range(SMALL + 1)]
FOREIGN = Path(__file__).parents[3] / "shared" / "fixtures" / "merkle"


def refused(check: Callable[..., None], *args: Any) -> bool:
    """Return whether a check raises VerificationError; any other exception is let through."""
    try:
        check(*args)
    except VerificationError:
        return True
    return False


@pytest.mark.parametrize("size", range(SMALL + 1))
def test_root_is_that_of_the_rfc_at_every_size_of_a_larger_store(size: int) -> None:
    assert merkle.root(size, NODES.get) == ROOTS[size]


@pytest.mark.parametrize("size", range(1, SMALL + 1))
def test_inclusion_proofs_are_those_of_the_rfc_and_verify(size: int) -> None:
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, NODES.get)
        assert proof == reference.path(index, ENTRIES[:size])
        merkle.verify_inclusion(merkle.leaf_hash(ENTRIES[index]), index, size, proof, ROOTS[size])


@pytest.mark.parametrize("size2", range(1, SMALL + 1))
def test_consistency_proofs_are_those_of_the_rfc_and_verify(size2: int) -> None:
    for size1 in range(1, size2 + 1):
        proof = merkle.consistency_proof(size1, size2, NODES.get)
        assert proof == reference.proof(size1, ENTRIES[:size2])
        merkle.verify_consistency(size1, size2, proof, ROOTS[size1], ROOTS[size2])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 33])
def test_inclusion_holds_for_no_other_place_and_no_other_root(size: int) -> None:
    for index in range(size):
        leaf = merkle.leaf_hash(ENTRIES[index])
        proof = reference.path(index, ENTRIES[:size])
        for other in (place for place in range(-1, size + 2) if place != index):
            assert refused(merkle.verify_inclusion, leaf, other, size, proof, ROOTS[size])
        for other in (number for number in range(SMALL + 1) if number != size):
            assert refused(merkle.verify_inclusion, leaf, index, size, proof, ROOTS[other])


@pytest.mark.parametrize(("size1", "size2"), [(1, 2), (2, 3), (3, 7), (4, 7), (6, 8), (8, 13), (33, 64)])
def test_consistency_holds_for_no_other_root(size1: int, size2: int) -> None:
    proof = reference.proof(size1, ENTRIES[:size2])
    for other in range(SMALL + 1):
        if other != size1:
            assert refused(merkle.verify_consistency, size1, size2, proof, ROOTS[other], ROOTS[size2])
        if other != size2:
            assert refused(merkle.verify_consistency, size1, size2, proof, ROOTS[size1], ROOTS[other])


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (2, 3), (5, 7), (6, 7), (12, 13), (40, 64)])
def test_every_flipped_bit_of_an_inclusion_proof_is_refused(index: int, size: int) -> None:
    leaf = merkle.leaf_hash(ENTRIES[index])
    proof = reference.path(index, ENTRIES[:size])
    for place, value in enumerate(proof):
        for changed in flips(value):
            bad = [*proof[:place], changed, *proof[place + 1 :]]
            assert refused(merkle.verify_inclusion, leaf, index, size, bad, ROOTS[size])
    assert all(
        refused(merkle.verify_inclusion, changed, index, size, proof, ROOTS[size]) for changed in flips(leaf)
    )
    assert all(
        refused(merkle.verify_inclusion, leaf, index, size, proof, changed) for changed in flips(ROOTS[size])
    )


@pytest.mark.parametrize(("size1", "size2"), [(1, 2), (3, 7), (4, 7), (6, 8), (33, 64), (63, 64)])
def test_every_flipped_bit_of_a_consistency_proof_is_refused(size1: int, size2: int) -> None:
    proof = reference.proof(size1, ENTRIES[:size2])
    roots = ROOTS[size1], ROOTS[size2]
    for place, value in enumerate(proof):
        for changed in flips(value):
            bad = [*proof[:place], changed, *proof[place + 1 :]]
            assert refused(merkle.verify_consistency, size1, size2, bad, *roots)
    for changed in flips(roots[0]):
        assert refused(merkle.verify_consistency, size1, size2, proof, changed, roots[1])
    for changed in flips(roots[1]):
        assert refused(merkle.verify_consistency, size1, size2, proof, roots[0], changed)


def flips(value: bytes) -> list[bytes]:
    number = int.from_bytes(value)
    return [(number ^ 1 << bit).to_bytes(len(value)) for bit in range(8 * len(value))]


GOOD_INCLUSION: dict[str, Any] = {
    "leaf_hash": merkle.leaf_hash(ENTRIES[2]),
    "index": 2,
    "size": 5,
    "proof": reference.path(2, ENTRIES[:5]),
    "root": ROOTS[5],
}
GOOD_CONSISTENCY: dict[str, Any] = {
    "size1": 3,
    "size2": 5,
    "proof": reference.proof(3, ENTRIES[:5]),
    "root1": ROOTS[3],
    "root2": ROOTS[5],
}
WRONG_PROOFS: dict[str, Callable[[list[bytes]], Any]] = {
    "None": lambda good: None,
    "bytes": b"".join,
    "text": lambda good: "proof",
    "an iterator": iter,
    "a set": set,
    "an element is text": lambda good: [*good[:-1], "x" * 32],
    "an element is a number": lambda good: [*good[:-1], 7],
    "an element is too short": lambda good: [*good[:-1], good[-1][:-1]],
    "an element is too long": lambda good: [*good[:-1], good[-1] + bytes(1)],
    "an element is empty": lambda good: [b"", *good[1:]],
    "the first is missing": lambda good: good[1:],
    "the last is missing": lambda good: good[:-1],
    "one too many at the end": lambda good: [*good, bytes(32)],
    "one too many at the front": lambda good: [bytes(32), *good],
    "reversed": lambda good: good[::-1],
    "none at all": lambda good: [],
}


def refuses_in_its_place(name: str, value: object) -> bool:
    if name in GOOD_INCLUSION:
        return refused(partial(merkle.verify_inclusion, **GOOD_INCLUSION | {name: value}))
    return refused(partial(merkle.verify_consistency, **GOOD_CONSISTENCY | {name: value}))


def test_the_good_arguments_that_the_tables_change_are_good() -> None:
    merkle.verify_inclusion(**GOOD_INCLUSION)
    merkle.verify_inclusion(**GOOD_INCLUSION | {"proof": tuple(GOOD_INCLUSION["proof"])})
    merkle.verify_consistency(**GOOD_CONSISTENCY)
    assert not refuses_in_its_place("index", GOOD_INCLUSION["index"])


@pytest.mark.parametrize("name", WRONG_PROOFS)
def test_a_proof_of_wrong_type_length_or_order_is_a_verification_error(name: str) -> None:
    wrong = WRONG_PROOFS[name]
    with pytest.raises(VerificationError):
        merkle.verify_inclusion(**GOOD_INCLUSION | {"proof": wrong(GOOD_INCLUSION["proof"])})
    with pytest.raises(VerificationError):
        merkle.verify_consistency(**GOOD_CONSISTENCY | {"proof": wrong(GOOD_CONSISTENCY["proof"])})


@pytest.mark.parametrize("name", ["leaf_hash", "root", "root1", "root2"])
@pytest.mark.parametrize("value", [None, "x" * 32, 7, b"", bytes(31), bytes(33), bytearray(32)])
def test_a_hash_of_wrong_type_or_length_is_a_verification_error(name: str, value: object) -> None:
    assert refuses_in_its_place(name, value)


@pytest.mark.parametrize("name", ["index", "size", "size1", "size2"])
@pytest.mark.parametrize("value", [None, "3", 3.0, True, -1, 1 << 64, 1 << 200])
def test_a_number_of_wrong_type_or_range_is_a_verification_error(name: str, value: object) -> None:
    assert refuses_in_its_place(name, value)


@pytest.mark.parametrize("size", range(8))
def test_an_index_at_or_past_the_size_is_named_as_the_fault(size: int) -> None:
    for index in (size, size + 1, -1):
        with pytest.raises(VerificationError) as caught:
            merkle.verify_inclusion(ROOTS[1], index, size, [], ROOTS[size])
        assert caught.value.code == "inclusion-index"


@pytest.mark.parametrize("size1", [2, 3])
def test_an_earlier_root_of_wrong_length_is_named_as_the_fault(size1: int) -> None:
    proof = reference.proof(size1, ENTRIES[:5])
    with pytest.raises(VerificationError) as caught:
        merkle.verify_consistency(size1, 5, proof, ROOTS[size1][:-1], ROOTS[5])
    assert caught.value.code == "hash-length"


@pytest.mark.parametrize("equal", [None, "root", 7])
def test_trees_of_one_size_with_equal_roots_that_are_no_bytes_are_refused(equal: Any) -> None:
    assert refused(merkle.verify_consistency, 3, 3, [], equal, equal)


def test_a_single_leaf_tree_has_that_leaf_as_root_and_an_empty_proof() -> None:
    leaf = merkle.leaf_hash(b"alone")
    merkle.verify_inclusion(leaf, 0, 1, [], leaf)
    assert refused(merkle.verify_inclusion, leaf, 0, 1, [leaf], leaf)


def test_the_empty_tree_has_the_hash_of_nothing_as_root_and_is_consistent_with_none() -> None:
    assert merkle.root(0, NODES.get) == merkle.EMPTY_ROOT == sha256(b"").digest()
    assert refused(merkle.verify_consistency, 0, 0, [], merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
    assert refused(merkle.verify_consistency, 0, 5, [], merkle.EMPTY_ROOT, ROOTS[5])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_inclusion_proof_is_made_for_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(UsageError, match="no leaf"):
        merkle.inclusion_proof(index, size, NODES.get)


def test_no_consistency_proof_is_made_from_a_larger_tree_to_a_smaller_one() -> None:
    with pytest.raises(UsageError, match="cannot be the beginning"):
        merkle.consistency_proof(4, 3, NODES.get)
    assert merkle.consistency_proof(0, 3, NODES.get) == merkle.consistency_proof(3, 3, NODES.get) == []


def test_leaf_and_node_hashes_are_those_of_certificate_transparency() -> None:
    # RFC 6962 known answers: the empty entry, and the tree of the first two entries of the usual test tree.
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    root = merkle.node_hash(merkle.leaf_hash(b""), merkle.leaf_hash(b"\x00"))
    assert root.hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"


def foreign(kind: str) -> list[Path]:
    return sorted((FOREIGN / kind).rglob("*.json"))


@pytest.mark.skipif(not FOREIGN.is_dir(), reason="the foreign Merkle vectors are not on this machine")
@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_foreign_vectors_come_out_as_their_authors_expect(kind: str) -> None:
    """All vectors of transparency-dev/merkle, good and bad."""
    files = foreign(kind)
    assert files
    for file in files:
        vector = json.loads(file.read_text())
        proof = [b64decode(element) for element in vector["proof"] or []]
        if kind == "inclusion":
            hashes = b64decode(vector["leafHash"]), b64decode(vector["root"])
            places = vector["leafIdx"], vector["treeSize"]
            bad = refused(merkle.verify_inclusion, hashes[0], *places, proof, hashes[1])
        else:
            roots = b64decode(vector["root1"]), b64decode(vector["root2"])
            bad = refused(merkle.verify_consistency, vector["size1"], vector["size2"], proof, *roots)
        assert bad is vector["wantErr"], f"{file.relative_to(FOREIGN)}: {vector['desc']}"
