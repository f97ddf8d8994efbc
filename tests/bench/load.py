"""A load generator on raw sockets: keep-alive connections, one request at a time on each, no client library.

An HTTP client written in Python takes longer for a request than the server that is measured.
"""

import selectors
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

_RECEIVED = 65_536


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a run.

    Args:
        rate: Answers a second.
        statuses: How many answers had which status.
    """

    rate: float
    statuses: dict[int, int]


def get(path: str) -> bytes:
    """Return a request without a body."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def post(path: str, body: bytes, media_type: str) -> bytes:
    """Return a request with a body."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


def run(address: tuple[str, int], requests: Sequence[bytes], connections: int) -> Load:
    """Send requests over so many connections, each as soon as the one before it is answered.

    Args:
        address: Host and port.
        requests: As they go over the wire.
        connections: How many are open at the same time.
    """
    waiting = iter(requests)
    statuses: dict[int, int] = {}
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            peer = socket.create_connection(address)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(peer, selectors.EVENT_READ, bytearray())
        begun = perf_counter()
        for key in list(selector.get_map().values()):
            _next(selector, key, waiting)
        while selector.get_map():
            for key, _ in selector.select():
                received = key.data
                data = _socket(key).recv(_RECEIVED)
                if not data:
                    raise ConnectionError("the server closed a connection")
                received += data
                if (status := _answer(received)) is not None:
                    statuses[status] = statuses.get(status, 0) + 1
                    received.clear()
                    _next(selector, key, waiting)
        took = perf_counter() - begun
    return Load(len(requests) / took, statuses)


def _next(selector: selectors.BaseSelector, key: selectors.SelectorKey, waiting: Iterator[bytes]) -> None:
    peer, request = _socket(key), next(waiting, None)
    if request is None:
        selector.unregister(peer)
        peer.close()
    else:
        peer.sendall(request)


def _socket(key: selectors.SelectorKey) -> socket.socket:
    assert isinstance(key.fileobj, socket.socket)
    return key.fileobj


def _answer(received: bytearray) -> int | None:
    """Return the status of an answer once all of it is there."""
    head, found, body = bytes(received).partition(b"\r\n\r\n")
    if not found:
        return None
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head[9:12]) if len(body) >= length else None
