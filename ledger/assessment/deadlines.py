"""When something is due: terms relative to milestones, on the times that are known (formats, section 21)."""

from collections.abc import Callable
from typing import Final

from ledger.corridors.rules import LATEST, Due

_HOUR: Final = 3600
When = Callable[[str], float | None]
"""Returns the time of a milestone, POSIX seconds, None while it is not known."""


def due_at(due: Due, time_of: When) -> float | None:
    """Return when something is due, POSIX seconds.

    Of several terms those count whose milestone is known; with none of them known there is no time yet.

    Args:
        due: The deadline.
        time_of: What is known of milestones.
    """
    times = [time + term.hours * _HOUR for term in due.terms if (time := time_of(term.milestone)) is not None]
    if not times:
        return None
    return max(times) if due.pick == LATEST else min(times)


def is_settled(due: Due, time_of: When) -> bool:
    """Return whether what becomes known later can only put the deadline earlier.

    Of the latest of several terms each one must be known: the one that is not may give more time.
    """
    known = [time_of(term.milestone) is not None for term in due.terms]
    return all(known) if due.pick == LATEST else any(known)
