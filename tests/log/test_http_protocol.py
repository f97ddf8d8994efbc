"""The server before any application: what a stranger can do to it with bytes alone."""

import socket
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from ledger.log.http_protocol import MAX_HEAD_BYTES, LimitedProtocol
from ledger.log.http_server import listen, serving

GOOD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the number of bytes of the body."""
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await PlainTextResponse(str(size))(scope, receive, send)


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    """A server."""
    with listen(0) as listener, serving(echo, listener):
        yield listener.getsockname()


def answers(address: tuple[str, int], *pieces: bytes) -> bytes:
    """Send pieces, and return all that comes until the server ends the connection, or nothing more does."""
    with socket.create_connection(address, timeout=30) as peer:
        try:
            for piece in pieces:
                peer.sendall(piece)
            peer.shutdown(socket.SHUT_WR)
        except OSError:
            # It was refused before all of it was out.
            pass
        received = b""
        try:
            while data := peer.recv(65_536):
                received += data
        except ConnectionResetError:
            pass
        return received


def test_a_request_is_answered(address: tuple[str, int]) -> None:
    assert answers(address, GOOD).startswith(b"HTTP/1.1 200 OK")


TOO_LONG: dict[str, list[bytes]] = {
    "a long target": [b"GET /" + b"a" * MAX_HEAD_BYTES + b" HTTP/1.1\r\nHost: x\r\n\r\n"],
    "a long header": [HEAD + b"A: " + b"b" * MAX_HEAD_BYTES + b"\r\n\r\n"],
    "many headers": [HEAD + b"A: b\r\n" * MAX_HEAD_BYTES + b"\r\n"],
    "a header without an end": [HEAD + b"A: ", *[b"b" * 8192] * 12],
    "a name without an end": [HEAD, *[b"b" * 8192] * 12],
    "a target without an end": [b"GET /", *[b"a" * 8192] * 12],
}


@pytest.mark.parametrize("name", TOO_LONG)
def test_a_head_that_is_too_long_is_refused(address: tuple[str, int], name: str) -> None:
    received = answers(address, *TOO_LONG[name])
    assert received.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 ")) or received == b"", received
    if name in ("a long target", "a long header", "many headers"):
        assert b"urn:corridor:problem:head-too-large" in received


def test_a_head_as_long_as_is_allowed_is_taken_on_every_request_of_a_connection(
    address: tuple[str, int],
) -> None:
    peer = HTTPConnection(*address, timeout=30)
    for body in (None, b"c" * 300_000, None):
        peer.request("GET" if body is None else "POST", "/", body, {"A": "b" * (MAX_HEAD_BYTES - 200)})
        answer = peer.getresponse()
        assert (answer.status, answer.read()) == (200, str(len(body or b"")).encode())
    peer.close()


BROKEN: dict[str, bytes] = {
    "no HTTP": b"hello\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a length that is no number": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: five\r\n\r\n",
    "a length below zero": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": (
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "a chunk that is no number": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "another version": b"GET / HTTP/9.9\r\n\r\n",
    "a NUL": b"GET / HTTP/1.1\r\nA: \0\r\n\r\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_request_is_refused(address: tuple[str, int], name: str) -> None:
    received = answers(address, BROKEN[name])
    assert received.startswith(b"HTTP/1.1 400 "), received
    assert b"urn:corridor:problem:malformed-http" in received


@given(st.lists(st.binary(max_size=80) | st.sampled_from([GOOD, HEAD, b"\r\n", b"\r\n\r\n"]), max_size=6))
@settings(max_examples=60)
def test_no_bytes_end_the_server(address: tuple[str, int], pieces: list[bytes]) -> None:
    assert b"HTTP/1.1 500" not in answers(address, *pieces)
    assert answers(address, GOOD).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("begun", [b"", b"GET / HT", HEAD, GOOD + b"GET /"])
def test_a_head_that_does_not_come_to_its_end_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(LimitedProtocol, "head_seconds", 0.05)
    with (
        listen(0) as listener,
        serving(echo, listener),
        socket.create_connection(listener.getsockname(), timeout=30) as peer,
    ):
        peer.sendall(begun)
        while peer.recv(65_536):
            pass
