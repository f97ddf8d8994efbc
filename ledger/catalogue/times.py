"""Times that cannot be: what has not happened yet, clocks that are a day off, ends before beginnings."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.catalogue.findings import Finding
from ledger.domain import links
from ledger.domain.custody import Said
from ledger.domain.errors import PolicyError
from ledger.domain.moment import happened_at
from ledger.domain.statement import Statement

DAY: Final = 86_400
BEGUN_BY: Final[Mapping[str, str]] = {"arrival": "departure", "discharge": "loading"}
"""For a kind that ends a leg, the one that began it."""
ENDS: Final = links.ENDING | BEGUN_BY.keys()
_CODE = "ends-before-start"


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


def early_ends(others: Sequence[Said], new: Said) -> list[Finding]:
    """Return a finding when a new statement ends what began only later, by what is on record.

    Args:
        others: What was said of its subject.
        new: The new statement.
    """
    signed = new.statement
    end = happened_at(signed, new.body)
    ended = set(links.links_of(signed, new.body)) if signed.kind in links.ENDING else set()
    begun = [span.since for span in links.LinkSet.of(others).spans if span.link in ended] if ended else []
    # A leg has several arrivals, of lorry and of ship: each organisation tells of its own.
    begun += [
        happened_at(one.statement, one.body)
        for one in others
        if one.statement.kind == BEGUN_BY.get(signed.kind) and one.statement.iss == signed.iss
    ]
    if not begun or end >= min(begun):
        return []
    message = f"{signed.kind} is said to be {min(begun) - end:.0f} s before what it ends began"
    return [Finding(_CODE, message, "body.occurred_at" if "occurred_at" in new.body else "iat")]
