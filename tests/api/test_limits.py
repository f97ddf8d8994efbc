"""Limits on what strangers send: too much, too slowly, too often, too many at a time."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel

from api import errors
from api.limits import Limits, Rate, TokenBucket
from ledger.log.http_server import listen, serving
from tests.chain.chains import Hands


def test_a_bucket_lets_a_burst_through_and_then_the_rate() -> None:
    clock = Hands(0)
    bucket = TokenBucket(Rate(2, 3), clock)
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, 0.5]
    clock.now += 1
    assert [bucket.take() for _ in range(3)] == [0, 0, 0.5]
    clock.now += 1000
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, 0.5]


class Named(BaseModel):
    """A body."""

    name: str


class Scene:
    """A small application within limits."""

    def __init__(self) -> None:
        self.entered, self.go_on = Event(), Event()
        self.clock = Hands(0)
        app = FastAPI()
        errors.install(app)

        @app.post("/json")
        async def json(body: Named) -> str:
            return body.name

        @app.post("/hold")
        def hold() -> str:
            self.entered.set()
            assert self.go_on.wait(30)
            return "held"

        @app.post("/stream")
        async def stream(request: Request) -> int:
            return sum([len(chunk) async for chunk in request.stream()])

        @app.get("/empty")
        async def empty() -> str:
            return ""

        self.app = Limits(
            app,
            rates={"/json": Rate(0.1, 4)},
            streamed=("/stream",),
            max_bytes=1000,
            max_bodies=1,
            body_seconds=0.2,
            seconds=self.clock,
        )


@pytest.fixture
def scene() -> Scene:
    """The application."""
    return Scene()


@pytest.fixture
def http(scene: Scene) -> Iterator[httpx.Client]:
    """A client of it."""
    with listen(0) as listener, serving(scene.app, listener) as url, httpx.Client(base_url=url) as client:
        yield client


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == errors.PROBLEM
    return answer.status_code, answer.json()["type"].removeprefix("urn:corridor:problem:")


def test_a_body_is_taken_up_to_its_limit(http: httpx.Client) -> None:
    assert http.post("/json", json={"name": "a"}).status_code == 200
    assert code(http.post("/json", json={"name": "a" * 1000})) == (413, "too-large")
    chunked = (b'{"name":"', *[b"a" * 100] * 20, b'"}')
    assert code(http.post("/json", content=iter(chunked))) == (413, "too-large")
    assert http.post("/stream", content=b"a" * 5000).json() == 5000


def test_a_body_that_comes_too_slowly_is_cut_off(http: httpx.Client) -> None:
    head = b"POST /json HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"
    with socket.create_connection((http.base_url.host, http.base_url.port or 0), timeout=30) as peer:
        peer.sendall(head + b'{"name":')
        assert peer.recv(65_536).startswith(b"HTTP/1.1 408 ")


def test_who_asks_too_often_is_told_when_to_come_back(scene: Scene, http: httpx.Client) -> None:
    for _ in range(4):
        assert http.post("/json", json={"name": "a"}).status_code == 200
    refused = http.post("/json", json={"name": "a"})
    assert code(refused) == (429, "too-many-requests")
    assert refused.headers["Retry-After"] == "10"
    assert http.get("/empty").status_code == 200
    scene.clock.now += 10
    assert http.post("/json", json={"name": "a"}).status_code == 200


def test_no_more_bodies_are_held_than_there_is_room_for(scene: Scene, http: httpx.Client) -> None:
    with ExitStack() as stack:
        stack.callback(scene.go_on.set)

        async def two() -> tuple[httpx.Response, httpx.Response]:
            async with httpx.AsyncClient(base_url=http.base_url) as client:
                first = asyncio.create_task(client.post("/hold"))
                await asyncio.to_thread(scene.entered.wait, 30)
                second = await client.post("/hold")
                scene.go_on.set()
                return await first, second

        held, refused = asyncio.run(two())
    assert held.json() == "held"
    assert code(refused) == (503, "too-many-bodies")
    assert refused.headers["Retry-After"]
    assert http.post("/stream", content=b"a").status_code == 200
