"""What is stored of a shipment for those who see it in one view, and under which terms it is found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.assessment.case import Case
from ledger.assessment.needs import NeedState
from ledger.assessment.papers import papers_of
from ledger.domain import strict_json
from ledger.domain.custody import Said
from ledger.domain.paper_numbers import BILL, bill_of, numbers_used
from ledger.domain.sharing import ACCESS_ANSWER, ACCESS_REQUEST, GRANT, GRANT_ENDED
from ledger.domain.subject import Subject
from ledger.prearrival.standing import Standing, parties_of
from ledger.prearrival.stories import Heard
from ledger.prearrival.viewing import View, view_id
from ledger.storage.arrival_work import NEVER

UNKNOWN: Final = NEVER
"""Stands for a time of arrival, or a deadline, that is not known: it comes last."""
_MOST_USED: Final = 256
"""Numbers of papers under which a shipment is found: what a manifest of a whole ship names is not its own."""
EVERY: Final = "every"
"""The term under which all shipments are found."""
AWAITED: Final = "awaited"
"""The term under which those are found that have an ETA and did not arrive, as far as anybody says."""
GRACE: Final = 86_400
"""Seconds after its ETA from which on a shipment of which nobody says that it arrived is overdue."""
RARE: Final = (("delivery", "blocked"), ("outcome", "contradicted"))
"""What few shipments are, and everybody asks for."""
BESIDE_RARE: Final = frozenset({"vessel", "terminal", "port", "party", "country"})
"""Beside what a rare one has terms of its own: such as all that is held at one port."""
_ABOUT_SHARING: Final = frozenset({GRANT, GRANT_ENDED, ACCESS_REQUEST, ACCESS_ANSWER})
"""Kinds that say who is shown a shipment, and nothing of the shipment itself."""


@dataclass(frozen=True, slots=True)
class NeedRow:
    """One thing that is required.

    Args:
        need: Its name in the profile.
        trip: URI of the container, empty where it is required of the shipment.
        owed_by: Roles that may bring it.
        due: By when, POSIX seconds, None where no time is known.
        done: Log index of what brought it, None while it is missing.
        origin: Whether it counts for what is promised before arrival.
    """

    need: str
    trip: str
    owed_by: tuple[str, ...]
    due: int | None
    done: int | None
    origin: bool


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """A shipment as those see it who are in the same ones of its streams.

    Args:
        uri: Of the shipment.
        view: Tags of the streams.
        readers: URIs of the organisations.
        eta: Where it stands in lists, POSIX seconds, `UNKNOWN` at their end.
        overdue_at: From when on it is overdue, POSIX seconds, None where it arrived or is not expected yet.
        news: What was said, but of sharing, in the order of the log.
        changed_at: When the log took the newest of it, POSIX seconds.
        ready: What made it ready, None before.
        item: What lists show of it.
        terms: What it is found under.
        needs: What is required of it.
        decisions: What was decided, in the order of the log.
        in_force: Log index of the decision that says whether it is delivered, None without one.
    """

    uri: str
    view: View
    readers: frozenset[str]
    eta: int
    overdue_at: int | None
    news: Sequence[Said]
    changed_at: int
    ready: Said | None
    item: dict[str, Any]
    terms: Sequence[str]
    needs: Sequence[NeedRow]
    decisions: Sequence[Said]
    in_force: int | None

    @property
    def view_id(self) -> bytes:
        """What the view is called, 32 bytes."""
        return view_id(self.view)

    @property
    def changed(self) -> int:
        """Log index of the newest statement in it."""
        return self.news[-1].index if self.news else 0

    @property
    def text(self) -> str:
        """The item as it is stored."""
        return strict_json.dumps(self.item).decode()


def row_of(standing: Standing, heard: Sequence[Heard], view: View, readers: frozenset[str]) -> ArrivalRow:
    """Return what is stored of a shipment.

    Args:
        standing: How it stands, from what everybody in the view may know.
        heard: From which it was drawn.
        view: Tags of the streams.
        readers: URIs of those who are in just these.
    """
    news = [one for one in heard if one.said.statement.kind not in _ABOUT_SHARING]
    changed_at = news[-1].received_at if news else 0
    eta, decided = standing.schedule.eta or standing.schedule.arrived, standing.decisions
    item = standing.to_json() | {"changed_at": changed_at}
    awaited = None if standing.came else standing.schedule.eta
    return ArrivalRow(
        uri=standing.case.subject,
        view=view,
        readers=readers,
        eta=UNKNOWN if eta is None else int(eta.at),
        overdue_at=None if awaited is None else int(awaited.at) + GRACE,
        news=[one.said for one in news],
        changed_at=changed_at,
        ready=standing.ready,
        item=item,
        terms=[*_terms(standing, item), *([] if awaited is None else [AWAITED])],
        needs=[_need(one) for one in standing.needs],
        decisions=[one.said for one in decided.history],
        in_force=None if decided.in_force is None else decided.in_force.said.index,
    )


def term(name: str, value: str) -> str:
    """Return the term under which shipments with a value are found; letters count alike in both sizes."""
    return f"{name}={value.casefold()[:400]}"


def rare_term(rare: tuple[str, str], name: str, value: str) -> str:
    """Return the term under which shipments are found that are something rare and have a value beside it.

    Args:
        rare: One of `RARE`.
        name: One of `BESIDE_RARE`.
        value: What is asked for under that name.
    """
    return term(f"{'='.join(rare)}&{name}", value)


def use_term(kind: str, number: str) -> str:
    """Return the term under which shipments are found that use a bill of lading or a certificate."""
    return term(f"uses {kind}", number)


def owed_term(role: str, *, done: bool) -> str:
    """Return the term under which what a role owes is found, or what it owed."""
    return f"{'done' if done else 'owed'}={role}"


def _terms(standing: Standing, item: dict[str, Any]) -> list[str]:
    vessel, port, bill = item["vessel"] or {}, item["port"], item["bill_of_lading"]
    rules = standing.case.profile.rules
    place = None if rules is None or port is None else rules.places.get(port)
    country = place.country if place is not None else None if port is None else port[:2]
    said = [
        ("port", port),
        ("terminal", item["terminal"]),
        ("country", country),
        ("vessel", vessel.get("imo")),
        ("vessel", vessel.get("name")),
        ("voyage", item["voyage"]),
        ("outcome", item["outcome"]),
        ("delivery", item["delivery"]),
        ("ready", "true" if item["ready_at"] is not None else "false"),
        ("bill_of_lading", bill),
        # With the carrier's code before it, and as papers have it.
        ("bill_of_lading", None if bill is None else bill.partition(".")[2] or None),
        *(("container", one) for one in item["containers"]),
        *(("party", one) for one in parties_of(standing.case)),
    ]
    told = [(name, value) for name, value in said if isinstance(value, str)]
    rare = [pair for pair in RARE if pair in told]
    both = [rare_term(one, *pair) for one in rare for pair in told if pair[0] in BESIDE_RARE]
    found = [term(*pair) for pair in told]
    return list(dict.fromkeys([EVERY, *found, *both, *_used(standing.case)]))


def _used(case: Case) -> list[str]:
    """Return the terms of the numbers of papers that a shipment uses, as far as everybody may know them."""
    bill = bill_of(Subject.parse(case.subject))
    used = {pair for one in papers_of(case) for pair in numbers_used(one.paper)}
    used |= set() if bill is None else {(BILL, bill)}
    return [use_term(*pair) for pair in sorted(used)[:_MOST_USED]]


def _need(state: NeedState) -> NeedRow:
    return NeedRow(
        need=state.name,
        trip=state.trip or "",
        owed_by=tuple(state.need.owed_by),
        due=None if state.due is None else int(state.due),
        done=None if state.brought is None else state.brought.index,
        origin=state.need.origin,
    )
