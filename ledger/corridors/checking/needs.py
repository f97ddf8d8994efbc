"""What can be wrong with what a corridor requires: who owes it, by when, and under which condition."""

from collections.abc import Iterator
from math import isfinite

from ledger.corridors.checking.course import covers
from ledger.corridors.checking.promise import shown, unknown_milestones
from ledger.corridors.checking.remark import Remark, error, warning
from ledger.corridors.checking.way import Way
from ledger.corridors.profile import Profile
from ledger.corridors.rules import CorridorRules, Need

_DEPARTURE = "departure"
"""From it to the arrival the time of a voyage counts, in conditions (formats, section 2)."""


def check_needs(profile: Profile, rules: CorridorRules, way: Way) -> Iterator[Remark]:
    """Yield what is wrong with `[required]`."""
    seen: dict[object, str] = {}
    for name, need in rules.required.items():
        path = f"required.{name}"
        yield from _who(profile, path, need)
        yield from _when(profile, rules, way, path, need)
        yield from _deadlines(rules, way, path, need)
        same = (need.kind, need.documents, need.per, need.when)
        if same in seen:
            says = f"it asks for the same as {seen[same]!r}: one statement satisfies both"
            yield warning("same-need", path, says, "Keep one of them.")
        seen.setdefault(same, name)


def _who(profile: Profile, path: str, need: Need) -> Iterator[Remark]:
    if need.kind not in profile.kinds:
        says = f"the kind {need.kind!r} is not in [kinds]: nobody may say it"
        yield error("unknown-kind", f"{path}.kind", says, "Add the kind, or name one that is there.")
    for role in need.owed_by:
        if role not in profile.roles:
            says = f"the role {role!r} is not in [roles]"
            yield error("unknown-role", f"{path}.owed_by", says, "Add the role, or take it out.")
        elif need.kind in profile.kinds and not profile.may_say(need.kind, (role,)):
            says = f"{role!r} owes it and may not say the kind {need.kind!r}"
            todo = f"Add it to kinds.{need.kind}.roles, or let somebody else owe it."
            yield error("may-not-say", f"{path}.owed_by", says, todo)


def _when(profile: Profile, rules: CorridorRules, way: Way, path: str, need: Need) -> Iterator[Remark]:
    when, path = need.when, f"{path}.when"
    if when is None:
        return
    for side, wanted, there in (
        ("destinations", when.destinations, rules.destinations),
        ("origins", when.origins, rules.origins),
    ):
        if wanted and not any(covers(wanted, place) for place in there):
            says = f"none of the corridor's {side} is among {', '.join(sorted(wanted))}: it never holds"
            yield error("never-holds", f"{path}.{side}", says, f"Name some of {', '.join(sorted(there))}.")
    if when.said is not None:
        if when.said not in profile.kinds:
            says = f"the kind {when.said!r} is not in [kinds]: it never holds"
            yield error("never-holds", f"{path}.said", says, "Add the kind, or name one that is there.")
        elif when.said == need.kind and not need.documents:
            says = f"it is required once {when.said!r} was said, which satisfies it"
            yield warning("holds-when-met", f"{path}.said", says, "Name another kind, or leave it out.")
    if when.voyage_over_hours is not None:
        yield from _voyage(rules, way, path, when.voyage_over_hours)


def _voyage(rules: CorridorRules, way: Way, path: str, hours: float) -> Iterator[Remark]:
    path = f"{path}.voyage_over_hours"
    if not {_DEPARTURE, rules.arrival} <= way.order.keys():
        says = f"a voyage is from {_DEPARTURE!r} to {rules.arrival!r}, which are not both in [milestones]"
        yield error("never-holds", path, says, "Add the milestone, or leave the condition out.")
        return
    most = way.between(_DEPARTURE, rules.arrival)[1]
    if most <= hours:
        says = f"no voyage takes over {hours:.10g} h: the legs allow {most:.10g} h at most"
        yield error("never-holds", path, says, "Name fewer hours, or let the legs last longer.")


def _deadlines(rules: CorridorRules, way: Way, path: str, need: Need) -> Iterator[Remark]:
    if need.leg is not None and need.leg not in rules.legs:
        says = f"the leg {need.leg!r} is not in [legs]"
        yield error("unknown-leg", f"{path}.leg", says, "Add the leg, or name one that is there.")
    known = True
    for member, due in (("due", need.due), ("until", need.until)):
        if due is not None:
            known &= yield from unknown_milestones(rules, f"{path}.{member}", due)
    if not known or need.due is None or way.contradicts:
        return
    if any(term.milestone not in way.order for term in need.due.terms):
        return
    yield from _can_be_met(rules, way, path, need)
    if need.until is not None and len(need.due.terms) == len(need.until.terms) == 1:
        (first,), (last,) = need.due.terms, need.until.terms
        if first.milestone == last.milestone and last.hours < first.hours:
            says = f"it may be put right until {shown(need.until)}, before it is due: {shown(need.due)}"
            yield error("until-before-due", f"{path}.until", says, "Name a later time.")


def _can_be_met(rules: CorridorRules, way: Way, path: str, need: Need) -> Iterator[Remark]:
    due, path = need.due, f"{path}.due"
    assert due is not None
    # A statement that says that a milestone happened is not there before it.
    told = [name for name, one in rules.milestones.items() if need.kind in one.kinds and name in way.order]
    if told and not need.documents:
        earliest, latest = way.due_after(told[0], due)
        if latest < 0:
            says = (
                f"{shown(due)} always lies before {told[0]!r} happens, by {-latest:.10g} h or more, and "
                f"{need.kind!r} tells that it did"
            )
            todo = f"Let it be due at {told[0]!r} or later."
            yield error("impossible-deadline", path, says, todo)
        elif earliest < 0 and isfinite(earliest):
            says = f"{shown(due)} can lie {-earliest:.10g} h before {told[0]!r}, which {need.kind!r} tells of"
            todo = f'Write {{ latest = [..., "{told[0]}"] }}, or a later time.'
            yield warning("tight-deadline", path, says, todo)
        return
    leg = rules.legs.get(need.leg or "")
    if leg is None or leg.from_ not in way.order:
        return
    latest = way.due_after(leg.from_, due)[1]
    if latest < 0:
        says = (
            f"{shown(due)} always lies before its leg {need.leg!r} begins with {leg.from_!r}, by "
            f"{-latest:.10g} h or more"
        )
        yield error("before-its-leg", path, says, "Name an earlier leg, or a later time.")
