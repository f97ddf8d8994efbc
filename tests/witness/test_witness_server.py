"""Starting a witness: what goes wrong on the machine is said in one sentence, and nothing half-made stays."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from ledger.domain.checkpoint import Checkpoint, sign_checkpoint
from ledger.domain.errors import ConflictError, CorridorError, MalformedError, UnavailableError, UsageError
from ledger.domain.note import VerifierKey
from ledger.log.witness_protocol import PATH, Request
from ledger.log.witness_server import open_witness, running, serve
from ledger.storage.folder_lock import only_one
from tests.builders import an_ed25519_key
from tests.witness.log_simulator import WITNESS, SimulatedLog, settings, witness_vkey
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


def test_a_free_port_is_taken_and_announced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("uvicorn.Server.run", lambda _self, sockets: None)
    serve(settings(tmp_path))
    announced = capsys.readouterr().out
    assert re.fullmatch(rf"witness {WITNESS} at http://127\.0\.0\.1:[1-9][0-9]+\n", announced)


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


class EndlessLog(SimulatedLog):
    """A log whose checkpoint is so large that nobody can replay it, and which serves entries all the same."""

    def __init__(self) -> None:
        super().__init__()
        self.say("a")
        self.well_under_way = Event()

    def request(self, old_size: int, size: int | None = None) -> bytes:
        """Return a request for a checkpoint of a thousand million entries."""
        checkpoint = Checkpoint(self.origin, 10**9, bytes(32))
        key = VerifierKey.parse(self.vkey)
        return Request.make(0, [], sign_checkpoint(checkpoint, key, an_ed25519_key().sign)).encode()

    def bundle(self, number: int, width: int) -> list[bytes]:
        """Serve the same statement again and again."""
        if number == 3:
            self.well_under_way.set()
        return [self.entries[number > 0 or index > 0] for index in range(width)]


def test_a_witness_that_is_stopped_does_not_wait_for_the_end_of_a_long_replay(tmp_path: Path) -> None:
    log = EndlessLog()
    with serving(log) as prefix, ThreadPoolExecutor(1) as pool:
        plain = settings(tmp_path, log)
        watched = replace(plain.logs[0], url=prefix, genesis_hash=log.genesis_hash)
        with running(replace(plain, logs=(watched,), index_cosigner=True)) as url:
            asked = pool.submit(httpx.post, url + PATH, content=log.request(0), timeout=60)
            assert log.well_under_way.wait(60)
        response = asked.result()
    assert response.status_code == 503
    assert "witness-stopping" in response.text


def test_a_witness_is_busy_with_one_replay_at_a_time(tmp_path: Path) -> None:
    log = EndlessLog()
    with serving(log) as prefix, ThreadPoolExecutor(1) as pool:
        plain = settings(tmp_path, log)
        watched = replace(plain.logs[0], url=prefix, genesis_hash=log.genesis_hash)
        with running(replace(plain, logs=(watched,), index_cosigner=True, patience=0.01)) as url:
            asked = pool.submit(httpx.post, url + PATH, content=log.request(0), timeout=60)
            assert log.well_under_way.wait(60)
            response = httpx.post(url + PATH, content=log.request(0))
        asked.result()
    assert response.status_code == 503
    assert "witness-busy" in response.text
