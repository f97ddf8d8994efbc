"""Members of a statement's body that tell what machines measured on the way (formats, section 23)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, TypeVar

from ledger.domain import fields
from ledger.domain.errors import MalformedError
from ledger.domain.moment import put_right
from ledger.domain.statement_payload import name_of_kind

RADIATION: Final = "radiation"
TEMPERATURE_LOG: Final = "temperature-log"
MAX_POSITIONS: Final = 1000
MEASURED: Final = "measured_kg"
"""Member of `weights`: container and load as a scanner or scale weighed them."""

_T = TypeVar("_T")
_COLDEST, _HOTTEST = -100.0, 100.0
_MAX_MINUTES = 5_256_000
_MAX_STEP = 86_400
_OF_LOG = ("from", "to", "least_c", "greatest_c", "below_minutes", "above_minutes")
_MORE_OF_LOG = ("step_s", "gap_minutes", "low_c", "high_c", "set_point_c")


@dataclass(frozen=True, slots=True)
class Position:
    """Where something was.

    Args:
        time: POSIX seconds.
        latitude: Degrees north, WGS 84.
        longitude: Degrees east.
    """

    time: float
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Alert:
    """What an electronic seal complains of.

    Args:
        kind: Such as `opened`, `cut`, `off-route`, `low-battery`.
        time: When, POSIX seconds; None: when the statement happened.
        seal: Number of the seal.
        note: For people.
    """

    kind: str
    time: float | None = None
    seal: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Temperatures:
    """A temperature log as a whole.

    Args:
        since: First reading, POSIX seconds.
        until: Last reading.
        least_c: Lowest reading, degrees Celsius.
        greatest_c: Highest.
        below_minutes: For how long readings were below `low_c`.
        above_minutes: For how long they were above `high_c`.
        step_s: Usual seconds between two readings.
        gap_minutes: How long readings are missing in between, in all.
        low_c: Limit of `below_minutes`; None: that of the corridor.
        high_c: Limit of `above_minutes`; None: that of the corridor.
        set_point_c: What the unit aimed at.
    """

    since: float
    until: float
    least_c: float
    greatest_c: float
    below_minutes: float
    above_minutes: float
    step_s: float | None = None
    gap_minutes: float = 0.0
    low_c: float | None = None
    high_c: float | None = None
    set_point_c: float | None = None


def number(value: object, where: str, *, least: float, most: float) -> float:
    """Return a number within bounds.

    Raises:
        MalformedError: Anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        message = f"{where} must be a number from {least:.12g} to {most:.12g}"
        raise MalformedError("malformed-field", message, field=where)
    return float(value)


def positions(value: object, where: str) -> tuple[Position, ...]:
    """Read `positions`: 1 to 1000 of exactly `at` (RFC 3339), `latitude`, `longitude` (degrees, WGS 84).

    Raises:
        MalformedError: Anything else.
    """
    array = fields.array(value, where)
    if not 1 <= len(array) <= MAX_POSITIONS:
        message = f"{where} must be 1 to {MAX_POSITIONS} positions"
        raise MalformedError("malformed-field", message, field=where)
    return tuple([_position(one, f"{where}.{place}") for place, one in enumerate(array)])


def _position(value: object, where: str) -> Position:
    read = fields.exactly_at(value, ("at", "latitude", "longitude"), where)
    return Position(
        fields.timestamp(read["at"], f"{where}.at").timestamp(),
        number(read["latitude"], f"{where}.latitude", least=-90, most=90),
        number(read["longitude"], f"{where}.longitude", least=-180, most=180),
    )


def alert(value: object, where: str) -> Alert:
    """Read `alert`: `kind` (a name as of kinds of statements), and perhaps `at`, `seal`, `note`.

    Raises:
        MalformedError: Anything else.
    """
    read = fields.exactly_at(value, ("kind",), where, optional=("at", "seal", "note"))
    kind = name_of_kind(read["kind"], f"{where}.kind")
    time = fields.timestamp(read["at"], f"{where}.at").timestamp() if "at" in read else None
    for name, longest in (("seal", 64), ("note", 2000)):
        if name in read:
            fields.text(read[name], f"{where}.{name}", longest=longest)
    return Alert(kind, time, read.get("seal"), read.get("note"))


def temperatures(value: object, where: str) -> Temperatures:
    """Read `temperature`: a log as a whole; times of RFC 3339, degrees Celsius, minutes.

    Raises:
        MalformedError: Anything else, or an end before the beginning, or a lowest above the highest reading.
    """
    read = fields.exactly_at(value, _OF_LOG, where, optional=_MORE_OF_LOG)
    since, until = (fields.timestamp(read[name], f"{where}.{name}").timestamp() for name in ("from", "to"))
    degrees = {name: _degrees(read[name], f"{where}.{name}") for name in read if name.endswith("_c")}
    minutes = {
        name: number(read[name], f"{where}.{name}", least=0, most=_MAX_MINUTES)
        for name in read
        if name.endswith("_minutes")
    }
    step = number(read["step_s"], f"{where}.step_s", least=0, most=_MAX_STEP) if "step_s" in read else None
    if until < since or degrees["least_c"] > degrees["greatest_c"]:
        message = f"{where} must not end before it begins, and least_c must not be above greatest_c"
        raise MalformedError("malformed-field", message, field=where)
    return Temperatures(since=since, until=until, step_s=step, **degrees, **minutes)


def _degrees(value: object, where: str) -> float:
    return number(value, where, least=_COLDEST, most=_HOTTEST)


def alarm(value: object, where: str) -> bool:
    """Read `alarm` of a radiation record: whether the portal raised one.

    Raises:
        MalformedError: No boolean.
    """
    return fields.boolean(value, where)


READERS: Final[Mapping[str, Callable[[object, str], Any]]] = {
    "positions": positions,
    "alert": alert,
    "temperature": temperatures,
    "set_point_c": _degrees,
}
"""Reads one member of any body: its value and its field path go in; raises MalformedError."""


def said_of(read: Callable[[object, str], _T], body: Mapping[str, Any], name: str) -> _T | None:
    """Return a member of a body as its reader returns it, None where it is absent or malformed."""
    if name not in body:
        return None
    try:
        return read(body[name], name)
    except MalformedError:
        return None


def measured_kg(body: Mapping[str, Any]) -> float | None:
    """Return the mass of container and load as it was weighed, None where it is not said."""
    weights = body.get("weights")
    weight = weights.get(MEASURED) if isinstance(weights, Mapping) else None
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not isfinite(weight):
        return None
    return float(weight) if weight > 0 else None


def check_radiation(body: Mapping[str, Any], where: str) -> None:
    """Accept a radiation record whose `alarm`, where it is there, is well-formed.

    Raises:
        MalformedError: It is no boolean.
    """
    if "alarm" in body:
        alarm(body["alarm"], f"{where}.alarm")


def right(time: float, offset: float | None) -> float:
    """Return a time that a statement tells, put right by its `clock_offset_s`, POSIX seconds."""
    return put_right(time, offset or 0.0)
