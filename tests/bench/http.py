"""Signed statements registered over HTTP, beside an empty endpoint of the same server in the same run.

The server is `corridor up` in a process of its own, with SQLite on the disk of the temporary folder; the load
comes from this process over keep-alive connections.
"""

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from ledger.domain.statement import Seen
from tests.bench import load
from tests.builders import EXPORTER, a_trip, an_author
from tests.integration.up import Up, enrol_from_outside, genesis_of, prepare, register

Row = dict[str, Any]

ORIGIN = "log.corridor.example/bench"
STATEMENTS = 3_000
EMPTY = 10_000
TRIPS = 50
CONNECTIONS = 64
ROUNDS = 5
TARGET = 0.20
_COSE = "application/scitt-statement+cose"


def rows() -> list[Row]:
    """Measure, in turns; reported is the turn with the median ratio."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        prepare(data, "", ORIGIN)
        with (Path(folder) / "log").open("wb") as log, Up(data, ("--port", 0), log) as up:
            enrol_from_outside(data)
            turns = list(measure(up, data))
            up.stop()
    rate, floor = sorted(turns, key=lambda turn: turn[0] / turn[1])[len(turns) // 2]
    return [
        {
            "name": f"signed statements registered over HTTP, {CONNECTIONS} connections",
            "value": rate,
            "unit": "statements/s",
            "floor": floor,
            "ratio": rate / floor,
            "target": f"at least {TARGET:.0%} of an empty endpoint",
            "met": rate / floor >= TARGET,
        }
    ]


def measure(up: Up, data: Path) -> list[tuple[float, float]]:
    """Return the rates of registering and of the empty endpoint, in turns."""
    parts = urlsplit(up.url)
    assert parts.hostname is not None
    assert parts.port is not None
    address = parts.hostname, parts.port
    genesis = genesis_of(data)
    author, seen = an_author(EXPORTER, genesis=genesis), Seen(0, genesis.hash)
    trips = [a_trip(seed=("bench", number)) for number in range(TRIPS)]
    now = genesis.created
    with httpx.Client(base_url=up.url) as http:
        for trip in trips:
            register(http, author.opens(trip, iat=now, seen=seen))
    turns = []
    for turn in range(ROUNDS):
        said = [
            author.says("seal-check", trips[place % TRIPS], {"number": [turn, place]}, iat=now, seen=seen).raw
            for place in range(STATEMENTS)
        ]
        floor = load.run(address, [load.get("/healthz")] * EMPTY, CONNECTIONS)
        registered = load.run(address, [load.post("/v1/statements", one, _COSE) for one in said], CONNECTIONS)
        assert floor.statuses == {200: EMPTY}
        assert registered.statuses == {201: STATEMENTS}, registered.statuses
        turns.append((registered.rate, floor.rate))
    return turns
