"""Requests that two readers of one connection could read differently, and headers that hold more than one."""

import re
import socket
from urllib.parse import urlsplit

import pytest

from tests.integration.stage import Stage

STATUS = re.compile(rb"HTTP/1\.1 \d{3} ")
HIDDEN = b"GET /v1/genesis HTTP/1.1\r\nHost: ledger\r\nConnection: close\r\n\r\n"
START = b"POST /v1/challenges HTTP/1.1\r\nHost: ledger\r\n"
AMBIGUOUS = {
    "both lengths": START + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": START + b"Content-Length: 0\r\nContent-Length: 60\r\n\r\n" + HIDDEN,
    "a length with a sign": START + b"Content-Length: +0\r\n\r\n" + HIDDEN,
    "two codings": START + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a coding that is none": START + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a blank before the colon": START + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a line that goes on": START + b"X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a zero byte": START + b"X: a\x00b\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
    "a bare carriage return": START + b"X: a\rContent-Length: 0\r\n\r\n" + HIDDEN,
    "a chunk of another size": START + b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + HIDDEN,
}


def answers(stage: Stage, sent: bytes) -> bytes:
    """Return all that comes back on one connection."""
    url = urlsplit(stage.url)
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(sent)
        got = b""
        while part := connection.recv(65_536):
            got += part
        return got


@pytest.mark.parametrize("sent", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_is_ambiguous_hides_no_second_request(stage: Stage, sent: bytes) -> None:
    got = answers(stage, sent)
    assert stage.ledger.genesis.document not in got
    assert len(STATUS.findall(got)) == 1
    assert got.startswith(b"HTTP/1.1 400 ")


def test_two_honest_requests_on_one_connection_are_both_answered(stage: Stage) -> None:
    got = answers(stage, START + b"Content-Length: 0\r\n\r\n" + HIDDEN)
    assert len(STATUS.findall(got)) == 2
    assert stage.ledger.genesis.document in got


def test_nothing_that_was_sent_becomes_a_header_of_the_answer(stage: Stage) -> None:
    """Also not the host that the request names: no address is built from it."""
    for path in (
        "/v1/subjects/x%0d%0aSet-Cookie:%20a=b",
        "/v1/evidence/%0d%0aX:%20y",
        "//evil.example/%2e%2e",
    ):
        asked = f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode()
        head = answers(stage, asked).partition(b"\r\n\r\n")[0].lower()
        assert not any(word in head for word in (b"set-cookie", b"evil.example", b"x: y", b"location"))
