"""Check `custody`: who held the shipment when, in an unbroken line, by the rules of hand-over."""

from collections.abc import Collection, Sequence

from ledger.domain import custody
from ledger.domain.custody import Custody
from ledger.domain.sharing import ACCESS_ANSWER, ANSWERS
from ledger.domain.statement import Reference
from ledger.domain.verdict import Check
from ledger.verification.checks.findings import Findings, not_checked
from ledger.verification.checks.sentences import sentence, worth_a_look
from ledger.verification.dossier import Dossier
from ledger.verification.facts import Log, Said
from ledger.verification.manifest import CUSTODY

NAME = "custody"
# What another party can still supply or settle; everything else contradicts the line.
_OPEN = frozenset(
    {"handover-unaccepted", "handover-refused", "linked-trip-not-covered", "subject-not-opened"}
)


def check_custody(dossier: Dossier, log: Log, said: Sequence[Said], signatures_hold: bool) -> Check:
    """Return the check.

    Args:
        dossier: What was parsed.
        log: The trusted log with its corridor's rules.
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
    rules = log.profile.custody_rules()
    # The shipment first, covered or not: it is what the verdict is about.
    lines = {subject: custody.custody_of(subject, known, rules) for subject in (shipment, *covered)}
    copied = custody.copied((line.subject, line.seal_events) for line in lines.values() if _is_trip(line))
    # A consignment brings the problems of its containers with it, which have lines of their own as well.
    problems = dict.fromkeys([*copied, *(problem for line in lines.values() for problem in line.problems)])
    warnings = []
    for problem in problems:
        if problem.is_warning:
            warnings.append(problem)
            continue
        note = findings.miss if problem.code in _OPEN else findings.fail
        note(problem.code, sentence(problem))
    # What was corrected counts no more: else a mistaken reference could never be put right.
    corrected = {one.statement for line in lines.values() for one in line.corrected}
    for one in first.values():
        if one.statement.id not in corrected:
            _check_references(one, first.keys(), findings)
    return findings.conclude(_good(lines[shipment]) + worth_a_look(warnings))


def _is_trip(line: Custody) -> bool:
    return [one.trip for one in line.containers] == [line.subject]


def _good(line: Custody) -> str:
    if len(line.holders) > 1:
        return f"An unbroken line of custody: from {', to '.join(line.holders)}."
    return f"Held by {', '.join(line.holders)}; no hand-over is claimed."


def _is_private(one: Said, reference: Reference) -> bool:
    """Return whether a reference is to a request, which nobody but the two parties of it may see."""
    return one.statement.kind == ACCESS_ANSWER and reference.rel == ANSWERS


def _check_references(one: Said, known: Collection[bytes], findings: Findings) -> None:
    """Note what a statement refers to and the dossier does not hold: never logged, or filed elsewhere."""
    corrected = () if one.statement.corrects is None else (one.statement.corrects,)
    named = (reference.id for reference in one.statement.references if not _is_private(one, reference))
    for other in (*named, *corrected):
        if other not in known:
            message = f"{one.shown} refers to statement {other.hex()[:16]}…, which is not in the dossier."
            findings.miss("reference-missing", message)
