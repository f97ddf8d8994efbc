"""What is recorded of seals and inspections."""

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.domain.custody.members import SealSaid
from ledger.domain.custody.problem import Problem


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal that is on.

    Args:
        number: The number on it.
        on: What it keeps shut.
        kind: `bolt`, `marchamo`, `sticker` and so on, None when nobody said.
        standard: What it conforms to, None when nobody said.
        mark: What cannot be copied, None when nobody said.
        since: When it was put on, or first seen, POSIX seconds.
        by: URI of the organisation that says so.
        statement: Id of the statement, 32 bytes.
        applied: Whether somebody says to have put it on; else it was only found there.
    """

    number: str
    on: str
    kind: str | None
    standard: str | None
    mark: str | None
    since: float
    by: str
    statement: bytes
    applied: bool


@dataclass(frozen=True, slots=True)
class SealEvent:
    """What a statement says of one seal.

    Args:
        time: POSIX seconds.
        what: `found`, `removed` or `applied`.
        seal: The seal as it is named.
        by: URI of the organisation that says so.
        statement: Id of the statement, 32 bytes.
    """

    time: float
    what: str
    seal: SealSaid
    by: str
    statement: bytes


@dataclass(frozen=True, slots=True)
class Inspection:
    """An authority's inspection.

    Args:
        time: POSIX seconds.
        by: URI of the organisation that inspected.
        statement: Id of the statement, 32 bytes.
        reason: Why, None when it does not say.
        found: Numbers of the seals that it found.
        removed: Numbers of the seals that it took off.
        applied: Numbers of the seals that it put on.
        pictured: Whether it brings evidence, or a photo or video has to do with it.
        accepted_by: URI of the organisation that took the container over next, None while nobody did.
    """

    time: float
    by: str
    statement: bytes
    reason: str | None
    found: tuple[str, ...]
    removed: tuple[str, ...]
    applied: tuple[str, ...]
    pictured: bool
    accepted_by: str | None


def copied(boxes: Iterable[tuple[str, Iterable[SealEvent]]]) -> list[Problem]:
    """Return the seals that were put on two containers.

    Args:
        boxes: URI of each trip, and what was said of its seals.
    """
    first: dict[str, tuple[str, SealEvent]] = {}
    found = []
    for trip, events in boxes:
        for event in events:
            if event.what != "applied":
                continue
            other, before = first.setdefault(event.seal.number, (trip, event))
            if other != trip:
                message = f"seal {event.seal.number} was put on {other} and on {trip}"
                found.append(Problem("seal-cloned", message, (before.statement, event.statement)))
    return found
