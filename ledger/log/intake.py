"""A few threads that begin things for an event loop, and tell it of what is done in batches.

A general pool of threads costs a good part of what checking a statement does: for each call it wakes a
thread, and then the event loop. Here a thread that is awake goes on with the next call, and the loop is woken
once for all that was done meanwhile.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Final, Self, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")
_THREADS: Final = 8
_Begin = Callable[[], "Future[Any]"]


class Intake:
    """Runs calls that begin something in threads, and gives what comes of it to whoever awaits it.

    Use it as a context manager: at the end what was begun is waited for.

    Args:
        threads: How many calls may block at the same time.
    """

    def __init__(self, threads: int = _THREADS) -> None:
        self._tasks: SimpleQueue[tuple[_Begin, _Landing, asyncio.Future[Any]] | None] = SimpleQueue()
        self._landings: WeakKeyDictionary[asyncio.AbstractEventLoop, _Landing] = WeakKeyDictionary()
        self._threads = [Thread(target=self._run, name="intake", daemon=True) for _ in range(threads)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    async def result(self, begin: "Callable[[], Future[T]]") -> T:
        """Return what comes of a call in the end; it raises what the call, or what it began, raises.

        Args:
            begin: Called in a thread; it may block, and gives a future.
        """
        loop = asyncio.get_running_loop()
        landing = self._landings.setdefault(loop, _Landing(loop))
        waiting: asyncio.Future[T] = loop.create_future()
        self._tasks.put((begin, landing, waiting))
        return await waiting

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            begin, landing, waiting = task
            try:
                begun = begin()
            except Exception as error:  # noqa: BLE001
                # Whatever it is, the one who waits must hear of it, and the thread must live on.
                begun = Future()
                begun.set_exception(error)
            begun.add_done_callback(landing.taker(waiting))


class _Landing:
    """Where results reach the thread of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = Lock()
        self._done: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._woken = False

    def taker(self, waiting: "asyncio.Future[Any]") -> "Callable[[Future[Any]], None]":
        """Return what takes the result that somebody waits for, in whichever thread it comes."""

        def take(done: "Future[Any]") -> None:
            with self._lock:
                self._done.append((waiting, done))
                if self._woken:
                    return
                self._woken = True
            # A loop that has ended holds nobody who waits.
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._land)

        return take

    def _land(self) -> None:
        with self._lock:
            self._woken = False
            landed, self._done = self._done, deque()
        for waiting, done in landed:
            if waiting.done():
                # Given up meanwhile.
                continue
            error = done.exception()
            if error is None:
                waiting.set_result(done.result())
            else:
                waiting.set_exception(error)
