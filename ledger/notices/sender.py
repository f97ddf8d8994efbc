"""Sending one webhook: to an address that was judged, in bounded time, believing nothing of the answer."""

import asyncio
import math
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from socket import SOCK_STREAM, gaierror, getaddrinfo
from typing import Final

import httpx
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from ledger.domain.errors import CorridorError, PolicyError
from ledger.notices.egress import Egress, Target

SECONDS: Final = 10.0
"""How long one webhook may take from the look-up of its name to the status of its answer."""
_LOOKUPS: Final = 64
Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a name, or raises OSError; it may block."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt.

    Args:
        status: HTTP status of the answer, None when there was none.
        problem: Why it failed, in kebab-case; None when it was received.
        wait: For how many seconds the receiver asks to be left alone, six hours at most.
    """

    status: int | None
    problem: str | None
    wait: int = 0

    @property
    def received(self) -> bool:
        """Whether the receiver took it."""
        return self.problem is None

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing any more."""
        return self.status == HTTPStatus.GONE


def look_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name as the system knows them; OSError when it knows none."""
    return list(dict.fromkeys(str(one[4][0]) for one in getaddrinfo(host, port, type=SOCK_STREAM)))


class Sender:
    """Sends webhooks; for one event loop. Use it as a context manager.

    Redirections are not followed, answers are not read beyond their head, no proxy or password of the
    environment is used, and no connection is used twice.

    Args:
        egress: Says where may be sent to.
        resolve: Looks names up.
        seconds: How long one webhook may take.
        trusted: Which certificates are believed; those of the system if None.
    """

    def __init__(
        self,
        egress: Egress,
        *,
        resolve: Resolve = look_up,
        seconds: float = SECONDS,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._egress = egress
        self._resolve = resolve
        self._seconds = seconds
        self._trusted = trusted or ssl.create_default_context()
        # Looking up cannot be cut short: a name server that keeps silent holds a thread until it is given up.
        self._lookups = ThreadPoolExecutor(_LOOKUPS, "webhook-lookup")

    def close(self) -> None:
        """Look nothing up any more; what is being looked up is not waited for."""
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Send a webhook, and return what became of it.

        Args:
            url: Of the receiver.
            headers: More headers.
            body: JSON.
        """
        try:
            async with asyncio.timeout(self._seconds):
                target = self._egress.target(url)
                addresses = self._egress.judged(await self._addresses(target))
                return await self._to_first(target, addresses, headers, body)
        except TimeoutError:
            return Outcome(None, "timeout")
        except PolicyError:
            return Outcome(None, "address-refused")
        except CorridorError as error:
            return Outcome(None, error.code)
        except (gaierror, UnicodeError):
            # The latter for a label that is longer than a name may have.
            return Outcome(None, "name-unknown")
        except (httpx.HTTPError, OSError) as error:
            return Outcome(None, _problem(error))

    async def _addresses(self, target: Target) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._lookups, self._resolve, target.host, target.port)

    async def _to_first(
        self, target: Target, addresses: Sequence[str], headers: Mapping[str, str], body: bytes
    ) -> Outcome:
        """Send to the first address that can be connected to."""
        *others, last = addresses
        for address in others:
            try:
                return await self._to(target, address, headers, body)
            except httpx.ConnectError:
                # Nothing was sent yet: a machine without IPv6 has no way to the first address of many names.
                continue
        return await self._to(target, last, headers, body)

    async def _to(self, target: Target, address: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        sent = {
            "Host": target.url.netloc.decode("ascii"),
            "User-Agent": "corridor-ledger",
            "Content-Type": "application/json",
            "Connection": "close",
            **headers,
        }
        async with httpx.AsyncClient(
            # Of each step; the time of all of them is what ends it.
            timeout=self._seconds,
            verify=self._trusted,
            trust_env=False,
            follow_redirects=False,
        ) as client:
            request = client.build_request(
                "POST",
                target.url.copy_with(host=address),
                headers=sent,
                content=body,
                # The certificate has to be of the name, not of the address.
                extensions={"sni_hostname": target.host},
            )
            answer = await client.send(request, stream=True)
            # A body that never ends would never be read; closing it ends the connection.
            await answer.aclose()
            return Outcome(answer.status_code, _refusal(answer), _wait(answer))


def _refusal(answer: httpx.Response) -> str | None:
    if answer.is_success:
        return None
    return "redirected" if answer.is_redirect or answer.status_code // 100 == 3 else "refused"


def _wait(answer: httpx.Response) -> int:
    """Return the seconds in Retry-After (RFC 9110 section 10.2.3), 0 where nothing sensible is there."""
    asked = answer.headers.get("Retry-After")
    if asked is None or answer.is_success:
        return 0
    try:
        return math.ceil(Retry().parse_retry_after(asked))
    except (InvalidHeader, ValueError):
        return 0


def _problem(error: BaseException) -> str:
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, ssl.SSLError):
            return "tls"
        at = at.__cause__ or at.__context__
    return "unreachable" if isinstance(error, httpx.ConnectError | OSError) else "broken-off"
