"""Check `timeliness`: what is there came in time, and the times of milestones do not contradict each other.

Whether something was late is judged by the time when it was registered, on clocks that the reader accepts.
The times that deadlines hang on are what the sources say (see `clock`).
"""

from collections.abc import Iterator
from typing import Final

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result, Skipped
from ledger.assessment.checks import timeliness_reasons as why
from ledger.assessment.checks.milestones import check_milestones
from ledger.assessment.finding import Finding, Reason, Value, at, found
from ledger.assessment.margin import Margin, margin_of
from ledger.assessment.needs import NeedState, needs_of
from ledger.assessment.wording import in_hours, of_box
from ledger.domain.custody import Said
from ledger.domain.words import Words


def _run(case: Case) -> Result:
    margin = margin_of(case)
    late = tuple(_late(case))
    findings = (*late, *_promise(case, margin), *check_milestones(case))
    worst_first = sorted(findings, key=lambda one: why.ORDER[one.reason.severity])
    return Result(tuple(worst_first), _skipped(case), _good(case, margin))


def _late(case: Case) -> Iterator[Finding]:
    accepted = case.registered.accepted
    for one in needs_of(case):
        if not one.applies or one.brought is None or one.satisfied_by is None:
            continue
        if one.settled and _is_after(one.registered, one.due):
            late = why.ORIGIN_LATE if one.need.origin else why.LATE
            yield _after(late if accepted else why.LATE_BY_OPERATOR, one, one.brought, one.due)
        if _is_after(one.amended, one.until):
            yield _after(why.AMENDED if accepted else why.LATE_BY_OPERATOR, one, one.satisfied_by, one.until)


def _is_after(time: float | None, due: float | None) -> bool:
    return time is not None and due is not None and time > due


def _after(reason: Reason, one: NeedState, said: Said, due: float | None) -> Finding:
    due, time = due or 0.0, (one.registered if said is one.brought else one.amended) or 0.0
    values: dict[str, Value] = {"what": one.need.title, "box": of_box(one.trip)}
    values |= {"time": at(time), "due": at(due), "late": in_hours(time - due)}
    return Finding(reason, values, (said.statement.id,), due=due, need=one.name)


def _promise(case: Case, margin: Margin) -> Iterator[Finding]:
    last = margin.last
    if not margin.is_late or last is None or last.brought is None:
        return
    if margin.at is None or margin.due is None or not case.registered.accepted:
        return
    yield found(
        why.PROMISE,
        last.brought,
        time=at(margin.at),
        due=at(margin.due),
        late=in_hours(margin.at - margin.due),
        what=last.need.title,
        box=of_box(last.trip),
    )


def _skipped(case: Case) -> Skipped | None:
    if not case.registered.accepted:
        known = any(case.registered_by(one) is not None for one in case.said)
        return why.OPERATOR_CLOCK if known else why.NO_TIME
    there = [one for one in needs_of(case) if one.applies and one.brought is not None]
    return why.NO_TIME if any(one.registered is None for one in there) else None


def _good(case: Case, margin: Margin) -> str:
    there = sum(one.applies and one.satisfied_by is not None for one in needs_of(case))
    good = f"{there} items came in time." if there else "Nothing is there yet that could be late."
    if margin.at is None:
        return good
    good += f" All evidence of the origin was registered by {at(margin.at)}"
    for seconds, what in (
        (margin.to_eta, "the arrival expected then"),
        (margin.to_arrival, "the actual arrival"),
    ):
        if seconds is not None:
            good += f", {in_hours(seconds)} {'before' if seconds >= 0 else 'after'} {what}"
    return f"{good}."


TIMELINESS: Final = CorridorCheck(
    "timeliness",
    Words("timeliness", "puntualidad", "ponctualité"),
    None,
    why.REASONS,
    (why.OPERATOR_CLOCK, why.NO_TIME),
    lambda profile: profile.rules is not None,
    _run,
)
