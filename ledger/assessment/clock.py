"""The clock of a shipment: planned, estimated and actual times of its milestones, and who says so.

Of what everybody tells (see `told`) the most trusted source counts, as the milestone names them (formats,
section 21).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from types import MappingProxyType

from ledger.assessment.case import Case
from ledger.assessment.deadlines import due_at, is_settled
from ledger.assessment.reach import Reach, reach_of
from ledger.assessment.told import Teller, Told
from ledger.corridors.rules import CorridorRules, Due, Milestone
from ledger.domain.custody import Said
from ledger.domain.schedule import ACTUAL, ESTIMATED, PLANNED
from ledger.domain.subject import Subject


@dataclass(frozen=True, slots=True)
class MilestoneTimes:
    """What is told of one milestone.

    Args:
        name: Its name.
        actual: When it happened, None while nobody says that it did.
        estimate: The estimate in force, or the plan where nobody estimates.
        planned: The plan in force.
        actuals: What each source says of when it happened.
        current: What each source estimates now.
        history: All that was ever estimated or planned, in the order in which it was signed.
    """

    name: str
    actual: Told | None
    estimate: Told | None
    planned: Told | None
    actuals: tuple[Told, ...]
    current: tuple[Told, ...]
    history: tuple[Told, ...]

    @property
    def at(self) -> float | None:
        """When it happened, else when it is expected; POSIX seconds."""
        best = self.actual or self.estimate
        return None if best is None else best.at


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times of a shipment's milestones.

    Args:
        milestones: By name, in their order in time.
        arrival: Name of the milestone that margins are told against.
        ranked: Whether the roles of organisations are known, so that sources have an order.
    """

    milestones: Mapping[str, MilestoneTimes]
    arrival: str
    ranked: bool

    @classmethod
    def of(cls, case: Case, trip: str | None = None) -> "Schedule":
        """Return the schedule of a shipment, or of one of its containers.

        Where containers differ, that of the shipment has the earliest of their times.

        Args:
            case: The shipment.
            trip: URI of the container; None for the shipment.
        """
        return case.once(_made)(trip)

    def time_of(self, milestone: str) -> float | None:
        """Return when a milestone happened or is expected, POSIX seconds, None while nobody says."""
        times = self.milestones.get(milestone)
        return None if times is None else times.at

    def actual(self, milestone: str) -> Told | None:
        """Return what says that a milestone happened, None while nobody does."""
        times = self.milestones.get(milestone)
        return None if times is None else times.actual

    def due(self, due: Due) -> float | None:
        """Return when something is due, POSIX seconds; see `deadlines.due_at`."""
        return due_at(due, self.time_of)

    def is_settled(self, due: Due) -> bool:
        """Return whether a deadline can move but by revised times; see `deadlines.is_settled`."""
        return is_settled(due, self.time_of)

    @property
    def eta(self) -> Told | None:
        """The estimated time of arrival that is in force."""
        times = self.milestones.get(self.arrival)
        return None if times is None else times.estimate

    @property
    def arrived(self) -> Told | None:
        """When the shipment arrived, None while nobody says that it did."""
        return self.actual(self.arrival)

    def eta_in_force_at(self, time: float) -> Told | None:
        """Return the estimated time of arrival that was in force at a time.

        Args:
            time: POSIX seconds.
        """
        times = self.milestones.get(self.arrival)
        if times is None:
            return None
        known = [one for one in times.history if one.known <= time < one.until]
        return _in_force(known, self.ranked)


def _made(case: Case) -> Callable[[str | None], Schedule]:
    """Return what gives the schedules of a case, each made once."""
    made: dict[str | None, Schedule] = {}
    # With one container its schedule is the shipment's.
    alone = len(case.trips) <= 1

    def schedule(trip: str | None) -> Schedule:
        of = None if alone else trip
        if of not in made:
            made[of] = _drawn(case, reach_of(case, of))
        return made[of]

    return schedule


def _drawn(case: Case, reach: Reach) -> Schedule:
    rules = case.profile.rules or CorridorRules()
    told = list(Teller(case, rules, reach).tell())
    ranked = case.roles_of is not None
    by_name: dict[str, list[Told]] = {name: [] for name in rules.milestones}
    for one in told:
        by_name[one.milestone].append(one)
    times = {
        name: _times(name, by_name[name], is_first=_is_of_country(milestone), ranked=ranked)
        for name, milestone in rules.milestones.items()
    }
    return Schedule(MappingProxyType(times), rules.arrival, ranked)


def _is_of_country(milestone: Milestone) -> bool:
    return any(len(place) == 2 for place in milestone.places)


def _times(name: str, told: Sequence[Told], *, is_first: bool, ranked: bool) -> MilestoneTimes:
    """Draw up the times of a milestone.

    Args:
        name: Its name.
        told: What counts.
        is_first: Whether the first of several places counts: the first port of a country.
        ranked: Whether sources have an order.
    """
    history = sorted((one for one in told if one.classifier != ACTUAL), key=_signed)
    now = [one for one in history if one.until == inf]
    planned = _in_force([one for one in now if one.classifier == PLANNED], ranked)
    estimated = [one for one in now if one.classifier == ESTIMATED]
    actuals = _happened([one for one in told if one.classifier == ACTUAL])
    first = min(actuals, key=lambda one: one.at, default=None)
    return MilestoneTimes(
        name,
        first if is_first else _preferred(actuals, ranked),
        _in_force(now, ranked),
        planned,
        tuple(actuals),
        tuple(_newest(estimated or now, lambda one: one.source)),
        tuple(history),
    )


def _in_force(told: Collection[Told], ranked: bool) -> Told | None:
    """Return the estimate that counts: estimates before plans, each source's newest, the preferred one."""
    estimated = [one for one in told if one.classifier == ESTIMATED] or told
    return _preferred(_newest(estimated, lambda one: one.source), ranked)


def _happened(told: Iterable[Told]) -> list[Told]:
    """Return what each source says of when it happened.

    The last word of a source counts where it names the milestone; what it says by kind happened again later,
    such as a second passage of the gate, does not move what had happened.
    """
    listed = list(told)
    named = _newest(
        (one for one in listed if one.named), lambda one: (one.source, one.place, _trips(one.said))
    )
    by_name = {(one.source, one.place) for one in named}
    first: dict[tuple[object, ...], Told] = {}
    for one in sorted(listed, key=lambda one: (one.at, one.said.index)):
        if not one.named and (one.source, one.place) not in by_name:
            first.setdefault((one.source, one.place, _trips(one.said)), one)
    return [*named, *first.values()]


def _trips(one: Said) -> tuple[str, ...]:
    return tuple(sorted(uri for uri in one.statement.subjects if Subject.parse(uri).type == "trip"))


def _newest(told: Iterable[Told], by: Callable[[Told], object]) -> list[Told]:
    newest: dict[object, Told] = {}
    for one in sorted(told, key=_signed):
        newest[by(one)] = one
    return list(newest.values())


def _preferred(told: Collection[Told], ranked: bool) -> Told | None:
    """Return the one of the most trusted source, of equally trusted ones the earliest.

    Where the roles of organisations are not known, all sources weigh the same and the one signed last counts.
    """
    if not ranked:
        return max(told, key=_signed, default=None)
    return min(told, key=lambda one: (one.rank, one.at, one.said.index), default=None)


def _signed(one: Told) -> tuple[int, int]:
    return one.said.statement.iat, one.said.index
