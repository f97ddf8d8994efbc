"""Temperature logs of refrigeration units: from when to when, how cold, where readings are missing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Any

from ledger.domain.errors import MalformedError
from ledger.domain.fields import timestamp
from ledger.readers.reading import Complaint

_TIMES = ("time", "timestamp", "date_time", "datetime", "eventdatetime")
_MEASURED = re.compile(r"[a-z][a-z0-9_]{0,40}_(?:c|percent|m3_h|pct)")
"""Columns of measurements end in their unit."""
_GAP_STEPS = 2.5
_MAX_COLUMNS = 20
_DEGREES = "_c"
_MAX_HELD = 8
_MAX_VALUES = 300


def time_column(names: Iterable[str]) -> str | None:
    """Return the name of the column that holds the time, None where there is none."""
    return next((name for name in names if name.strip().lower() in _TIMES), None)


def summary(
    rows: Iterable[Mapping[str, object]], column: str
) -> tuple[dict[str, Any], tuple[Complaint, ...]]:
    """Return what a log says as a whole, and what is wrong with it.

    Args:
        rows: Its lines.
        column: Name of the one with the time (RFC 3339).

    Returns:
        `readings`, `from`, `to`, `step_s`, `gaps`, for each measurement its least and its greatest value, in
        how many lines an alarm stood, and how many minutes each temperature was held, in tenths of a degree.
    """
    times: list[datetime] = []
    ranges: dict[str, tuple[float, float]] = {}
    degrees: dict[str, list[tuple[int, float]]] = {}
    unread = alarms = count = 0
    for row in rows:
        count += 1
        try:
            times.append(timestamp(row.get(column), column))
        except MalformedError:
            unread += 1
            continue
        alarms += str(row.get("alarm", "")).strip().lower() in {"true", "1", "yes"}
        for name, value in row.items():
            if _MEASURED.fullmatch(name):
                number = _number(value)
                if number is None:
                    unread += 1
                    continue
                low, high = ranges.get(name, (number, number))
                ranges[name] = min(low, number), max(high, number)
                if name.endswith(_DEGREES):
                    degrees.setdefault(name, []).append((len(times) - 1, round(number, 1)))
    steps = [(after - before).total_seconds() for before, after in pairwise(times)]
    step = median(steps) if steps else 0.0
    gaps = sum(each > _GAP_STEPS * step > 0 for each in steps)
    back = sum(each < 0 for each in steps)
    found: dict[str, Any] = {
        "readings": count,
        "from": min(times).isoformat() if times else None,
        "to": max(times).isoformat() if times else None,
        "step_s": step,
        "gaps": gaps,
        "alarms": alarms,
        "ranges": {name: list(ranges[name]) for name in sorted(ranges)[:_MAX_COLUMNS]},
        "held_minutes": _held_minutes(degrees, steps, step),
    }
    wrong = (
        Complaint("gap", "readings are missing in the middle of the log") if gaps else None,
        Complaint("clock-jump", "the clock of the log jumps back") if back else None,
        Complaint("number-not-read", "a time or a value of the log could not be read") if unread else None,
    )
    return found, tuple([each for each in wrong if each])


def _held_minutes(
    degrees: Mapping[str, Sequence[tuple[int, float]]], steps: Sequence[float], step: float
) -> dict[str, list[list[float]]]:
    """Return for each temperature the minutes of each tenth of a degree; a reading holds until the next one.

    Of a gap only as much counts as readings are apart at most; of too many values none are told.
    """
    lasts = [min(max(each, 0.0), _GAP_STEPS * step) for each in steps] + [step]
    told = {}
    for name in sorted(degrees)[:_MAX_HELD]:
        held: dict[float, float] = {}
        for place, value in degrees[name]:
            held[value] = held.get(value, 0.0) + lasts[place] / 60
        if len(held) <= _MAX_VALUES:
            told[name] = [[value, round(held[value], 2)] for value in sorted(held)]
    return told


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if abs(number) < 1e9 else None
