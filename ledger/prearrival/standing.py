"""How a shipment stands, from what was said of it: pure, for whatever reader the case was revealed to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.assessment.assess import Assessment
from ledger.assessment.case import Case
from ledger.assessment.clock import Schedule
from ledger.assessment.finding import Severity
from ledger.assessment.margin import Margin, margin_of
from ledger.assessment.needs import NeedState, needs_of
from ledger.assessment.route import destination_of, origin_of
from ledger.assessment.told import Told
from ledger.domain.custody import Problem, Said
from ledger.domain.decisions import Binds, Decisions, decisions_of
from ledger.domain.moment import shown_time
from ledger.domain.passage import passages_of
from ledger.domain.subject import Subject

CLEAR: Final = "clear"
MISSING: Final = "missing"
CONTRADICTED: Final = "contradicted"
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Standing:
    """How a shipment stands.

    Args:
        case: What it was drawn from.
        assessment: What the corridor's checks say.
        problems: What lines of custody and gate passages have that they should not.
        schedule: Its milestones.
        margin: How long before arrival all evidence of the origin was there.
        needs: What is required and applies.
        decisions: What was decided.
    """

    case: Case
    assessment: Assessment
    problems: Sequence[Problem]
    schedule: Schedule
    margin: Margin
    needs: Sequence[NeedState]
    decisions: Decisions

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity."""
        counts = dict.fromkeys((one.value for one in Severity), 0)
        for finding in self.assessment.findings:
            counts[finding.reason.severity.value] += 1
        for problem in self.problems:
            counts[problem.severity.value] += 1
        return counts

    @property
    def outcome(self) -> str:
        """`contradicted` with a problem, else `missing` while something is, else `clear`."""
        counts = self.counts
        if counts[Severity.PROBLEM.value]:
            return CONTRADICTED
        return (
            MISSING if counts[Severity.MISSING.value] or any(one.is_missing for one in self.needs) else CLEAR
        )

    @property
    def ready(self) -> Said | None:
        """What was brought last of the origin's evidence, when all of it is there; None before."""
        if not self.margin.complete:
            return None
        brought = [one.brought for one in self.needs if one.need.origin and one.brought is not None]
        return max(brought, key=lambda one: one.index)

    @property
    def came(self) -> bool:
        """Whether somebody says that it arrived, or what only comes after that, such as its discharge."""
        names = list(self.schedule.milestones)
        if self.schedule.arrival not in names:
            return False
        behind = names[names.index(self.schedule.arrival) :]
        return any(self.schedule.actual(one) is not None for one in behind)

    @property
    def ship(self) -> tuple[dict[str, Any] | None, str | None]:
        """The vessel and the number of the voyage, as they were said last."""
        said = sorted(self.case.counting, key=lambda one: (one.statement.iat, one.index))
        vessel = next((found for one in reversed(said) if (found := _vessel(one)) is not None), None)
        numbers = (one.body.get("voyage_number") for one in reversed(said))
        return vessel, next((one for one in numbers if isinstance(one, str)), None)

    def to_json(self) -> dict[str, Any]:
        """Return the members that lists of arrivals show; times in POSIX seconds."""
        subject, eta, arrived = Subject.parse(self.case.subject), self.schedule.eta, self.schedule.arrived
        there = arrived or eta
        port = destination_of(self.case) if there is None or there.place is None else there.place
        vessel, voyage = self.ship
        ready, at = self.ready, self.margin.at
        to_eta = self.margin.to_eta
        return {
            "shipment": self.case.subject,
            "trips": list(self.case.trips),
            "containers": list(dict.fromkeys(Subject.parse(one).key for one in self.case.trips)),
            "bill_of_lading": subject.key if subject.type == "consignment" else None,
            "origin": origin_of(self.case),
            "port": port,
            "terminal": None if there is None else there.terminal,
            "vessel": vessel,
            "voyage": voyage,
            "eta": None if eta is None else told_json(eta),
            "arrived_at": None if arrived is None else shown_time(arrived.at),
            "outcome": self.outcome,
            "counts": self.counts,
            "ready_at": None if ready is None or at is None else shown_time(at),
            "margin_hours": None if to_eta is None else round(to_eta / _HOUR, 2),
            "delivery": self.decisions.delivery,
        }


def standing_of(case: Case, assessment: Assessment, binds: Binds) -> Standing:
    """Return how a shipment stands.

    Args:
        case: The shipment, as revealed to a reader.
        assessment: Of the same case.
        binds: Whose decisions bind who delivers.
    """
    problems = [problem for trip in case.custody.values() for problem in trip.problems]
    problems += passages_of(case.subject, case.said, case.profile.passage_rules()).problems
    shipment = {case.subject, *case.trips}
    return Standing(
        case,
        assessment,
        tuple(dict.fromkeys(problems)),
        Schedule.of(case),
        margin_of(case),
        tuple([one for one in needs_of(case) if one.applies]),
        decisions_of([one for one in case.said if not shipment.isdisjoint(one.statement.subjects)], binds),
    )


def told_json(one: Told) -> dict[str, Any]:
    """Return an estimated or actual time as JSON: who says it, where, and by which statement."""
    return {
        "at": shown_time(one.at),
        "place": one.place,
        "terminal": one.terminal,
        "source": one.source,
        "classifier": one.classifier,
        "statement": one.said.statement.id.hex(),
    }


def parties_of(case: Case) -> Sequence[str]:
    """Return the URIs of the organisations that said something of a shipment."""
    return list(dict.fromkeys(one.statement.iss for one in case.said))


def _vessel(one: Said) -> dict[str, Any] | None:
    said = one.body.get("vessel")
    if not isinstance(said, dict):
        return None
    name, imo = said.get("name"), said.get("imo")
    if not isinstance(name, str) and not isinstance(imo, str):
        return None
    return {
        "name": name if isinstance(name, str) else None,
        "imo": imo if isinstance(imo, str) else None,
    }
