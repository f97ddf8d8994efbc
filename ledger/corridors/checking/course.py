"""What can be wrong with places, milestones and legs."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

from geographiclib.geodesic import Geodesic

from ledger.corridors.checking.remark import Remark, error, warning
from ledger.corridors.checking.way import Way
from ledger.corridors.profile import Profile
from ledger.corridors.rules import CorridorRules, Leg, Milestone, Place
from ledger.domain.schedule import KINDS as TELL_TIMES


def check_course(profile: Profile, rules: CorridorRules, way: Way) -> Iterator[Remark]:
    """Yield what is wrong with the way of a corridor."""
    yield from _ends(profile, rules)
    yield from _places(rules)
    for name, milestone in rules.milestones.items():
        yield from _milestone(profile, rules, name, milestone)
    yield from _told_apart(rules)
    for name, leg in rules.legs.items():
        yield from _leg(rules, way, name, leg)
    yield from _together(rules, way)


def covers(places: frozenset[str], place: str) -> bool:
    """Return whether a place is among some UN/LOCODEs and countries; none at all is anywhere."""
    return not places or place in places or place[:2] in places


def may_tell(profile: Profile, milestone: Milestone, role: str) -> bool:
    """Return whether a role may say that a milestone happened, by its kinds or by a schedule."""
    return any(profile.may_say(kind, (role,)) for kind in milestone.kinds | TELL_TIMES)


def _ends(profile: Profile, rules: CorridorRules) -> Iterator[Remark]:
    for role in sorted(rules.parties - profile.roles.keys()):
        says = f"the party {role!r} is not in [roles]"
        yield error("unknown-role", "route.parties", says, "Add the role, or take the party out.")
    for role in sorted(rules.parties & profile.roles.keys()):
        if not any(role in kind.roles for kind in profile.kinds.values()):
            says = f"the party {role!r} must be seen taking part, and may say nothing"
            yield error("silent-party", "route.parties", says, "Let it say some kind, or take it out.")
    for side, places in (("origins", rules.origins), ("destinations", rules.destinations)):
        for place in sorted(places - rules.places.keys()):
            says = f"{place} is not in [places]"
            yield error("unknown-place", f"route.{side}", says, f"Add [places.{place}], or take it out.")
    for place in sorted(rules.origins & rules.destinations):
        says = f"{place} is both where shipments begin and where they end"
        yield warning("same-place", "route", says, "Take it out of one of them.")
    arrival = rules.milestones.get(rules.arrival)
    if arrival is None:
        says = f"the milestone {rules.arrival!r}, against which margins are told, is not in [milestones]"
        yield error("unknown-milestone", "route.arrival", says, _ADD_OR_NAME)
        return
    for place in sorted(rules.destinations):
        if not covers(arrival.places, place):
            says = (
                f"nothing can arrive in {place}: the places of the milestone {rules.arrival!r} leave it out"
            )
            yield error("unreached", "route.destinations", says, "Add it there, or take it out here.")


_ADD_OR_NAME = "Add it, or name one that is there."


def _places(rules: CorridorRules) -> Iterator[Remark]:
    for name, place in rules.places.items():
        if place.country != name[:2]:
            says = f"{name} is said to be in {place.country}; a UN/LOCODE begins with its country"
            yield warning("other-country", f"places.{name}.country", says, "Check both.")


def _milestone(profile: Profile, rules: CorridorRules, name: str, milestone: Milestone) -> Iterator[Remark]:
    path = f"milestones.{name}"
    for kind in sorted(milestone.kinds - profile.kinds.keys()):
        says = f"the kind {kind!r} is not in [kinds]"
        yield error("unknown-kind", f"{path}.kinds", says, "Add the kind, or name one that is there.")
    for role in milestone.sources:
        if role not in profile.roles:
            says = f"the source {role!r} is not in [roles]"
            yield error("unknown-role", f"{path}.sources", says, "Add the role, or take the source out.")
        elif not may_tell(profile, milestone, role):
            says = f"{role!r} may say none of the kinds that tell of it, nor one that tells times"
            yield warning("silent-source", f"{path}.sources", says, "Let it say one, or take it out.")
    tellers = milestone.sources or profile.roles.keys()
    if not any(may_tell(profile, milestone, role) for role in tellers):
        says = "nobody can say that it happened: none of its sources may say one of its kinds"
        yield error("unreported", path, says, "Let a source say one of the kinds, or name another source.")
    for place in sorted(milestone.places):
        if len(place) > 2 and place not in rules.places:
            says = f"{place} is not in [places]"
            yield warning("unknown-place", f"{path}.places", says, f"Add [places.{place}], or take it out.")
        elif len(place) == 2 and not any(one.country == place for one in rules.places.values()):
            says = f"none of [places] is in {place}"
            yield warning("unknown-place", f"{path}.places", says, "Add a place of that country.")


def _told_apart(rules: CorridorRules) -> Iterator[Remark]:
    for (one, first), (other, second) in combinations(rules.milestones.items(), 2):
        if first.kinds.isdisjoint(second.kinds):
            continue
        # The first port of a country comes before one of its ports, and may be the same.
        if any(len(place) == 2 for place in first.places | second.places):
            continue
        if not first.places or not second.places or first.places & second.places:
            kind = min(first.kinds & second.kinds)
            says = f"a {kind!r} there says that both {one!r} and {other!r} happened: they are never apart"
            todo = "Give them places or kinds that differ."
            yield warning("same-milestone", f"milestones.{other}", says, todo)


def _leg(rules: CorridorRules, way: Way, name: str, leg: Leg) -> Iterator[Remark]:
    path = f"legs.{name}"
    ends = (("from", leg.from_), ("to", leg.to))
    for member, end in ends:
        if end not in rules.milestones:
            says = f"the milestone {end!r} is not in [milestones]"
            yield error("unknown-milestone", f"{path}.{member}", says, _ADD_OR_NAME)
    if all(end in way.order for _, end in ends) and way.order[leg.from_] >= way.order[leg.to]:
        says = f"{leg.from_!r} does not come before {leg.to!r} in the order of [milestones]"
        yield error("out-of-order", path, says, "Turn the leg round, or put the milestones in their order.")
    least, most, km = leg.least_hours, leg.most_hours, leg.km
    if least is not None and most is not None and least > most:
        says = f"it lasts at least {least:.10g} h and at most {most:.10g} h"
        yield error("least-over-most", path, says, "Exchange them, or put one right.")
    yield from _speed(rules, path, leg)
    yield from _distances(rules, path, leg, km)


def _speed(rules: CorridorRules, path: str, leg: Leg) -> Iterator[Remark]:
    speed = rules.most_speed_kmh.get(leg.mode)
    if leg.km is None:
        return
    if speed is None:
        if leg.mode != "yard":
            says = f"it is {leg.km:.10g} km by {leg.mode}, and [speeds] does not say how fast that can be"
            yield warning("no-speed", path, says, f"Add {leg.mode} to [speeds].")
        return
    needed = leg.km / speed
    if leg.most_hours is not None and leg.most_hours < needed:
        says = (
            f"{leg.km:.10g} km in at most {leg.most_hours:.10g} h are faster than the {speed:.10g} km/h that "
            f"[speeds] has for {leg.mode}"
        )
        todo = f"Allow at least {needed:.1f} h, or put distance or speed right."
        yield error("impossible-speed", f"{path}.most_hours", says, todo)
    elif leg.least_hours is not None and leg.least_hours < needed * 0.999:
        says = (
            f"{leg.km:.10g} km in {leg.least_hours:.10g} h are faster than the {speed:.10g} km/h above which "
            f"[speeds] calls {leg.mode} impossible"
        )
        todo = f"Raise least_hours to {needed:.1f}, or put distance or speed right."
        yield warning("too-fast", f"{path}.least_hours", says, todo)


def _distances(rules: CorridorRules, path: str, leg: Leg, km: float | None) -> Iterator[Remark]:
    ends = [_where(rules, end) for end in (leg.from_, leg.to)]
    if leg.most_km_off is not None:
        for member, end in zip(("from", "to"), ends, strict=True):
            if not end:
                says = f"positions are held against the straight way, and its {member} is at none of [places]"
                todo = "Name places of the milestone, or leave most_km_off out."
                yield error("no-coordinates", f"{path}.most_km_off", says, todo)
        for name in sorted({name for end in ends for name, place in end.items() if place.latitude is None}):
            says = f"how far off the straight way positions lie is asked, and {name} has no coordinates"
            yield error("no-coordinates", f"places.{name}", says, "Add latitude and longitude.")
    pairs = [
        (_km(first, second), one, other)
        for (one, first), (other, second) in product(ends[0].items(), ends[1].items())
        if first.latitude is not None and second.latitude is not None
    ]
    if km is None or not pairs:
        return
    straight, one, other = min(pairs)
    if km < straight * 0.99:
        says = (
            f"it is said to be {km:.10g} km; the straight line from {one} to {other} alone has {straight:.0f}"
        )
        yield error("too-short", f"{path}.km", says, f"Say at least {straight:.0f} km.")


def _where(rules: CorridorRules, milestone: str) -> Mapping[str, Place]:
    known = rules.milestones.get(milestone)
    if known is None:
        return {}
    return {name: place for name, place in rules.places.items() if known.places and name in known.places}


def _km(one: Place, other: Place) -> float:
    line: dict[str, Any] = Geodesic.WGS84.Inverse(
        one.latitude, one.longitude, other.latitude, other.longitude
    )
    return float(line["s12"]) / 1000


def _together(rules: CorridorRules, way: Way) -> Iterator[Remark]:
    for (one, first), (other, second) in combinations(rules.legs.items(), 2):
        if (first.from_, first.to) == (second.from_, second.to):
            says = f"it has the same ends as the leg {one!r}"
            yield warning("same-leg", f"legs.{other}", says, "Keep one of them.")
    against = way.contradicts
    single = [leg for leg in way.legs if (leg.least_hours or 0) > (leg.most_hours or float("inf"))]
    if against and not single:
        named = [
            name for name, leg in rules.legs.items() if {leg.from_, leg.to} <= against and leg in way.legs
        ]
        says = (
            f"the legs {', '.join(named)} cannot all last as long as they say: one would end before it begins"
        )
        yield error("legs-contradict", "legs", says, "Put their least_hours and most_hours right.")
