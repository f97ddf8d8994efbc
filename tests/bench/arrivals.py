"""Pre-arrival queries over HTTP at 10,000 and at 1,000,000 shipments, beside an empty endpoint of the server.

The server is `corridor up` in a process of its own, with SQLite on the disk of the temporary folder. Its
tables of arrivals are filled directly: one organisation sees all of them. The questions are those of a desk,
a page of 20 each, with other values every time.
"""

import json
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from ledger.domain.clock import system_clock
from ledger.domain.fields import from_b64url
from ledger.domain.login import TYP, sign_login
from ledger.prearrival.rows import BESIDE_RARE, EVERY, RARE, rare_term, term
from ledger.storage.arrival_work import NEVER
from tests.bench import load
from tests.builders import EXPORTER, a_signer
from tests.integration.up import Up, enrol_from_outside, genesis_of, prepare

Row = dict[str, Any]

FEW, MANY = 10_000, 1_000_000
ASKED = 1_000
CONNECTIONS = 32
ROUNDS = 3
MOST_SLOWER = 2.0
TARGET = 0.25
_ORIGIN = "log.corridor.example/bench"
_BASE, _FIRST, _YEAR = 1_790_000_000, 1_000_000_000, 365 * 86_400
_PORTS = ("USILG", "USPEF", "USGPT", "USPHL", "USPME")


def rows() -> list[Row]:
    """Measure both sizes with one server; rates are those of the turn with the median ratio."""
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        prepare(data, "organisation_requests_per_minute = 100000000\n", _ORIGIN)
        with (Path(folder) / "log").open("wb") as log, Up(data, ("--port", 0), log) as up:
            enrol_from_outside(data)
            session = _session(up, data)
            fill(data / "ledger.db", 0, FEW)
            few, _ = measure(up, session, FEW)
            fill(data / "ledger.db", FEW, MANY)
            many, turns = measure(up, session, MANY)
            up.stop()
    rate, floor = sorted(turns, key=lambda turn: turn[0] / turn[1])[len(turns) // 2]
    return [
        {
            "name": f"pre-arrival query at {MANY:,} shipments, p99",
            "value": many * 1000,
            "unit": "ms",
            "floor": few * 1000,
            "ratio": many / few,
            "target": f"at most {MOST_SLOWER:g} times that at {FEW:,}",
            "met": many <= MOST_SLOWER * few,
        },
        {
            "name": f"the same, {CONNECTIONS} connections",
            "value": rate,
            "unit": "requests/s",
            "floor": floor,
            "ratio": rate / floor,
            "target": f"at least {TARGET:.0%} of an empty endpoint",
            "met": rate / floor >= TARGET,
        },
    ]


def measure(up: Up, session: str, size: int) -> tuple[float, list[tuple[float, float]]]:
    """Return the p99 of answers in seconds, asked one by one, and the rates of asking and of the floor."""
    parts = urlsplit(up.url)
    assert parts.hostname is not None
    assert parts.port is not None
    address = parts.hostname, parts.port
    turns, slowest = [], []
    for turn in range(ROUNDS):
        asked = list(questions(session, size, ASKED, turn))
        floor = load.run(address, [load.get("/healthz")] * ASKED, CONNECTIONS)
        found = load.run(address, asked, CONNECTIONS)
        assert found.statuses == {200: ASKED}, found.statuses
        turns.append((found.rate, floor.rate))
        slowest.append(sorted(took(address, asked))[int(ASKED * 0.99)])
    return sorted(slowest)[ROUNDS // 2], turns


def took(address: tuple[str, int], requests: Sequence[bytes]) -> Iterator[float]:
    """Yield how long each answer took, in seconds, one by one over one connection."""
    with socket.create_connection(address) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            begun, received = perf_counter(), b""
            peer.sendall(request)
            while not _is_whole(received):
                received += peer.recv(1 << 18)
            yield perf_counter() - begun


def _is_whole(received: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return False
    return len(body) >= int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])


def questions(session: str, size: int, count: int, seed: int) -> Iterator[bytes]:
    """Yield the requests of a desk: by port and window, ship, voyage, container, paper, hold, outcome."""
    random = Random(seed)
    for place in range(count):
        one = random.randrange(size)
        since = _time(_BASE + random.randrange(_YEAR - 7 * 86_400))
        asked = (
            f"port={_PORTS[one % 5]}&eta_from={since}",
            f"port={_PORTS[one % 5]}&terminal=T{one % 20}&eta_from={since}",
            f"vessel={9_000_000 + one % 200}&eta_from={since}",
            f"voyage={one // 300}N",
            f"container=MSKU{one:07d}",
            f"bill_of_lading=MAEU.{one:09d}",
            f"delivery=blocked&port={_PORTS[one % 5]}",
            f"outcome=contradicted&eta_from={since}",
            f"country=US&ready=true&outcome=missing&eta_from={since}",
            f"party={quote(f'https://exporter-{one % 20}.example', safe='')}&eta_from={since}",
        )[place % 10]
        head = f"GET /v1/arrivals?limit=20&{asked} HTTP/1.1\r\nHost: bench\r\n"
        yield f"{head}Authorization: Bearer {session}\r\n\r\n".encode()


def fill(path: Path, start: int, stop: int) -> None:
    """Write shipments into the tables of arrivals, in the order of the index."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.execute("PRAGMA cache_size=-1000000")
        database.execute("PRAGMA temp_store=MEMORY")
        database.execute("BEGIN IMMEDIATE")
        names = dict(_names())
        database.executemany(
            "INSERT OR IGNORE INTO arrival_names (id, name) VALUES (?, ?)",
            ((number, name) for name, number in names.items()),
        )
        own = ((_FIRST + 2 * i + k, name) for i in range(start, stop) for k, name in enumerate(_own(i)))
        database.executemany("INSERT INTO arrival_names (id, name) VALUES (?, ?)", own)
        database.execute("CREATE TEMP TABLE filling (at, thing, term)")
        found = ((_eta(i), _FIRST + i, number) for i in range(start, stop) for number in _terms(i, names))
        database.executemany("INSERT INTO filling VALUES (?, ?, ?)", found)
        reader = names[EXPORTER]
        database.execute(
            "INSERT INTO arrival_index SELECT ?, term, at, thing FROM filling ORDER BY term, at, thing",
            (reader,),
        )
        database.execute("DROP TABLE filling")
        database.executemany(
            "INSERT INTO arrivals VALUES (?, ?, ?, ?, ?, ?, 1, NULL, '', ?, '[]', '[]', NULL)",
            (
                (_FIRST + i, _FIRST + i, _uri(i), bytes(32), bytes(64), _eta(i), _item(i))
                for i in range(start, stop)
            ),
        )
        database.executemany(
            "INSERT INTO arrival_work VALUES (?, ?, 1)",
            ((_FIRST + i, NEVER if i % 2 else _BASE * 2 + i) for i in range(start, stop)),
        )
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _names() -> Iterator[tuple[str, int]]:
    yield EXPORTER, 1_000
    yield EVERY, 1_001
    beside = [("port", one) for one in _PORTS] + [("terminal", f"T{n}") for n in range(20)]
    beside += [("vessel", str(9_000_000 + n)) for n in range(200)] + [("country", "US")]
    beside += [("party", f"https://exporter-{n}.example") for n in range(20)]
    texts = [term(*one) for one in beside] + [rare_term(rare, *one) for rare in RARE for one in beside]
    texts += [term("outcome", one) for one in ("clear", "missing", "contradicted")]
    texts += [term("delivery", one) for one in ("none", "free", "blocked")]
    texts += [term("ready", one) for one in ("true", "false")]
    texts += [term("voyage", f"{n}N") for n in range(MANY // 300 + 1)]
    yield from ((text, number) for number, text in enumerate(texts, 2_000))


def _own(i: int) -> tuple[str, str]:
    return term("container", f"MSKU{i:07d}"), term("bill_of_lading", f"MAEU.{i:09d}")


def _terms(i: int, names: dict[str, int]) -> list[int]:
    told = (
        ("port", _PORTS[i % 5]),
        ("terminal", f"T{i % 20}"),
        ("country", "US"),
        ("vessel", str(9_000_000 + i % 200)),
        ("voyage", f"{i // 300}N"),
        ("party", f"https://exporter-{i % 20}.example"),
        ("outcome", "contradicted" if i % 20 == 0 else "missing" if i % 3 == 0 else "clear"),
        ("delivery", "blocked" if i % 50 == 0 else "free" if i % 2 else "none"),
        ("ready", "true" if i % 7 else "false"),
    )
    both = [rare_term(one, *pair) for one in RARE if one in told for pair in told if pair[0] in BESIDE_RARE]
    shared = [EVERY, *(term(*one) for one in told), *both]
    return [names[one] for one in shared] + [_FIRST + 2 * i, _FIRST + 2 * i + 1]


def _eta(i: int) -> int:
    # Spread over a year, in no order.
    return _BASE + i * 7_919 % _YEAR


def _uri(i: int) -> str:
    return f"urn:corridor:consignment:MAEU.{i:09d}:{i:064x}"


def _item(i: int) -> str:
    trip = f"urn:corridor:trip:MSKU{i:07d}:{i:064x}"
    eta = {
        "at": _eta(i),
        "place": _PORTS[i % 5],
        "terminal": f"T{i % 20}",
        "source": "https://carrier.example",
    }
    return json.dumps(
        {
            "shipment": _uri(i),
            "trips": [trip],
            "containers": [f"MSKU{i:07d}"],
            "bill_of_lading": f"MAEU.{i:09d}",
            "origin": "GTPBR",
            "port": _PORTS[i % 5],
            "terminal": f"T{i % 20}",
            "vessel": {"name": "Piña Express", "imo": str(9_000_000 + i % 200)},
            "voyage": f"{i // 300}N",
            "eta": eta | {"classifier": "EST", "statement": f"{i:064x}"},
            "arrived_at": None,
            "outcome": "clear",
            "counts": {"problem": 0, "missing": 0, "warning": 1},
            "ready_at": _eta(i) - 230_400,
            "margin_hours": 64.0,
            "delivery": "none",
            "changed_at": _eta(i) - 230_400,
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _session(up: Up, data: Path) -> str:
    with httpx.Client(base_url=up.url) as http:
        given = http.post("/v1/challenges").json()["challenge"]
        message = sign_login(
            a_signer(EXPORTER),
            iss=EXPORTER,
            aud=genesis_of(data).audience,
            iat=system_clock(),
            challenge=from_b64url(given, "challenge"),
        )
        opened = http.post("/v1/sessions", content=message, headers={"Content-Type": TYP})
        return str(opened.json()["token"])
