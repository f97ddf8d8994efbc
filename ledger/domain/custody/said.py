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
