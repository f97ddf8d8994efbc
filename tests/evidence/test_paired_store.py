"""Two stores at once: acknowledged is what both have, and one heals the other."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ledger.domain.cid import CHUNK, cid_of
from ledger.domain.errors import NotFoundError, UnavailableError, VerificationError
from ledger.evidence.local_store import LocalStore
from ledger.evidence.paired_store import PairedStore
from ledger.evidence.store import StoredItem
from tests.builders import seeded

DATA = seeded("in two stores", 20 * CHUNK + 17)
CID = cid_of([DATA])


class Failing(LocalStore):
    """A store whose disk is full, or that has gone away."""

    def __init__(self, folder: Path, *, after: int) -> None:
        super().__init__(folder)
        self._after = after

    def put(self, pieces: Iterable[bytes], *, expected: str | None = None) -> str:
        """Take some pieces and fail."""
        for count, _ in enumerate(pieces):
            if count >= self._after:
                break
        raise UnavailableError("disk-full", "there is no room")

    def has(self, cid: str) -> bool:
        """Fail."""
        raise UnavailableError("ipfs-unreachable", "it is gone")

    def size(self, cid: str) -> int:
        """Fail."""
        raise UnavailableError("ipfs-unreachable", "it is gone")

    def open(self, cid: str, start: int = 0, stop: int | None = None) -> StoredItem:
        """Fail."""
        raise UnavailableError("ipfs-unreachable", "it is gone")


@pytest.fixture
def first(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "first")


@pytest.fixture
def second(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "second")


def whole(store: LocalStore | PairedStore, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join(store.open(CID, start, stop).chunks)


def drain(store: PairedStore, out: bytearray) -> None:
    for piece in store.open(CID).chunks:
        out += piece


def pieces(size: int = 100_000) -> Iterator[bytes]:
    for at in range(0, len(DATA), size):
        yield DATA[at : at + size]


def rot(folder: Path, at: int) -> None:
    (path,) = folder.rglob(CID)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_both_have_it_before_it_is_acknowledged(first: LocalStore, second: LocalStore) -> None:
    pair = PairedStore(first, second)
    assert pair.put(pieces()) == CID
    assert whole(first) == whole(second) == whole(pair) == DATA
    assert (pair.has(CID), pair.size(CID), list(pair.cids())) == (True, len(DATA), [CID])
    pair.delete(CID)
    assert not first.has(CID)
    assert not second.has(CID)


def test_a_file_goes_into_both(first: LocalStore, second: LocalStore, tmp_path: Path) -> None:
    file = tmp_path / "first" / "upload"
    file.write_bytes(DATA)
    pair = PairedStore(first, second)
    with pytest.raises(VerificationError):
        pair.take(file, cid_of([b"other"]))
    assert file.read_bytes() == DATA
    assert pair.take(file, CID) == len(DATA)
    assert whole(first) == whole(second) == DATA
    assert not file.exists()


@pytest.mark.parametrize("after", [0, 3, 1_000])
@pytest.mark.parametrize("bad_is_first", [True, False])
def test_when_one_fails_nothing_is_acknowledged(
    first: LocalStore, tmp_path: Path, after: int, bad_is_first: bool
) -> None:
    bad = Failing(tmp_path / "bad", after=after)
    pair = PairedStore(bad, first) if bad_is_first else PairedStore(first, bad)
    with pytest.raises(UnavailableError) as caught:
        pair.put(pieces())
    assert caught.value.code == "disk-full"
    if after < 1_000 or not bad_is_first:
        # The good one had not seen the end, or waits for the other one.
        assert not first.has(CID)


def test_what_the_pieces_raise_is_raised_and_nothing_is_kept(first: LocalStore, second: LocalStore) -> None:
    def broken() -> Iterator[bytes]:
        yield DATA[:CHUNK]
        raise OSError("the sender is gone")

    with pytest.raises(OSError, match="the sender is gone"):
        PairedStore(first, second).put(broken())
    assert [*first.cids(), *second.cids()] == []


@pytest.mark.parametrize("at", [0, 7 * CHUNK + 3, len(DATA) - 1])
def test_a_rotten_first_copy_is_healed_while_it_is_read(
    first: LocalStore, second: LocalStore, tmp_path: Path, at: int
) -> None:
    pair = PairedStore(first, second)
    pair.put([DATA])
    rot(tmp_path / "first", at)
    assert whole(pair) == DATA
    assert whole(first) == DATA


@pytest.mark.parametrize("start", [0, 5, 7 * CHUNK + 3])
def test_a_part_comes_from_the_store_that_has_it_right(
    first: LocalStore, second: LocalStore, tmp_path: Path, start: int
) -> None:
    pair = PairedStore(first, second)
    pair.put([DATA])
    rot(tmp_path / "first", 7 * CHUNK + 3)
    assert whole(pair, start, len(DATA) - 9) == DATA[start : len(DATA) - 9]
    assert whole(first) == DATA


def test_what_has_rotted_in_both_is_not_given_out(
    first: LocalStore, second: LocalStore, tmp_path: Path
) -> None:
    pair = PairedStore(first, second)
    pair.put([DATA])
    for folder in ("first", "second"):
        rot(tmp_path / folder, 7 * CHUNK)
    out = bytearray()
    with pytest.raises(VerificationError):
        drain(pair, out)
    assert out == DATA[: 7 * CHUNK]


def test_an_item_of_one_store_only_is_found_and_not_copied(first: LocalStore, second: LocalStore) -> None:
    second.put([DATA])
    assert whole(PairedStore(first, second)) == DATA
    # Its owner may have chosen so.
    assert not first.has(CID)


def test_rot_of_the_only_copy_is_said_to_be_rot(
    first: LocalStore, second: LocalStore, tmp_path: Path
) -> None:
    first.put([DATA])
    rot(tmp_path / "first", 0)
    with pytest.raises(VerificationError):
        whole(PairedStore(first, second))


def test_reading_goes_on_while_one_store_is_gone(second: LocalStore, tmp_path: Path) -> None:
    second.put([DATA])
    pair = PairedStore(Failing(tmp_path / "bad", after=0), second)
    assert whole(pair) == DATA
    assert (pair.has(CID), pair.size(CID)) == (True, len(DATA))
    with pytest.raises(NotFoundError):
        pair.open(cid_of([b"other"]))
