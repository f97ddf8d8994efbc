"""Places of a corridor: whether a place is on its route."""

from ledger.corridors.profile import Profile


def is_on_route(profile: Profile, place: str) -> bool:
    """Return whether the corridor knows a place; any place does where it names none at all.

    Args:
        profile: Of the corridor.
        place: UN/LOCODE.
    """
    rules = profile.rules
    if rules is None:
        return True
    of_milestones = frozenset().union(*(one.places for one in rules.milestones.values()))
    known = rules.places.keys() | rules.origins | rules.destinations | of_milestones
    if not known:
        return True
    named = (place, place[:2])
    return any(one in known for one in named) or place in (
        profile.custody.places.keys() | profile.passages.places.keys()
    )
