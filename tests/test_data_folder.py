"""The data folder: held by one, seen by its owner, and never of two logs."""

import os
import stat
from pathlib import Path

import pytest

from ledger.data_folder import GENESIS_FILE, RPC_FILE, DataFolder
from ledger.domain.errors import ConflictError, UnavailableError

URL = "https://node.example/key-of-ours"


def rpc_of(folder: DataFolder) -> str | None:
    return folder.rpc


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_for_its_owner_only_and_held_by_one(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "some" / "where")
    with folder.held():
        assert mode(folder.path) == 0o700
        with pytest.raises(ConflictError) as caught, DataFolder(folder.path).held():
            pass
        assert caught.value.code == "already-running"
    with folder.held():
        pass


def test_a_folder_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    os.chmod(tmp_path / "data", 0o750)
    with DataFolder(tmp_path / "data").held():
        assert mode(tmp_path / "data") == 0o750


def test_where_no_folder_can_be_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError) as caught, DataFolder(tmp_path / "file" / "data").held():
        pass
    assert caught.value.code == "folder-not-writable"


def test_the_chain_is_announced_to_the_owner_while_it_runs(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    assert rpc_of(folder) is None
    # What a killed process left is replaced.
    (tmp_path / RPC_FILE).write_text("http://127.0.0.1:1")
    with folder.announced(URL):
        assert rpc_of(folder) == URL
        assert mode(tmp_path / RPC_FILE) == 0o600
    assert rpc_of(folder) is None
    assert list(tmp_path.iterdir()) == []


def test_a_leftover_of_a_killed_write_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / f".{GENESIS_FILE}.new").write_text("half")
    DataFolder(tmp_path).keep_genesis(b"{}")
    assert [path.name for path in tmp_path.iterdir()] == [GENESIS_FILE]


def test_it_belongs_to_one_log_for_ever(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    assert folder.genesis is None
    folder.keep_genesis(b"one")
    folder.keep_genesis(b"one")
    with pytest.raises(ConflictError) as caught:
        folder.keep_genesis(b"two")
    assert caught.value.code == "other-log"
    assert folder.genesis == b"one"


@pytest.mark.parametrize("name", [RPC_FILE, GENESIS_FILE])
def test_what_cannot_be_read_or_written_is_said_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    folder = DataFolder(tmp_path)
    with pytest.raises(UnavailableError) as unread:
        _ = folder.rpc if name == RPC_FILE else folder.genesis
    assert unread.value.code == "cannot-read"
    with pytest.raises(UnavailableError) as unwritten, folder.announced(URL):
        folder.keep_genesis(b"{}")
    assert unwritten.value.code in ("cannot-write", "cannot-read")
