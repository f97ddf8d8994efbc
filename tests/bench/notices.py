"""Who is told of a decision, and when: listeners to the stream, and receivers of webhooks beside dead ones.

The server is `corridor up` in a process of its own; listeners and receivers are in this one. Time counts from
the moment at which the decision is acknowledged, which is when it is durable.
"""

import selectors
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import httpx

from ledger.client.service import Service
from ledger.domain.clock import system_clock
from ledger.domain.statement import Seen
from tests.bench import load
from tests.bench.http import ORIGIN
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Author, a_signer, a_trip, an_author
from tests.integration.up import Up, enrol_from_outside, genesis_of, prepare, register, submit
from tests.integration.waiting import wait_until
from tests.notices.receivers import Receiver, drips, never, receiver

Row = dict[str, Any]

LISTENERS = 200
DECISIONS = 20
HEARD_TARGET = 1.0
DELAY_TARGET = 1.5
_TRIP = a_trip(seed="a trip that is decided on")
_PARTIES = (EXPORTER, ORIGIN_PORT, CUSTOMS)
_SETTINGS = f"webhook_private_addresses = true\nstreams_per_organisation = {LISTENERS}\n"


def rows() -> list[Row]:
    """Return both figures."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        data = Path(folder) / "data"
        prepare(data, _SETTINGS, ORIGIN)
        log = stack.enter_context((Path(folder) / "log").open("wb"))
        up = stack.enter_context(Up(data, ("--port", 0), log))
        enrol_from_outside(data)
        town = Town(up.url, data, stack.enter_context(httpx.Client(base_url=up.url)))
        for uri in _PARTIES:
            there = stack.enter_context(Service(up.url, a_signer(uri), uri))
            wait_until(lambda one=there: _knows(one))  # type: ignore[misc]
            town.sessions[uri] = there.session.headers()["Authorization"]
        town.open_trip()
        found = [_heard(town), _delivered(town)]
        up.stop()
    return found


def _knows(service: Service) -> bool:
    try:
        service.login()
    except Exception:  # noqa: BLE001 - whatever it is, it is tried again, with an end
        return False
    return True


@dataclass
class Town:
    """A running ledger, and who speaks to it."""

    url: str
    data: Path
    http: httpx.Client
    sessions: dict[str, str] = field(default_factory=dict)
    blocked: bool = False

    def __post_init__(self) -> None:
        genesis = genesis_of(self.data)
        self.seen = Seen(0, genesis.hash)
        self.authors: dict[str, Author] = {uri: an_author(uri, genesis=genesis) for uri in _PARTIES}

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        assert parts.port is not None
        return parts.hostname, parts.port

    def open_trip(self) -> None:
        """Open a trip that all may see."""
        author = self.authors[EXPORTER]
        register(self.http, author.opens(_TRIP, iat=system_clock(), seen=self.seen))
        to = {"to": [ORIGIN_PORT, CUSTOMS]}
        register(self.http, author.says("grant", _TRIP, to, iat=system_clock(), seen=self.seen))

    def decide(self) -> float:
        """Let customs decide otherwise than before, and return when it was acknowledged."""
        self.blocked = not self.blocked
        said = {"delivery": "blocked" if self.blocked else "free"}
        signed = self.authors[CUSTOMS].says("decision", _TRIP, said, iat=system_clock(), seen=self.seen)
        answer = submit(self.http, signed)
        assert answer.is_success, answer.text
        return perf_counter()

    def subscribe(self, uri: str, there: Receiver) -> None:
        """Have an organisation told by webhook."""
        answer = self.http.post(
            "/v1/subscriptions",
            json={"name": "bench", "url": there.url},
            headers={"Authorization": self.sessions[uri]},
        )
        assert answer.is_success, answer.text


def _heard(town: Town) -> Row:
    with ExitStack() as stack:
        listeners = [stack.enter_context(_listener(town, _PARTIES[n % 3])) for n in range(LISTENERS)]
        turns = [_told(listeners, town.decide()) for _ in range(5)]
    request = load.get("/healthz")
    floor = LISTENERS / load.run(town.address, [request] * LISTENERS, LISTENERS).rate
    value = max(turns)
    return {
        "name": f"a decision heard by the last of {LISTENERS} listeners, slowest of {len(turns)}",
        "value": value,
        "unit": "s",
        "floor": floor,
        "ratio": value / floor,
        "target": f"below {HEARD_TARGET:g} s; the floor answers /healthz on as many connections",
        "met": value < HEARD_TARGET,
    }


def _listener(town: Town, uri: str) -> socket.socket:
    """Return a connection on which the stream of events has begun."""
    peer = socket.create_connection(town.address)
    head = f"GET /v1/events HTTP/1.1\r\nHost: bench\r\nAuthorization: {town.sessions[uri]}\r\n\r\n"
    peer.sendall(head.encode())
    received = b""
    while b"retry:" not in received:
        part = peer.recv(65_536)
        assert part, received
        received += part
    return peer


def _told(listeners: Sequence[socket.socket], begun: float) -> float:
    """Return how many seconds it takes till all have heard the whole of an event."""
    until = begun + 30
    received = dict.fromkeys(listeners, b"")
    with selectors.DefaultSelector() as selector:
        for peer in listeners:
            selector.register(peer, selectors.EVENT_READ)
        while selector.get_map():
            assert perf_counter() < until, "some were not told at all"
            for peer in _readable(selector):
                received[peer] += peer.recv(65_536)
                if b"\n\n" in received[peer].partition(b"event: decision.made")[2]:
                    selector.unregister(peer)
    return perf_counter() - begun


def _readable(selector: selectors.BaseSelector) -> Iterator[socket.socket]:
    for key, _ in selector.select(1):
        assert isinstance(key.fileobj, socket.socket)
        yield key.fileobj


def _delivered(town: Town) -> Row:
    with receiver() as good, receiver(never) as dead, receiver(drips) as slow:
        town.subscribe(CUSTOMS, good)
        floor = _delay(town, good)
        # Of the same organisation and of another one; each attempt takes ten seconds.
        for uri in (CUSTOMS, EXPORTER):
            town.subscribe(uri, dead)
            town.subscribe(uri, slow)
        value = _delay(town, good)
        assert dead.got
        assert slow.got
    return {
        "name": f"a webhook beside two dead and two slow ones, median of {DECISIONS}",
        "value": value,
        "unit": "s",
        "floor": floor,
        "ratio": value / floor,
        "target": f"at most {DELAY_TARGET:g} times what it takes without them",
        "met": value <= DELAY_TARGET * floor,
    }


def _delay(town: Town, good: Receiver) -> float:
    """Return the median time from a decision to its receipt, in seconds."""
    taken = []
    for _ in range(DECISIONS):
        count = len(good.got)
        begun = town.decide()
        while len(good.got) <= count:
            good.wait_for(count + 1)
        taken.append(perf_counter() - begun)
    return median(taken)
