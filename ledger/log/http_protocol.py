"""HTTP/1.1 with limits that the server's own protocol lacks: how long a request's head is, and takes."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 32_768
HEAD_SECONDS: Final = 15.0
Refused = Callable[[str], None]
"""Is told by which code a head was refused."""
_logger = logging.getLogger(__name__)
_REASONS: Final = {400: "Bad Request", 431: "Request Header Fields Too Large"}


class _HeadTooLongError(Exception):
    """Stops the parser."""


class LimitedProtocol(HttpToolsProtocol):
    """Ends connections whose request line and headers are too long, or do not arrive in time.

    What is refused here never becomes a request: it is answered with a problem (RFC 9457), and of the log's
    line nothing is its own but the problem's code.

    Attributes:
        head_seconds: How long a head may take.
        refused: Is told of each head that is refused.
    """

    head_seconds = HEAD_SECONDS
    refused: Refused | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._begins = False
        self._parsed = 0
        self._fed = 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as long as there is an end to it."""
        self._begins = False
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        # What came before the head in the same piece is not of it.
        self._fed += 0 if self._begins else len(data)
        if self._fed > MAX_HEAD_BYTES:
            self._refuse_head()
        elif self._deadline is None:
            self._wait_for_head()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head = self._begins = True
        self._parsed = self._fed = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._count(name + value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Go on with the body."""
        self._in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Refuse what cannot be read, and end the connection."""
        if self._parsed > MAX_HEAD_BYTES:
            self._refuse_head()
        else:
            self._refuse(400, "malformed-http", "this is no HTTP/1.1 request")

    def _count(self, part: bytes) -> None:
        self._parsed += len(part)
        if self._parsed > MAX_HEAD_BYTES:
            raise _HeadTooLongError

    def _refuse_head(self) -> None:
        detail = f"request line and headers have more than {MAX_HEAD_BYTES} bytes"
        self._refuse(431, "head-too-large", detail)

    def _refuse(self, status: int, code: str, detail: str) -> None:
        _logger.info("refused head", extra={"fields": {"status": status, "problem": code}})
        if self.refused is not None:
            self.refused(code)
        title = _REASONS[status]
        problem = {"type": f"urn:corridor:problem:{code}", "title": title, "status": status, "detail": detail}
        body = json.dumps(problem).encode()
        head = (
            f"HTTP/1.1 {status} {title}\r\nContent-Type: application/problem+json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _wait_for_head(self) -> None:
        self._deadline = self.loop.call_later(self.head_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
