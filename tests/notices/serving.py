"""Notices behind HTTP on a real socket, with sessions that tests decide, and readers of their streams."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI
from httpx_sse import ServerSentEvent, connect_sse

from api import errors
from api.deps import Caller, known_query, pages, token_of
from api.routes import events, subscriptions
from ledger.access import Cursors, RepeatableRequests
from ledger.domain.errors import AccessError
from ledger.log.http_server import listen, serving
from tests.builders import CUSTOMS, EXPORTER
from tests.notices.desk import SECRET, Desk

TOKENS = {"customs": CUSTOMS, "exporter": EXPORTER, "stranger": "https://stranger.example"}


@dataclass
class Counter:
    """Notices as their users reach them.

    Args:
        desk: The notices.
        url: Where they are served.
        http: Asks them.
        expires_at: When every session ends, POSIX seconds.
    """

    desk: Desk
    url: str
    http: httpx.Client
    expires_at: int = 2**40
    stopping: Event = field(default_factory=Event)

    def ask(self, method: str, path: str, who: str = "customs", **more: Any) -> httpx.Response:
        """Make a request in somebody's session."""
        headers = {"Authorization": f"Bearer {who}"} | dict(more.pop("headers", {}))
        return self.http.request(method, f"/v1/subscriptions{path}", headers=headers, **more)

    def subscribed(self, who: str = "customs", **said: Any) -> dict[str, Any]:
        """Subscribe, and return the answer."""
        answer = self.ask("POST", "", who, json={"name": "all of it"} | said)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert isinstance(made, dict)
        return made

    @contextmanager
    def stream(self, who: str = "customs", last: int | None = None, **wanted: str) -> Iterator["Stream"]:
        """Follow the stream of events while a block runs."""
        headers = {"Authorization": f"Bearer {who}"}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        with (
            httpx.Client(base_url=self.url, timeout=30, verify=False) as http,
            connect_sse(http, "GET", "/v1/events", headers=headers, params=wanted) as source,
        ):
            source.response.raise_for_status()
            yield Stream(source.iter_sse())


@dataclass
class Stream:
    """A stream as a client of another library reads it."""

    events: Iterator[ServerSentEvent]

    def next(self) -> dict[str, Any]:
        """Return the next event, whose number and kind are those of the frame."""
        for frame in self.events:
            if frame.data:
                told = json.loads(frame.data)
                assert (frame.id, frame.event) == (str(told["data"]["seq"]), told["type"])
                assert isinstance(told, dict)
                return told
        raise EOFError

    def seqs(self, count: int) -> list[int]:
        """Return the numbers of the next events."""
        return [self.next()["data"]["seq"] for _ in range(count)]

    def is_over(self) -> bool:
        """Read to the end, which has to come without another event."""
        return not [frame for frame in self.events if frame.data]


@contextmanager
def counter(desk: Desk) -> Iterator[Counter]:
    """Serve notices while a block runs."""
    with listen(0) as listener, httpx.Client(timeout=30) as http:
        there = Counter(desk, "", http)

        def signed(token: Annotated[str, Depends(token_of)]) -> Caller:
            if token not in TOKENS or token in desk.over:
                raise AccessError("session-over", "over", field="Authorization")
            return Caller(TOKENS[token], bytes(32), frozenset(), there.expires_at, is_device=False)

        app = FastAPI(redirect_slashes=False)
        errors.install(app)
        requests = RepeatableRequests(desk.engine, desk.clock)
        paged = pages(signed, Cursors(SECRET))
        for routes in (
            subscriptions.router(desk.notices, requests, signed, paged),
            events.router(desk.notices, signed),
        ):
            app.include_router(routes, dependencies=[Depends(known_query)])
        with serving(app, listener, stopping=desk.notices.hub.stopping) as url:
            there.url, http.base_url = url, httpx.URL(url)
            yield there


def raw_stream(url: str, who: str = "customs") -> socket.socket:
    """Ask for the stream of events, and read nothing of it."""
    host, port = httpx.URL(url).host, httpx.URL(url).port
    assert port is not None
    peer = socket.create_connection((host, port))
    peer.sendall(f"GET /v1/events HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {who}\r\n\r\n".encode())
    return peer
