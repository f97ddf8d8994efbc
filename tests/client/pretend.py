"""A ledger that only pretends, in memory: it answers like a real one, and fails when it is told to.

What it answers is what the real service answers; the tests beside these ask that one the same.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from ledger.client import Service
from ledger.client.http import Patience
from ledger.client.memory import Memory
from ledger.domain.genesis import Genesis
from ledger.domain.statement import SignedStatement, Statement, StatementFile
from tests.builders import EXPORTER, a_genesis, a_signer

URL = "http://127.0.0.1:8700"

Route = Callable[[httpx.Request], httpx.Response]


@dataclass
class Waits:
    """Sleeps that take no time: remembers for how long."""

    slept: list[float] = field(default_factory=list)
    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.slept.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        """Return the time."""
        return self.now

    def patience(self, **changes: Any) -> Patience:
        """Return a patience that takes no time."""
        return Patience(**{"sleep": self.sleep, "monotonic": self.monotonic, **changes})


@dataclass
class Pretend:
    """A ledger in memory.

    Args:
        genesis: Of its log.
        log: Ids of the statements, in their order.
        asked: What was asked of it: method and path.
        routes: What else it answers, by method and path.
        refused: By id of a statement, the status and the code that it gets.
        waits_for: By id of a statement, the id of another one that must be on record first.
        down: Whether nobody answers.
        deaf: How many of the next answers get lost after the statement was registered.
    """

    genesis: Genesis = field(default_factory=a_genesis)
    log: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    routes: dict[tuple[str, str], Route] = field(default_factory=dict)
    refused: dict[bytes, tuple[int, str]] = field(default_factory=dict)
    waits_for: dict[bytes, bytes] = field(default_factory=dict)
    down: bool = False
    deaf: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        if self.down:
            raise httpx.ConnectError("no network", request=request)
        self.asked.append((request.method, request.url.path))
        route = self.routes.get((request.method, request.url.path))
        if route is not None:
            return route(request)
        if request.url.path == "/log/genesis":
            return httpx.Response(200, content=self.genesis.document)
        if (request.method, request.url.path) == ("POST", "/v1/statements"):
            return self._register(request)
        return problem(404, "http-404", "nothing here")

    def service(self, **changes: Any) -> Service:
        """Return a client that speaks to it."""
        signer: dict[str, Any] = {"signer": a_signer(EXPORTER), "iss": EXPORTER}
        arguments = signer | {"patience": Waits().patience(), "memory": Memory()} | changes
        return Service(URL, transport=httpx.MockTransport(self), **arguments)

    def _register(self, request: httpx.Request) -> httpx.Response:
        statement = Statement.parse(StatementFile.parse(request.content).statement)
        if statement.id in self.refused:
            status, code = self.refused[statement.id]
            return problem(status, code, "not this one")
        if statement.id in self.waits_for and self.waits_for[statement.id].hex() not in self.log:
            return problem(403, "stream-unknown", "that stream was never opened")
        name = statement.id.hex()
        duplicate = name in self.log
        if not duplicate:
            self.log.append(name)
        if self.deaf:
            self.deaf -= 1
            raise httpx.ReadError("the connection broke", request=request)
        answer = {"id": name, "index": self.log.index(name) + 1, "duplicate": duplicate, "warnings": []}
        return httpx.Response(200 if duplicate else 201, json=answer)


def problem(status: int, code: str, detail: str, **headers: str) -> httpx.Response:
    """Return a problem document (RFC 9457)."""
    document = {"type": f"urn:corridor:problem:{code}", "title": "x", "status": status, "detail": detail}
    return httpx.Response(
        status, content=json.dumps(document), headers={"Content-Type": "application/problem+json", **headers}
    )


def file_of(signed: SignedStatement) -> StatementFile:
    """Return the file of a statement."""
    return StatementFile(signed.raw, signed.disclosures)
