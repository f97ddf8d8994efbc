"""What became of a line that was imported."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ledger.domain.errors import CorridorError

SHOWN: Final = ("line", "state", "name", "subjects", "code", "message", "column")
"""Members of an outcome, in the order in which a report has them."""


class State(StrEnum):
    """How a line ended."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line.

    Args:
        line: Its number in the file, from 1, or the name of its file.
        state: How it ended.
        name: What its owner calls it, empty where that could not be read.
        subjects: URIs of what it is about on record.
        code: Why it was rejected, or what it repeats, for programs; empty for what was accepted.
        message: The same for people.
        column: Which column is at fault, empty where none is.
    """

    line: str
    state: State
    name: str = ""
    subjects: tuple[str, ...] = ()
    code: str = ""
    message: str = ""
    column: str = ""

    @classmethod
    def refused(cls, line: str, error: CorridorError, name: str = "") -> "Outcome":
        """Return that a line was rejected, and why."""
        return cls(line, State.REJECTED, name, (), error.code, error.message, error.field or "")

    def to_json(self) -> dict[str, Any]:
        """Return it as a report in JSON has it."""
        return {
            "line": self.line,
            "state": self.state.value,
            "name": self.name,
            "subjects": list(self.subjects),
            "code": self.code or None,
            "message": self.message or None,
            "column": self.column or None,
        }
