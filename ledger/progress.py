"""How far a statement has come: logged, published, anchored, final."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ledger.chain.anchor_machine import Anchor, State
from ledger.chain.anchor_store import AnchorStore
from ledger.domain.errors import NotFoundError
from ledger.log.checkpoints import Checkpoints, StoredCheckpoint


class Reached(StrEnum):
    """How far a statement has come; each is durable, and the last two are on the chain."""

    LOGGED = "logged"
    PUBLISHED = "published"
    ANCHORED = "anchored"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a log entry stands.

    Args:
        checkpoint: The first published checkpoint that it is in, None before there is one.
        anchor: The first anchor on the chain that covers it, a final one where there is one; None before
            one is mined.
    """

    checkpoint: StoredCheckpoint | None
    anchor: Anchor | None

    @property
    def reached(self) -> Reached:
        """How far it has come."""
        if self.anchor is not None:
            return Reached.FINAL if self.anchor.state is State.FINAL else Reached.ANCHORED
        return Reached.LOGGED if self.checkpoint is None else Reached.PUBLISHED


class ProgressReader:
    """Tells where entries of one log stand.

    Args:
        checkpoints: Of the log.
        anchors: On the chain in use.
    """

    def __init__(self, checkpoints: Checkpoints, anchors: AnchorStore) -> None:
        self._checkpoints = checkpoints
        self._anchors = anchors

    def of(self, index: int) -> Progress:
        """Return where one entry stands."""
        return Progress(self._checkpoint(index), self._anchors.covering(index))

    def of_all(self, indices: Sequence[int]) -> list[Progress]:
        """Return where entries stand; neighbours mostly share a checkpoint, which is looked for once.

        Args:
            indices: Ascending.
        """
        found: list[Progress] = []
        for index in indices:
            last = found[-1] if found else None
            found.append(last if last is not None and _is_the_same_for(last, index) else self.of(index))
        return found

    def _checkpoint(self, index: int) -> StoredCheckpoint | None:
        try:
            return self._checkpoints.covering(index)
        except NotFoundError:
            return None


def _is_the_same_for(progress: Progress, index: int) -> bool:
    """Return whether a later entry stands where one stands; nothing covers what is behind the uncovered."""
    covering = (progress.checkpoint, progress.anchor)
    return all(one is None or one.size > index for one in covering)
