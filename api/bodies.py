"""Reading the body of a request: its media type, its size and its time have limits."""

import asyncio
from collections.abc import AsyncIterator, Mapping

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
    try:
        async with asyncio.timeout(seconds):
            return await _read(request, limit)
    except TimeoutError:
        raise MalformedError("too-slow", f"the body did not arrive within {seconds:g} s") from None
    except asyncio.CancelledError:
        # The server stops, and this request took longer than it waits for one.
        raise UnavailableError("log-closed", "the log is shutting down; send the same again") from None


async def drain(chunks: AsyncIterator[bytes]) -> None:
    """Read the rest of a body that nobody wants, if it is not too much: who still sends sees no answer."""
    read = 0
    async for chunk in chunks:
        read += len(chunk)
        if read > _DRAINED:
            return


async def _read(request: Request, limit: int) -> bytes:
    data, chunks = bytearray(), aiter(request.stream())
    async for chunk in chunks:
        data += chunk
        if len(data) > limit:
            data.clear()
            await drain(chunks)
            raise MalformedError("too-large", over(limit))
    return bytes(data)
