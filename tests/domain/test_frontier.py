"""Appends in bulk make exactly the complete subtrees of RFC 9162, however entries are cut into batches."""

import pytest

from ledger.domain.frontier import Frontier, each_node
from ledger.domain.merkle import EMPTY_ROOT, leaf_hash
from tests.domain import merkle_reference as reference

SMALL = 64
ENTRIES = [b"entry %d" % number for number in range(SMALL)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
NODES = reference.StoredNodes(ENTRIES)


@pytest.mark.parametrize("first", range(SMALL + 1))
def test_two_batches_make_every_complete_subtree_once_at_any_cut(first: int) -> None:
    for last in range(first, SMALL + 1):
        one, runs = Frontier().append(LEAVES[:first])
        two, more = one.append(LEAVES[first:last])
        made = [((level, index), value) for level, index, value in each_node([*runs, *more])]
        assert len(dict(made)) == len(made)
        assert dict(made) == reference.StoredNodes(ENTRIES[:last]).nodes
        assert two.size == last
        assert two.root() == reference.tree_hash(ENTRIES[:last])


@pytest.mark.parametrize("size", range(SMALL + 1))
def test_a_loaded_frontier_equals_the_one_that_grew(size: int) -> None:
    grown, _ = Frontier().append(LEAVES[:size])
    assert Frontier.load(size, NODES.get) == grown


def test_appending_nothing_changes_nothing_and_makes_nothing() -> None:
    frontier, _ = Frontier().append(LEAVES[:5])
    assert frontier.append([]) == (frontier, [])
    assert Frontier().root() == EMPTY_ROOT


def test_an_append_leaves_the_frontier_it_started_from_as_it_was() -> None:
    frontier, _ = Frontier().append(LEAVES[:5])
    before = (frontier.size, frontier.peaks)
    leaves = LEAVES[5:9]
    frontier.append(leaves)
    assert (frontier.size, frontier.peaks) == before
    assert leaves == LEAVES[5:9]
