"""Whether a profile makes sense: all that is wrong with it at once, each with what to do about it."""

from collections.abc import Sequence

from ledger.corridors.checking.course import check_course
from ledger.corridors.checking.needs import check_needs
from ledger.corridors.checking.promise import check_promise
from ledger.corridors.checking.reading import check_reading
from ledger.corridors.checking.remark import Remark, Weight, error, warning
from ledger.corridors.checking.way import MAX_MILESTONES, Way
from ledger.corridors.profile import Profile
from ledger.corridors.rules import CorridorRules
from ledger.corridors.shipped import SHIPPED, shipped_profile


def check(profile: Profile) -> Sequence[Remark]:
    """Return all that is wrong with a profile, errors first, in the order of its tables."""
    found = list(_its_name(profile))
    rules = profile.rules
    if rules is None:
        found += _nothing_asked(profile)
    else:
        way = Way.of(rules)
        found += _too_many(rules)
        found += check_course(profile, rules, way)
        found += check_promise(rules, way)
        found += check_needs(profile, rules, way)
        found += check_reading(profile, rules, way)
    return sorted(found, key=lambda one: one.weight is Weight.WARNING)


def _its_name(profile: Profile) -> Sequence[Remark]:
    if profile.id in SHIPPED and profile.hash != shipped_profile(profile.id).hash:
        says = f"the profile that comes with the ledger is called {profile.id!r} too, and says other things"
        return [warning("id-taken", "corridor.id", says, "Give a changed copy an id of its own.")]
    return []


def _nothing_asked(profile: Profile) -> Sequence[Remark]:
    if profile.id in SHIPPED:
        return []
    says = (
        "there is no [route]: nothing is asked of shipments, and no verdict checks more than the foundation"
    )
    return [warning("no-route", "route", says, "Add [route] and what goes with it where that is not meant.")]


def _too_many(rules: CorridorRules) -> Sequence[Remark]:
    if len(rules.milestones) <= MAX_MILESTONES:
        return []
    says = f"there are {len(rules.milestones)} milestones; at most {MAX_MILESTONES} are looked at"
    return [
        error("too-many-milestones", "milestones", says, "Keep those that happen to every shipment once.")
    ]
