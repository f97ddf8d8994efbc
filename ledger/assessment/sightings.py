"""Where a container was when: positions of machines, and places at which statements saw it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.assessment.case import Case
from ledger.assessment.geography import Point
from ledger.assessment.recorded import code_of, is_timed, tells_of
from ledger.corridors.rules import CorridorRules
from ledger.domain import machines
from ledger.domain.custody import Said
from ledger.domain.custody.members import Fact
from ledger.domain.custody.rules import Level
from ledger.domain.identifiers import is_unlocode
from ledger.domain.schedule import ACTUAL, KINDS, SCHEDULE, schedule_of

PRESENT: Final = frozenset(
    {
        *("stuffing", "seal-applied", "seal-check", "gate-passage", "scan", "radiation", "inspection"),
        *("loading", "discharge", "departure", "arrival", "status"),
    }
)
"""Kinds of statements whose `place` is where the container was."""
CLOCKS_DIFFER_S: Final = 300
"""Seconds by which honest clocks may differ."""

_PLACE_KM: Final = 25.0
_POSITION_KM: Final = 1.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """That a container was somewhere.

    Args:
        time: POSIX seconds.
        where: UN/LOCODE, or latitude and longitude as a text.
        point: Where that is; None for a place whose position the corridor does not say.
        give_km: How far from there it may have been.
        said: The statement.
    """

    time: float
    where: str
    point: Point | None
    give_km: float
    said: Said

    @property
    def is_place(self) -> bool:
        """Whether it is named by a code, and not measured."""
        return is_unlocode(self.where)


def sightings(case: Case, trip: str) -> Sequence[Sighting]:
    """Return where a container was, in the order of time.

    Expected times are none: what is said to have happened after it was signed. What names no place by its
    code is left out.

    Args:
        case: The shipment.
        trip: URI of the container trip.
    """
    rules = case.profile.rules or CorridorRules()
    found = [
        one
        for fact in case.facts
        if tells_of(fact, trip)
        for one in (*_positions(fact), *_places(rules, fact))
    ]
    found += [
        _at(rules, each.at, each.place, each.said[0])
        for each in case.custody[trip].hand_overs
        # What a side refused, or only one says, moved nothing for certain.
        if each.level in (Level.BOTH, Level.ONE_AND_MACHINE) and each.place and is_unlocode(each.place)
    ]
    return sorted(found, key=lambda one: (one.time, one.said.index))


def _positions(fact: Fact) -> Iterator[Sighting]:
    offset = fact.values.get("clock_offset_s", 0.0)
    for one in machines.said_of(machines.positions, fact.said.body, "positions") or ():
        where = f"{one.latitude:.4f}, {one.longitude:.4f}"
        point = Point(one.latitude, one.longitude)
        yield Sighting(machines.right(one.time, offset), where, point, _POSITION_KM, fact.said)


def _places(rules: CorridorRules, fact: Fact) -> Iterator[Sighting]:
    latest = fact.said.statement.iat + CLOCKS_DIFFER_S
    if fact.kind in KINDS and (SCHEDULE in fact.said.body or SCHEDULE in fact.said.statement.body):
        for entry in schedule_of(fact.said.body):
            if entry.classifier == ACTUAL and entry.place is not None and entry.at <= latest:
                yield _at(rules, entry.at, entry.place, fact.said)
        return
    place = code_of(fact)
    if place is not None and fact.kind in PRESENT and is_timed(fact) and fact.time <= latest:
        yield _at(rules, fact.time, place, fact.said)


def _at(rules: CorridorRules, time: float, place: str, said: Said) -> Sighting:
    known = rules.places.get(place)
    point = None
    if known is not None and known.latitude is not None and known.longitude is not None:
        point = Point(known.latitude, known.longitude)
    return Sighting(time, place, point, _PLACE_KM, said)
