"""Dates as papers have them: a moment, or a day that is a day somewhere."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ledger.domain import fields
from ledger.domain.errors import MalformedError
from ledger.domain.papers import Paper

_DAY: Final = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
# A day begins first 14 hours east of Greenwich and ends last 12 hours west of it.
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is dated, as far as the paper tells.

    Args:
        first: The earliest that it may have been, POSIX seconds.
        last: The latest.
    """

    first: float
    last: float


def moment(text: str) -> Moment | None:
    """Read a date: a time with its offset, or a day, which is somewhere that day in all time zones.

    Args:
        text: RFC 3339, `YYYY-MM-DD` or `YYYYMMDD`; a time without an offset counts as its day.
    """
    try:
        exact = fields.timestamp(text.strip(), "date").timestamp()
        return Moment(exact, exact)
    except (MalformedError, ValueError, OverflowError):
        pass
    day = _DAY.match(text.strip())
    if day is None:
        return None
    try:
        begins = datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC)
        return Moment((begins - _EAST).timestamp(), (begins + timedelta(days=1) + _WEST).timestamp())
    except (ValueError, OverflowError):
        return None


def moments(paper: Paper, kind: str) -> list[tuple[str, Moment]]:
    """Return the readable dates of a kind in a paper, each as it stands there and as read."""
    read = [(text, moment(text)) for text in paper.of_kind("dates", kind)]
    return [(text, when) for text, when in read if when is not None]
