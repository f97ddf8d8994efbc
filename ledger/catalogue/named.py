"""Whether the corridor's rules know the milestones and papers that a statement names: others do not count."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from ledger.catalogue.findings import Finding, Weight
from ledger.corridors.rules import CorridorRules
from ledger.domain.moment import in_words
from ledger.domain.schedule import ACTUAL, schedule_of

UNKNOWN_MILESTONE: Final = "unknown-milestone"
ACTUAL_IN_FUTURE: Final = "actual-in-future"
UNKNOWN_PAPER: Final = "unknown-paper"
_LIKE = 0.75


def findings(body: Mapping[str, Any], rules: CorridorRules | None, latest: float) -> list[Finding]:
    """Return a warning for each time and each paper that does nothing in this corridor.

    Args:
        body: As revealed, in its shape.
        rules: The corridor's; None where it asks nothing of shipments, and all will do.
        latest: Until when something may have happened, POSIX seconds.
    """
    if rules is None:
        return []
    return [*_times(body, rules, latest), *_papers(body, rules)]


def _times(body: Mapping[str, Any], rules: CorridorRules, latest: float) -> list[Finding]:
    found = []
    for place, one in enumerate(schedule_of(body)):
        where = f"body.schedule.{place}"
        if one.milestone not in rules.milestones:
            message = (
                f"this corridor has no milestone {one.milestone!r}: its time counts for nothing; there are "
                f"{', '.join(rules.milestones)}"
            )
            found.append(Finding(UNKNOWN_MILESTONE, message, f"{where}.milestone", Weight.WARNING))
        elif one.classifier == ACTUAL and one.at > latest:
            message = (
                f"{one.milestone} is said to have happened, {in_words(one.at - latest)} ahead of the log's "
                "clock: it counts as expected (EST) and not as actual"
            )
            found.append(Finding(ACTUAL_IN_FUTURE, message, f"{where}.at", Weight.WARNING))
    return found


def _papers(body: Mapping[str, Any], rules: CorridorRules) -> list[Finding]:
    # A corridor may agree on papers that it does not ask for; what is nearly one of the others is mistyped.
    asked = sorted({code for need in rules.required.values() for code in need.documents})
    found = []
    for place, code in enumerate(body.get("documents", ())):
        meant = [] if code in asked else get_close_matches(str(code), asked, 1, _LIKE)
        if meant:
            message = f"this corridor asks for no paper {code!r}: is {meant[0]!r} meant?"
            found.append(Finding(UNKNOWN_PAPER, message, f"body.documents.{place}", Weight.WARNING))
    return found
