"""How often somebody may ask: an organisation within its sessions, an address where no session is needed.

Refusals say when to come back, by Retry-After and by the fields of draft-ietf-httpapi-ratelimit-headers-10.
Each process counts for itself, in memory: several behind one proxy let through so many times as much.
"""

import math
import time
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.exceptions import HTTPException
from starlette.types import Scope

SECONDS = 60
_FORWARDED = b"x-forwarded-for"
_NOWHERE = "unknown"


class TooManyRequests(HTTPException):
    """Somebody asks too often.

    Args:
        detail: What to say.
        headers: When to come back.
    """

    def __init__(self, detail: str, headers: Mapping[str, str]) -> None:
        super().__init__(429, detail, dict(headers))


class Allowance:
    """So many requests a minute for each of those who ask; safe between threads.

    Two counters for each of them, and none for who has not asked for two minutes: what was counted in the
    minute before weighs as much as is left of it in the sliding minute.

    Args:
        name: What is told apart: `organisation` or `address`.
        each_minute: How often.
    """

    def __init__(self, name: str, each_minute: int) -> None:
        self._name = name
        self._item = RateLimitItemPerMinute(each_minute, namespace=name)
        self._limiter = SlidingWindowCounterRateLimiter(Counters())

    def check(self, who: str) -> None:
        """Refuse who has no request left, and count nothing; raises as `take`."""
        if not self._limiter.test(self._item, who):
            raise self._refusal(who)

    def take(self, who: str) -> None:
        """Count a request.

        Args:
            who: Who asks, as text of its own.

        Raises:
            TooManyRequests: There were too many; this one does not count.
        """
        if not self._limiter.hit(self._item, who):
            raise self._refusal(who)

    def _refusal(self, who: str) -> TooManyRequests:
        reset = self._limiter.get_window_stats(self._item, who).reset_time
        wait = min(SECONDS, max(1, math.ceil(reset - time.time())))
        return TooManyRequests(
            f"more was asked for than one {self._name} is answered in a minute ({self._item.amount}); "
            f"try again in {wait} s",
            {
                "Retry-After": str(wait),
                "RateLimit-Policy": f'"{self._name}";q={self._item.amount};w={SECONDS}',
                "RateLimit": f'"{self._name}";r=0;t={wait}',
            },
        )


class Counters(MemoryStorage):
    """Counts without the thread that the storage starts for every 10 ms in which something is counted.

    That thread looks at all counters each time. Here whoever counts does it, once in a while.
    """

    def __init__(self) -> None:
        super().__init__()
        self._swept_at = time.monotonic()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count up, and return how much there is; `expiry` is in seconds."""
        now = time.monotonic()
        if now - self._swept_at >= SECONDS:
            self._swept_at = now
            for one in list(self.expirations):
                self.get(one)
        self.get(key)
        with self.locks[key]:
            self.storage[key] += amount
            if self.storage[key] == amount:
                self.expirations[key] = time.time() + expiry
            return self.storage[key]


class Addresses:
    """Tells from where somebody asks.

    Args:
        trusted_proxies: How many proxies of the operator stand before this service, each of which adds to
            `X-Forwarded-For` from where it was asked. 0: nobody's word is taken for it.
    """

    def __init__(self, trusted_proxies: int = 0) -> None:
        self._proxies = trusted_proxies

    def of(self, scope: Scope) -> str:
        """Return the address that a request comes from: as IP addresses are written, or `unknown`."""
        peer = scope.get("client")
        told = _written(peer[0]) if peer else _NOWHERE
        if not self._proxies:
            return told
        values = b",".join(value for name, value in scope["headers"] if name == _FORWARDED)
        hops = values.decode("latin-1").split(",")
        # What is further left was said by whoever asked.
        said = _written(hops[-self._proxies]) if len(hops) >= self._proxies else _NOWHERE
        return told if said == _NOWHERE else said


def counted_as(address: str) -> str:
    """Return what an address is counted by: itself, or for IPv6 the /64 that one subscriber has."""
    if ":" not in address:
        return address
    return str(IPv6Address(int(IPv6Address(address)) >> 64 << 64))


def _written(text: str) -> str:
    try:
        # A zone can be any text.
        return str(ip_address(text.strip().partition("%")[0]))
    except ValueError:
        return _NOWHERE
