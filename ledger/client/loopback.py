"""Where an officer's browser comes back to: one redirect to this machine itself (RFC 8252 section 7.3)."""

import hmac
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler
from queue import Empty, Queue
from socketserver import ThreadingTCPServer
from threading import Lock, Thread
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from ledger.domain.errors import AccessError

HOST: Final = "127.0.0.1"
PATH: Final = "/callback"
_MOST_PARAMETERS: Final = 20
_STEP_SECONDS: Final = 10.0
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>corridor</title></head><body>
<p>The answer has reached the command line, which says how it went. You can close this window.</p>
<p lang="es">La respuesta llegó a la línea de comandos, que dice cómo resultó. Puede cerrar esta ventana.</p>
</body></html>
"""
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}


class Loopback:
    """Listens on a free port of this machine for the one redirect with a state. Use it as a context manager.

    Whatever else asks, other programs and pages of other sites among them, is not found and ends nothing.

    Args:
        state: What the redirect carries, and nobody can guess.
    """

    def __init__(self, state: str) -> None:
        self._state = state
        self._lock = Lock()
        self._claimed = False
        self._others = False
        self._arrived: Queue[Mapping[str, str]] = Queue(1)
        self._server = _Server((HOST, 0), partial(_Handler, self))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def authority(self) -> str:
        """Host and port."""
        return f"{HOST}:{self._server.server_address[1]}"

    @property
    def uri(self) -> str:
        """The redirect URI."""
        return f"http://{self.authority}{PATH}"

    def wait(self, seconds: float) -> Mapping[str, str]:
        """Return the parameters of the redirect.

        Args:
            seconds: How long to wait at most.

        Raises:
            AccessError: Code `sign-in-late`: it did not come in time.
        """
        try:
            return self._arrived.get(timeout=seconds)
        except Empty:
            other = "; a redirect that is not of this sign-in came and was not taken" if self._others else ""
            message = f"nobody signed in within the {seconds:.0f} s that the challenge is good{other}"
            raise AccessError("sign-in-late", f"{message}; start again") from None

    def claim(self, target: str, host: str | None) -> Mapping[str, str] | None:
        """Return the parameters of a request that is the redirect, the first one; None for any other.

        Args:
            target: What is asked for.
            host: The header of that name.
        """
        try:
            asked = urlsplit(target)
            given = parse_qsl(
                asked.query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
            )
        except ValueError:
            return None
        if asked.path != PATH or asked.scheme or asked.netloc or host != self.authority:
            return None
        parameters = dict(given)
        # No parameter is there twice (RFC 6749 section 3.1).
        known = len(parameters) == len(given) and hmac.compare_digest(
            parameters.get("state", "").encode(), self._state.encode()
        )
        with self._lock:
            if not known or self._claimed:
                self._others = self._others or not known
                return None
            self._claimed = True
        return parameters

    def deliver(self, parameters: Mapping[str, str]) -> None:
        """End the wait."""
        self._arrived.put(parameters)


class _Server(ThreadingTCPServer):
    # A browser opens connections that it may never use: none of them keeps the next one waiting.
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a connection that broke off is the browser's own affair."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _STEP_SECONDS

    def __init__(self, loopback: Loopback, *arguments: Any) -> None:
        self._loopback = loopback
        super().__init__(*arguments)

    def do_GET(self) -> None:
        hosts = self.headers.get_all("Host", [])
        parameters = self._loopback.claim(self.path, hosts[0] if len(hosts) == 1 else None)
        if parameters is None:
            self.send_error(404)
            return
        # The page first: whoever waits may end this process at once.
        with suppress(OSError):
            self._answer(200, _PAGE)
        self._loopback.deliver(parameters)

    def send_error(self, *_what: Any, **_more: Any) -> None:
        """Answer that nothing is there, whatever was wrong with the request."""
        self._answer(404, "")

    def version_string(self) -> str:
        """Return what the server calls itself."""
        return "corridor"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that it has in the base class
        """Log nothing: the redirect holds a code."""

    def _answer(self, status: int, page: str) -> None:
        content = page.encode()
        self.close_connection = True
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
