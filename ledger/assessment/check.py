"""What a corridor's check is: a name, the reasons that it may give, and a function of a case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.assessment.case import Case
from ledger.assessment.finding import Finding, Reason, Severity
from ledger.corridors.profile import Profile
from ledger.domain.verdict import Check, Status
from ledger.domain.words import Words


@dataclass(frozen=True, slots=True)
class Skipped:
    """Why a check could not be made.

    Args:
        code: Stable kebab-case code.
        says: The sentence.
    """

    code: str
    says: Words


@dataclass(frozen=True, slots=True)
class Result:
    """What a check says of a case.

    Args:
        findings: What it found, the worst first within what it is about.
        skipped: Why it could not be made; what it found all the same still counts.
        good: What to say when nothing was found.
    """

    findings: tuple[Finding, ...] = ()
    skipped: Skipped | None = None
    good: str = "Nothing speaks against it."

    def to_check(self, name: str) -> Check:
        """Return it as a check of a verdict: problems fail it, what is missing leaves it open."""
        for severity, status in (
            (Severity.PROBLEM, Status.FAILED),
            (Severity.MISSING, Status.MISSING),
        ):
            worst = [one for one in self.findings if one.reason.severity is severity]
            if worst:
                more = f" ({len(worst) - 1} more like it)" if len(worst) > 1 else ""
                return Check(name, status, worst[0].reason.code, worst[0].sentence() + more)
        if self.skipped is not None:
            return Check(name, Status.NOT_CHECKED, self.skipped.code, self.skipped.says.en)
        warnings = [one.sentence() for one in self.findings]
        look = f" Worth a look: {warnings[0]}" if warnings else ""
        more = f" ({len(warnings) - 1} more warnings)" if len(warnings) > 1 else ""
        return Check(name, Status.PASSED, "ok", self.good + look + more)


@dataclass(frozen=True, slots=True)
class CorridorCheck:
    """A check that a corridor's rules ask for.

    Args:
        name: Its name in verdicts.
        title: For people.
        reads: Kinds of statements that can change what it says; None: all.
        reasons: All that it may find.
        skips: All that may keep it from being made.
        applies: Whether a profile asks for it.
        run: Makes it.
    """

    name: str
    title: Words
    reads: frozenset[str] | None
    reasons: Sequence[Reason]
    skips: Sequence[Skipped]
    applies: Callable[[Profile], bool]
    run: Callable[[Case], Result]
