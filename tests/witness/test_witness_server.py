"""Starting a witness: what goes wrong on the machine is said in one sentence, and nothing half-made stays."""

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.domain.errors import ConflictError, CorridorError, MalformedError, UnavailableError, UsageError
from ledger.log.folder_lock import only_one
from ledger.log.witness_protocol import PATH
from ledger.log.witness_server import open_witness, running, serve
from tests.builders import an_ed25519_key
from tests.witness.log_simulator import SimulatedLog, settings, witness_vkey
from tests.witness.tile_server import serving


def fails(error: type[CorridorError], code: str, folder: Path, *logs: SimulatedLog, **changes: Any) -> str:
    """Return the sentence with which a witness does not start."""
    with pytest.raises(error) as failure:
        serve(replace(settings(folder, *logs), **changes), announce=lambda _: pytest.fail("it started"))
    assert failure.value.code == code
    assert "\n" not in failure.value.message
    return failure.value.message


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert str(port) in fails(UnavailableError, "port-unavailable", tmp_path, port=port)
    with running(settings(tmp_path, port=port)) as url:
        assert url == f"http://127.0.0.1:{port}"


def test_a_port_that_is_none_is_named(tmp_path: Path) -> None:
    assert "65536" in fails(UnavailableError, "port-unavailable", tmp_path, port=65536)


def test_a_second_instance_on_the_same_folder_is_turned_away(tmp_path: Path) -> None:
    with running(settings(tmp_path)):
        assert str(tmp_path) in fails(ConflictError, "already-running", tmp_path)
    with running(settings(tmp_path)):
        pass


def test_a_folder_that_cannot_be_made_or_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    # Nobody may write under /proc/self, whoever runs the tests.
    for folder in (file, file / "below", Path("/proc/self/witness"), Path("/proc/self")):
        assert str(folder) in fails(UnavailableError, "folder-not-writable", folder)


def test_a_folder_is_free_again_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), only_one(tmp_path):
        raise ZeroDivisionError
    with only_one(tmp_path):
        pass


def test_a_database_of_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "witness.db").write_bytes(b"no database" * 1000)
    fails(UnavailableError, "database-damaged", tmp_path)


def test_the_state_of_another_key_is_not_taken_over(tmp_path: Path) -> None:
    with open_witness(settings(tmp_path)):
        pass
    other = {"vkey": witness_vkey(seed="another"), "sign": an_ed25519_key("another").sign}
    fails(ConflictError, "witness-of-another-key", tmp_path, **other)
    fails(ConflictError, "witness-of-another-key", tmp_path, index_cosigner=True)


def test_a_key_that_is_not_the_signers_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    fails(UsageError, "witness-key", folder, sign=an_ed25519_key("another").sign)
    fails(MalformedError, "verifier-key", folder, vkey="witness.example")
    assert not folder.exists()


def test_an_index_cosigner_is_told_where_the_entries_are(tmp_path: Path) -> None:
    log = SimulatedLog()
    message = fails(UsageError, "index-cosigner", tmp_path, log, index_cosigner=True)
    assert log.origin in message


def test_an_index_cosigner_fetches_the_entries_over_http(tmp_path: Path) -> None:
    log = SimulatedLog()
    log.grow("a", "b")
    with serving(log) as prefix:
        plain = settings(tmp_path, log)
        watched = replace(plain.logs[0], url=prefix, genesis_hash=log.genesis_hash)
        configured = replace(plain, logs=(watched,), index_cosigner=True)
        with running(configured) as url:
            assert httpx.post(url + PATH, content=log.request(0)).status_code == 200
            size = len(log.entries)
            log.say("c")
            log.close(bytes(32))
            response = httpx.post(url + PATH, content=log.request(size))
    assert response.status_code == 422
    assert response.text.startswith(f"log entry {size + 1} says the map root is 0000")
    assert response.text.endswith("[map-root-mismatch]\n")
