"""Proofs from the stored tree: at every size, and with any memory."""

from pathlib import Path

import pytest

from ledger.domain.errors import NotFoundError, UnavailableError, UsageError
from ledger.domain.merkle import EMPTY_ROOT, leaf_hash
from ledger.log.store import LogStore
from ledger.log.tree import Tree
from ledger.storage.engine import write_transaction
from ledger.storage.tables import tiles
from tests.domain import merkle_reference
from tests.log.logs import a_log, appended, history


def test_every_proof_at_every_size_of_a_small_log(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        for submission in history(4, 4):
            appended(store, [submission])
            entries = store.entries(0, store.size())
            for size in range(1, len(entries) + 1):
                assert store.root(size) == merkle_reference.tree_hash(entries[:size])
                for index in range(size):
                    expected = merkle_reference.path(index, entries[:size])
                    assert store.inclusion_proof(index, size) == expected
                for earlier in range(1, size + 1):
                    expected = merkle_reference.proof(earlier, entries[:size])
                    assert store.consistency_proof(earlier, size) == expected
        assert store.root(0) == EMPTY_ROOT
        assert store.consistency_proof(0, 5) == []


@pytest.mark.parametrize("tiles_kept", [0, 1, 4096])
def test_what_is_kept_in_memory_changes_no_proof(tmp_path: Path, tiles_kept: int) -> None:
    everything = history(20, 40)
    with a_log(tmp_path) as store:
        tree = Tree(store.engine, tiles_kept=tiles_kept)
        for start in range(0, len(everything), 100):
            appended(store, everything[start : start + 100])
            size = store.size()
            entries = store.entries(0, size)
            for index in (0, size // 2, size - 1):
                assert tree.inclusion_proof(index, size) == merkle_reference.path(index, entries)


def test_a_size_that_another_writer_reached_is_seen(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        other = LogStore(store.engine, lambda: 0)
        with pytest.raises(NotFoundError) as caught:
            store.inclusion_proof(1, 3)
        assert caught.value.code == "tree-size"
        appended(other, history(1, 1))
        leaf = leaf_hash(store.entry(1))
        assert store.consistency_proof(1, 2) == [leaf]
        assert len(store.inclusion_proof(1, 3)) == 2


def test_an_index_beyond_the_size_is_no_question(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        with pytest.raises(UsageError):
            store.inclusion_proof(1, 1)
        with pytest.raises(UsageError):
            store.consistency_proof(2, 1)


def test_a_tile_that_is_gone_is_named(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        appended(store, history(1, 3))
        with write_transaction(store.engine) as connection:
            connection.execute(tiles.delete())
        with pytest.raises(UnavailableError, match=r"tile \(0, 0\)") as caught:
            store.inclusion_proof(0, 4)
        assert caught.value.code == "database-damaged"
