"""The store in a folder: all of an item or nothing, whenever it is killed, and no rotten byte comes out."""

import errno
import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.cid import CHUNK, cid_of
from ledger.domain.errors import CorridorError, NotFoundError, UnavailableError, VerificationError
from ledger.evidence.local_store import LocalStore
from tests.builders import seeded

SMALL = b"sealed bytes"
LARGE = seeded("large", 3 * CHUNK + 17)
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17)
STEPS = ("put.written", "put.synced", "settle.leaves", "settle.renamed", "settle.done")


def whole(store: LocalStore, cid: str) -> bytes:
    return b"".join(store.open(cid).chunks)


def drain(chunks: Iterator[bytes], out: bytearray) -> None:
    for chunk in chunks:
        out += chunk


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def path_of(folder: Path, cid: str) -> Path:
    (path,) = folder.rglob(cid)
    return path


@pytest.mark.parametrize("size", SIZES)
def test_what_was_put_comes_back_under_its_cid(tmp_path: Path, size: int) -> None:
    store, data = LocalStore(tmp_path), LARGE[:size]
    cid = store.put([data[:100], data[100:]])
    assert cid == cid_of([data])
    assert whole(store, cid) == data
    assert (store.open(cid).size, store.has(cid), list(store.cids())) == (size, True, [cid])
    # Nothing but the bytes themselves is in the file: any tool can read it.
    assert path_of(tmp_path, cid).read_bytes() == data


def test_putting_the_same_again_changes_nothing(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    assert store.put([LARGE]) == store.put([LARGE])
    assert len(files(tmp_path)) == 2


@given(start=st.integers(0, len(LARGE) + 5), length=st.integers(0, len(LARGE) + 5))
@settings(max_examples=50)
def test_any_part_comes_back(tmp_path_factory: pytest.TempPathFactory, start: int, length: int) -> None:
    store = LocalStore(tmp_path_factory.getbasetemp() / "parts")
    cid = store.put([LARGE])
    assert b"".join(store.open(cid, start, start + length).chunks) == LARGE[start : start + length]


@given(where=st.integers(0, len(LARGE) - 1), bit=st.integers(0, 7))
@settings(max_examples=50)
def test_no_rotten_byte_comes_out(tmp_path_factory: pytest.TempPathFactory, where: int, bit: int) -> None:
    folder = tmp_path_factory.mktemp("rot")
    store = LocalStore(folder)
    cid = store.put([LARGE])
    rotten = bytearray(LARGE)
    rotten[where] ^= 1 << bit
    path_of(folder, cid).write_bytes(rotten)
    out = bytearray()
    with pytest.raises(VerificationError) as caught:
        drain(store.open(cid).chunks, out)
    assert caught.value.code == "evidence-rotten"
    assert out == LARGE[: len(out)]
    assert len(out) == where // CHUNK * CHUNK
    # A part that is not touched by it can still be had.
    other = (where // CHUNK + 1) % 3 * CHUNK
    assert b"".join(store.open(cid, other, other + 10).chunks) == LARGE[other : other + 10]
    # Putting the right bytes again heals it.
    store.put([LARGE])
    assert whole(store, cid) == LARGE


@pytest.mark.parametrize("size", [0, 1, CHUNK, len(LARGE) - 1])
def test_a_file_that_was_cut_off_is_rotten(tmp_path: Path, size: int) -> None:
    store = LocalStore(tmp_path)
    cid = store.put([LARGE])
    os.truncate(path_of(tmp_path, cid), size)
    with pytest.raises(VerificationError):
        whole(store, cid)


@pytest.mark.parametrize(
    "kept", [None, b"", bytes(32), bytes(4 * 32)], ids=["none", "empty", "short", "wrong"]
)
def test_hashes_that_are_lost_or_wrong_are_made_again(tmp_path: Path, kept: bytes | None) -> None:
    store = LocalStore(tmp_path)
    cid = store.put([LARGE])
    path = path_of(tmp_path, f"{cid}.leaves")
    right = path.read_bytes()
    path.unlink()
    if kept is not None:
        path.write_bytes(kept)
    assert whole(store, cid) == LARGE
    assert path.read_bytes() == right


def test_bytes_of_another_cid_than_expected_are_not_kept(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    with pytest.raises(VerificationError) as caught:
        store.put([LARGE], expected=cid_of([SMALL]))
    assert (caught.value.code, files(tmp_path)) == ("cid-mismatch", [])


def test_a_file_is_taken_or_left_alone(tmp_path: Path) -> None:
    store, file = LocalStore(tmp_path / "store"), tmp_path / "upload"
    file.write_bytes(LARGE)
    with pytest.raises(VerificationError):
        store.take(file, cid_of([SMALL]))
    assert file.read_bytes() == LARGE
    assert list(store.cids()) == []
    assert store.take(file, cid_of([LARGE])) == len(LARGE)
    assert not file.exists()
    assert whole(store, cid_of([LARGE])) == LARGE


@pytest.mark.parametrize("name", [cid_of([SMALL]), "", "../../etc/passwd", "b" + "a" * 58, "QmYwAPJzv5"])
def test_what_is_not_there_is_not_found(tmp_path: Path, name: str) -> None:
    store = LocalStore(tmp_path)
    with pytest.raises(NotFoundError) as caught:
        store.open(name)
    assert caught.value.code == "no-evidence"
    assert not store.has(name)


def test_what_was_deleted_is_gone(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    cid = store.put([SMALL])
    store.delete(cid)
    store.delete(cid)
    assert (files(tmp_path), store.has(cid), list(store.cids())) == ([], False, [])


@pytest.mark.parametrize("step", STEPS)
def test_a_disk_that_fails_at_any_step_is_our_error_and_leaves_no_half(tmp_path: Path, step: str) -> None:
    def full(reached: str) -> None:
        if reached == step:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(UnavailableError) as caught:
        LocalStore(tmp_path, fault=full).put([LARGE])
    assert caught.value.code == "disk-full"
    again = LocalStore(tmp_path)
    assert list((tmp_path / "incoming").iterdir()) == []
    for cid in again.cids():
        assert whole(again, cid) == LARGE
    assert whole(again, again.put([LARGE])) == LARGE


def test_a_folder_that_went_away_is_our_error(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    (tmp_path / "incoming").rmdir()
    with pytest.raises(UnavailableError) as caught:
        store.put([SMALL])
    assert caught.value.code == "evidence-store"


def _die_at(folder: Path, step: str) -> None:
    def fault(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    LocalStore(folder, fault=fault).put([LARGE])


def _pieces_then_death() -> Iterator[bytes]:
    yield LARGE
    os.kill(os.getpid(), signal.SIGKILL)


def _die_while_reading(folder: Path, _step: str) -> None:
    LocalStore(folder).put(_pieces_then_death())


@pytest.mark.parametrize("step", ["while reading", *STEPS])
def test_a_kill_at_any_step_leaves_all_or_nothing(tmp_path: Path, step: str) -> None:
    before = LocalStore(tmp_path).put([SMALL])
    die = _die_while_reading if step == "while reading" else _die_at
    process = multiprocessing.get_context("fork").Process(target=die, args=(tmp_path, step))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    store = LocalStore(tmp_path)
    store.clean()
    assert list((tmp_path / "incoming").iterdir()) == []
    there = set(store.cids())
    # What had its name when the process died stays; before that nothing shows.
    assert there == {before} | ({cid_of([LARGE])} if step in STEPS[3:] else set())
    for cid in there:
        assert whole(store, cid) == (SMALL if cid == before else LARGE)
    assert whole(store, store.put([LARGE])) == LARGE


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CorridorError) as caught:
        LocalStore(tmp_path / "file")
    assert caught.value.code == "evidence-store"
