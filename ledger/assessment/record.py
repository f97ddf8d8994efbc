"""All that is said of a shipment by its corridor's rules, as one JSON object (formats, section 21)."""

from typing import Any

from ledger.assessment.assess import Assessment
from ledger.assessment.case import Case
from ledger.assessment.clock import MilestoneTimes, Schedule
from ledger.assessment.margin import margin_of
from ledger.assessment.needs import NeedState, needs_of
from ledger.assessment.told import Told
from ledger.assessment.wording import role_title
from ledger.corridors.profile import Profile
from ledger.corridors.rules import CorridorRules


def record_of(case: Case, assessment: Assessment, language: str = "en") -> dict[str, Any]:
    """Return an assessment with the clock, the margin and what is required.

    Args:
        case: The shipment.
        assessment: What the checks say of it.
        language: Of titles and sentences, one of `words.LANGUAGES`.
    """
    return assessment.to_json(language) | {
        "clock": clock_of(case, language),
        "margin": margin_of(case).to_json(),
        "needs": [
            one.to_json(language) | {"who": _who(case.profile, one, language)}
            for one in needs_of(case)
            if one.applies
        ],
    }


def clock_of(case: Case, language: str = "en") -> list[dict[str, Any]]:
    """Return the times of a shipment's milestones as JSON, in the order of the profile."""
    rules = case.profile.rules or CorridorRules()
    times = Schedule.of(case).milestones
    return [
        {"milestone": name, "title": milestone.title.in_(language)} | _times(times[name])
        for name, milestone in rules.milestones.items()
    ]


def _who(profile: Profile, need: NeedState, language: str) -> list[str]:
    return [role_title(profile, role).in_(language) for role in need.need.owed_by]


def _times(times: MilestoneTimes) -> dict[str, Any]:
    return {
        "planned": _told(times.planned),
        "estimated": _told(times.estimate),
        "actual": _told(times.actual),
    }


def _told(told: Told | None) -> dict[str, Any] | None:
    return None if told is None else told.to_json()
