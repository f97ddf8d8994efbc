"""A node before a real IPFS node that answers as it is told to: slowly, wrongly, or not at all."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Answer = Callable[["Asked"], None]


class Asked(BaseHTTPRequestHandler):
    """One request to the node."""

    protocol_version = "HTTP/1.1"
    server: "BadNode"

    def do_POST(self) -> None:
        """Answer as the node was told to, or as the real one does."""
        self.call = urlsplit(self.path).path.removeprefix("/api/v0/")
        self.body = self._read_body()
        self.server.calls.append(self.call)
        self.server.answers.get(self.call, real)(self)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def send(self, status: int, body: bytes, *, length: int | None = None) -> None:
        """Send an answer, which may claim another length than it has."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def fetch(self) -> tuple[int, bytes]:
        """Return what the real node answers."""
        kept = {name: value for name, value in self.headers.items() if name == "Content-Type"}
        with closing(HTTPConnection(*self.server.behind, timeout=30)) as connection:
            connection.request("POST", self.path, self.body, kept)
            response = connection.getresponse()
            return response.status, response.read()

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)


class BadNode(ThreadingHTTPServer):
    """The node.

    Attributes:
        api: Multiaddr of its API.
        answers: How it answers a call such as `add`; as the real one does when it is not named.
        calls: The calls that came.
        over: Set at the end: who keeps silent stops waiting.
    """

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        parts = behind.split("/")
        self.behind = parts[2], int(parts[4])
        self.api = f"/ip4/127.0.0.1/tcp/{self.server_port}"
        self.answers: dict[str, Answer] = {}
        self.calls: list[str] = []
        self.over = threading.Event()

    def handle_error(self, *_: object) -> None:
        """Say nothing: callers go away here, on purpose."""


@contextmanager
def bad_node(behind: str) -> Iterator[BadNode]:
    """Run a node before a real one while a block runs.

    Args:
        behind: Multiaddr of the API of the real one.
    """
    with BadNode(behind) as node:
        thread = threading.Thread(target=node.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield node
        finally:
            node.over.set()
            node.shutdown()
            thread.join()


def real(asked: Asked) -> None:
    """Answer as the real node does."""
    asked.send(*asked.fetch())


def silent(asked: Asked) -> None:
    """Never answer."""
    asked.server.over.wait()
    asked.close_connection = True


def failing(asked: Asked) -> None:
    """Answer that something is wrong inside, without saying what."""
    asked.send(500, b"oops")


def full(asked: Asked) -> None:
    """Answer as a node whose disk is full."""
    said = {"Message": "write /x: no space left on device", "Code": 0, "Type": "error"}
    asked.send(500, json.dumps(said).encode())


def nonsense(asked: Asked) -> None:
    """Answer with JSON that means nothing."""
    asked.send(200, b'[["?"], 7]')


def no_json(asked: Asked) -> None:
    """Answer with what is no JSON at all."""
    asked.send(200, b"<html>\xff welcome </html>")


def cut_off(asked: Asked) -> None:
    """Answer half of what the real node answers, and hang up."""
    status, body = asked.fetch()
    asked.send(status, body[: len(body) // 2], length=len(body))
    asked.close_connection = True


def flipped(asked: Asked) -> None:
    """Answer with one bit turned in the middle of what the real node answers."""
    status, body = asked.fetch()
    wrong = bytearray(body)
    wrong[len(wrong) // 2] ^= 1
    asked.send(status, bytes(wrong))


def short(asked: Asked) -> None:
    """Answer with less than was asked for, as if that were all."""
    status, body = asked.fetch()
    asked.send(status, body[:-1])


def dripping(asked: Asked) -> None:
    """Answer a byte at a time, for ever within the time that a byte may take."""
    asked.send_response(200)
    asked.send_header("Transfer-Encoding", "chunked")
    asked.end_headers()
    while not asked.server.over.wait(0.05):
        try:
            asked.wfile.write(b"1\r\nx\r\n")
        except OSError:
            break
    asked.close_connection = True


def answers(value: object) -> Answer:
    """Return what answers with a JSON value."""

    def answer(asked: Asked) -> None:
        asked.send(200, json.dumps(value).encode())

    return answer
