"""What a verification says: named checks and one outcome (formats, section 15)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from ledger.domain.errors import UsageError

CHECKS = (
    "readable",
    "signature",
    "authority",
    "inclusion",
    "completeness",
    "no-split-view",
    "anchor",
    "time",
    "freshness",
    "evidence",
    "custody",
    "passages",
)
"""Names of the checks of every dossier, in the order in which a verdict lists them."""

CORRIDOR_CHECKS = (
    "required-evidence",
    "timeliness",
    "papers",
    "re-use",
    "parties",
    "corrections",
    "scan",
    "re-scan",
    "radiation",
    "box",
    "movement",
    "temperature",
)
"""Names of the checks behind them that a corridor's rules may ask for: a verdict lists those that they do."""

ALL_CHECKS = CHECKS + CORRIDOR_CHECKS


class Status(StrEnum):
    """How a check ended. What was not checked is never called passed."""

    PASSED = "passed"
    FAILED = "failed"
    MISSING = "missing"
    NOT_CHECKED = "not-checked"


class Outcome(StrEnum):
    """What all checks together say."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check.

    Args:
        name: One of `ALL_CHECKS`.
        status: How it ended.
        reason: Stable kebab-case code; programs compare this.
        message: One sentence for people.
    """

    name: str
    status: Status
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All checks of one dossier or receipt.

    Args:
        outcome: What they say together.
        shipment: URI of the subject that the file is about; empty when it could not be read.
        checks: In the order of `ALL_CHECKS`.
    """

    outcome: Outcome
    shipment: str
    checks: tuple[Check, ...]

    @classmethod
    def of(cls, shipment: str, checks: Sequence[Check], required: Collection[str]) -> Self:
        """Draw the outcome from the checks.

        Rejected when any check failed; else accepted when all that are required passed; else incomplete.

        Args:
            shipment: URI of the subject.
            checks: At most one of each name, in any order.
            required: Names of the checks that must pass; one that is not among `checks` has not passed.

        Raises:
            UsageError: A check with an unknown name, or two with the same.
        """
        by_name = {check.name: check for check in checks}
        unknown = [name for name in (*by_name, *required) if name not in ALL_CHECKS]
        if unknown or len(by_name) != len(checks):
            raise UsageError(
                "bad-verdict", f"checks are unknown or named twice: {unknown or sorted(by_name)}"
            )
        if any(check.status is Status.FAILED for check in checks):
            outcome = Outcome.REJECTED
        elif all(name in by_name and by_name[name].status is Status.PASSED for name in required):
            outcome = Outcome.ACCEPTED
        else:
            outcome = Outcome.INCOMPLETE
        return cls(outcome, shipment, tuple(by_name[name] for name in ALL_CHECKS if name in by_name))

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as what `corridor verify --json` prints."""
        return {
            "outcome": self.outcome.value,
            "shipment": self.shipment,
            "checks": [
                {"name": c.name, "status": c.status.value, "reason": c.reason, "message": c.message}
                for c in self.checks
            ],
        }
