"""Whether a container can have been where it was seen, one place after the other: a part of `movement`."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ledger.assessment.case import Case
from ledger.assessment.clock import Schedule
from ledger.assessment.finding import Finding, Reason, Severity, at, found
from ledger.assessment.geography import is_farther, km_between
from ledger.assessment.recorded import box_of
from ledger.assessment.sightings import CLOCKS_DIFFER_S, Sighting
from ledger.corridors.rules import CorridorRules
from ledger.domain.moment import in_words
from ledger.domain.words import Words

TOO_FAST = Reason(
    "too-fast",
    Severity.PROBLEM,
    Words(
        "{box} was at {first} on {left} ({who}) and {took} later at {second} ({other}), {km} km away: that "
        "is {speed} km/h, and {most} km/h is the most that is possible.",
        "{box} estaba en {first} el {left} ({who}) y {took} después en {second} ({other}), a {km} km: son "
        "{speed} km/h, y lo más que es posible son {most} km/h.",
        "{box} était à {first} le {left} ({who}) et {took} plus tard à {second} ({other}), à {km} km de là : "
        "cela fait {speed} km/h, et {most} km/h est le plus qui soit possible.",
    ),
    "No ship or lorry is that fast. One of the two did not see this container, or a clock is wrong. Five "
    "minutes between clocks, 25 km around a place and 1 km around a position are allowed for.",
)
TWO_PLACES = Reason(
    "two-places-at-once",
    Severity.PROBLEM,
    Words(
        "{box} is said to have been at two places at once: at {first} on {left} ({who}) and at {second} on "
        "{came} ({other}), {km} km apart.",
        "Se dice que {box} estaba en dos lugares a la vez: en {first} el {left} ({who}) y en {second} el "
        "{came} ({other}), a {km} km.",
        "{box} aurait été à deux endroits à la fois : à {first} le {left} ({who}) et à {second} le {came} "
        "({other}), à {km} km l'un de l'autre.",
    ),
    "There are two boxes of one number, or one of the two statements is wrong.",
)
REASONS = (TOO_FAST, TWO_PLACES)


def findings(case: Case, trip: str, seen: Sequence[Sighting]) -> Iterator[Finding]:
    """Yield where a container would have been faster than anything is.

    Args:
        case: The shipment.
        trip: URI of the container trip.
        seen: Where it was, in order.
    """
    rules = case.profile.rules or CorridorRules()
    schedule = Schedule.of(case, trip)
    odd: Sighting | None = None
    for first, second in pairwise([one for one in seen if one.point is not None]):
        most = _most_speed(rules, schedule, first.time, second.time)
        if not _is_impossible(first, second, most):
            continue
        # One that is out of the way is too fast from where it was before, and to where it is next.
        if first is odd and second.time - first.time > CLOCKS_DIFFER_S:
            continue
        odd = second
        yield _finding(trip, first, second, most)


def _is_impossible(first: Sighting, second: Sighting, most: float | None) -> bool:
    if first.point is None or second.point is None:
        return False
    seconds = second.time - first.time
    give = first.give_km + second.give_km
    if most is None:
        return seconds <= CLOCKS_DIFFER_S and is_farther(first.point, second.point, give)
    reach = most * (seconds + CLOCKS_DIFFER_S) / 3600
    return is_farther(first.point, second.point, give + reach)


def _most_speed(rules: CorridorRules, schedule: Schedule, left: float, came: float) -> float | None:
    """Return the speed that is possible in the leg that both times lie in, else the highest of any."""
    speeds = rules.most_speed_kmh
    for leg in rules.legs.values():
        times = [schedule.milestones.get(name) for name in (leg.from_, leg.to)]
        begins, ends = (None if one is None or one.actual is None else one.actual.at for one in times)
        if leg.mode in speeds and begins is not None and begins <= left and (ends is None or came <= ends):
            return speeds[leg.mode]
    return max(speeds.values(), default=None)


def _finding(trip: str, first: Sighting, second: Sighting, most: float | None) -> Finding:
    km = 0.0 if first.point is None or second.point is None else km_between(first.point, second.point)
    seconds = second.time - first.time
    shown = {
        "box": box_of(trip),
        "first": first.where,
        "second": second.where,
        "left": at(first.time),
        "who": first.said.statement.iss,
        "other": second.said.statement.iss,
    }
    said = (first.said,) if first.said == second.said else (first.said, second.said)
    if most is None or seconds <= CLOCKS_DIFFER_S:
        return found(TWO_PLACES, *said, **shown, came=at(second.time), km=round(km))
    speed = round(km / (seconds / 3600))
    return found(
        TOO_FAST, *said, **shown, took=in_words(seconds), km=round(km), speed=speed, most=float(most)
    )
