"""How long before arrival all evidence of the origin was registered."""

from dataclasses import dataclass
from typing import Any

from ledger.assessment.case import Case
from ledger.assessment.clock import Schedule
from ledger.assessment.needs import NeedState, needs_of
from ledger.assessment.told import Told
from ledger.domain.moment import shown_time


@dataclass(frozen=True, slots=True)
class Margin:
    """How long before arrival all evidence of the origin was there.

    Args:
        complete: Whether all of it is there.
        last: What was registered last of it; None while something is missing, or no clock tells.
        at: By when that was registered, POSIX seconds; None as above.
        eta: The estimated time of arrival that was in force then.
        arrived: The actual one.
        due: By when the corridor promises it, POSIX seconds; None without a promise, or while that has no
            time.
        settled: Whether `due` can move by revised times only.
    """

    complete: bool
    last: NeedState | None
    at: float | None
    eta: Told | None
    arrived: Told | None
    due: float | None
    settled: bool

    @property
    def to_eta(self) -> float | None:
        """Seconds from then to the estimate that was in force; negative: after it."""
        return None if self.at is None or self.eta is None else self.eta.at - self.at

    @property
    def to_arrival(self) -> float | None:
        """Seconds from then to the actual arrival."""
        return None if self.at is None or self.arrived is None else self.arrived.at - self.at

    @property
    def is_late(self) -> bool:
        """Whether it was there only after the corridor's promise."""
        return self.settled and self.at is not None and self.due is not None and self.at > self.due

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON: times in POSIX seconds, margins in seconds."""
        return {
            "complete": self.complete,
            "at": shown_time(self.at),
            "last": None if self.last is None else self.last.name,
            "eta": None if self.eta is None else shown_time(self.eta.at),
            "arrived": None if self.arrived is None else shown_time(self.arrived.at),
            "to_eta": shown_time(self.to_eta),
            "to_arrival": shown_time(self.to_arrival),
            "due": shown_time(self.due),
        }


def margin_of(case: Case) -> Margin:
    """Return the margin of a shipment, by the clocks that the case goes by."""
    return case.once(_margin)


def _margin(case: Case) -> Margin:
    rules = case.profile.rules
    promise = None if rules is None else rules.promise
    asked = [one for one in needs_of(case) if one.applies and one.need.origin]
    complete = bool(asked) and all(one.satisfied_by is not None for one in asked)
    schedule = Schedule.of(case)
    told = [(one.registered, one) for one in asked if one.registered is not None]
    at, last = max(told, key=lambda pair: pair[0]) if complete and len(told) == len(asked) else (None, None)
    return Margin(
        complete,
        last,
        at,
        None if at is None else schedule.eta_in_force_at(at),
        schedule.arrived,
        None if promise is None else schedule.due(promise),
        promise is None or schedule.is_settled(promise),
    )
