"""Check `passages`: what gates recorded belongs together, and clips go on from one another."""

from collections.abc import Sequence

from ledger.domain.custody import Problem, Said
from ledger.domain.passage import passages_of
from ledger.domain.passage_record import Passages
from ledger.domain.verdict import Check
from ledger.verification import facts
from ledger.verification.checks.findings import Findings, count, not_checked
from ledger.verification.checks.sentences import sentence, worth_a_look
from ledger.verification.dossier import Dossier
from ledger.verification.facts import Log
from ledger.verification.manifest import CUSTODY

NAME = "passages"
# What somebody can still supply; everything else is said and cannot be so.
_OPEN = frozenset(
    {
        "passage-incomplete",
        "passage-record-missing",
        "passage-not-on-clip",
        "clip-missing",
        "clip-jump",
    }
)


def check_passages(dossier: Dossier, log: Log, said: Sequence[facts.Said], signatures_hold: bool) -> Check:
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
    first = {one.statement.id: one for one in reversed(said)}
    known = [Said(one.index, one.statement, one.body) for one in reversed(first.values())]
    covered = (one.subject for one in dossier.header.streams if one.name == CUSTODY)
    rules = log.profile.passage_rules()
    found = [
        passages_of(subject, known, rules) for subject in dict.fromkeys((dossier.header.shipment, *covered))
    ]
    findings, warnings = Findings(NAME), []
    for problem in _problems(found):
        if problem.is_warning:
            warnings.append(problem)
        else:
            note = findings.miss if problem.code in _OPEN else findings.fail
            note(problem.code, sentence(problem))
    passages = {one.statement: one for each in found for one in each.passages}
    clips = {one.id for each in found for one in each.clips}
    if not passages:
        findings.skip("no-passage", "No statement in the dossier tells of a gate passage.")
    records = sum(len(one.records) for one in passages.values())
    good = (
        f"{count(len(passages), 'gate passage')} with {count(records, 'record')} of the same container and "
        f"moment; {count(len(clips), 'clip')} without a gap."
    )
    return findings.conclude(good + worth_a_look(warnings))


def _problems(found: Sequence[Passages]) -> Sequence[Problem]:
    """Return what is wrong, each once: a consignment brings what is wrong with its trips."""
    return list(dict.fromkeys(problem for each in found for problem in each.problems))
