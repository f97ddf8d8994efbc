"""Reads evidence items in child processes that can do nothing but read them (ADR 0016)."""

import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from types import TracebackType
from typing import BinaryIO, Self

from ledger.domain.errors import MalformedError, UnavailableError
from ledger.readers import answer
from ledger.readers.forker import Ending, Forker
from ledger.readers.isolation import NOT_ISOLATED, Budget
from ledger.readers.memory import read_only
from ledger.readers.reading import Complaint, Reading
from ledger.readers.registry import MODULES, Expectations

_MAX_EXPECTED = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reading may use, and give.

    Args:
        budget: Time and memory of the child.
        item_bytes: Largest item that is handed to a reader.
        answer_bytes: Largest answer: findings and renditions.
    """

    budget: Budget = field(default_factory=Budget)
    item_bytes: int = 8 << 30
    answer_bytes: int = 64 << 20


class Readers:
    """Readers that stand ready: one process that forks a child for every item.

    The first item of a format costs the import of its libraries, each later one a few milliseconds.
    Threads may share it; they take turns. Nothing is started before the first item.

    Args:
        limits: For every reading.
        modules: The reader modules, in the order in which they are asked.
    """

    def __init__(self, limits: Limits | None = None, modules: Sequence[str] = MODULES) -> None:
        self._limits = limits or Limits()
        self._modules = tuple(modules)
        self._turn = threading.Lock()
        self._forker: Forker | None = None

    def read(
        self, source: BinaryIO, *, media_type: str, category: str, expectations: Expectations | None = None
    ) -> Reading:
        """Return what the reader of an item's format says; nothing that is in the item raises.

        Args:
            source: The item. With a descriptor (a file, `memory.in_memory`) it is read from its beginning;
                without one it is copied into memory first. It never gets to a disk.
            media_type: What its author says that it is; only compared.
            category: Category of the evidence, such as `scan`.
            expectations: What it should be like.

        Raises:
            OSError: The source itself cannot be read.
        """
        if sys.platform != "linux":
            return _nothing("isolation-unavailable", "evidence is only read in isolation, which needs Linux")
        try:
            item = read_only(source, max_bytes=self._limits.item_bytes)
        except MalformedError as error:
            return _nothing(error.code, error.message)
        request = {
            "media_type": media_type[:_MAX_EXPECTED],
            "category": category[:_MAX_EXPECTED],
            "expectations": asdict(expectations or Expectations()),
            "budget": asdict(self._limits.budget),
        }
        try:
            with self._turn:
                return self._ask(item, json.dumps(request).encode())
        finally:
            os.close(item)

    def close(self) -> None:
        """End the process, once nobody reads any more; another `read` starts another."""
        with self._turn:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, item: int, request: bytes) -> Reading:
        limits = self._limits
        try:
            if self._forker is None:
                self._forker = Forker(self._modules)
            said, ending = self._forker.exchange(
                item, request, seconds=limits.budget.wall_seconds, max_bytes=limits.answer_bytes
            )
        except UnavailableError as error:
            return _nothing(error.code, error.message)
        except (OSError, ValueError):
            self._end()
            return _nothing("reader-lost", "the process that forks readers has ended; try again")
        except BaseException:
            self._end()
            raise
        if len(said) > limits.answer_bytes:
            return _nothing("answer-too-large", f"the reader said over {limits.answer_bytes} bytes")
        return _judged(said, ending)

    def _end(self) -> None:
        if self._forker is not None:
            self._forker.close()
            self._forker = None


def read(
    source: BinaryIO,
    *,
    media_type: str,
    category: str,
    expectations: Expectations | None = None,
    limits: Limits | None = None,
) -> Reading:
    """Return what the reader of one item's format says; for many items keep a `Readers`.

    Args:
        source: The item; see `Readers.read`.
        media_type: What its author says that it is; only compared.
        category: Category of the evidence, such as `scan`.
        expectations: What it should be like.
        limits: What reading it may use.

    Raises:
        OSError: The source itself cannot be read.
    """
    with Readers(limits) as readers:
        return readers.read(source, media_type=media_type, category=category, expectations=expectations)


def _judged(said: bytes, ending: Ending) -> Reading:
    """Return what a child said, or what its end says when it came to no end of its answer."""
    try:
        reading, whole = answer.understood(said)
    except MalformedError as error:
        return _nothing("reader-strange", error.message)
    if whole and not ending.signal and not ending.late:
        return reading
    return replace(reading, complaints=(_why(ending),), renditions=(), fingerprints=(), found={})


def _why(ending: Ending) -> Complaint:
    if ending.late or ending.signal == signal.SIGXCPU:
        return Complaint("out-of-time", "the reader took longer than it may, and was ended")
    if ending.signal == signal.SIGKILL:
        return Complaint("reader-killed", "the system ended the reader: is there enough memory?")
    if ending.signal:
        return Complaint("reader-crashed", f"the reader crashed (signal {ending.signal}) on this item")
    if ending.code == NOT_ISOLATED:
        return Complaint("isolation-unavailable", "a reader could not be isolated here, so nothing was read")
    return Complaint("reader-ended", "the reader ended without an answer")


def _nothing(code: str, message: str) -> Reading:
    return Reading("none", "0", None, complaints=(Complaint(code, message),))
