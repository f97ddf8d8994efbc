"""Between which places a shipment goes, as far as it is told."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from ledger.assessment.case import Case
from ledger.corridors.rules import CorridorRules
from ledger.domain.custody import Said
from ledger.domain.schedule import schedule_of

LADING: Final = "lading"
DEPARTURE: Final = "departure"
_LOADING, _DISCHARGE = "loading", "discharge"


def destination_of(case: Case) -> str | None:
    """Return the UN/LOCODE of the place where a shipment ends, None while nothing tells.

    That is, of the corridor's destinations, its only one; else the one that was last named as the place of
    the milestone that margins are told against, as `destination`, or as a paper's place of discharge.
    """
    return case.once(_destination)


def origin_of(case: Case) -> str | None:
    """Return the UN/LOCODE of the place where a shipment is laden, None while nothing tells.

    That is, of the corridor's origins, its only one; else the one that was last named as the place of lading
    or departure, or as a paper's place of loading.
    """
    return case.once(_origin)


def within(place: str | None, known: Collection[str], wanted: Collection[str]) -> bool:
    """Return whether a place is one of some, or for certain will be.

    Args:
        place: UN/LOCODE; None where it is not known yet.
        known: All that it can be.
        wanted: UN/LOCODEs and ISO 3166-1 countries.
    """
    some = known if place is None else (place,)
    return bool(some) and all(one in wanted or one[:2] in wanted for one in some)


def _destination(case: Case) -> str | None:
    rules = case.profile.rules or CorridorRules()
    return _last_named(case, rules.destinations, frozenset({rules.arrival}), _DISCHARGE, "destination")


def _origin(case: Case) -> str | None:
    rules = case.profile.rules or CorridorRules()
    return _last_named(case, rules.origins, frozenset({LADING, DEPARTURE}), _LOADING, "origin")


def _last_named(
    case: Case, among: Collection[str], milestones: Collection[str], kind: str, member: str
) -> str | None:
    if len(among) == 1:
        return next(iter(among))
    for one in sorted(case.counting, key=lambda one: (one.statement.iat, one.index), reverse=True):
        for place in _named(one, milestones, kind, member):
            if place in among:
                return place
    for paper in papers_in(case):
        for place in _of_kind(paper.get("places"), kind):
            if place in among:
                return place
    return None


def _named(one: Said, milestones: Collection[str], kind: str, member: str) -> Iterator[str]:
    yield from (
        entry.place
        for entry in schedule_of(one.body)
        if entry.milestone in milestones and entry.place is not None
    )
    named = one.body.get(member)
    if isinstance(named, str):
        yield named
    if kind == _LOADING and one.statement.kind in (_LOADING, DEPARTURE):
        place = one.body.get("place")
        if isinstance(place, str):
            yield place


def _of_kind(rows: object, kind: str) -> Iterator[str]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("kind") == kind and isinstance(row.get("value"), str):
            yield row["value"]


def papers_in(case: Case) -> Iterator[Mapping[str, Any]]:
    """Yield what papers say: those of bodies, then those of readings that could be opened."""
    for one in case.counting:
        papers = one.body.get("papers")
        yield from (paper for paper in papers if isinstance(paper, dict)) if isinstance(papers, list) else ()
    for found in case.opened.values():
        paper = found.get("paper")
        if isinstance(paper, dict):
            yield paper


def tariff_numbers(case: Case) -> Iterator[str]:
    """Yield the tariff numbers of the goods, digits only, as bodies and papers say them."""
    for one in case.counting:
        said = one.body.get("hts")
        for number in said if isinstance(said, list) else (said,):
            if isinstance(number, str):
                yield number.replace(".", "")
    for paper in papers_in(case):
        goods = paper.get("goods")
        for row in goods if isinstance(goods, list) else ():
            if isinstance(row, dict) and isinstance(row.get("hs"), str):
                yield row["hs"].replace(".", "")
