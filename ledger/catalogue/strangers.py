"""Organisations that a statement names and nobody has enrolled: mistyped, or not in the corridor."""

from collections.abc import Callable, Mapping
from typing import Any

from ledger.catalogue.findings import Finding, Weight
from ledger.catalogue.times import claim_of
from ledger.domain.hand_over import Role
from ledger.domain.sharing import ACCESS_REQUEST, GRANT, Grant
from ledger.domain.statement import Statement

IsEnrolled = Callable[[str], bool]
"""Tells whether an organisation of a URI is a participant now."""


def anybody(_uri: str) -> bool:
    """Take everybody for a participant, where no registry is at hand."""
    return True


def findings(statement: Statement, body: Mapping[str, Any], is_enrolled: IsEnrolled) -> list[Finding]:
    """Return a warning for each organisation that is to take over, or is let in, and does not take part.

    Not every carrier joins: a hand-over to one that has not is in order, and shown by one side only.

    Args:
        statement: As signed.
        body: As revealed, in its shape.
        is_enrolled: Asks the registry.

    Raises:
        UnavailableError: The registry cannot be read now.
    """
    return [
        Finding("organisation-unknown", f"{uri} does not take part here: {then}", field, Weight.WARNING)
        for uri, field, then in _named(statement, body)
        if not is_enrolled(uri)
    ]


def _named(statement: Statement, body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the organisations, where they are named, and what comes of it if they are strangers."""
    if statement.kind == GRANT and "to" in body:
        then = "if that is not how it is spelt, grant it to the right one"
        return [(uri, f"body.to.{place}", then) for place, uri in enumerate(Grant.parse(body).to)]
    if statement.kind == ACCESS_REQUEST and "to" in body:
        return [(body["to"], "body.to", "if that is not how it is spelt, ask the right one")]
    claim = claim_of(statement, body)
    if claim is None or claim.terms is None or claim.role is Role.TAKER:
        return []
    then = "it cannot sign that it took over; if that is not how it is spelt, correct this offer"
    return [(claim.terms.taker, "body.agreed.to", then)]
