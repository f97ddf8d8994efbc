"""What a check finds: a reason with a code and a sentence, and the statements that it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from ledger.domain.custody import Said
from ledger.domain.moment import in_utc, shown_time
from ledger.domain.words import Words

Value = str | int | float | Words
"""What stands in a sentence; times are given as texts by `at`."""
_LONGEST = 1_000
"""Characters of one value in a sentence: what readers found in a file has no limit of its own."""


class Severity(StrEnum):
    """What a finding means.

    A `problem` contradicts the shipment, what is `missing` somebody can still bring, a `warning` is worth a
    look.
    """

    PROBLEM = "problem"
    MISSING = "missing"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that a check may find.

    Args:
        code: Stable kebab-case code; programs compare this.
        severity: What it means.
        says: The sentence, with the names of the finding's values in braces.
        meaning: What is behind it and what to do, for the docs, in English.
    """

    code: str
    severity: Severity
    says: Words
    meaning: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check found.

    Args:
        reason: Which.
        values: What stands in its sentence.
        statements: Ids of the statements that it rests on, 32 bytes each.
        owed_by: Role that can settle it, where one owes something.
        due: By when, POSIX seconds.
        need: Name of the required evidence that is missing.
    """

    reason: Reason
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    statements: tuple[bytes, ...] = ()
    owed_by: str | None = None
    due: float | None = None
    need: str | None = None

    def sentence(self, language: str = "en") -> str:
        """Return the sentence in a language."""
        shown = {name: _shown(value, language) for name, value in self.values.items()}
        return self.reason.says.in_(language).format_map(shown)

    def to_json(self, language: str = "en") -> dict[str, Any]:
        """Return it as JSON: ids in hex, times in POSIX seconds."""
        return {
            "code": self.reason.code,
            "severity": self.reason.severity.value,
            "message": self.sentence(language),
            "statements": [one.hex() for one in self.statements],
            "owed_by": self.owed_by,
            "due": shown_time(self.due),
            "need": self.need,
        }


def found(reason: Reason, *said: Said, **values: Value) -> Finding:
    """Return a finding that rests on some statements."""
    return Finding(reason, MappingProxyType(values), tuple([one.statement.id for one in said]))


def at(seconds: float) -> str:
    """Return a time as sentences show it, in every language alike."""
    return in_utc(seconds)


def _shown(value: Value, language: str) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    text = value.in_(language) if isinstance(value, Words) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
