"""What a corridor's check is: a name, the reasons that it may give, and a function of a case."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from ledger.assessment.case import Case
from ledger.assessment.finding import Finding, Reason, Severity
from ledger.corridors.profile import Profile
from ledger.domain.verdict import Check, Status
from ledger.domain.words import Words

MOST_ALIKE: Final = 100
"""Findings of one code that a check tells, the first ones: nobody reads more, and anybody can cause them."""


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
        left_out: How many findings of a severity are not told, for there are too many of one code.
    """

    findings: tuple[Finding, ...] = ()
    skipped: Skipped | None = None
    good: str = "Nothing speaks against it."
    left_out: Mapping[Severity, int] = field(default_factory=lambda: MappingProxyType({}))

    def to_check(self, name: str) -> Check:
        """Return it as a check of a verdict: problems fail it, what is missing leaves it open."""
        for severity, status in (
            (Severity.PROBLEM, Status.FAILED),
            (Severity.MISSING, Status.MISSING),
        ):
            worst = [one for one in self.findings if one.reason.severity is severity]
            if worst:
                others = len(worst) - 1 + self.left_out.get(severity, 0)
                more = f" ({others} more like it)" if others else ""
                return Check(name, status, worst[0].reason.code, worst[0].sentence() + more)
        if self.skipped is not None:
            return Check(name, Status.NOT_CHECKED, self.skipped.code, self.skipped.says.en)
        warnings = [one.sentence() for one in self.findings]
        look = f" Worth a look: {warnings[0]}" if warnings else ""
        others = len(warnings) - 1 + self.left_out.get(Severity.WARNING, 0)
        more = f" ({others} more warnings)" if others > 0 else ""
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

    def make(self, case: Case) -> Result:
        """Make the check; of very many findings of one code the first are told."""
        result = self.run(case)
        if len(result.findings) <= MOST_ALIKE:
            return result
        alike: Counter[str] = Counter()
        left_out: Counter[Severity] = Counter()
        kept = []
        for one in result.findings:
            alike[one.reason.code] += 1
            if alike[one.reason.code] <= MOST_ALIKE:
                kept.append(one)
            else:
                left_out[one.reason.severity] += 1
        return replace(result, findings=tuple(kept), left_out=MappingProxyType(dict(left_out)))
