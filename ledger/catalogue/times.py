"""Times that cannot be: what has not happened yet, clocks that are a day off, ends before beginnings."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.catalogue.findings import Finding
from ledger.domain import links
from ledger.domain.custody import Said
from ledger.domain.errors import PolicyError
from ledger.domain.hand_over import HAND_OVER, Claim, Result, Role
from ledger.domain.moment import happened_at, in_words
from ledger.domain.statement import Statement

DAY: Final = 86_400
BEGUN_BY: Final[Mapping[str, str]] = {"arrival": "departure", "discharge": "loading"}
"""For a kind that ends a leg, the one that began it."""
ENDS: Final = links.ENDING | BEGUN_BY.keys()
_CODE = "ends-before-start"
_DEVICE = "set the device's clock right, or say by how much it was ahead in body.clock_offset_s"
_SIGNER = "look at the clock that signs and at body.occurred_at, and sign again"
_TERMS = "agree on the time at which it changes hands, and sign when it does"


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
    if "occurred_at" in body:
        occurred = happened_at(statement, body)
        _check_ahead("body.occurred_at", occurred - now, future_seconds, "the log's clock", _DEVICE)
        _check_ahead("body.occurred_at", occurred - statement.iat, DAY, "its signing", _SIGNER)
    claim = claim_of(statement, body)
    if claim is not None and claim.terms is not None:
        # Whoever offers may be early; what was taken over has happened.
        offers = claim.role is Role.GIVER or claim.result is Result.REFUSED
        agreed = claim.terms.at.timestamp()
        allowed = max(DAY, future_seconds) if offers else future_seconds
        _check_ahead("body.agreed.at", agreed - now, allowed, "the log's clock", _TERMS)


def _check_ahead(field: str, ahead: float, allowed: int, than: str, way_out: str) -> None:
    if ahead > allowed:
        raise PolicyError(
            "occurred-in-future",
            f"{field} is {in_words(ahead)} ahead of {than}; {in_words(allowed)} are allowed: {way_out}",
            field=field,
        )


def claim_of(statement: Statement, body: Mapping[str, Any]) -> Claim | None:
    """Return what a hand-over says, None when part of it is concealed, or it is something else."""
    said = statement.kind == HAND_OVER and all(name in body for name in ("terms", "role", "result"))
    return Claim.parse(body) if said else None


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
    early = in_words(min(begun) - end)
    message = f"{signed.kind} is said to be {early} before what it ends began: look at both times"
    return [Finding(_CODE, message, "body.occurred_at" if "occurred_at" in new.body else "iat")]
