"""What can be wrong with what verdicts go by, and with who is shown it and how long it is kept."""

from collections.abc import Iterator
from typing import Final

from ledger.corridors.checking.remark import Remark, error, warning
from ledger.corridors.checking.way import Way
from ledger.corridors.profile import Profile
from ledger.corridors.rules import CorridorRules
from ledger.corridors.sharing_tables import EVERYTHING

_CUSTOMS: Final = "destination-customs"
_CATEGORIES: Final = {
    "manifest": ("paper", "filing"),
    "document": ("paper", "filing"),
    "stuffing": ("photo",),
    "scan": ("scan",),
    "radiation": ("radiation",),
    "video": ("video",),
    "photo": ("photo",),
    "seal-applied": ("seal",),
    "seal-check": ("seal",),
    "temperature-log": ("log",),
    "status": ("status",),
}
"""The categories in which evidence of a kind usually is."""


def check_reading(profile: Profile, rules: CorridorRules, way: Way) -> Iterator[Remark]:
    """Yield what is wrong with limits, with sharing and with retention."""
    yield from _limits(profile, rules)
    yield from _before(profile, rules)
    yield from _sharing(profile, rules)
    yield from _retention(profile, way.allowed(rules.arrival))


def _limits(profile: Profile, rules: CorridorRules) -> Iterator[Remark]:
    reefer = rules.reefer
    if reefer is not None and reefer.low_c >= reefer.high_c:
        says = f"every log is outside: low_c is {reefer.low_c:.10g} °C and high_c {reefer.high_c:.10g} °C"
        yield error("no-range", "reefer", says, "Exchange them, or put one right.")
    if reefer is not None and "temperature-log" not in profile.kinds:
        says = "temperatures have limits, and nobody may say a 'temperature-log'"
        yield warning("unknown-kind", "reefer", says, "Add the kind to [kinds], or leave [reefer] out.")
    if rules.tolerances.hs_digits < 2:
        says = f"with {rules.tolerances.hs_digits} digits all tariff numbers are taken for the same"
        yield warning(
            "no-digits", "tolerances.hs_digits", says, "Write 6, which all countries share, or 2 to 10."
        )


def _before(profile: Profile, rules: CorridorRules) -> Iterator[Remark]:
    for member, asked in (("seal_check", rules.seal_check_at), ("machinery_check", rules.machinery_check_at)):
        path = f"before.{member}"
        for name in sorted(asked - rules.milestones.keys()):
            says = f"the milestone {name!r} is not in [milestones]"
            yield error("unknown-milestone", path, says, "Add it, or name one that is there.")
        if asked and not profile.roles_for("seal-check") | profile.roles_for("inspection"):
            says = "it asks for a look at seals, and nobody may say a 'seal-check' or an 'inspection'"
            yield error("may-not-say", path, says, "Add one of the kinds to [kinds].")


def _sharing(profile: Profile, rules: CorridorRules) -> Iterator[Remark]:
    if _CUSTOMS not in profile.roles or not profile.categories:
        return
    shown = profile.sharing.get(_CUSTOMS, frozenset())
    if EVERYTHING in shown:
        return
    for category in profile.categories:
        needs = [name for name, need in rules.required.items() if category in _CATEGORIES.get(need.kind, ())]
        if needs and category not in shown:
            says = (
                f"{_CUSTOMS!r} is not shown the category {category!r} by agreement, and goes by it in "
                f"{', '.join(needs[:3])}{' and more' if len(needs) > 3 else ''}"
            )
            yield warning("hidden-from-customs", f"sharing.{_CUSTOMS}", says, f'Add "{category}", or "*".')


def _retention(profile: Profile, hours: float) -> Iterator[Remark]:
    for name, category in profile.categories.items():
        days = category.retention_days
        if days is not None and days * 24 < hours:
            says = (
                f"it is kept for {days} days, and the legs may take {hours / 24:.1f}: erased before it "
                "arrives"
            )
            todo = f"Keep it at least {-(-hours // 24):.0f} days."
            yield error("kept-too-short", f"categories.{name}.retention_days", says, todo)
