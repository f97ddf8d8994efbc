"""The check `re-use`: a bill of lading or certificate is of one shipment, and its number of one paper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Final

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result, Skipped
from ledger.assessment.compare import said_by
from ledger.assessment.dates import Moment, moments
from ledger.assessment.finding import Finding, Reason, Severity, Value, found
from ledger.assessment.paper_titles import listed
from ledger.assessment.papers import READS, PaperSaid, papers_of
from ledger.corridors.profile import Profile
from ledger.domain.custody import Said
from ledger.domain.links import LinkSet
from ledger.domain.paper_numbers import BILL, CERTIFICATE, INVOICE, bill_of, numbers_used, own_numbers
from ledger.domain.standard_forms import company_name, is_name, same_company
from ledger.domain.subject import SUBJECT_OPENED, Subject
from ledger.domain.words import Words

ELSEWHERE: Final = Reason(
    "number-used-elsewhere",
    Severity.PROBLEM,
    Words(
        "{kind} {number} is used for another shipment too: {others}.",
        "{kind} {number} se usa también para otro envío: {others}.",
        "{kind} {number} sert aussi à un autre envoi : {others}.",
    ),
    "A bill of lading or a certificate covers one shipment. The same number stands in papers of another one "
    "that is not linked to it, or is what that one is filed under. Numbers of fewer than six characters are "
    "not looked for.",
)
TWICE: Final = Reason(
    "number-on-two-papers",
    Severity.PROBLEM,
    Words(
        "{kind} {number} stands on different papers: {papers}; they differ in {what}.",
        "{kind} {number} figura en documentos distintos: {papers}; difieren en {what}.",
        "{kind} {number} figure sur des documents différents : {papers} ; ils diffèrent par {what}.",
    ),
    "Two papers of one shipment have the same number of their own and are not the same paper: their kind, "
    "issuer, containers or day of issue differ. One is copied from the other, or a number is mistyped.",
)
NO_OTHERS: Final = Skipped(
    "no-other-shipments",
    Words(
        "Nothing here tells in which other shipments numbers were used.",
        "Aquí nada indica en qué otros envíos se usaron los números.",
        "Rien ici ne dit dans quels autres envois ces numéros ont servi.",
    ),
)

_KINDS: Final = {
    BILL: Words("Bill of lading", "El conocimiento de embarque", "Le connaissement"),
    CERTIFICATE: Words("Certificate", "El certificado", "Le certificat"),
    INVOICE: Words("Invoice", "La factura", "La facture"),
}
_DAY: Final = 86_400
_MOST_PAIRS: Final = 64
"""Pairs of names that are looked at: a paper has one issuer, and who names more is not wrong."""


def run(case: Case) -> Result:
    """Look for numbers that are used twice, within the shipment and in others."""
    papers = papers_of(case)
    allowed = 0.0 if case.profile.rules is None else case.profile.rules.tolerances.days
    findings = [*_twice(papers, allowed), *_elsewhere(papers, case)]
    skipped = NO_OTHERS if case.used is None else None
    return Result(tuple(findings), skipped, "No bill of lading or certificate is used twice.")


def _elsewhere(papers: Sequence[PaperSaid], case: Case) -> Iterator[Finding]:
    if case.used is None:
        return
    own = _linked(case)
    using: dict[tuple[str, str], list[Said]] = {}
    for paper in papers:
        for pair in numbers_used(paper.paper):
            using.setdefault(pair, []).extend(paper.said)
    for one in case.of_kind(SUBJECT_OPENED):
        for uri in one.statement.subjects:
            bill = bill_of(Subject.parse(uri)) if uri in own else None
            if bill is not None:
                using.setdefault((BILL, bill), []).append(one)
    for (kind, number), said in sorted(using.items(), key=lambda item: item[0]):
        others = sorted(set(case.used(kind, number)) - own)
        if others:
            rests = {one.statement.id: one for one in said}
            shown = listed([Words.alike(uri) for uri in others])
            yield found(ELSEWHERE, *rests.values(), kind=_KINDS[kind], number=number, others=shown)


def _linked(case: Case) -> frozenset[str]:
    """Return the subjects that are this shipment: itself, what it is in, and of a container what else is."""
    pairs = [(span.link.from_, span.link.to) for span in LinkSet.of(case.said).spans]
    linked = {case.subject, *case.trips}
    around = {end for pair in pairs if case.subject in pair for end in pair}
    if Subject.parse(case.subject).type == "trip":
        # A container's papers are its consignment's, and so those of the other containers of that one.
        around |= {end for pair in pairs if around & set(pair) for end in pair}
    return frozenset(linked | around)


def _twice(papers: Sequence[PaperSaid], days: float) -> Iterator[Finding]:
    by_number: dict[tuple[str, str], list[_Compared]] = {}
    for one in papers:
        compared = _Compared.of(one)
        for pair in own_numbers(one.paper):
            by_number.setdefault(pair, []).append(compared)
    # Two papers may share many numbers.
    known: dict[tuple[int, int], Sequence[Words]] = {}
    for (kind, number), same in sorted(by_number.items(), key=lambda item: item[0]):
        what: dict[Words, None] = {}
        differing: dict[int, PaperSaid] = {}
        for first, other in combinations(same, 2):
            both = first.said.rank, other.said.rank
            if both not in known:
                known[both] = tuple(_differences(first, other, days))
            if known[both]:
                what |= dict.fromkeys(known[both])
                differing |= {each.said.rank: each.said for each in (first, other)}
        if differing:
            titles = sorted((each.title for each in differing.values()), key=lambda title: title.en)
            values: dict[str, Value] = {
                "kind": _KINDS[kind],
                "number": number,
                "papers": listed(titles),
                "what": listed([*what]),
            }
            yield found(TWICE, *said_by(differing.values()), **values)


@dataclass(frozen=True, slots=True)
class _Compared:
    said: PaperSaid
    issuers: frozenset[str]
    boxes: frozenset[str]
    dates: tuple[Moment, ...]

    @classmethod
    def of(cls, one: PaperSaid) -> "_Compared":
        named = [each.name for each in one.paper.parties if each.role == "issuer" and each.name]
        issuers = frozenset(company_name(name) for name in named if is_name(name))
        dates = tuple([moment for _, moment in moments(one.paper, "issued")])
        return cls(one, issuers, frozenset(one.boxes), dates)


def _differences(one: _Compared, other: _Compared, days: float) -> Iterator[Words]:
    if one.said.paper.document != other.said.paper.document:
        yield Words("what they are", "el tipo de documento", "leur nature")
    if one.issuers and other.issuers and not _may_be_same(one.issuers, other.issuers):
        yield Words("their issuer", "el emisor", "l’émetteur")
    if one.boxes and other.boxes and one.boxes.isdisjoint(other.boxes):
        yield Words("their containers", "los contenedores", "les conteneurs")
    apart = partial(_apart, days * _DAY)
    if (
        one.dates
        and other.dates
        and all(apart(first, second) for first in one.dates for second in other.dates)
    ):
        yield Words("their date", "la fecha", "la date")


def _may_be_same(some: frozenset[str], others: frozenset[str]) -> bool:
    if not some.isdisjoint(others) or len(some) * len(others) > _MOST_PAIRS:
        return True
    return any(same_company(one, other) for one in some for other in others)


def _apart(slack: float, one: Moment, other: Moment) -> bool:
    return one.last + slack < other.first or other.last + slack < one.first


def _applies(profile: Profile) -> bool:
    return profile.rules is not None


RE_USE: Final = CorridorCheck(
    name="re-use",
    title=Words("Re-use of papers", "Reutilización de documentos", "Réemploi de documents"),
    reads=READS | {SUBJECT_OPENED},
    reasons=(ELSEWHERE, TWICE),
    skips=(NO_OTHERS,),
    applies=_applies,
    run=run,
)
