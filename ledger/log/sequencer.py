"""Group commit: many callers, one writer, one transaction for all who wait at the same moment."""

import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Protocol, Self

from ledger.domain.errors import CorridorError, UnavailableError
from ledger.log.append import Appended, Outcome, Submission

DEFAULT_BATCH = 512
DEFAULT_LINGER = 0.005
DEFAULT_WAITING = 8192
_logger = logging.getLogger(__name__)

_Waiting = tuple[Submission, "Future[Appended]"]


class Appender(Protocol):
    """What the sequencer writes to: `LogStore`, as a rule."""

    def append(self, batch: Sequence[Submission]) -> list[Outcome]:
        """Append a batch durably; see `LogStore.append`."""


class Sequencer:
    """Appends what callers submit in groups, in a thread of its own, in the order of submission.

    Use it as a context manager, or call `start` and `close`. What fails for one group concerns its callers
    only: the next group is tried anew.

    Args:
        store: Where to append.
        batch: How many submissions a group has at most.
        linger: How long a group that is not full waits for more, in seconds.
        waiting: How many submissions may wait before more are refused.
    """

    def __init__(
        self,
        store: Appender,
        *,
        batch: int = DEFAULT_BATCH,
        linger: float = DEFAULT_LINGER,
        waiting: int = DEFAULT_WAITING,
    ) -> None:
        self._store = store
        self._batch = batch
        self._linger = linger
        self._capacity = waiting
        self._waiting: deque[_Waiting] = deque()
        # Notified when the first one waits, when a group is full, and when the sequencer closes.
        self._changed = Condition()
        self._open = False
        self._thread = Thread(target=self._run, name="sequencer", daemon=True)

    def start(self) -> None:
        """Begin to append; call it once."""
        self._open = True
        self._thread.start()

    def close(self) -> None:
        """Refuse what comes from now on, append what waits, and return when that is done."""
        with self._changed:
            was_open, self._open = self._open, False
            self._changed.notify()
        if was_open:
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def submit(self, submission: Submission) -> "Future[Appended]":
        """Return a future that is done when the submission is durable, or refused.

        The future raises PolicyError when the statement contradicts the log, and UnavailableError when the
        database cannot be written: then the same submission may be sent again.

        Raises:
            UnavailableError: Too many submissions wait already, or the sequencer is closed.
        """
        future: Future[Appended] = Future()
        with self._changed:
            if not self._open:
                raise UnavailableError("log-closed", "the log takes no submissions now; it is shutting down")
            if len(self._waiting) >= self._capacity:
                raise UnavailableError("log-busy", "too many submissions are waiting; try again")
            self._waiting.append((submission, future))
            if len(self._waiting) in (1, self._batch):
                self._changed.notify()
        return future

    def append(self, submission: Submission) -> Appended:
        """Return where a submission stands, once it is durable; see `submit`.

        Raises:
            PolicyError: The statement contradicts the log.
            UnavailableError: It could not be written.
        """
        return self.submit(submission).result()

    def _run(self) -> None:
        while group := self._gather():
            self._commit(group)

    def _gather(self) -> list[_Waiting]:
        """Wait for submissions, and return a group; an empty one when all is done and no more will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._open)
            self._changed.wait_for(
                lambda: len(self._waiting) >= self._batch or not self._open, timeout=self._linger
            )
            return [self._waiting.popleft() for _ in range(min(self._batch, len(self._waiting)))]

    def _commit(self, group: list[_Waiting]) -> None:
        # A caller that gave up takes its submission with it, as long as nothing was begun.
        group = [item for item in group if item[1].set_running_or_notify_cancel()]
        try:
            outcomes = self._store.append([submission for submission, _ in group])
        except Exception as error:
            # Whatever it is, those who wait must hear of it, and the thread must live on.
            if not isinstance(error, CorridorError):
                _logger.exception("a group of %d submissions failed", len(group))
            for _, future in group:
                future.set_exception(_own(error))
            return
        for (_, future), outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Appended):
                future.set_result(outcome)
            else:
                future.set_exception(outcome)


def _own(error: Exception) -> Exception:
    """Return an error of the same content for one waiter: a raised exception collects a traceback."""
    if isinstance(error, CorridorError):
        copy = type(error)(error.code, error.message, field=error.field)
        copy.__cause__ = error
        return copy
    return error
