"""The witness over HTTP: each status of C2SP tlog-witness, and hostile requests."""

import asyncio
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.types import Message

from ledger.log.witness_app import create_app
from ledger.log.witness_protocol import MAX_REQUEST, PATH, Request
from ledger.log.witness_server import running
from tests.witness.log_simulator import WITNESS, SetClock, SimulatedLog, a_store, a_witness, settings

REFUSALS = {400, 403, 404, 409, 413, 422}


@pytest.fixture
def log() -> SimulatedLog:
    log = SimulatedLog()
    log.grow("a", "b")
    return log


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def url(tmp_path: Path, log: SimulatedLog, clock: SetClock) -> Iterator[str]:
    with running(settings(tmp_path, log, clock=clock)) as url:
        yield url + PATH


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url.removesuffix(PATH)) as client:
        yield client


def sentence(response: httpx.Response) -> str:
    """Return the reason given, once it has been seen to be one line of plain text."""
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    text = response.text
    assert text.endswith("]\n")
    assert text.count("\n") == 1
    return text


def test_200_is_answered_with_signature_lines(client: httpx.Client, log: SimulatedLog) -> None:
    response = client.post(PATH, content=log.request(0))
    assert response.status_code == 200
    assert response.text.startswith(f"— {WITNESS} ")
    assert response.text.endswith("\n")


def test_400_for_what_is_malformed(client: httpx.Client, log: SimulatedLog) -> None:
    too_old = Request.make(len(log.entries) + 1, [], log.note()).encode()
    for body in (b"", b"old x\n\n", b"old 0\n\nno checkpoint", too_old):
        response = client.post(PATH, content=body)
        assert response.status_code == 400
        assert sentence(response)


def test_403_for_what_the_log_did_not_sign(client: httpx.Client, log: SimulatedLog) -> None:
    forged = SimulatedLog(log.origin, seed="another key")
    response = client.post(PATH, content=forged.request(0))
    assert response.status_code == 403
    assert "did not sign" in sentence(response)


def test_404_for_a_log_that_is_not_known(client: httpx.Client) -> None:
    response = client.post(PATH, content=SimulatedLog("other.example/log").request(0))
    assert response.status_code == 404
    assert "unknown-log" in sentence(response)


def test_409_tells_the_size_in_its_own_media_type(client: httpx.Client, log: SimulatedLog) -> None:
    client.post(PATH, content=log.request(0))
    size = len(log.entries)
    log.grow("c")
    response = client.post(PATH, content=log.request(0))
    assert (response.status_code, response.text) == (409, f"{size}\n")
    assert response.headers["content-type"] == "text/x.tlog.size"


def test_409_for_another_root_of_the_size(client: httpx.Client, log: SimulatedLog) -> None:
    client.post(PATH, content=log.request(0))
    size = len(log.entries)
    fork = log.fork(1)
    fork.grow("x", "y")
    response = client.post(PATH, content=Request.make(size, [], fork.note()).encode())
    assert (response.status_code, response.text) == (409, f"{size}\n")
    assert response.headers["content-type"] == "text/x.tlog.size"


def test_422_for_a_proof_that_does_not_hold(client: httpx.Client, log: SimulatedLog) -> None:
    client.post(PATH, content=log.request(0))
    size = len(log.entries)
    log.grow("c")
    response = client.post(PATH, content=Request.make(size, [], log.note()).encode())
    assert response.status_code == 422
    assert "proof-length" in sentence(response)


def test_503_when_it_is_the_witness_that_cannot(
    client: httpx.Client, log: SimulatedLog, clock: SetClock
) -> None:
    client.post(PATH, content=log.request(0))
    clock.now -= 1
    response = client.post(PATH, content=log.request(len(log.entries)))
    assert response.status_code == 503
    assert "witness-clock" in sentence(response)


def test_a_body_that_is_too_large_is_not_read_to_its_end(client: httpx.Client) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100 * MAX_REQUEST:
            sent += 16_384
            yield b"x" * 16_384

    # The server may be gone before all was written: then there is no answer to read, and that is as good.
    try:
        assert client.post(PATH, content=endless()).status_code == 413
    except httpx.TransportError:
        assert sent > MAX_REQUEST
    assert client.post(PATH, content=b"x" * (MAX_REQUEST + 1)).status_code == 413
    assert client.post(PATH, content=b"x" * MAX_REQUEST).status_code == 400


def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path, log: SimulatedLog) -> None:
    sent: list[Any] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("nothing comes")

    async def send(message: Message) -> None:
        sent.append(message)

    store = a_store(tmp_path)
    app = create_app(a_witness(store, log), body_seconds=0.01)
    scope = {"type": "http", "method": "POST", "path": PATH, "query_string": b"", "headers": []}
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 408
    store.close()


def test_nothing_else_is_served(client: httpx.Client) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert client.get(PATH).status_code == 405
    for path in ("/", "/docs", "/openapi.json", "/add-tree-head"):
        assert client.get(path).status_code == 404


@cache
def good_request(old_size: int) -> bytes:
    """Return a request of the log that the fixture makes too."""
    log = SimulatedLog()
    log.grow("a", "b")
    return log.request(old_size)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return a good request with some of its bytes changed, cut out, doubled or put in."""
    body = good_request(draw(st.sampled_from([0, 1, 2])))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 40)))
        put = draw(
            st.one_of(st.binary(max_size=8), st.just(body[start:end] * 2), st.just(b"\n"), st.just(b""))
        )
        body = body[:start] + put + body[end:]
    return body


@hypothesis_settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(st.binary(max_size=2000), damaged()))
@example(body=b"old 0\n\n" + b"\n" * 60_000)
@example(body=b"old 0\n\n" + "— a AAAAAAA=\n".encode() * 4000)
@example(body=b"old 0\n" + b"A" * 60_000 + b"\n\n")
@example(body=b"old 0\n\n" + b"9" * 60_000)
@example(body="old 0\n\n\u2028\n9\nAA==\n\n\u2014 \u2028 AAAAAAA=\n".encode())
def test_no_request_brings_it_out_of_step(client: httpx.Client, log: SimulatedLog, body: bytes) -> None:
    response = client.post(PATH, content=body)
    assert response.status_code in REFUSALS | {200}
    if response.status_code == 200:
        # Only what the log signed, damaged where it does not matter, can come this far.
        assert Request.parse(body).note.startswith(log.checkpoint().body().encode())
