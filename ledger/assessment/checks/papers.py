"""The check `papers`: what papers say of one shipment, held against each other and against the record."""

from typing import Final

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result, Skipped
from ledger.assessment.checks import papers_amounts, papers_dates, papers_identity, papers_seals
from ledger.assessment.compare import Topic
from ledger.assessment.finding import Finding, Reason, Severity, found
from ledger.assessment.papers import MOST_PAPERS, are_left_out, papers_of
from ledger.corridors.profile import Profile
from ledger.corridors.rules import Tolerances
from ledger.domain.standard_forms import container_number
from ledger.domain.subject import Subject
from ledger.domain.words import Words

NOTHING: Final = Skipped(
    "nothing-to-compare",
    Words(
        "No two papers say anything that could be compared.",
        "No hay dos documentos que digan algo comparable.",
        "Aucun couple de documents ne dit quoi que ce soit de comparable.",
    ),
)
LEFT_OUT: Final = Reason(
    "papers-left-out",
    Severity.MISSING,
    Words(
        "Only the first {count} papers were held against each other.",
        "Solo se compararon los primeros {count} documentos.",
        "Seuls les {count} premiers documents ont été comparés.",
    ),
    "Nobody needs so many papers for one shipment: whoever told of them may want others not to be read. So "
    "the check is not passed until their signers correct what is too much.",
)
_ORDER: Final = {Severity.PROBLEM: 0, Severity.MISSING: 1, Severity.WARNING: 2}


def run(case: Case) -> Result:
    """Hold the papers of a case against each other.

    Amounts are compared of the same containers only; of several contradictions on one thing each other value
    is one finding, against the value that most papers have.
    """
    papers = papers_of(case)
    allowed = Tolerances() if case.profile.rules is None else case.profile.rules.tolerances
    trips = frozenset(container_number(Subject.parse(trip).key) for trip in case.trips)
    topics: list[Topic[float] | Topic[frozenset[str]]] = [
        *papers_amounts.topics(papers, trips, allowed),
        *papers_identity.topics(papers, allowed),
        *papers_seals.topics(papers, case),
    ]
    is_whole = Subject.parse(case.subject).type == "consignment"
    findings: list[Finding] = [
        *(finding for topic in topics for finding in topic.findings()),
        *papers_amounts.alone(papers, trips, allowed),
        *papers_identity.boxes(papers, trips, is_whole=is_whole),
        *papers_seals.against_record(papers, case),
        *papers_dates.against_events(papers, case, allowed.days),
    ]
    compared = (
        any(topic.is_compared for topic in topics)
        or papers_seals.is_compared(papers, case)
        or papers_dates.is_compared(papers, case)
    )
    if are_left_out(case):
        findings.append(found(LEFT_OUT, count=MOST_PAPERS))
    findings.sort(key=lambda one: (_ORDER[one.reason.severity], one.reason.code, one.sentence()))
    good = f"{len(papers)} papers do not contradict each other."
    return Result(tuple(findings), None if compared or findings else NOTHING, good)


def _applies(profile: Profile) -> bool:
    return profile.rules is not None


PAPERS: Final = CorridorCheck(
    name="papers",
    title=Words("Papers", "Documentos", "Documents"),
    # Seals and times of lading are told by statements of many kinds, some of them the profile's own.
    reads=None,
    reasons=(
        *papers_amounts.REASONS,
        *papers_identity.REASONS,
        *papers_seals.REASONS,
        *papers_dates.REASONS,
        LEFT_OUT,
    ),
    skips=(NOTHING,),
    applies=_applies,
    run=run,
)
