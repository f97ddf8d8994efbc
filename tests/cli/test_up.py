"""`corridor up` as a process: it says where it runs, is alone in its folder, and ends when it is told to."""

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.builders import seeded
from tests.cli.corridor import EXECUTABLE, Ran, corridor, corridor_process
from tests.cli.servers import Answer, serving


@contextmanager
def running(data: Path, *more: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run a ledger in a process of its own, and give its URL."""
    command = [str(EXECUTABLE), "up", "--data", str(data), "--port", "0", *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        said = dict(line.split(maxsplit=1) for line in (process.stdout.readline() for _ in range(4)))
        yield process, said["running"].strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def last_line(ran: Ran) -> str:
    """Return the line that says why a ledger does not run; the lines before it are its log."""
    line = ran.err.splitlines()[-1]
    assert line.startswith("corridor: "), ran.err
    assert "Traceback" not in ran.err
    assert ran.out == b""
    return line


def test_a_ledger_runs_alone_in_its_folder_and_ends_in_order(tmp_path: Path) -> None:
    with running(tmp_path / "data") as (process, url):
        assert httpx.get(f"{url}/healthz").status_code == 200
        genesis = httpx.get(f"{url}/log/genesis").content
        second = corridor_process("up", "--data", tmp_path / "data", "--port", 0)
        assert (second.code, "[already-running]" in last_line(second)) == (1, True)
        shown = corridor("log", "show", "--data", tmp_path / "data", "--json")
        assert (shown.code, shown.json["origin"]) == (0, json.loads(genesis)["origin"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_a_port_in_use_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = corridor_process("up", "--data", tmp_path / "data", "--port", taken.getsockname()[1])
    assert (ran.code, "[port-unavailable]" in last_line(ran)) == (4, True)
    assert not (tmp_path / "data").exists()


def rpc(result: object) -> Answer:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode()
    return lambda _path, _body: (200, "application/json", body)


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        pytest.param(lambda _path, _body: (503, "text/plain", b""), 4, "chain-unreachable", id="down"),
        pytest.param(rpc("0x" + seeded("nonsense", 40).hex()), 4, "chain-nonsense", id="nonsense"),
    ],
)
def test_a_node_that_is_none_is_said_in_one_line(
    tmp_path: Path, answer: Answer, code: int, reason: str
) -> None:
    with serving(answer) as url:
        ran = corridor_process("up", "--data", tmp_path / "data", "--port", 0, "--rpc", url)
    assert (ran.code, f"[{reason}]" in last_line(ran)) == (code, True)


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["--data", "/proc/data"], 4, "folder-not-writable"),
        (["--port", "65536"], 2, "usage"),
        (["--rpc", "ftp://node.example"], 2, "rpc-url"),
        (["--origin", "Not An Origin"], 2, "settings-invalid"),
    ],
)
def test_settings_that_cannot_be_are_said_in_one_line(
    tmp_path: Path, arguments: list[str], code: int, reason: str
) -> None:
    ran = corridor_process("up", "--data", tmp_path / "data", "--port", "0", *arguments)
    assert (ran.code, f"[{reason}]" in last_line(ran)) == (code, True)
