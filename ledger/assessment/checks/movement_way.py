"""Whether a container kept to its legs and to the way: a part of the check `movement`."""

from collections.abc import Iterator, Sequence

from ledger.assessment.case import Case
from ledger.assessment.clock import Schedule
from ledger.assessment.finding import Finding, Reason, Severity, Value, at, found
from ledger.assessment.geography import Point, km_off
from ledger.assessment.places import is_in_country, is_listed
from ledger.assessment.recorded import box_of
from ledger.assessment.route import destination_of, origin_of
from ledger.assessment.sightings import Sighting
from ledger.corridors.rules import CorridorRules, Leg
from ledger.domain.custody.watch import SCAN
from ledger.domain.moment import in_words
from ledger.domain.words import Words

LEG_LONG = Reason(
    "leg-too-long",
    Severity.WARNING,
    Words(
        "{box} took {took} for the leg \u201c{leg}\u201d ({begun} to {ended}); the corridor expects {most} "
        "at most.",
        "{box} tardó {took} en el tramo «{leg}» (del {begun} al {ended}); el corredor espera como mucho "
        "{most}.",
        "{box} a mis {took} pour l'étape « {leg} » (du {begun} au {ended}) ; le corridor attend {most} au "
        "plus.",
    ),
    "The container stood somewhere, or went another way. Ask whoever held it where it was.",
)
LEG_FAST = Reason(
    "leg-too-fast",
    Severity.PROBLEM,
    Words(
        "{box} took {took} for the leg \u201c{leg}\u201d ({begun} to {ended}); it cannot be done in less "
        "than {least}.",
        "{box} tardó {took} en el tramo «{leg}» (del {begun} al {ended}); no puede hacerse en menos de "
        "{least}.",
        "{box} a mis {took} pour l'étape « {leg} » (du {begun} au {ended}) ; elle ne peut se faire en moins "
        "de {least}.",
    ),
    "One of the two times is wrong, or one of the two was another container.",
)
DETOUR = Reason(
    "detour",
    Severity.PROBLEM,
    Words(
        "{box} was {off} km off the way from {first} to {second} on {time}, at {where} ({who}); the corridor "
        "allows {most} km.",
        "{box} estaba a {off} km del camino de {first} a {second} el {time}, en {where} ({who}); el corredor "
        "permite {most} km.",
        "{box} était à {off} km du chemin de {first} à {second} le {time}, à {where} ({who}) ; le corridor "
        "en permet {most}.",
    ),
    "Told is the position that was farthest off. Goods under transit that leave the road may have been "
    "unloaded.",
)
OFF_ROUTE = Reason(
    "place-off-route",
    Severity.PROBLEM,
    Words(
        "{box} was at {where} on {time}, says {who}; that place is not on the route.",
        "{box} estaba en {where} el {time}, dice {who}; ese lugar no está en la ruta.",
        "{box} était à {where} le {time}, dit {who} ; ce lieu n'est pas sur la route.",
    ),
    "The corridor's profile names the places of the route; by road or rail all of their countries is on it. "
    "The container was taken elsewhere, or another one was seen there. A place where it is transshipped "
    "belongs into the profile.",
)
_ON_LAND = frozenset({"road", "rail"})
REASONS = (LEG_FAST, DETOUR, OFF_ROUTE, LEG_LONG)


def leg_findings(case: Case, trip: str) -> Iterator[Finding]:
    """Yield the legs that took longer than is usual, or less than is possible."""
    rules = case.profile.rules or CorridorRules()
    schedule = Schedule.of(case, trip)
    for leg in rules.legs.values():
        begun, ended = schedule.actual(leg.from_), schedule.actual(leg.to)
        # An end before the beginning is for the check of times to say.
        if begun is None or ended is None or ended.at < begun.at:
            continue
        hours = (ended.at - begun.at) / 3600
        least = max(leg.least_hours or 0.0, _least_hours(rules, leg))
        said = (begun.said,) if begun.said == ended.said else (begun.said, ended.said)
        shown: dict[str, Value] = {"box": box_of(trip), "took": in_words(hours * 3600), "leg": leg.title}
        times = {"begun": at(begun.at), "ended": at(ended.at)}
        if leg.most_hours is not None and hours > leg.most_hours:
            yield found(LEG_LONG, *said, **shown, **times, most=in_words(leg.most_hours * 3600))
        elif hours < least:
            yield found(LEG_FAST, *said, **shown, **times, least=in_words(least * 3600))


def _least_hours(rules: CorridorRules, leg: Leg) -> float:
    speed = rules.most_speed_kmh.get(leg.mode)
    return leg.km / speed if leg.km and speed else 0.0


def detour_findings(case: Case, trip: str, seen: Sequence[Sighting]) -> Iterator[Finding]:
    """Yield, for each leg, where a container was farthest off the straight way, if that is too far."""
    rules = case.profile.rules or CorridorRules()
    schedule = Schedule.of(case, trip)
    for leg in rules.legs.values():
        begun, ended = schedule.actual(leg.from_), schedule.actual(leg.to)
        way = [_place_of(case, rules, schedule, name) for name in (leg.from_, leg.to)]
        points = [_point(rules, place) for place in way]
        if leg.most_km_off is None or begun is None or points[0] is None or points[1] is None:
            continue
        until = float("inf") if ended is None else ended.at
        there = [one for one in seen if one.point is not None and begun.at <= one.time <= until]
        offs = [(km_off(points[0], points[1], one.point), one) for one in there if one.point is not None]
        off, worst = max(offs, key=lambda pair: pair[0], default=(0.0, None))
        if worst is not None and off - worst.give_km > leg.most_km_off:
            shown = {
                "first": str(way[0]),
                "second": str(way[1]),
                "time": at(worst.time),
                "where": worst.where,
            }
            who, km = worst.said.statement.iss, round(off)
            yield found(DETOUR, worst.said, **shown, box=box_of(trip), off=km, who=who, most=leg.most_km_off)


def _place_of(case: Case, rules: CorridorRules, schedule: Schedule, milestone: str) -> str | None:
    """Return where a milestone was or will be, None where that is not known."""
    times = schedule.milestones.get(milestone)
    told = [] if times is None else [times.actual, times.estimate, times.planned]
    for one in told:
        if one is not None and one.place in rules.places:
            return one.place
    known = rules.milestones[milestone].places if milestone in rules.milestones else frozenset()
    if len(known) == 1:
        return next(iter(known))
    if known & rules.destinations:
        return destination_of(case)
    return origin_of(case) if known & rules.origins else None


def _point(rules: CorridorRules, place: str | None) -> Point | None:
    known = None if place is None else rules.places.get(place)
    if known is None or known.latitude is None or known.longitude is None:
        return None
    return Point(known.latitude, known.longitude)


def place_findings(case: Case, trip: str, seen: Sequence[Sighting]) -> Iterator[Finding]:
    """Yield the places off the route where a container was seen before it arrived, each once."""
    rules = case.profile.rules or CorridorRules()
    schedule = Schedule.of(case, trip)
    arrived = schedule.arrived
    told: set[str] = set()
    for one in seen:
        # Scans have a check of their own.
        if not one.is_place or one.said.statement.kind == SCAN or is_listed(case.profile, one.where):
            continue
        if not _is_bound(rules, schedule, one.time) and is_in_country(case.profile, one.where):
            continue
        if one.where not in told and (arrived is None or one.time <= arrived.at):
            told.add(one.where)
            who = one.said.statement.iss
            yield found(OFF_ROUTE, one.said, box=box_of(trip), where=one.where, time=at(one.time), who=who)


def _is_bound(rules: CorridorRules, schedule: Schedule, time: float) -> bool:
    """Return whether a container was on a ship or in a terminal, and not on a road through the country."""
    modes = []
    for leg in rules.legs.values():
        begun, ended = schedule.actual(leg.from_), schedule.actual(leg.to)
        if begun is not None and begun.at <= time and (ended is None or time <= ended.at):
            modes.append(leg.mode)
    return bool(modes) and not _ON_LAND.intersection(modes)
