"""A thread that runs one coroutine, with an event loop of its own, until it is told to stop."""

import asyncio
from collections.abc import Callable, Coroutine
from threading import Thread
from typing import Any, Self


class LoopThread:
    """Runs a coroutine while a block runs, and cancels it at its end.

    Args:
        work: Makes the coroutine, within the loop.
        name: Of the thread.
    """

    def __init__(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        self._work = work
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._task = self._loop.create_task(self._work())
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        assert self._task is not None
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()

    def _run(self) -> None:
        assert self._task is not None
        try:
            self._loop.run_until_complete(asyncio.wait({self._task}))
        finally:
            self._loop.close()
