"""Assessing a case: every check that the corridor asks for; again, only those that something new touches."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result
from ledger.assessment.finding import Finding
from ledger.assessment.registry import CHECKS
from ledger.corridors.profile import Profile
from ledger.domain.custody import Said
from ledger.domain.links import BEGINNING, ENDING
from ledger.domain.verdict import Check


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules of a corridor say of a shipment.

    Args:
        subject: URI of the shipment.
        profile: Hash of the rules, 32 bytes.
        results: By the name of the check, in the order of the registry.
    """

    subject: str
    profile: bytes
    results: Mapping[str, Result]

    @property
    def findings(self) -> Sequence[Finding]:
        """All findings, check by check."""
        return [finding for result in self.results.values() for finding in result.findings]

    @property
    def checks(self) -> Sequence[Check]:
        """The checks as verdicts list them."""
        return [result.to_check(name) for name, result in self.results.items()]

    def to_json(self, language: str = "en") -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "subject": self.subject,
            "profile": self.profile.hex(),
            "checks": [
                {
                    "name": check.name,
                    "status": check.status.value,
                    "reason": check.reason,
                    "message": check.message,
                    "findings": [one.to_json(language) for one in self.results[check.name].findings],
                }
                for check in self.checks
            ],
        }


def checks_of(profile: Profile) -> Sequence[CorridorCheck]:
    """Return the checks that a corridor asks for, in the order in which verdicts list them."""
    return [check for check in CHECKS if check.applies(profile)]


def assess(case: Case) -> Assessment:
    """Assess a case."""
    results = {check.name: check.make(case) for check in checks_of(case.profile)}
    return Assessment(case.subject, case.profile.hash, results)


def reassess(
    case: Case, before: Assessment, new: Sequence[Said], *, always: Collection[str] = ()
) -> Assessment:
    """Assess a case again after something new was said, making only the checks that it touches.

    Args:
        case: With what is new.
        before: The assessment without it, by the same rules.
        new: What is new.
        always: Names of checks to make in any case: what they look at is not in the case alone.
    """
    kinds = {one.statement.kind for one in new}
    changed = any(one.statement.corrects is not None for one in new) or kinds & (BEGINNING | ENDING)
    if before.profile != case.profile.hash or changed:
        return assess(case)
    results = {}
    for check in checks_of(case.profile):
        kept = before.results.get(check.name)
        touched = check.name in always or (
            bool(kinds) and (check.reads is None or not check.reads.isdisjoint(kinds))
        )
        results[check.name] = check.make(case) if touched or kept is None else kept
    return Assessment(case.subject, case.profile.hash, results)
