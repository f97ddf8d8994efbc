"""The temperature log of the refrigeration unit over the voyage."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from io import StringIO

import numpy as np
from numpy.typing import NDArray

from ledger.demo.data.record import record
from ledger.demo.facts import Facts

_COOLING_H = 30.0
"""After so many hours the pulp has lost all but a third of what it was too warm."""
_BREATH_C = 0.3
_DEFROST_EVERY_H, _DEFROST_H = 12.0, 0.5


@dataclass(frozen=True, slots=True)
class Excursion:
    """The unit stands still for a while.

    Args:
        at: When it stops, with its offset.
        hours: For how long.
        peak_c: How warm the supply air gets.
    """

    at: datetime
    hours: float
    peak_c: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of the log; temperatures in degrees Celsius.

    Args:
        time: RFC 3339.
        set_point_c: What the unit aims at.
        supply_c: Air that goes into the load.
        return_c: Air that comes back.
        pulp_c: Mean of the three probes in the fruit.
        humidity_percent: Relative humidity of the return air.
        vent_m3_h: Fresh air.
        mode: `cool`, `defrost` or `off`.
        alarm: Whether the pulp had been out of bounds for as long as the alarm waits.
    """

    time: str
    set_point_c: float
    supply_c: float
    return_c: float
    pulp_c: float
    humidity_percent: float
    vent_m3_h: float
    mode: str
    alarm: bool


def readings(
    facts: Facts,
    rng: np.random.Generator,
    start: datetime,
    end: datetime,
    *,
    excursion: Excursion | None = None,
) -> Sequence[Reading]:
    """Return the log from `start` to `end`, a line every quarter of an hour or as the facts say.

    Args:
        facts: Set point, tolerances and the alarm's rule.
        rng: Noise of the probes and of the controller.
        start: First reading, when the doors were closed.
        end: Last reading at the latest.
        excursion: When the unit stood still, if it did.
    """
    reefer, step = facts.reefer, timedelta(minutes=facts.reefer.log_every_min)
    moments = [start + step * index for index in range((end - start) // step + 1)]
    hours = np.arange(len(moments)) * (step / timedelta(hours=1))
    off = _off(moments, excursion)
    defrost = (hours % _DEFROST_EVERY_H < _DEFROST_H) & (hours >= _DEFROST_EVERY_H) & ~off
    first = float(rng.uniform(*reefer.pulp_at_loading_c))
    # A row a moment: a log that is read out earlier holds the same readings.
    air, returned, probe, damp, fresh = rng.normal(size=(len(moments), 5)).T
    bound = reefer.supply_tolerance_c
    supply = reefer.set_point_c + np.clip(air * bound / 3, -bound, bound)
    if excursion is not None:
        supply = np.where(off, supply + (excursion.peak_c - reefer.set_point_c) * _rise(off), supply)
    pulp = _pulp(supply, first, step / timedelta(hours=1))
    back = (supply + pulp) / 2 + 0.3 + 0.08 * returned + 1.5 * defrost
    pulp = np.round(pulp + 0.04 * probe, 1)
    out = (pulp < reefer.alarm_below_c) | (pulp > reefer.alarm_above_c)
    alarm = _held(out, round(reefer.alarm_after_h * timedelta(hours=1) / step))
    humidity = np.clip(sum(reefer.humidity_percent) / 2 + damp, *reefer.humidity_percent)
    vent = np.clip(sum(reefer.vent_m3_h) / 2 + 1.2 * fresh, *reefer.vent_m3_h)
    return [
        Reading(
            time=moment.isoformat(),
            set_point_c=reefer.set_point_c,
            supply_c=round(float(supply[at]), 1),
            return_c=round(float(back[at]), 1),
            pulp_c=float(pulp[at]),
            humidity_percent=round(float(humidity[at]), 0),
            vent_m3_h=round(float(vent[at]), 0),
            mode="off" if off[at] else "defrost" if defrost[at] else "cool",
            alarm=bool(alarm[at]),
        )
        for at, moment in enumerate(moments)
    ]


def to_csv(log: Sequence[Reading]) -> bytes:
    """Return a log as RFC 4180 CSV with a head line."""
    out = StringIO()
    writer = csv.DictWriter(out, list(Reading.__dataclass_fields__), lineterminator="\r\n")
    writer.writeheader()
    for reading in log:
        writer.writerow(asdict(reading) | {"alarm": str(reading.alarm).lower()})
    return out.getvalue().encode()


def to_json(facts: Facts, log: Sequence[Reading]) -> bytes:
    """Return a log as one JSON object with its container and readings."""
    about = {"container": facts.identifiers.container, "probe": "controller and three pulp probes"}
    return record(about | {"readings": [asdict(each) for each in log]})


def _off(moments: Sequence[datetime], excursion: Excursion | None) -> NDArray[np.bool_]:
    if excursion is None:
        return np.zeros(len(moments), dtype=np.bool_)
    until = excursion.at + timedelta(hours=excursion.hours)
    return np.array([excursion.at <= moment < until for moment in moments], dtype=np.bool_)


def _rise(off: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how far the air has warmed towards its peak, 0 to 1, as the time without cooling goes on."""
    since = np.cumsum(off)
    return np.asarray(1 - np.exp(-4 * since / max(int(since[-1]), 1)))


def _pulp(air: NDArray[np.float64], first: float, step_h: float) -> NDArray[np.float64]:
    """Return the fruit's temperature: it follows the air slowly and stays above it, for fruit breathes."""
    share = 1 - np.exp(-step_h / _COOLING_H)
    pulp = np.empty_like(air)
    now = first
    for at, surround in enumerate(air + _BREATH_C):
        now += share * (surround - now)
        pulp[at] = now
    return pulp


def _held(out: NDArray[np.bool_], samples: int) -> NDArray[np.bool_]:
    """Return where something has been so for more than so many samples in a row."""
    run, held = 0, np.zeros_like(out)
    for at, each in enumerate(out):
        run = run + 1 if each else 0
        held[at] = run > samples
    return held
