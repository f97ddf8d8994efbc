"""Around every request: its id, its line in the log, its share in the metrics, and an answer to what nobody
expected."""

import json
import logging
import os
import re
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import PROBLEM, problem
from api.observability.logs import request_id
from api.observability.metrics import REGISTERING, Metrics
from api.rates import Addresses
from ledger.access import Caller

HEADER = b"x-request-id"
_SANE = re.compile(rb"[A-Za-z0-9_-]{8,64}")
_PROBLEM = (b"content-type", PROBLEM.encode())
_TYPE = "urn:corridor:problem:"
# A stranger can send any word as a method, and each would be a time series of its own.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NO_ROUTE = "(none)"
_GONE = 499
"""Status in the log of a request whose client left before it was answered."""
_logger = logging.getLogger("api.request")
_refusals = logging.getLogger("api.refusal")
_ASKING_IN = REGISTERING | {"/v1/sessions", "/v1/sessions/oidc", "/v1/enrolments"}
"""What is posted to be let in or taken down: whatever is wrong with it, it was refused."""


class Requests:
    """Gives each request an id, and tells how it went.

    An id that the client sends as `X-Request-Id` is taken when it is 8 to 64 letters, digits, `-` or `_`, so
    that nobody writes sentences into the log. The id is returned in the answer.

    Args:
        app: The application.
        metrics: Counts.
        addresses: Tells from where somebody asks.
        seconds: Seconds on a clock that only goes forward.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        *,
        addresses: Addresses | None = None,
        seconds: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._addresses = addresses or Addresses()
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, _given(scope) or os.urandom(8).hex().encode())
        token = request_id.set(answer.id.decode())
        begun = self._seconds()
        try:
            await self._app(scope, receive, answer.send)
        except Exception:
            # Whatever it is, no trace of it leaves the process: it is logged, and answered like any failure.
            _logger.exception("unexpected failure")
            if answer.status:
                # Half of an answer is out: only the end of the connection tells that the rest is missing.
                raise
            await _unexpected()(scope, receive, answer.send)
        finally:
            self._tell(scope, answer, self._seconds() - begun)
            request_id.reset(token)

    def _tell(self, scope: Scope, answer: "_Answer", took: float) -> None:
        state = scope.get("state", {})
        route = getattr(scope.get("route"), "path", state.get("template", _NO_ROUTE))
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        status = answer.status or _GONE
        self._metrics.request(route, method, status, took, answer.problem)
        fields = {
            "method": method,
            "route": route,
            "status": status,
            "ms": round(took * 1000, 2),
            "bytes": answer.size,
        }
        if answer.problem is not None:
            fields["problem"] = answer.problem
        _logger.info("request", extra={"fields": fields})
        caller = state.get("caller")
        if is_refusal(method, route, status, answer.problem, has_session=caller is not None):
            self._metrics.refusal(answer.problem or "")
            asked = {"code": answer.problem, "status": status, "method": method, "route": route}
            who = _who(caller) if caller is not None else {"address": self._addresses.of(scope)}
            _refusals.info("refused", extra={"fields": asked | who})


def is_refusal(method: str, route: str, status: int, problem: str | None, *, has_session: bool) -> bool:
    """Return whether an answer refuses something to whoever asked, and not just cannot make sense of it.

    Args:
        method: Of HTTP.
        route: Template of the path.
        status: Of the answer.
        problem: Code of the problem, None if there is none.
        has_session: Whether whoever asked is known. What is not theirs to see is not there for them, so that
            404 is a refusal, too.
    """
    if problem is None:
        return False
    if status in (401, 403, 429):
        return True
    if status == 404:
        return has_session
    return 400 <= status < 500 and method == "POST" and route in _ASKING_IN


def _who(caller: Caller) -> dict[str, str]:
    told = {"organisation": caller.organisation}
    if caller.officer is not None:
        told["officer"] = caller.officer.hex()
    if caller.kid is not None:
        told["kid"] = caller.kid.hex()
    return told


class _Answer:
    """Sends an answer on with the request's id, and sees what it is."""

    def __init__(self, send: Send, identifier: bytes) -> None:
        self._send = send
        self._is_problem = False
        self.id = identifier
        self.status = 0
        self.size = 0
        self.problem: str | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._is_problem = _PROBLEM in message["headers"]
            message["headers"] = [*message["headers"], (HEADER, self.id)]
        else:
            body = message.get("body", b"")
            self.size += len(body)
            if self._is_problem and body:
                self.problem = str(json.loads(body)["type"]).removeprefix(_TYPE)
                self._is_problem = False
        await self._send(message)


def _unexpected() -> ASGIApp:
    return problem(
        500,
        "Failure of the service",
        "internal",
        "The service failed. Its operator finds the details under the id in `X-Request-Id`.",
    )


def _given(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == HEADER:
            return value if _SANE.fullmatch(value) else None
    return None
