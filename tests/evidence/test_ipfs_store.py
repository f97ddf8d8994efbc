"""The store in an IPFS node, a real one: the same CIDs, and all of an item or nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.domain.cid import CHUNK, LINKS, cid_of
from ledger.domain.errors import NotFoundError, VerificationError
from ledger.evidence.ipfs_store import IpfsStore
from tests.builders import seeded
from tests.tools.fixtures import ipfs_api

__all__ = ["ipfs_api"]

LARGE = seeded("large", 3 * CHUNK + 17)
# More leaves than one node of the tree links to.
TALL = seeded("tall", CHUNK) * (LINKS + 1) + b"the end"
SIZES = (1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17)


@pytest.fixture
def store(ipfs_api: str) -> IpfsStore:
    return IpfsStore(ipfs_api)


def whole(store: IpfsStore, cid: str) -> bytes:
    return b"".join(store.open(cid).chunks)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_put_comes_back_under_its_cid(store: IpfsStore, size: int) -> None:
    data = LARGE[:size]
    cid = store.put([data[:100], data[100:]])
    assert cid == cid_of([data])
    assert whole(store, cid) == data
    assert (store.open(cid).size, store.size(cid), store.has(cid)) == (size, size, True)
    assert cid in list(store.cids())


def test_a_tree_of_two_levels_comes_back_whole_and_in_parts(store: IpfsStore) -> None:
    cid = store.put([TALL])
    assert cid == cid_of([TALL])
    assert whole(store, cid) == TALL
    for start, stop in ((0, 1), (CHUNK - 1, CHUNK + 1), (len(TALL) - 3, len(TALL)), (5, 5), (7, None)):
        assert b"".join(store.open(cid, start, stop).chunks) == TALL[start:stop]


def test_putting_the_same_again_changes_nothing(store: IpfsStore) -> None:
    assert store.put([LARGE]) == store.put([LARGE])
    assert whole(store, cid_of([LARGE])) == LARGE


def test_what_was_deleted_is_gone(store: IpfsStore) -> None:
    cid = store.put([seeded("deleted", 2 * CHUNK)])
    store.delete(cid)
    store.delete(cid)
    assert not store.has(cid)
    assert cid not in list(store.cids())
    with pytest.raises(NotFoundError):
        store.open(cid)


def test_what_the_pieces_raise_is_raised_and_nothing_is_kept(store: IpfsStore) -> None:
    before = list(store.cids())
    first = seeded("broken off", 2 * CHUNK)

    def broken() -> Iterator[bytes]:
        yield first
        raise OSError("the sender is gone")

    with pytest.raises(OSError, match="the sender is gone"):
        store.put(broken())
    assert list(store.cids()) == before


def test_bytes_of_another_cid_than_expected_are_not_kept(store: IpfsStore) -> None:
    data = seeded("unexpected", 2 * CHUNK)
    with pytest.raises(VerificationError) as caught:
        store.put([data], expected=cid_of([b"other"]))
    assert caught.value.code == "cid-mismatch"
    assert not store.has(cid_of([data]))


def test_a_file_is_taken_or_left_alone(store: IpfsStore, tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_bytes(data := seeded("taken", CHUNK + 1))
    with pytest.raises(VerificationError):
        store.take(file, cid_of([b"other"]))
    assert file.read_bytes() == data
    assert store.take(file, cid_of([data])) == len(data)
    assert not file.exists()
    assert whole(store, cid_of([data])) == data


@pytest.mark.parametrize("name", [cid_of([b"nobody has it"]), "", "../../etc/passwd", "QmYwAPJzv5"])
def test_what_is_not_there_is_not_found(store: IpfsStore, name: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        store.open(name)
    assert caught.value.code == "no-evidence"
    assert not store.has(name)
