"""What is required of a shipment, and which of it is there: one list for checks, to-do and margin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.assessment.case import Case
from ledger.assessment.clock import Schedule
from ledger.assessment.route import DEPARTURE, destination_of, origin_of, tariff_numbers, within
from ledger.corridors.rules import CorridorRules, Need, When
from ledger.domain.custody import Said
from ledger.domain.documents import documents_of
from ledger.domain.moment import shown_time

PER_TRIP: Final = "trip"


@dataclass(frozen=True, slots=True)
class NeedState:
    """How it stands with one thing that is required.

    Args:
        name: Its name in the profile.
        need: What is required.
        trip: URI of the container that it is required of; None: of the shipment.
        applies: Whether its condition holds; one that nothing speaks for does not.
        satisfied_by: What brought it first and still counts, as corrected; None while it is missing.
        brought: What brought it first; another one than `satisfied_by` where that corrects it.
        due: By when it has to be registered, POSIX seconds; None: no time is said, or none is known yet.
        until: Until when it may be put right; None as above.
        registered: By when it was first registered, POSIX seconds; None while it is missing, or no clock
            tells.
        amended: By when its last correction was registered; None without one, or where no clock tells.
        settled: Whether `due` can move by revised times only.
    """

    name: str
    need: Need
    trip: str | None
    applies: bool
    satisfied_by: Said | None
    brought: Said | None
    due: float | None
    until: float | None
    registered: float | None
    amended: float | None
    settled: bool

    @property
    def is_missing(self) -> bool:
        """Whether it is required and not there."""
        return self.applies and self.satisfied_by is None

    def to_json(self, language: str = "en") -> dict[str, Any]:
        """Return it as JSON: times in POSIX seconds, the statement's id in hex."""
        by = self.satisfied_by
        return {
            "need": self.name,
            "title": self.need.title.in_(language),
            "trip": self.trip,
            "owed_by": [*self.need.owed_by],
            "leg": self.need.leg,
            "origin": self.need.origin,
            "due": shown_time(self.due),
            "until": shown_time(self.until),
            "statement": None if by is None else by.statement.id.hex(),
            "registered": shown_time(self.registered),
        }


def needs_of(case: Case) -> Sequence[NeedState]:
    """Return what the corridor requires of a shipment, in its profile's order, container by container."""
    return case.once(_needs)


def applies(when: When | None, case: Case) -> bool:
    """Return whether a condition holds: all that it names.

    A place that is not known yet counts where all that it can be are in the condition.

    Args:
        when: The condition; None: always.
        case: The shipment.
    """
    if when is None:
        return True
    rules = case.profile.rules or CorridorRules()
    # Only what a condition names is looked at.
    return (
        (not when.destinations or within(destination_of(case), rules.destinations, when.destinations))
        and (not when.origins or within(origin_of(case), rules.origins, when.origins))
        and (not when.hs or any(number.startswith(when.hs) for number in tariff_numbers(case)))
        and (when.said is None or bool(case.of_kind(when.said)))
        and (when.voyage_over_hours is None or _voyage(case, rules) > when.voyage_over_hours * 3600)
    )


def brings(need: Need, one: Said, case: Case) -> bool:
    """Return whether a statement is what is required.

    Args:
        need: What is required.
        one: The statement; what it is about is not looked at.
        case: The shipment.
    """
    if one.statement.kind != need.kind:
        return False
    if need.documents and need.documents.isdisjoint(documents_of(one.body)):
        return False
    if not need.owed_by or case.roles_of is None:
        return True
    return not set(need.owed_by).isdisjoint(case.roles_of(one.statement.iss))


def _voyage(case: Case, rules: CorridorRules) -> float:
    """Return the seconds from departure to arrival, 0 while they are not known."""
    schedule = Schedule.of(case)
    start, end = schedule.time_of(DEPARTURE), schedule.time_of(rules.arrival)
    return 0.0 if start is None or end is None else end - start


def _needs(case: Case) -> Sequence[NeedState]:
    rules = case.profile.rules or CorridorRules()
    by_index = sorted(case.counting, key=lambda one: one.index)
    states = []
    for name, need in rules.required.items():
        holds = applies(need.when, case)
        fitting = [one for one in by_index if brings(need, one, case)]
        for trip in case.trips if need.per == PER_TRIP else (None,):
            about = [one for one in fitting if trip is None or trip in one.statement.subjects]
            states.append(_state(name, need, trip, about, case, applies=holds))
    return tuple(states)


def _state(
    name: str, need: Need, trip: str | None, found: Sequence[Said], case: Case, *, applies: bool
) -> NeedState:
    schedule = Schedule.of(case, trip)
    first = min(found, key=lambda one: _brought(one, need, case).index, default=None)
    brought = None if first is None else _brought(first, need, case)
    amended = first is not None and first is not brought
    return NeedState(
        name,
        need,
        trip,
        applies,
        first,
        brought,
        None if need.due is None else schedule.due(need.due),
        None if need.until is None else schedule.due(need.until),
        None if brought is None else case.registered_by(brought),
        case.registered_by(first) if first is not None and amended else None,
        need.due is None or schedule.is_settled(need.due),
    )


def _brought(one: Said, need: Need, case: Case) -> Said:
    """Return what brought the same first: what a statement corrects, as far as that was of the same kind."""
    seen = {one.statement.id}
    while (earlier := case.by_id.get(one.statement.corrects or b"")) is not None:
        if earlier.statement.id in seen or not brings(need, earlier, case):
            break
        seen.add(earlier.statement.id)
        one = earlier
    return one
