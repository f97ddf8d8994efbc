"""When what a statement tells of happened, as claimed (formats, section 13)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ledger.domain import fields
from ledger.domain.errors import MalformedError
from ledger.domain.statement import Statement

MAX_OFFSET = 31_536_000
"""Seconds that a clock may be off, either way: a year."""


def occurred_at(value: object, field: str) -> float:
    """Read `occurred_at`, POSIX seconds.

    Raises:
        MalformedError: No time of RFC 3339.
    """
    return fields.timestamp(value, field).timestamp()


def clock_offset(value: object, field: str) -> float:
    """Read `clock_offset_s`: seconds by which the signer's clock was ahead.

    Raises:
        MalformedError: No number, or more than a year either way.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_OFFSET:
        message = f"{field} must be a number of seconds, at most {MAX_OFFSET} either way"
        raise MalformedError("malformed-field", message, field=field)
    return float(value)


def put_right(time: float, offset: float) -> float:
    """Return a time by a clock that was ahead, put right, to the microsecond."""
    # What is below comes from binary fractions and is in no clock.
    return round(time - offset, 6)


def shown_time(seconds: float | None) -> float | int | None:
    """Return a time as JSON shows it: POSIX seconds, with a fraction only where there is one."""
    return int(seconds) if seconds is not None and seconds == int(seconds) else seconds


def in_words(seconds: float) -> str:
    """Return how long something lasts, for people: its two largest units, such as `23 h 20 min`.

    Args:
        seconds: Seconds, not negative.
    """
    left = round(seconds)
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        parts += [f"{count} {unit}"] if count or parts else []
    return " ".join(one for one in parts[:2] if not one.startswith("0 ")) or "0 s"


def in_utc(seconds: float) -> str:
    """Return a time of any size for people, in UTC.

    Args:
        seconds: POSIX seconds.
    """
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{seconds:.0f} s after 1970"


def happened_at(statement: Statement, body: Mapping[str, Any]) -> float:
    """Return when it happened, POSIX seconds: `occurred_at` put right, else the time of signing.

    Args:
        statement: As signed.
        body: As revealed; what is malformed in it counts as not said.
    """
    try:
        occurred = occurred_at(body["occurred_at"], "body.occurred_at")
    except (KeyError, MalformedError):
        return float(statement.iat)
    try:
        return put_right(occurred, clock_offset(body.get("clock_offset_s", 0), "body.clock_offset_s"))
    except MalformedError:
        return occurred
