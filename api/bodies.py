"""Reading the body of a request: its media type, its size and its time have limits."""

import asyncio
from collections.abc import Mapping

from fastapi import Request

from ledger.domain.errors import MalformedError, UnavailableError

BODY_SECONDS = 60.0
"""How long a body may take to arrive: one that never ends must not hold its memory for ever."""
_DRAINED = 16 * 1_048_576


def media_type_of(request: Request) -> str:
    """Return the media type of a request's body, without parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def over(limit: int) -> str:
    """Return what to say of a body that is too large."""
    return f"the body has more than {limit} bytes; send less, and files as evidence (/v1/evidence)"


async def body_of(request: Request, limits: Mapping[str, int], *, seconds: float = BODY_SECONDS) -> bytes:
    """Return the body of a request.

    Args:
        request: The request.
        limits: The media types that are taken, with the most bytes of each.
        seconds: How long it may take to arrive.

    Raises:
        MalformedError: Codes `media-type`, `too-large`, `too-slow`.
        UnavailableError: The server stops.
    """
    limit = limits.get(media_type_of(request))
    if limit is None:
        message = f"the body must have one of these media types: {', '.join(limits)}"
        raise MalformedError("media-type", message, field="Content-Type")
    return await read_body(request, limit, seconds=seconds)


async def read_body(request: Request, limit: int, *, seconds: float = BODY_SECONDS) -> bytes:
    """Return the body of a request of whatever media type; see `body_of`.

    Args:
        request: The request.
        limit: The most bytes that are taken.
        seconds: How long it may take to arrive.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _read(request, limit)
    except TimeoutError:
        raise MalformedError("too-slow", f"the body did not arrive within {seconds:g} s") from None
    except asyncio.CancelledError:
        # The server stops, and this request took longer than it waits for one.
        raise UnavailableError("log-closed", "the log is shutting down; send the same again") from None


async def _read(request: Request, limit: int) -> bytes:
    """Read a body, and keep no more of it than its limit."""
    data, read = bytearray(), 0
    async for chunk in request.stream():
        read += len(chunk)
        if read <= limit:
            data += chunk
        elif read > _DRAINED:
            break
    # What is a little too large is read to its end: who still sends does not see an answer.
    if read > limit:
        raise MalformedError("too-large", over(limit))
    return bytes(data)
