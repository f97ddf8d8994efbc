"""What a witness keeps and asks for, as its state machine and its replay see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.checkpoint import Checkpoint
from ledger.domain.map import MapValue


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The newest checkpoint of a log that a witness decided to cosign.

    Args:
        size: Its size.
        root: Its root, 32 bytes.
        time: When it was cosigned last, POSIX seconds.
    """

    size: int
    root: bytes
    time: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a log has been replayed.

    Args:
        size: How many entries.
        peaks: The largest complete subtrees over them, left to right, 32 bytes each.
        last: Type byte of the last of them.
    """

    size: int
    peaks: tuple[bytes, ...]
    last: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay has come to, to be stored together with the decision that rests on it.

    Args:
        progress: Where it stands.
        changed: Value by tag of the streams that changed since what is stored.
        pending: Where the stored part of this replay stands, when it was stored in parts.
    """

    progress: Progress
    changed: Mapping[bytes, MapValue]
    pending: Progress | None


@dataclass(frozen=True, slots=True)
class Saved:
    """A replay as it is stored.

    Args:
        progress: Where it stands.
        streams: Every stream's value by its tag.
        pending: Whether it is past the newest cosigned checkpoint: on its way to one, and not yet confirmed
            by a root.
    """

    progress: Progress
    streams: Mapping[bytes, MapValue]
    pending: bool


class WitnessStore(Protocol):
    """Where a witness keeps what it decided. Each method is one transaction; what returned is durable."""

    def newest(self, origin: str) -> Cosigned | None:
        """Return the newest checkpoint of a log that was decided on."""
        ...

    def root_of(self, origin: str, size: int) -> bytes | None:
        """Return the root of the checkpoint of a size, if one was decided on."""
        ...

    def advance(
        self, origin: str, old: Cosigned | None, new: Cosigned, note: bytes, replayed: Replayed | None
    ) -> None:
        """Store the decision to cosign `new`, if `old` is still the newest.

        Raises:
            WitnessConflict: Somebody else moved on from `old` meanwhile.
            UnavailableError: It cannot be stored now.
        """
        ...

    def refuse(self, checkpoint: Checkpoint, note: bytes, reason: str, time: int) -> None:
        """Keep a checkpoint that the log signed and that is not cosigned, as evidence.

        Args:
            checkpoint: What the note says.
            note: The note as it came, signed by the log.
            reason: Code of the error that it was refused with.
            time: POSIX seconds.
        """
        ...


class Replayer(Protocol):
    """What an index cosigner does before it signs; see `ledger.log.cosigner`."""

    def replay(self, old: Cosigned | None, target: Checkpoint) -> Replayed | None:
        """Return what to store if every entry up to a checkpoint is as it must be, None when nothing is new.

        Args:
            old: Where the replay goes on from: the newest checkpoint cosigned.
            target: The checkpoint, signed by the log.

        Raises:
            VerificationError: An entry is not what it must be, or they do not give the root.
            UnavailableError: The entries cannot be had now.
        """
        ...


class ReplayStore(Protocol):
    """Where an index cosigner keeps a replay that is on its way; `WitnessStore.advance` stores its end."""

    def load_replay(self, origin: str) -> Saved | None:
        """Return the replay of a log as far as it got, None when there is none yet."""
        ...

    def save_pending(self, origin: str, old: Cosigned | None, replayed: Replayed) -> None:
        """Store one more part of a replay that started from `old`.

        Raises:
            WitnessConflict: `old` is not the newest checkpoint cosigned any more.
            UnavailableError: Another process is replaying too, or it cannot be stored now.
        """
        ...

    def drop_pending(self, origin: str) -> None:
        """Forget the parts, back to the newest cosigned checkpoint."""
        ...
