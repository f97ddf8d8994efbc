"""Temperature logs of a container: as their signers sum them up, and as readers found them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Final

from ledger.assessment.case import Case
from ledger.assessment.recorded import Record, boxes_in, read_from, records
from ledger.corridors.rules import Reefer
from ledger.domain import fields, machines
from ledger.domain.custody import Said
from ledger.domain.errors import MalformedError

SET_POINT: Final = "set_point_c"

_COLUMNS = ("pulp", "supply", "cargo", "return")
"""What is compared with limits, by how columns begin: the first of these that a log has."""

_MOST = 1e9
"""Degrees, minutes and seconds that can be in a log, and summed up."""


@dataclass(frozen=True, slots=True)
class Outside:
    """How long a log was outside limits.

    Args:
        least: Minutes that it was for certain.
        most: Minutes that it may have been; infinity where nothing tells.
    """

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Log:
    """A temperature log.

    Args:
        record: The statement that brings it.
        said: What it rests on: that statement, and the reading where one was opened.
        since: First reading, POSIX seconds.
        until: Last reading.
        least_c: Lowest reading, degrees Celsius.
        greatest_c: Highest.
        outside: How long it was outside the corridor's limits.
        step_s: Usual seconds between two readings, 0 where it is not told.
        gap_minutes: How long readings are missing within it; None: for a time that is not told.
        set_points: Every set point in it.
        boxes: Numbers of containers in it.
        is_read: Whether a reader found it; else its signer sums it up.
    """

    record: Record
    said: tuple[Said, ...]
    since: float
    until: float
    least_c: float
    greatest_c: float
    outside: Outside
    step_s: float = 0.0
    gap_minutes: float | None = 0.0
    set_points: tuple[float, ...] = ()
    boxes: frozenset[str] = frozenset()
    is_read: bool = False


def logs_of(case: Case, record: Record, limits: Reefer) -> Sequence[Log]:
    """Return what is known of the log that a statement brings: its summary, and what readers found.

    Args:
        case: The shipment.
        record: A statement of kind `temperature-log`.
        limits: Those of the corridor.
    """
    return [*_summed_up(record, limits), *_read(case, record, limits)]


def log_records(case: Case) -> Sequence[Record]:
    """Return the statements that bring temperature logs, for each trip, in order."""
    return records(case, machines.TEMPERATURE_LOG)


def _summed_up(record: Record, limits: Reefer) -> Iterator[Log]:
    fact = record.fact
    summary = machines.said_of(machines.temperatures, fact.said.body, "temperature")
    if summary is None:
        return
    offset = fact.values.get("clock_offset_s")
    below = _below(summary.below_minutes, summary.low_c, limits.low_c, summary.least_c)
    # Above is below, seen from the other side.
    high = None if summary.high_c is None else -summary.high_c
    above = _below(summary.above_minutes, high, -limits.high_c, -summary.greatest_c)
    yield Log(
        record,
        (fact.said,),
        machines.right(summary.since, offset),
        machines.right(summary.until, offset),
        summary.least_c,
        summary.greatest_c,
        Outside(below.least + above.least, below.most + above.most),
        summary.step_s or 0.0,
        summary.gap_minutes,
        () if summary.set_point_c is None else (summary.set_point_c,),
    )


def _below(minutes: float, counted: float | None, limit: float, least: float) -> Outside:
    """Return how long readings were below a limit, from how long they were below the one counted against."""
    if least >= limit:
        return Outside(0.0, 0.0)
    known = limit if counted is None else counted
    return Outside(minutes if known <= limit else 0.0, minutes if known >= limit else inf)


def _read(case: Case, record: Record, limits: Reefer) -> Iterator[Log]:
    for fact, found in read_from(case, record):
        log = found.get("log")
        ranges = log.get("ranges") if isinstance(log, Mapping) else None
        if not isinstance(log, Mapping) or not isinstance(ranges, Mapping):
            continue
        measured = _measured(ranges)
        times = [_time(log.get(name)) for name in ("from", "to")]
        if measured is None or times[0] is None or times[1] is None:
            continue
        name, least, greatest = measured
        step = _number(log.get("step_s")) or 0.0
        gaps = log.get("gaps")
        one = Log(
            record,
            (record.fact.said, fact.said),
            times[0],
            times[1],
            least,
            greatest,
            Outside(0.0, 0.0),
            step,
            None if isinstance(gaps, int) and gaps > 0 else 0.0,
            _range(ranges.get(SET_POINT)),
            boxes_in(found),
            is_read=True,
        )
        yield replace(one, outside=_outside(one, limits, _held(log, name)))


def _outside(log: Log, limits: Reefer, held: Sequence[tuple[float, float]]) -> Outside:
    """Return how long a log was outside limits, from how long it held which degrees where that is told."""
    if log.least_c >= limits.low_c and log.greatest_c <= limits.high_c:
        return Outside(0.0, 0.0)
    if not held:
        return Outside(0.0, inf)
    minutes = sum(each for degrees, each in held if not limits.low_c <= degrees <= limits.high_c)
    return Outside(minutes, minutes)


def _measured(ranges: Mapping[str, Any]) -> tuple[str, float, float] | None:
    """Return the column that is held against limits, with its lowest and its highest reading."""
    for wanted in _COLUMNS:
        for name in sorted(ranges):
            span = _range(ranges[name])
            if name.startswith(wanted) and name.endswith("_c") and span:
                return name, span[0], span[-1]
    return None


def _held(log: Mapping[str, Any], name: str) -> Sequence[tuple[float, float]]:
    """Return how many minutes a column held which degrees, as the reader counted them."""
    held = log.get("held_minutes")
    rows = held.get(name) if isinstance(held, Mapping) else None
    found = [_range(row, in_order=False) for row in rows] if isinstance(rows, list) else []
    return [(row[0], row[1]) for row in found if len(row) == 2 and row[1] >= 0]


def _range(value: object, *, in_order: bool = True) -> tuple[float, ...]:
    """Return two numbers, none for anything else; two that are the same as one."""
    if not isinstance(value, list) or len(value) != 2:
        return ()
    low, high = (_number(each) for each in value)
    if low is None or high is None or (in_order and low > high):
        return ()
    return (low,) if in_order and low == high else (low, high)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _MOST:
        return None
    return float(value)


def _time(value: object) -> float | None:
    try:
        return fields.timestamp(value, "log").timestamp()
    except MalformedError:
        return None
