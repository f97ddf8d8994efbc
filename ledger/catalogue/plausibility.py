"""Whether a statement is likely: well-formed where the format fixes a meaning, and in line with the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.catalogue import categories, contradictions, named, numbers, strangers, times
from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.findings import Finding, Weight
from ledger.catalogue.shape import check_shape
from ledger.corridors.profile import Profile
from ledger.domain.clock import Clock
from ledger.domain.custody import Said
from ledger.domain.errors import NotFoundError, UnavailableError
from ledger.domain.statement import Statement

MOST_BESIDE = 1_000
"""Statements beside which a new one is looked at. Whoever fills streams of its own and names them all at once
would keep the service busy; a line that is told in so many is judged by its readers."""


class Plausibility:
    """Looks at statements before they are logged; what it lets through is not thereby true.

    Args:
        catalogue: Knows what was said before.
        profile: The corridor's rules.
        clock: The log's clock.
        future_seconds: How far ahead of it something may have happened.
        is_enrolled: Tells whether an organisation takes part now.
        most_beside: Statements beside which a new one is looked at, of all its subjects together.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        profile: Profile,
        clock: Clock,
        *,
        future_seconds: int,
        is_enrolled: strangers.IsEnrolled = strangers.anybody,
        most_beside: int = MOST_BESIDE,
    ) -> None:
        self._catalogue = catalogue
        self._rules = profile.custody_rules()
        self._corridor = profile.rules
        self._check_digit = profile.identifiers.check_digit
        self._categories = frozenset(profile.categories)
        self._clock = clock
        self._future_seconds = future_seconds
        self._is_enrolled = is_enrolled
        self._most_beside = most_beside

    def of_itself(self, statement: Statement, body: Mapping[str, Any], *, lenient: bool) -> list[Finding]:
        """Return what is to be told of a statement looked at alone.

        Args:
            statement: As signed.
            body: As revealed.
            lenient: Whether findings hinder nothing.

        Raises:
            MalformedError: A member of fixed meaning is malformed.
            PolicyError: A time that cannot be, or a finding against a rule of the corridor.
            UnavailableError: The registry cannot be read now.
        """
        check_shape(statement, body)
        contradictions.check_parties(statement, body)
        times.check_times(statement, body, now=self._clock(), future_seconds=self._future_seconds)
        weight = Weight.RULE if self._check_digit == "error" else Weight.WARNING
        found = numbers.findings(statement, body, weight)
        found += categories.findings(body, self._categories)
        found += named.findings(body, self._corridor, self._clock() + self._future_seconds)
        return _settled([*found, *strangers.findings(statement, body, self._is_enrolled)], lenient)

    def asks_for_more(self, statement: Statement, body: Mapping[str, Any]) -> bool:
        """Return whether a statement says something that others may contradict."""
        return contradictions.concerns(statement, body)

    def beside_others(self, statement: Statement, body: Mapping[str, Any], *, lenient: bool) -> list[Finding]:
        """Return what is to be told of a statement beside what its signer can know of its subjects.

        Raises:
            ConflictError: It contradicts the line of custody.
            PolicyError: It is a hand-over between others, or to oneself.
        """
        findings: dict[Finding, None] = {}
        left = self._most_beside
        for uri in statement.subjects:
            try:
                said = self._catalogue.said(uri, statement.iss, most=left)
            except NotFoundError:
                continue
            except UnavailableError as error:
                if error.code != "too-much-said":
                    raise
                continue
            left -= len(said)
            others = [one for one in said if one.statement.id != statement.id]
            index = max((one.index for one in others), default=0) + 1
            new = Said(index, statement, body)
            findings |= dict.fromkeys(contradictions.findings(uri, others, new, self._rules))
        return _settled(list(findings), lenient)


def _settled(findings: Sequence[Finding], lenient: bool) -> list[Finding]:
    """Return the findings as warnings, or raise the first that is more than one."""
    for finding in findings:
        if finding.weight is not Weight.WARNING and not lenient:
            raise finding.refusal()
    return list(findings)
