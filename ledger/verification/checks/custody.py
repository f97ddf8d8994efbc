"""Check `custody`: who held the shipment when, in an unbroken line, by the rules of hand-over."""

from collections.abc import Collection, Sequence

from ledger.domain import custody
from ledger.domain.verdict import Check
from ledger.verification.checks.findings import Findings, not_checked
from ledger.verification.dossier import Dossier
from ledger.verification.facts import Said
from ledger.verification.manifest import CUSTODY

NAME = "custody"
# What another party can still supply or settle; everything else contradicts the line.
_OPEN = frozenset({"handover-unaccepted", "handover-refused", "subject-not-opened"})


def check_custody(dossier: Dossier, said: Sequence[Said], signatures_hold: bool) -> Check:
    """Return the check.

    Args:
        dossier: What was parsed.
        said: The statements, as far as the reader may know them.
        signatures_hold: Whether all of them are signed as they say; without that, nobody said anything.
    """
    if not signatures_hold:
        message = "This builds on the check signature, which did not pass."
        return not_checked(NAME, "needs-signature", message)
    findings = Findings(NAME)
    first = {one.statement.id: one for one in reversed(said)}
    known = [custody.Said(one.index, one.statement, one.body) for one in reversed(first.values())]
    shipment = dossier.header.shipment
    covered = (one.subject for one in dossier.header.streams if one.name == CUSTODY)
    # The shipment first, covered or not: it is what the verdict is about.
    lines = {subject: custody.custody_of(subject, known) for subject in (shipment, *covered)}
    for problem in (problem for line in lines.values() for problem in line.problems):
        note = findings.miss if problem.code in _OPEN else findings.fail
        note(problem.code, f"{problem.message[:1].upper()}{problem.message[1:]}.")
    for one in first.values():
        _check_references(one, first.keys(), findings)
    holders = lines[shipment].holders
    if len(holders) > 1:
        return findings.conclude(f"An unbroken line of custody: from {', to '.join(holders)}.")
    return findings.conclude(f"Held by {', '.join(holders)}; no hand-over is claimed.")


def _check_references(one: Said, known: Collection[bytes], findings: Findings) -> None:
    """Note what a statement refers to and the dossier does not hold: never logged, or filed elsewhere."""
    corrected = () if one.statement.corrects is None else (one.statement.corrects,)
    for other in (*(reference.id for reference in one.statement.references), *corrected):
        if other not in known:
            message = f"{one.shown} refers to statement {other.hex()[:16]}…, which is not in the dossier."
            findings.miss("reference-missing", message)
