"""What a statement says against the line of custody as it stands."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.catalogue import times
from ledger.catalogue.findings import Finding, Weight
from ledger.domain.custody import Custody, HandOver, Level, Rules, Said, custody_of
from ledger.domain.errors import PolicyError
from ledger.domain.hand_over import HAND_OVER, Claim, Result, Role, Terms
from ledger.domain.statement import Statement

# What a hand-over is while it waits for its other side, or by its nature.
_EXPECTED: Final = frozenset({"handover-unaccepted", "handover-refused", "subject-not-opened"})
# What is mistyped more often than true: whoever means it says so. A seal that is honestly found broken, or
# doors that are open, must get on record without that.
_REFUSED: Final = frozenset(
    {
        *("handover-gap", "handover-competing", "handover-overlap", "handover-contradicted"),
        # Its members are concealed from the log itself, so that nobody can read it, and every line breaks.
        *("handover-malformed", "handover-not-party"),
        *("container-mismatch", "seal-unknown", "seal-changed"),
    }
)
_ABOUT: Final = frozenset({"container", "seals_found", "seals_applied", "seals_removed", "doors"})


def check_parties(statement: Statement, body: Mapping[str, Any]) -> None:
    """Accept a hand-over that its signer has a part in, as far as its terms are revealed.

    Args:
        statement: As signed.
        body: As revealed, in its shape.

    Raises:
        PolicyError: Codes `handover-to-self`, `handover-not-party`, `handover-other-subject`.
    """
    claim = times.claim_of(statement, body)
    if claim is None or claim.terms is None:
        return
    terms = claim.terms
    if terms.giver == terms.taker:
        raise PolicyError(
            "handover-to-self",
            f"the terms hand over from {terms.giver} to itself: name whoever takes it over",
            field="body.agreed.to",
        )
    side, party = ("from", terms.giver) if claim.role is Role.GIVER else ("to", terms.taker)
    if statement.iss != party:
        raise PolicyError(
            "handover-not-party",
            f"{statement.iss} signs as {claim.role.value}; the terms name {party} there",
            field=f"body.agreed.{side}",
        )
    for place, uri in enumerate(statement.subjects):
        if uri not in terms.subjects:
            raise PolicyError(
                "handover-other-subject", f"the terms are not about {uri}", field=f"subjects.{place}"
            )


def concerns(statement: Statement, body: Mapping[str, Any]) -> bool:
    """Return whether a statement says something of which the line of custody is made."""
    return statement.kind in times.ENDS or statement.kind == HAND_OVER or not _ABOUT.isdisjoint(body)


def findings(uri: str, others: Sequence[Said], new: Said, rules: Rules) -> list[Finding]:
    """Return what a new statement says against what was said of a subject.

    Args:
        uri: The subject.
        others: What was said of it, as far as the signer may see.
        new: The new statement, above all others in the log.
        rules: Those of the corridor.
    """
    before = custody_of(uri, others, rules)
    claim = times.claim_of(new.statement, new.body)
    found = [] if claim is None else _of_hand_over(uri, claim, _without_corrected(before, others, new, rules))
    found += times.early_ends(others, new) if new.statement.kind in times.ENDS else []
    known = {(one.code, one.statements) for one in before.problems}
    told = {one.code for one in found}
    for problem in custody_of(uri, [*others, new], rules).problems:
        is_new = (problem.code, problem.statements) not in known and new.statement.id in problem.statements
        if is_new and problem.code not in _EXPECTED | told:
            weight = Weight.CONFLICT if problem.code in _REFUSED else Weight.WARNING
            found.append(Finding(problem.code, problem.message, _field(problem.code, new.body), weight))
    return found


def _without_corrected(before: Custody, others: Sequence[Said], new: Said, rules: Rules) -> Custody:
    """Return the line as it stands once a new statement has corrected what it corrects."""
    signed = new.statement
    left = [one for one in others if one.statement.id != signed.corrects or one.statement.iss != signed.iss]
    return before if len(left) == len(others) else custody_of(before.subject, left, rules)


def _of_hand_over(uri: str, claim: Claim, line: Custody) -> list[Finding]:
    terms = claim.terms
    # Whoever refuses moves nothing, and a repetition neither.
    if terms is None or claim.result is Result.REFUSED or _is_settled(claim, line):
        return []
    if line.holder is not None and line.holder != terms.giver:
        code = "handover-competing" if terms.giver in line.holders else "handover-gap"
        message = f"{terms.giver} does not hold {uri}; {line.holder} does, by what is on record"
        return [Finding(code, message, "body.agreed.from")]
    if claim.role is Role.GIVER:
        return [
            Finding(
                "handover-competing",
                f"{terms.giver} has offered {uri} to {other.taker or 'somebody'} already, under terms "
                f"{other.terms_hash.hex()}: let that be refused, or correct it, first",
                "body.agreed.to",
            )
            for other in line.hand_overs
            if _is_pending(other, terms)
        ][:1]
    return []


def _is_settled(claim: Claim, line: Custody) -> bool:
    return any(
        one.terms_hash == claim.terms_hash and one.level in (Level.BOTH, Level.REFUSED)
        for one in line.hand_overs
    )


def _is_pending(other: HandOver, terms: Terms) -> bool:
    one_sided = other.level in (Level.ONE, Level.ONE_AND_MACHINE) and not other.taker_signed
    return one_sided and other.giver == terms.giver and other.terms_hash != terms.hash


def _field(code: str, body: Mapping[str, Any]) -> str:
    """Return which member a problem of a line is about, as near as its code tells."""
    if code.startswith("handover-"):
        return "body.terms"
    for name in ("container", "seals_removed", "seals_found", "seals_applied"):
        if name in body and code.startswith(name[:4]):
            return f"body.{name}"
    return "body"
