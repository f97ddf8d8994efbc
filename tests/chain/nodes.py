"""Nodes that misbehave: they answer what a test says, or pass a real node's answers on, changed."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from ledger.chain.rpc import Rpc

Result = Callable[[str, list[Any]], object]
"""Given method and parameters, returns the result, or a `Refusal`."""


class Refusal(dict[str, object]):
    """A JSON-RPC error."""

    @classmethod
    def of(cls, message: str, code: int = -32000, data: object = None) -> "Refusal":
        """Return an error with a message."""
        return cls(code=code, message=message) if data is None else cls(code=code, message=message, data=data)


@contextmanager
def serving(answer: Callable[[bytes], tuple[int, bytes] | None]) -> Iterator[str]:
    """Serve HTTP while a block runs, and give the URL; None as an answer keeps the client waiting."""
    released = Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            given = answer(self.rfile.read(int(self.headers["Content-Length"])))
            if given is None:
                released.wait()
                self.close_connection = True
                return
            status, body = given
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        released.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def dripping(body: bytes, *, pause: float) -> Iterator[str]:
    """Answer one request a byte at a time while a block runs, and give the URL."""
    stopped = Event()

    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
            for byte in body:
                if stopped.wait(pause):
                    return
                try:
                    connection.sendall(bytes([byte]))
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=answer, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stopped.set()
        thread.join()


@contextmanager
def a_node(result: Result) -> Iterator[str]:
    """Serve JSON-RPC while a block runs, and give the URL."""

    def answer(body: bytes) -> tuple[int, bytes]:
        request = json.loads(body)
        given = result(request["method"], request["params"])
        member = "error" if isinstance(given, Refusal) else "result"
        return 200, json.dumps({"jsonrpc": "2.0", "id": request["id"], member: given}).encode()

    with serving(answer) as url:
        yield url


@contextmanager
def a_lying_node(truth: str, change: Callable[[str, list[Any], Any], object]) -> Iterator[str]:
    """Pass on what the node at a URL answers, after `change` was at it."""
    rpc = Rpc(truth)
    with a_node(lambda method, params: change(method, params, rpc.call(method, *params))) as url:
        yield url
    rpc.close()
