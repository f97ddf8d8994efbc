"""Places of a corridor: whether a place is on its route."""

from ledger.corridors.profile import Profile
from ledger.corridors.rules import CorridorRules


def is_listed(profile: Profile, place: str) -> bool:
    """Return whether a corridor names a place, or its country for a milestone; any place where it names none.

    Args:
        profile: Of the corridor.
        place: UN/LOCODE.
    """
    rules = profile.rules or CorridorRules()
    of_milestones = frozenset[str]().union(*(one.places for one in rules.milestones.values()))
    known = rules.places.keys() | rules.origins | rules.destinations | of_milestones
    if not known or place in known or place[:2] in known:
        return True
    return place in profile.custody.places or place in profile.passages.places


def is_in_country(profile: Profile, place: str) -> bool:
    """Return whether a place is named, or lies in a country of one that is: what goes by road may be there.

    Args:
        profile: Of the corridor.
        place: UN/LOCODE.
    """
    rules = profile.rules or CorridorRules()
    countries = {one[:2] for one in (*rules.places, *rules.origins, *rules.destinations)}
    return place[:2] in countries or is_listed(profile, place)
