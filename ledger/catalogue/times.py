"""Times that cannot be: what has not happened yet, and clocks that are a day off."""

from collections.abc import Mapping
from typing import Any

from ledger.domain.errors import PolicyError
from ledger.domain.moment import happened_at
from ledger.domain.statement import Statement

DAY = 86_400


def check_times(statement: Statement, body: Mapping[str, Any], *, now: int, future_seconds: int) -> None:
    """Accept when something happened, as far as it is revealed.

    What happened before it was signed is late and welcome; what is signed a day before it happens is not.

    Args:
        statement: As signed.
        body: As revealed, in its shape.
        now: POSIX seconds.
        future_seconds: How far ahead of that a clock may be.

    Raises:
        PolicyError: Code `occurred-in-future`.
    """
    if "occurred_at" not in body:
        return
    occurred = happened_at(statement, body)
    for ahead, allowed, than in (
        (occurred - now, future_seconds, "the log's clock"),
        (occurred - statement.iat, DAY, "its signing"),
    ):
        if ahead > allowed:
            raise PolicyError(
                "occurred-in-future",
                f"body.occurred_at is {ahead:.0f} s ahead of {than}; {allowed} s are allowed: set the "
                "device's clock right, or say by how much it was ahead in body.clock_offset_s",
                field="body.occurred_at",
            )
