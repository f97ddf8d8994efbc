"""Whether what is done again and again succeeds: what `/readyz` tells of the work in the background."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from ledger.domain.errors import CorridorError, UnavailableError

PATIENCE = 3
SLOW_SECONDS = 60.0


class Watch:
    """Remembers how the last turns of one kind of work went; several threads may use it.

    What is merely out of reach may be back at the next turn, and counts after some turns in a row; any other
    failure counts at once, for it does not go away by itself.

    Args:
        name: What is wrong when it fails, as it begins a sentence; without any detail.
        patience: How many turns in a row something may be out of reach.
        slow_seconds: How long a turn may take.
        monotonic: Seconds on a clock that only goes forward.
    """

    def __init__(
        self,
        name: str,
        *,
        patience: int = PATIENCE,
        slow_seconds: float = SLOW_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._patience = patience
        self._slow_seconds = slow_seconds
        self._monotonic = monotonic
        self._lock = Lock()
        self._failures = 0
        self._reason: str | None = None
        self._begun: dict[object, float] = {}

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Do one turn of the work in a block; what it raises goes on."""
        token = object()
        with self._lock:
            self._begun[token] = self._monotonic()
        try:
            yield
        except UnavailableError as error:
            self._failed(error.message, 1)
            raise
        except CorridorError as error:
            self._failed(error.message, self._patience)
            raise
        except Exception as error:
            self._failed(f"unexpected failure ({type(error).__name__}); see the log file", self._patience)
            raise
        else:
            self.forget()
        finally:
            with self._lock:
                del self._begun[token]

    @property
    def problem(self) -> str | None:
        """What is wrong, a sentence for the operator; None as long as it works."""
        with self._lock:
            if self._reason is not None and self._failures >= self._patience:
                return f"{self.name}: {self._reason}"
            longest = max((self._monotonic() - begun for begun in self._begun.values()), default=0.0)
        if longest > self._slow_seconds:
            return f"{self.name}: no end after {longest:.0f} s"
        return None

    def forget(self) -> None:
        """Take what failed for over, as somebody has seen in another way."""
        with self._lock:
            self._failures, self._reason = 0, None

    def _failed(self, reason: str, weight: int) -> None:
        with self._lock:
            self._failures += weight
            self._reason = reason
