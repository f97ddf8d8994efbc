"""Repeating a step in a thread until it is told to stop."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Self

from ledger.domain.errors import CorridorError

_logger = logging.getLogger(__name__)


class Background:
    """Runs a step again and again; a step that fails is reported and tried again at the next turn.

    Use it as a context manager, or call `start` and `stop`.

    Args:
        step: What to do at each turn; the first comes at once.
        interval: Pause between two turns, in seconds.
        name: Of the thread, for the log file.
    """

    def __init__(self, step: Callable[[], object], interval: float, name: str) -> None:
        self._step = step
        self._interval = interval
        self._name = name
        self._stop = Event()
        self._wake = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; call it once."""
        self._thread.start()

    def wake(self) -> None:
        """Let the next turn come at once."""
        self._wake.set()

    def stop(self) -> None:
        """Let no other turn begin, and return when the present one is done."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._step()
            except CorridorError as error:
                _logger.warning("%s: %s (%s)", self._name, error.message, error.code)
            except Exception:
                # A thread that dies in silence would leave a log that takes statements and publishes nothing.
                _logger.exception("%s: unexpected failure; trying again", self._name)
            self._wake.wait(self._interval)
            self._wake.clear()
