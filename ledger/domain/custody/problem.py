"""What a line of custody should not have."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ledger.domain.custody.said import Said


class Severity(StrEnum):
    """How bad it is: a problem breaks or holds up the line, a warning is worth a look."""

    PROBLEM = "problem"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a line of custody should not have.

    Args:
        code: Stable kebab-case code; programs compare this.
        message: One sentence for people.
        statements: Ids of the statements that it is about.
        severity: How bad it is.
    """

    code: str
    message: str
    statements: tuple[bytes, ...]
    severity: Severity = Severity.PROBLEM

    @property
    def is_warning(self) -> bool:
        """Whether it is worth a look only."""
        return self.severity is Severity.WARNING

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON (formats, section 13)."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "statements": [ident.hex() for ident in self.statements],
        }


def problem(code: str, message: str, *said: Said) -> Problem:
    """Return what breaks or holds up the line, about these statements."""
    return Problem(code, message, tuple([one.statement.id for one in said]))


def warning(code: str, message: str, *said: Said) -> Problem:
    """Return what is worth a look, about these statements."""
    return Problem(code, message, tuple([one.statement.id for one in said]), Severity.WARNING)
