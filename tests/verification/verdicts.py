"""Short ways to verify in tests."""

from collections.abc import Callable
from typing import Any

from ledger.domain.verdict import Check, Status, Verdict
from ledger.verification.dossier import Dossier
from ledger.verification.trust import Trust
from ledger.verification.verifier import verify
from tests.verification.factory import World, packed


def verdict_on(world: World, dossier: Dossier, trust: Trust | None = None, **arguments: Any) -> Verdict:
    """Return the verdict on a dossier by the world's own clock, and trust unless another is given."""
    return verify(packed(dossier), trust or world.trust(), clock=world.clock, **arguments)


NO_PASSAGE = {"passages": ("not-checked", "no-passage")}
"""What does not pass where all is well and no gate was passed."""


BARE_PASSAGE = {"passages": ("missing", "passage-incomplete")}
"""The same where a gate passage names none of its records."""


def check(verdict: Verdict, name: str) -> Check:
    """Return one check of a verdict."""
    return next(one for one in verdict.checks if one.name == name)


def said(verdict: Verdict, name: str) -> tuple[str, str]:
    """Return status and reason of one check."""
    one = check(verdict, name)
    return one.status.value, one.reason


def not_passed(verdict: Verdict) -> dict[str, tuple[str, str]]:
    """Return status and reason of all checks that did not pass, by name."""
    return {
        one.name: (one.status.value, one.reason) for one in verdict.checks if one.status is not Status.PASSED
    }


Change = Callable[[World], None]
