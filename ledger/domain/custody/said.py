"""A logged statement as a reader sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain.statement import Statement


@dataclass(frozen=True, slots=True)
class Said:
    """A logged statement as a reader sees it.

    Args:
        index: Its place in the log.
        statement: As signed.
        body: As revealed to this reader.
    """

    index: int
    statement: Statement
    body: Mapping[str, Any]

    @property
    def withholds(self) -> bool:
        """Whether members of the body itself are concealed from this reader."""
        signed = self.statement.body
        return len(signed.get("_sd", ())) > len(self.body.keys() - signed.keys())
