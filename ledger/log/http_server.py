"""One HTTP server on 127.0.0.1, in the foreground or in a thread; used by the ledger and by witnesses."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from types import FrameType
from typing import Any, Final

import uvicorn

from ledger.domain.errors import UnavailableError
from ledger.log.http_protocol import LimitedProtocol, Refused

HOST: Final = "127.0.0.1"
_GRACE_SECONDS: Final = 5
_MAX_CONNECTIONS: Final = 512


@contextmanager
def listen(port: int) -> Iterator[socket.socket]:
    """Open a port of 127.0.0.1 while a block runs.

    Args:
        port: The port; 0 takes a free one.

    Raises:
        UnavailableError: The port is taken, or is none.
    """
    # The protocol is named because asyncio looks at it before it turns Nagle's delay off: 40 ms an answer.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        # Without it a restart would have to wait till the last connections are forgotten.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen()
        except (OSError, OverflowError) as error:
            raise UnavailableError(
                "port-unavailable", f"port {port} of {HOST} cannot be used ({error}); choose another, or 0"
            ) from None
        yield listener


def url_of(listener: socket.socket) -> str:
    """Return the URL of an open port."""
    return f"http://{HOST}:{listener.getsockname()[1]}"


def serve(
    app: Any, listener: socket.socket, *, stopping: Event | None = None, refused: Refused | None = None
) -> None:
    """Serve an ASGI application until SIGINT or SIGTERM comes. Call it in the main thread.

    The server hands a signal on when it is done; see `leaving_in_order` for SIGTERM. It waits for open
    requests, but not for ever: one whose body never ends must not keep it.

    Args:
        app: The application.
        listener: The open port.
        stopping: Is set when the server begins to stop, before it waits for open requests.
        refused: Is told by which code a request's head was refused.
    """
    with leaving_in_order():
        _server(app, stopping, refused).run(sockets=[listener])


@contextmanager
def leaving_in_order() -> Iterator[None]:
    """Let SIGTERM leave a block as an exit does, so that what was opened is closed. For the main thread."""
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def serving(
    app: Any, listener: socket.socket, *, stopping: Event | None = None, refused: Refused | None = None
) -> Iterator[str]:
    """Serve an ASGI application in a thread while a block runs, and give its URL; arguments as of `serve`."""
    server = _server(app, stopping, refused)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="http-server")
    thread.start()
    try:
        yield url_of(listener)
    finally:
        server.should_exit = True
        thread.join()


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _server(app: Any, stopping: Event | None, refused: Refused | None) -> uvicorn.Server:
    told = None if refused is None else staticmethod(refused)
    config = uvicorn.Config(
        app,
        http=type("Protocol", (LimitedProtocol,), {"refused": told}),
        limit_concurrency=_MAX_CONNECTIONS,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return _Server(config, stopping or Event())


class _Server(uvicorn.Server):
    """Says that it stops before it waits for the requests that may wait for that."""

    def __init__(self, config: uvicorn.Config, stopping: Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)
