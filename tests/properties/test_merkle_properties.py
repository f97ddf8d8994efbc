"""The Merkle tree against the slow reference on trees that Hypothesis picks."""

from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain import merkle
from ledger.domain.errors import VerificationError
from ledger.domain.frontier import Frontier, each_node
from tests.domain import merkle_reference as reference

TREES = st.lists(st.binary(max_size=40), min_size=1, max_size=300)


@settings(max_examples=60)
@given(TREES, st.data())
def test_proofs_of_any_tree_are_those_of_the_rfc_and_verify(
    entries: list[bytes], data: st.DataObject
) -> None:
    size2 = data.draw(st.integers(1, len(entries)))
    size1 = data.draw(st.integers(1, size2))
    index = data.draw(st.integers(0, size2 - 1))
    nodes = reference.StoredNodes(entries)
    roots = [reference.tree_hash(entries[:size]) for size in (size1, size2)]

    inclusion = merkle.inclusion_proof(index, size2, nodes.get)
    assert inclusion == reference.path(index, entries[:size2])
    merkle.verify_inclusion(merkle.leaf_hash(entries[index]), index, size2, inclusion, roots[1])

    consistency = merkle.consistency_proof(size1, size2, nodes.get)
    assert consistency == reference.proof(size1, entries[:size2])
    merkle.verify_consistency(size1, size2, consistency, *roots)


@settings(max_examples=60)
@given(st.lists(st.lists(st.binary(max_size=8), max_size=70), max_size=6))
def test_any_batches_make_the_stored_nodes_of_the_whole(batches: list[list[bytes]]) -> None:
    frontier = Frontier()
    made: dict[tuple[int, int], bytes] = {}
    for batch in batches:
        frontier, runs = frontier.append([merkle.leaf_hash(entry) for entry in batch])
        for level, index, value in each_node(runs):
            assert (level, index) not in made
            made[level, index] = value
    entries = [entry for batch in batches for entry in batch]
    assert made == reference.StoredNodes(entries).nodes
    assert frontier.root() == reference.tree_hash(entries)


HASHES = st.binary(min_size=32, max_size=32)
ANYTHING = st.one_of(HASHES, st.binary(max_size=40), st.none(), st.text(max_size=3), st.integers())


@given(ANYTHING, st.integers(-2, 20), st.integers(-2, 20), st.lists(ANYTHING, max_size=6), ANYTHING)
def test_arbitrary_arguments_end_in_a_verification_error_and_nothing_else(
    leaf: Any, one: int, two: int, proof: list[Any], root: Any
) -> None:
    # The one thing that holds by chance: a proof of nothing, between equal values.
    trivial = leaf == root and not proof
    for check in (
        partial(merkle.verify_inclusion, leaf, one, two, proof, root),
        partial(merkle.verify_consistency, one, two, proof, leaf, root),
    ):
        try:
            check()
        except VerificationError:
            continue
        assert trivial


@given(st.integers(0, (1 << 63) - 1), st.integers(1, 1 << 63))
def test_huge_trees_need_at_most_one_node_a_level_and_only_complete_ones(index: int, size: int) -> None:
    index %= size
    nodes = merkle.inclusion_nodes(index, size)
    assert len(nodes.ids) <= 2 * size.bit_length()
    assert all((place + 1) << level <= size for level, place in nodes.ids)
    assert len(set(nodes.ids)) == len(nodes.ids)
