"""What can be wrong with the promise of evidence before arrival, and with deadlines in general."""

from collections.abc import Generator, Iterator
from math import isfinite

from ledger.corridors.checking.remark import Remark, error, warning
from ledger.corridors.checking.way import Way
from ledger.corridors.due import due_value, term_text
from ledger.corridors.rules import LATEST, CorridorRules, Due


def check_promise(rules: CorridorRules, way: Way) -> Iterator[Remark]:
    """Yield what is wrong with the promise of a corridor."""
    path, promise, hours = "route.promise", rules.promise, rules.promise_hours
    if promise is None:
        if hours is not None:
            says = f"{hours:.10g} h before arrival are promised, and no deadline says so"
            todo = f'Add promise = "{rules.arrival} - {hours:.10g} h", with a fallback for short ways.'
            yield warning("promise-differs", path, says, todo)
        return
    known = yield from unknown_milestones(rules, path, promise)
    if hours is not None and not any(
        (term.milestone, term.hours) == (rules.arrival, -hours) for term in promise.terms
    ):
        says = f"{hours:.10g} h before arrival are promised, and no term of the deadline says so"
        yield warning("promise-differs", path, says, "Make promise and promise_hours say the same.")
    if not any(need.origin for need in rules.required.values()):
        says = "no required evidence is of the origin: the promise covers nothing"
        yield warning("empty-promise", path, says, "Leave it out, or require evidence with origin = true.")
    leaving = _leaving(rules, way)
    named = {rules.arrival, *(term.milestone for term in promise.terms)}
    if not known or leaving is None or not named <= way.order.keys() or way.contradicts:
        return
    least, most = way.between(leaving, rules.arrival)
    earliest, latest = way.due_after(leaving, promise)
    if latest < 0:
        says = (
            f"from {leaving!r} to {rules.arrival!r} it takes at most {most:.10g} h: {shown(promise)} always "
            f"lies before {leaving!r}, by {-latest:.10g} h or more"
        )
        yield error("impossible-promise", path, says, _fallback(promise, leaving))
    elif earliest < 0 and isfinite(earliest) and not _falls_back(promise, leaving, way):
        says = (
            f"from {leaving!r} to {rules.arrival!r} it can take {least:.10g} h only: {shown(promise)} "
            f"then lies {-earliest:.10g} h before {leaving!r}, and nobody can keep it"
        )
        yield warning("promise-too-long", path, says, _fallback(promise, leaving))


def unknown_milestones(rules: CorridorRules, path: str, due: Due) -> Generator[Remark, None, bool]:
    """Yield milestones of a deadline that there are not; return whether there is none."""
    good = True
    for term in due.terms:
        if term.milestone not in rules.milestones:
            good = False
            says = f"the milestone {term.milestone!r} is not in [milestones]"
            yield error("unknown-milestone", path, says, "Add it, or name one that is there.")
    return good


def shown(due: Due) -> str:
    """Return a deadline in words."""
    if len(due.terms) == 1:
        return repr(term_text(due.terms[0]))
    return f"the {due.pick} of {', '.join(repr(term_text(term)) for term in due.terms)}"


def _falls_back(promise: Due, leaving: str, way: Way) -> bool:
    """Return whether a promise is due at some moment before leaving where the way is short."""
    return promise.pick == LATEST and any(
        not term.hours and way.order[term.milestone] <= way.order[leaving] for term in promise.terms
    )


def _fallback(promise: Due, leaving: str) -> str:
    value = due_value(promise)
    first = value if isinstance(value, str) else term_text(promise.terms[0])
    return f'Let it fall due at {leaving!r} on such a way: promise = {{ latest = ["{first}", "{leaving}"] }}.'


def _leaving(rules: CorridorRules, way: Way) -> str | None:
    """Return the last milestone that happens where shipments begin."""
    found = [
        name
        for name, milestone in rules.milestones.items()
        if name in way.order and milestone.places and milestone.places <= rules.origins
    ]
    return found[-1] if found else None
