"""Between which places a shipment goes, as far as it is told."""

from collections.abc import Collection, Iterator
from typing import Final

from ledger.assessment.case import Case
from ledger.assessment.papers import papers_of
from ledger.corridors.rules import CorridorRules
from ledger.domain.custody import Said
from ledger.domain.schedule import schedule_of
from ledger.domain.standard_forms import hs_digits

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
    for told in sorted(papers_of(case), key=lambda told: (told.said[-1].index, told.rank), reverse=True):
        for named in told.paper.places:
            if named.kind == kind and named.value in among:
                return named.value
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


def tariff_numbers(case: Case) -> Iterator[str]:
    """Yield the tariff numbers of the goods, digits only, as bodies and papers say them."""
    for one in case.counting:
        said = one.body.get("hts")
        for number in said if isinstance(said, list) else (said,):
            digits = hs_digits(number)
            if digits is not None:
                yield digits
    for told in papers_of(case):
        yield from (row.hs for row in told.paper.goods if row.hs is not None)
