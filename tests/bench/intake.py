"""Evidence as it comes in over HTTP, and as it is scrubbed: 4 GiB, beside bare age and bare hashing.

The server is `corridor up` in a process of its own, and what sends is a bare socket: an HTTP client written
in Python takes longer than the server that is measured. The floor of intake is age into a file on that disk.
"""

import hashlib
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyrage

from ledger.domain.clock import system_clock
from ledger.domain.fields import from_b64url
from ledger.domain.login import TYP, sign_login
from ledger.evidence.local_store import LocalStore
from ledger.evidence.room import FOLDER
from ledger.evidence.scrub import Scrub
from ledger.evidence.stores import LOCAL, Stores
from ledger.storage.engine import open_database
from tests.bench import evidence
from tests.builders import EXPORTER, a_signer, seeded
from tests.integration.up import Up, enrol_from_outside, genesis_of, prepare

Row = dict[str, Any]

SIZE = 4 << 30
AT_ONCE = 8
TURNS = 3
MEMORY = 250.0
_ORIGIN = "log.corridor.example/bench"
_PIECE = 1 << 20
_NOISE = 0.95
"""How much less a rate may be that should be the same: two runs of one thing differ as much."""


def rows() -> list[Row]:
    """Return the figures; of each the turn with the median ratio."""
    build = Path("build")
    build.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=build) as folder:
        data = Path(folder) / "data"
        # Sealed it is a little more than the 4 GiB that a ledger takes unless it is told otherwise.
        prepare(data, f"max_evidence_bytes = {2 * SIZE}\n", _ORIGIN)
        with (Path(folder) / "log").open("wb") as log, Up(data, ("--port", 0), log) as up:
            enrol_from_outside(data)
            turns = [_turn(up, data, Path(folder)) for _ in range(TURNS)]
            memory = _most_memory(up.process.pid)
            up.stop()
        scrubs = [_scrub_turn(data) for _ in range(TURNS)]
    one, floor, _ = sorted(turns, key=lambda turn: turn[0] / turn[1])[TURNS // 2]
    alone, _, many = sorted(turns, key=lambda turn: turn[2] / turn[0])[TURNS // 2]
    scrubbed, hashed = sorted(scrubs, key=lambda turn: turn[0] / turn[1])[TURNS // 2]
    return [
        _row("4 GiB in over HTTP, sealed and stored", one, floor, 0.6, "of bare age into a file"),
        _row(f"the same in {AT_ONCE} uploads at once", many, alone, _NOISE, "of one upload, all in all"),
        {
            "name": f"memory of the server after {TURNS} times that",
            "value": memory,
            "unit": "MB",
            "floor": MEMORY,
            "ratio": memory / MEMORY,
            "target": f"below {MEMORY:g} MB",
            "met": memory < MEMORY,
        },
        _row("scrub of it", scrubbed, hashed, 0.8, "of bare SHA-256 over the same files"),
    ]


def _row(name: str, rate: float, floor: float, least: float, beside: str) -> Row:
    return {
        "name": name,
        "value": rate,
        "unit": "MB/s",
        "floor": floor,
        "ratio": rate / floor,
        "target": f"at least {least:g} {beside}",
        "met": rate >= least * floor,
    }


def _turn(up: Up, data: Path, folder: Path) -> tuple[float, float, float]:
    """Return the rates of one upload, of age into a file, and of several uploads at once, in MB/s."""
    session = _session(up.url, data)

    def several() -> None:
        with ThreadPoolExecutor(AT_ONCE) as senders:
            for sent in [senders.submit(_upload, up.url, session, SIZE // AT_ONCE) for _ in range(AT_ONCE)]:
                sent.result()

    _forget(data)
    one = _rate(lambda: _upload(up.url, session, SIZE))
    floor = SIZE / evidence.measured(encrypted_into_a_file, folder)[0] / 1e6
    _forget(data)
    return one, floor, _rate(several)


def encrypted_into_a_file(folder: Path) -> None:
    """Encrypt as much with nothing but age, into a file."""
    evidence.encrypted_into_a_file(folder, SIZE)


def _scrub_turn(data: Path) -> tuple[float, float]:
    """Return the rates of a scrub and of hashing the same files, in MB/s."""
    files = [path for path in _stored(data) if path.suffix != ".leaves"]

    def scrub() -> None:
        engine = open_database(f"sqlite:///{data / 'ledger.db'}")
        try:
            done = Scrub(engine, Stores({LOCAL: LocalStore(data / FOLDER)}, (LOCAL,))).run()
            assert done.items == len(files)
        finally:
            engine.dispose()

    def bare() -> None:
        for path in files:
            with path.open("rb", buffering=0) as file:
                hashlib.file_digest(file, "sha256")

    # What is hashed first must not be what brings it into memory.
    bare()
    return _rate(scrub), _rate(bare)


def _rate(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return SIZE / (perf_counter() - begun) / 1e6


def _session(url: str, data: Path) -> str:
    genesis = genesis_of(data)
    with httpx.Client(base_url=url) as http:
        challenge = from_b64url(http.post("/v1/challenges").json()["challenge"], "challenge")
        message = sign_login(
            a_signer(EXPORTER),
            iss=EXPORTER,
            aud=genesis.audience,
            iat=system_clock(),
            challenge=challenge,
        )
        opened = http.post("/v1/sessions", content=message, headers={"Content-Type": TYP})
        return str(opened.json()["token"])


def _upload(url: str, session: str, size: int) -> None:
    parts = urlsplit(url)
    piece = seeded("content", _PIECE)
    recipient = pyrage.x25519.Identity.generate().to_public()
    head = (
        "POST /v1/evidence?media_type=video/mp4&category=video HTTP/1.1\r\nHost: bench\r\n"
        f"Authorization: Bearer {session}\r\nContent-Type: application/octet-stream\r\n"
        f"Corridor-Recipients: {recipient}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port)) as peer:
        peer.sendall(head.encode())
        for _ in range(size // _PIECE):
            peer.sendall(piece)
        answer = b"".join(iter(lambda: peer.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 201 "), answer[:300]


def _forget(data: Path) -> None:
    """Remove what was stored before: the disk would fill up."""
    for path in _stored(data):
        path.unlink()


def _stored(data: Path) -> list[Path]:
    return [path for path in (data / FOLDER / "items").glob("*/*") if path.is_file()]


def _most_memory(process: int) -> float:
    """Return the most megabytes that a process ever held (proc(5), VmHWM)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("there is no VmHWM")
