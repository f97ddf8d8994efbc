"""Limits on what a stranger can send: how much, how slowly, how often, how many at a time."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bodies import BODY_SECONDS, over
from api.errors import problem, too_many
from api.rates import Addresses, Allowance, TooManyRequests, counted_as

MAX_BYTES = 65_536
MAX_BODIES = 256
_LENGTHS = (b"content-length", b"transfer-encoding")


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something may be asked for.

    Args:
        each_second: In the long run.
        burst: At once, after a pause.
    """

    each_second: float
    burst: int


class TokenBucket:
    """Lets through what a rate allows; for one thread.

    Args:
        rate: The rate.
        seconds: Seconds on a clock that only goes forward.
    """

    def __init__(self, rate: Rate, seconds: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._seconds = seconds
        self._left = float(rate.burst)
        self._at = seconds()

    def take(self) -> float:
        """Return 0 and take a token, or return in how many seconds there will be one."""
        now = self._seconds()
        self._left = min(self._rate.burst, self._left + (now - self._at) * self._rate.each_second)
        self._at = now
        if self._left < 1:
            return (1 - self._left) / self._rate.each_second
        self._left -= 1
        return 0.0


STRANGERS: Mapping[str, Rate] = {
    "/v1/challenges": Rate(100, 500),
    "/v1/enrolments": Rate(1, 50),
}
"""What anybody may post who has not shown a key, for all such people together."""

BY_ADDRESS = frozenset({*STRANGERS, "/v1/sessions", "/v1/sessions/oidc"})
"""What each address may post so often and no more, for it needs no session."""

STREAMED = ("/v1/statements", "/v1/enrolments", "/entries", "/v1/evidence", "/v1/uploads")
"""Beginnings of paths whose routes read bodies themselves, each within limits of its own."""


class Limits:
    """Refuses what is too much before a route sees it, and cuts off bodies that are too long or too slow.

    Args:
        app: The application.
        rates: How often a path may be posted to by strangers.
        streamed: Beginnings of paths whose routes limit bodies themselves.
        max_bytes: How long any other body may be.
        max_bodies: How many requests with a body are answered at the same time.
        body_seconds: How long any other body may take to arrive.
        allowance: How often an address may post what needs no session; without limit if None.
        addresses: Tells from where somebody asks.
        seconds: Seconds on a clock that only goes forward.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        rates: Mapping[str, Rate] = STRANGERS,
        streamed: tuple[str, ...] = STREAMED,
        max_bytes: int = MAX_BYTES,
        max_bodies: int = MAX_BODIES,
        body_seconds: float = BODY_SECONDS,
        allowance: Allowance | None = None,
        addresses: Addresses | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._allowance = allowance
        self._addresses = addresses or Addresses()
        self._buckets = {path: TokenBucket(rate, seconds) for path, rate in rates.items()}
        self._streamed = streamed
        self._max_bytes = max_bytes
        self._max_bodies = max_bodies
        self._body_seconds = body_seconds
        self._bodies = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        try:
            refusal = self._refusal(scope)
        except TooManyRequests as error:
            refusal = too_many(str(error.detail), error.headers)
            # No route is looked for any more; what is counted has one by this very name.
            scope.setdefault("state", {})["template"] = scope["path"]
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        self._bodies += 1
        try:
            if not scope["path"].startswith(self._streamed):
                receive = self._limited(receive)
            await self._app(scope, receive, send)
        finally:
            self._bodies -= 1

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        if scope["method"] == "POST" and scope["path"] in BY_ADDRESS | self._buckets.keys():
            self._count(scope)
        if self._bodies >= self._max_bodies:
            detail = "too many requests with a body are being answered; try again"
            return problem(503, "Not available now; try again", "too-many-bodies", detail, retry=True)
        return None

    def _count(self, scope: Scope) -> None:
        """Count a stranger's request, as its own and as everybody's; a refused one leaves nothing."""
        who = counted_as(self._addresses.of(scope))
        if self._allowance is not None:
            self._allowance.check(who)
        bucket = self._buckets.get(scope["path"])
        if bucket is not None and (wait := bucket.take()):
            detail = (
                f"more was asked for than this service answers at a time; try again in {math.ceil(wait)} s"
            )
            raise TooManyRequests(detail, {"Retry-After": str(math.ceil(wait))})
        if self._allowance is not None:
            self._allowance.take(who)

    def _limited(self, receive: Receive) -> Receive:
        until = asyncio.get_running_loop().time() + self._body_seconds
        read = 0

        async def limited() -> Message:
            nonlocal read
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, f"the body did not arrive within {self._body_seconds:g} s") from None
            read += len(message.get("body", b""))
            if read > self._max_bytes:
                raise HTTPException(413, over(self._max_bytes))
            return message

        return limited


def _has_body(scope: Scope) -> bool:
    return scope["method"] == "POST" or any(name in _LENGTHS for name, _ in scope["headers"])
