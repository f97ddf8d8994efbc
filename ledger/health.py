"""What keeps a running ledger from doing its work, as `/readyz` tells it."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock

from sqlalchemy import Engine

from ledger.chain.client import ChainClient
from ledger.chain.directory import RegistryMirror
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.errors import WrongChainError
from ledger.domain.errors import CorridorError, UnavailableError
from ledger.log.append import Outcome, Submission
from ledger.log.checkpoints import State
from ledger.log.publisher import Cycle, Publisher
from ledger.log.sequencer import Appender
from ledger.log.watch import Watch
from ledger.log.writer import touch

_logger = logging.getLogger(__name__)
_FRESH_SECONDS = 1.0
_SLOW_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that keeps a ledger from its work.

    Args:
        said: A sentence for everybody: nothing of the machine, the node or a witness.
        detail: The same for the operator, with the reason and what to do.
    """

    said: str
    detail: str


@dataclass(frozen=True, slots=True)
class Look:
    """A look at one part.

    Args:
        said: What to tell everybody when the part fails.
        look: Raises a `CorridorError` when it does.
    """

    said: str
    look: Callable[[], object]


def look_at_room(folder: Path, least: int) -> Look:
    """Return a look at the disk that a folder lies on.

    Args:
        folder: Any folder on that disk.
        least: How many bytes must be free.
    """

    def look() -> None:
        free = free_bytes(folder)
        if free < least:
            raise UnavailableError(
                "disk-nearly-full",
                f"the disk of {folder} has {free} bytes left, and `min_free_bytes` asks for {least}: free "
                "some space",
            )

    return Look("there is little room left for what is sent", look)


def look_at_folder(folder: Path) -> Look:
    """Return a look at whether evidence can be written into a folder."""

    def look() -> None:
        try:
            with TemporaryFile(dir=folder) as file:
                file.write(b"\0")
        except OSError as error:
            raise UnavailableError(
                "folder-not-writable",
                f"evidence cannot be written to {folder} ({error.strerror}): check its rights and its disk",
            ) from None

    return Look("evidence cannot be stored", look)


def free_bytes(folder: Path) -> int:
    """Return how many bytes may still be written to the disk that a folder lies on.

    Raises:
        UnavailableError: The folder cannot be looked at.
    """
    try:
        there = os.statvfs(folder)
    except OSError as error:
        raise UnavailableError("cannot-read", f"{folder} cannot be looked at: {error.strerror}") from None
    return there.f_bavail * there.f_frsize


class Health:
    """Looks at the parts of one ledger, and watches the work that is done in the background.

    Args:
        engine: The database.
        client: The chain.
        mirror: The participants.
        embedded: The chain that runs in this process, None when it is a node's.
        looks: At more parts.
        monotonic: Seconds on a clock that only goes forward.

    Attributes:
        cosigned: By how many witnesses the newest checkpoint is cosigned, None before the first cycle.
    """

    def __init__(
        self,
        engine: Engine,
        client: ChainClient,
        mirror: RegistryMirror,
        embedded: EmbeddedChain | None,
        *,
        looks: Sequence[Look] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cosigned: int | None = None
        self.appending = Watch("statements are not taken", patience=1, monotonic=monotonic)
        self.publishing = Watch("checkpoints are not published", monotonic=monotonic)
        self.anchoring = Watch("checkpoints are not anchored", monotonic=monotonic)
        self.listing = Watch("what is on record cannot be listed", monotonic=monotonic)
        self._looking = Watch(
            "looking at database and chain", slow_seconds=_SLOW_SECONDS, monotonic=monotonic
        )
        self._engine = engine
        self._client = client
        self._embedded = embedded
        self._monotonic = monotonic
        self._lock = Lock()
        self._looked_at: float | None = None
        self._found: list[Trouble] = []
        self._looks = (
            Look("the database cannot be written", self._database),
            Look("the chain cannot be asked", self._chain),
            Look("who takes part cannot be told", mirror.state),
            *looks,
        )

    def problems(self) -> list[Trouble]:
        """Return what is wrong; one look serves all who ask within a second."""
        # Those who come while another one looks, which may take long, get what was seen before.
        if self._lock.acquire(blocking=self._looked_at is None):
            try:
                if self._looked_at is None or self._monotonic() - self._looked_at >= _FRESH_SECONDS:
                    with self._looking.turn():
                        self._found = self._look()
                    self._looked_at = self._monotonic()
            finally:
                self._lock.release()
        return [*self._found, *_failing(self._looking)]

    def watched(self, appender: Appender) -> Appender:
        """Return an appender whose failures are seen here."""
        return _Watched(appender, self.appending)

    def publish(self, publisher: Publisher) -> None:
        """Run one publishing cycle.

        Raises:
            UnavailableError: The newest checkpoint lacks cosignatures, or the database cannot be written.
        """
        with self.publishing.turn():
            cycle = publisher.run_once()
            self.cosigned = len(cycle.cosigned)
            if cycle.checkpoint.state is not State.PUBLISHED:
                raise UnavailableError("not-published", _missing(cycle))
            for failure in cycle.failures:
                _logger.warning("witness %s did not cosign: %s", failure.witness, failure.error.message)

    def _look(self) -> list[Trouble]:
        found = []
        for one in self._looks:
            try:
                one.look()
            except CorridorError as error:
                found.append(Trouble(one.said, error.message))
            except Exception as error:
                _logger.exception("unexpected failure of a look at the ledger's health")
                detail = f"unexpected failure ({type(error).__name__}); see the log file"
                found.append(Trouble(one.said, detail))
        found += _failing(self.appending, self.publishing, self.anchoring, self.listing)
        # One cause often shows in several places.
        return list({one.detail: one for one in found}.values())

    def _database(self) -> None:
        touch(self._engine)
        if self.appending.problem is not None:
            # The database took a write just now: what hindered the last append is over.
            self.appending.forget()

    def _chain(self) -> None:
        try:
            self._client.identity()
        except WrongChainError:
            if self._embedded is None:
                raise
            raise UnavailableError(
                "chain-replaced",
                "the embedded chain was lost while it ran, and began anew; start the ledger again, so "
                "that it goes on there",
            ) from None


class _Watched:
    def __init__(self, appender: Appender, watch: Watch) -> None:
        self._appender = appender
        self._watch = watch

    def append(self, batch: Sequence[Submission]) -> list[Outcome]:
        """See `Appender.append`."""
        with self._watch.turn():
            return self._appender.append(batch)


def _failing(*watches: Watch) -> list[Trouble]:
    problems = [(watch.name, watch.problem) for watch in watches]
    return [Trouble(name, problem) for name, problem in problems if problem is not None]


def _missing(cycle: Cycle) -> str:
    reasons = [f"{one.witness}: {one.error.message}" for one in cycle.failures]
    reasons += [f"{name}: no answer yet" for name in cycle.waiting]
    return (
        f"the checkpoint of size {cycle.checkpoint.size} has not the cosignatures that it needs "
        f"({'; '.join(reasons) or 'nobody was asked'})"
    )
