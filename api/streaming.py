"""Bodies of any size: they flow into a thread that works on them, a few megabytes at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from starlette.requests import ClientDisconnect

from api.bodies import drain
from ledger.domain.errors import CorridorError, MalformedError, UnavailableError
from ledger.evidence.pipes import Pipe

SLOTS = 16
"""Bodies that are worked on at the same time; others wait their turn, unread."""
GRACE_SECONDS = 60.0
"""How long a body may take beyond what its bytes are given."""
LEAST_RATE = 8192
"""Bytes a second that a body must come with in the long run: one that trickles would keep its slot."""
_BLOCK = 262_144
T = TypeVar("T")


class Streams:
    """Works on bodies as they come.

    Args:
        slots: How many at the same time.
        grace_seconds: How long a body may take beyond what its bytes are given.
    """

    def __init__(self, slots: int = SLOTS, grace_seconds: float = GRACE_SECONDS) -> None:
        self._slots = asyncio.Semaphore(slots)
        self._grace = grace_seconds

    async def work(self, request: Request, work: Callable[[Iterable[bytes]], T]) -> T:
        """Return what comes of working on a request's body.

        Args:
            request: The request.
            work: Runs in a thread, goes through the body's pieces, and gets an error from them when they end
                too early.

        Raises:
            MalformedError: The body broke off (`cut-off`) or came too slowly (`too-slow`).
            UnavailableError: The server stops.
            CorridorError: Whatever the work raises.
        """
        loop, room = asyncio.get_running_loop(), asyncio.Event()
        pipe = Pipe(on_room=lambda: loop.call_soon_threadsafe(room.set))

        def run() -> T:
            try:
                return work(pipe)
            finally:
                pipe.close()

        async with self._slots:
            working = asyncio.ensure_future(to_thread.run_sync(run, limiter=CapacityLimiter(1)))
            try:
                await self._feed(request, pipe, room)
            except asyncio.CancelledError:
                # The server stops, and this request took longer than it waits for one.
                pipe.end(UnavailableError("log-closed", "the ledger is shutting down; send the same again"))
            except MalformedError as error:
                pipe.end(error)
            except BaseException as error:
                pipe.end(error)
                raise
            finally:
                await asyncio.wait({working})
            return await working

    async def _feed(self, request: Request, pipe: Pipe, room: asyncio.Event) -> None:
        chunks = aiter(request.stream())
        try:
            async for block in self._blocks(chunks):
                # Without a thread that does nothing but wait.
                while not pipe.offer(block):
                    await room.wait()
                    room.clear()
            pipe.end()
        except BrokenPipeError:
            # The work is over before the body is.
            await drain(chunks)

    async def _blocks(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        started, read, waiting = loop.time(), 0, bytearray()
        broken: MalformedError | None = None
        while broken is None:
            chunk: bytes | None = None
            try:
                async with asyncio.timeout_at(started + self._grace + read / LEAST_RATE):
                    chunk = await anext(chunks, None)
            except TimeoutError:
                message = f"the body came with less than {LEAST_RATE} bytes a second; send it again"
                broken = MalformedError("too-slow", message)
            except ClientDisconnect:
                broken = MalformedError("cut-off", "the connection ended before the body did")
            waiting += chunk or b""
            read += len(chunk or b"")
            if waiting and (chunk is None or len(waiting) >= _BLOCK):
                # What came before a body broke off is handed on too.
                yield bytes(waiting)
                waiting.clear()
            if chunk is None and broken is None:
                return
        raise broken


@asynccontextmanager
async def read_when_refused(request: Request) -> AsyncIterator[None]:
    """Read the body of a request that is refused before it was looked at: who still sends sees no answer."""
    try:
        yield
    except CorridorError:
        await drain(aiter(request.stream()))
        raise
