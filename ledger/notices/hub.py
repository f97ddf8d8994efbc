"""The stream of events to listeners: one look at the database for all of them, and no thread for any.

While somebody listens, the hub looks every few milliseconds for what is new, prepares it once for each
organisation that listens, and wakes the listeners. A listener keeps nothing but the number of the event that
it has told last: one that reads slowly costs no memory, and goes on where it was, from the database.
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import Event as Flag
from typing import Any, Final, TypeVar

from ledger.domain.clock import Clock
from ledger.domain.errors import ConflictError, CorridorError
from ledger.notices.events import Event, Events, Teller
from ledger.notices.wanted import Wanted

SECONDS: Final = 0.2
"""Pause between two looks while somebody listens."""
CHECK_SECONDS: Final = 15.0
"""How long a stream may stay open, while nothing happens, whose session was ended."""
FRESH_SECONDS: Final = 2.0
"""For so long what somebody may see counts as known; who reads more slowly is looked at anew."""
_AT_ONCE: Final = 100
_PAGE: Final = 20
_logger = logging.getLogger(__name__)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Told:
    """An event as a listener hears it.

    Args:
        seq: Its number; the listener goes on behind it.
        kind: Its kind.
        text: JSON on one line.
    """

    seq: int
    kind: str
    text: str


@dataclass(slots=True, eq=False)
class Listener:
    """Somebody who listens.

    Args:
        organisation: Whose session it is.
        token: Of the session.
        expires_at: When it ends at the latest, POSIX seconds.
        wanted: What it wants to hear.
        after: Number of the event that it has passed.
    """

    organisation: str
    token: str = field(repr=False)
    expires_at: int
    wanted: Wanted
    after: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is new, prepared for listeners.

    Args:
        upto: Number of the newest event that was looked at.
        told: What those hear of it who had passed all before, and whose sessions were good.
        at: When it was prepared, by the loop's clock.
    """

    upto: int
    told: Mapping[Listener, Sequence[Told]]
    at: float


class Hub:
    """Tells events to all who listen to one process; for one event loop.

    Args:
        events: What happened.
        teller: Says who may hear what.
        good: Says whether the session of a token is good now.
        catch_up: Makes events of what was said meanwhile; is called before each look.
        clock: The ledger's clock.
        each: How many may listen for one organisation.
        most: How many may listen at all.
        seconds: Pause between two looks.

    Attributes:
        stopping: When it is set, all streams end.
    """

    def __init__(
        self,
        events: Events,
        teller: Teller,
        good: Callable[[str], bool],
        catch_up: Callable[[], object],
        clock: Clock,
        *,
        each: int,
        most: int,
        seconds: float = SECONDS,
    ) -> None:
        self._events = events
        self._teller = teller
        self._good = good
        self._catch_up = catch_up
        self._clock = clock
        self._each = each
        self._most = most
        self._seconds = seconds
        self._listeners: set[Listener] = set()
        self._count: Counter[str] = Counter()
        self._batch = _Batch(0, {}, 0.0)
        self._woken = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        # Apart: many who come back at once, and have missed much, must not hold up what is new.
        self._looks = ThreadPoolExecutor(1, "events")
        self._questions = ThreadPoolExecutor(2, "events-missed")
        self.stopping = Flag()

    def close(self) -> None:
        """End all streams, and look no more; for the end of the process."""
        self.stopping.set()
        for threads in (self._looks, self._questions):
            threads.shutdown(cancel_futures=True)

    async def newest(self) -> int:
        """Return the number of the newest event."""
        return await self._asked(self._events.newest)

    @contextmanager
    def joined(self, listener: Listener) -> Iterator[None]:
        """Count a listener in while a block runs.

        Raises:
            ConflictError: Code `too-many`: as many listen as may.
        """
        if self._count[listener.organisation] >= self._each or len(self._listeners) >= self._most:
            raise ConflictError(
                "too-many",
                f"an organisation may follow {self._each} streams of events at a time, and all together "
                f"{self._most}; end one that is not needed any more",
            )
        self._listeners.add(listener)
        self._count[listener.organisation] += 1
        try:
            yield
        finally:
            self._listeners.discard(listener)
            self._count[listener.organisation] -= 1

    async def listen(self, listener: Listener) -> AsyncIterator[Told]:
        """Yield what a listener hears, until its session or the process ends.

        It ends, too, when the database cannot be asked: whoever listens comes back and goes on.

        Args:
            listener: Who has joined.
        """
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._keep_looking())
        loop = asyncio.get_running_loop()
        try:
            while not self.stopping.is_set() and self._clock() < listener.expires_at:
                if listener.after < self._batch.upto:
                    batch = await self._batch_for(listener)
                    if listener not in batch.told:
                        # Its session is over.
                        return
                    for one in batch.told[listener]:
                        if loop.time() > batch.at + FRESH_SECONDS:
                            break
                        listener.after = one.seq
                        yield one
                    else:
                        listener.after = max(listener.after, batch.upto)
                elif not await self._woke() and not await self._asked(self._good, listener.token):
                    return
        except CorridorError as error:
            _logger.warning("events: %s (%s)", error.message, error.code)

    async def _woke(self) -> bool:
        """Wait for news; return False when it is time to look at the session."""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            return False
        return True

    async def _batch_for(self, listener: Listener) -> _Batch:
        """Return what a listener hears next: of what was prepared for all, or what it has missed."""
        batch, loop = self._batch, asyncio.get_running_loop()
        if listener in batch.told and loop.time() <= batch.at + FRESH_SECONDS:
            return batch
        return await self._asked(self._prepared, [listener], listener.after, _PAGE, loop.time())

    async def _keep_looking(self) -> None:
        """Look for news while somebody listens."""
        begun = False
        while self._listeners and not self.stopping.is_set():
            try:
                if not begun:
                    self._batch = _Batch(await self.newest(), {}, 0.0)
                    begun = True
                    self._wake()
                await self._look()
            except CorridorError as error:
                _logger.warning("events: %s (%s)", error.message, error.code)
            except Exception:
                _logger.exception("events: unexpected failure; trying again")
            await asyncio.sleep(self._seconds)
        self._wake()

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._looks, self._catch_up)
        upto = self._batch.upto
        there = [one for one in self._listeners if one.after >= upto]
        batch = await loop.run_in_executor(self._looks, self._prepared, there, upto, _AT_ONCE, loop.time())
        is_new = batch.upto > upto
        if is_new:
            self._batch = batch
        if is_new or any(one.expires_at <= self._clock() for one in self._listeners):
            self._wake()

    def _wake(self) -> None:
        self._woken.set()
        self._woken = asyncio.Event()

    def _prepared(self, listeners: Sequence[Listener], after: int, limit: int, now: float) -> _Batch:
        """Return the events behind a number as listeners hear them, in a thread.

        Raises:
            UnavailableError: The database or the registry cannot be asked now.
        """
        events = self._events.after(after, limit)
        if not events:
            return _Batch(after, {}, now)
        good = {token for token in {one.token for one in listeners} if self._good(token)}
        by_seq = {event.seq: event for event in events}
        wants = cache(lambda seq, wanted: self._teller.is_wanted(by_seq[seq], wanted))
        hears = cache(lambda seq, organisation: self._told(by_seq[seq], organisation))
        told = {
            one: [
                heard
                for seq in by_seq
                if seq > one.after and wants(seq, one.wanted) and (heard := hears(seq, one.organisation))
            ]
            for one in listeners
            if one.token in good
        }
        return _Batch(events[-1].seq, told, now)

    def _told(self, event: Event, organisation: str) -> Told | None:
        """Return an event as an organisation hears it, None when it may not."""
        said = self._teller.told(event, organisation)
        if said is None:
            return None
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        return Told(event.seq, event.kind, text)

    async def _asked(self, work: Callable[..., _T], *arguments: Any) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._questions, work, *arguments)
