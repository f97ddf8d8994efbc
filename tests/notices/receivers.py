"""Receivers of webhooks on real sockets: good ones, and each kind of bad one."""

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

from standardwebhooks import Webhook

from tests.integration.waiting import wait_until

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Received:
    """A webhook as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def verified(self, secret: str) -> dict[str, Any]:
        """Return what it says, verified by the library that receivers use."""
        told = Webhook(secret).verify(self.body, dict(self.headers))
        assert isinstance(told, dict)
        return told


Behaviour = Callable[[socket.socket, Event], None]
"""What a receiver does with a connection on which a whole request came, until it is told to stop."""


def answering(data: bytes) -> Behaviour:
    """Return the behaviour of one that answers at once."""
    return lambda peer, _stopping: peer.sendall(data)


def status(code: int, *headers: str) -> Behaviour:
    """Return the behaviour of one that answers with a status and an empty body."""
    lines = "".join(f"{one}\r\n" for one in (*headers, "Content-Length: 0"))
    return answering(f"HTTP/1.1 {code} Said\r\n{lines}\r\n".encode())


def never(_peer: socket.socket, stopping: Event) -> None:
    """Take the request and keep silent."""
    stopping.wait(60)


def drips(peer: socket.socket, stopping: Event) -> None:
    """Answer a byte at a time, without end: each step is quick, and the whole is not."""
    peer.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not stopping.wait(0.05):
        peer.sendall(b"x")


def endless(peer: socket.socket, stopping: Event) -> None:
    """Answer with a body that has no end."""
    peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not stopping.is_set():
        peer.sendall(b"10000\r\n" + bytes(65_536) + b"\r\n")


def hangs_up(_peer: socket.socket, _stopping: Event) -> None:
    """End the connection without a word."""


@dataclass
class Receiver:
    """One receiver on a port of this machine."""

    port: int
    behaviour: Behaviour
    scheme: str = "http"
    got: list[Received] = field(default_factory=list)
    connections: int = 0
    lock: Lock = field(default_factory=Lock)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.port}/hook?key=of-the-receiver"

    def wait_for(self, count: int) -> list[Received]:
        """Return what came, when so much came."""
        wait_until(lambda: len(self.got) >= count)
        return self.got


@contextmanager
def receiver(behaviour: Behaviour | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver while a block runs; it takes everything unless it is told to behave otherwise."""
    stopping = Event()
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        scheme = "http" if tls is None else "https"
        one = Receiver(listener.getsockname()[1], behaviour or answering(OK), scheme)
        threads: list[Thread] = []

        def serve() -> None:
            while not stopping.is_set():
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                with one.lock:
                    one.connections += 1
                threads.append(Thread(target=_handle, args=(one, peer, stopping, tls), daemon=True))
                threads[-1].start()

        accepting = Thread(target=serve, daemon=True)
        accepting.start()
        try:
            yield one
        finally:
            stopping.set()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def _handle(one: Receiver, peer: socket.socket, stopping: Event, tls: ssl.SSLContext | None) -> None:
    peer.settimeout(30)
    try:
        with peer if tls is None else tls.wrap_socket(peer, server_side=True) as connection:
            received = _request(connection)
            if received is not None:
                with one.lock:
                    one.got.append(received)
                one.behaviour(connection, stopping)
    except OSError:
        # Senders leave, and do not say good-bye.
        peer.close()


def _request(peer: socket.socket) -> Received | None:
    data = b""
    while _HEAD_END not in data:
        part = peer.recv(65_536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(_HEAD_END)
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        part = peer.recv(65_536)
        if not part:
            return None
        body += part
    return Received(first.split(" ")[1], headers, body)
