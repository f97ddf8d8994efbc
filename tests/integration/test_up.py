"""`corridor up` as a service manager and an operator see it: signals, exit codes, a line for each failure."""

import os
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from ledger.log.http_server import listen
from tests.chain.chains import Hands
from tests.cli.corridor import EXECUTABLE, Ran, corridor_process
from tests.integration.stage import a_ledger
from tests.integration.test_lost_chain import keys, the_settings
from tests.integration.up import PASSPHRASE, Up
from tests.integration.waiting import wait_until

RIGHT = {"CORRIDOR_PASSPHRASE": "correct horse"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a log in it, and its keys in files."""
    with a_ledger(tmp_path / "ledger", Hands()):
        pass
    keys(the_settings(tmp_path))
    return tmp_path / "ledger"


def up(data: Path, *arguments: object, environment: Mapping[str, str] = RIGHT) -> Ran:
    """Run a `corridor up` that does not get far."""
    return corridor_process("up", "--data", data, *arguments, environment=environment)


def reason(ran: Ran) -> str:
    """Return the code at the end of the last line, and see that no line is part of a traceback."""
    assert "Traceback" not in ran.err
    return ran.err.splitlines()[-1].rpartition("[")[2].removesuffix("]")


def test_what_keeps_it_from_starting_is_one_line_and_a_code(data: Path) -> None:
    before = {path.name: path.read_bytes() for path in data.iterdir() if path.is_file()}
    with listen(0) as taken:
        port = taken.getsockname()[1]
        ran = up(data, "--port", port)
        assert (ran.code, reason(ran)) == (4, "port-unavailable")
    cases = {
        ("--origin", "log.corridor.example/other"): (RIGHT, 2, "other-origin"),
        ("--origin", "Not An Origin"): (RIGHT, 2, "settings-invalid"),
        ("--rpc", "http://127.0.0.1:1"): (RIGHT, 4, "chain-unreachable"),
        ("--port", "0"): ({"CORRIDOR_PASSPHRASE": "wrong"}, 2, "wrong-passphrase"),
    }
    for arguments, (environment, code, why) in cases.items():
        ran = up(data, "--port", 0, *arguments, environment=environment)
        assert (ran.code, reason(ran)) == (code, why), ran.err
    (data / "corridor.toml").write_text("colour = 'blue'\n")
    ran = up(data, "--port", 0)
    assert (ran.code, reason(ran)) == (2, "settings-invalid")
    assert "colour" in ran.err
    (data / "corridor.toml").unlink()
    assert {path.name: path.read_bytes() for path in data.iterdir() if path.is_file()} == before


def test_without_a_passphrase_encrypted_keys_stay_closed(data: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "CORRIDOR_PASSPHRASE"}
    done = subprocess.run(
        [EXECUTABLE, "up", "--data", data, "--port", "0"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("[no-passphrase]")
    assert not (data / "keys" / "passphrase").exists()


def test_a_second_one_on_the_same_data_is_refused_and_the_first_goes_on(data: Path) -> None:
    with a_ledger(data, Hands()) as ledger:
        ran = up(data, "--port", 0)
        assert (ran.code, reason(ran)) == (1, "already-running")
        assert ledger.problems() == []


def test_told_to_stop_while_it_begins_it_leaves_in_order(tmp_path: Path) -> None:
    data = tmp_path / "data"
    process = subprocess.Popen(
        [EXECUTABLE, "up", "--data", data, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CORRIDOR_PASSPHRASE": PASSPHRASE},
    )
    wait_until((data / "chain" / "state.json.gz").exists)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert not (data / "rpc").exists()
    with Up(data, ("--port", 0)) as running:
        assert httpx.get(f"{running.url}/readyz").status_code == 200
        # Somebody who never ends a request does not keep it from stopping.
        host, port = running.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"POST /v1/statements HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n")
            connection.sendall(b"Content-Type: application/json\r\n\r\n{")
            running.process.send_signal(signal.SIGINT)
            assert running.process.wait(60) == 130, running.output
            assert connection.recv(65_536).startswith(b"HTTP/1.1 503 ")
    assert not any("Traceback" in line for line in running.said)
