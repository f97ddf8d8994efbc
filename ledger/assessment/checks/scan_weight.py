"""What was weighed on the way against what papers declare: a part of the check `scan`."""

from collections.abc import Iterator

from ledger.assessment import papers
from ledger.assessment.case import Case
from ledger.assessment.finding import Finding, Reason, Severity, Value, at, found
from ledger.assessment.papers import PaperSaid, papers_of
from ledger.assessment.recorded import INSPECTION, Record, at_place, records
from ledger.domain.custody.watch import SCAN
from ledger.domain.machines import measured_kg
from ledger.domain.papers import Amounts
from ledger.domain.passage_record import GATE_PASSAGE
from ledger.domain.standard_forms import container_number
from ledger.domain.words import Words

WEIGHING = frozenset({SCAN, GATE_PASSAGE, INSPECTION})
"""Kinds of statements that may say what a box weighed."""
READS = WEIGHING | papers.READS

WEIGHT_DIFFERS = Reason(
    "scan-weight-differs",
    Severity.PROBLEM,
    Words(
        "Container {box} weighed {measured} kg{place} on {time}, by {who}; {paper} declares {declared} kg "
        "({what}). They are {apart} % apart; {taken} % are taken.",
        "El contenedor {box} pesó {measured} kg{place} el {time}, según {who}; {paper} declara {declared} kg "
        "({what}). Difieren en {apart} %; se admite {taken} %.",
        "Le conteneur {box} pesait {measured} kg{place} le {time}, selon {who} ; {paper} déclare {declared} "
        "kg ({what}). L'écart est de {apart} % ; {taken} % sont admis.",
    ),
    "A scanner or scale recorded another mass of container and load than papers declare. Something was put "
    "in or taken out, or a paper is wrong: weigh again, or let the paper be corrected.",
)
LIGHTER = Reason(
    "scan-weight-below-goods",
    Severity.PROBLEM,
    Words(
        "Container {box} weighed {measured} kg{place} on {time}, by {who}: less than the {declared} kg of "
        "goods alone that {paper} declares.",
        "El contenedor {box} pesó {measured} kg{place} el {time}, según {who}: menos que los {declared} kg "
        "de mercancía sola que declara {paper}.",
        "Le conteneur {box} pesait {measured} kg{place} le {time}, selon {who} : moins que les {declared} kg "
        "de marchandises seules que déclare {paper}.",
    ),
    "Container and load together cannot weigh less than the goods in it. Something is missing, or a paper is "
    "wrong.",
)
REASONS = (WEIGHT_DIFFERS, LIGHTER)

_VGM = Words("verified gross mass", "masa bruta verificada", "masse brute vérifiée")
_GROSS_AND_TARE = Words("gross and tare weight", "peso bruto y tara", "poids brut et tare")


def findings(case: Case) -> Iterator[Finding]:
    """Yield where a box weighed something else than papers declare."""
    weighed = [
        (one, kg) for one in records(case, *sorted(WEIGHING)) if (kg := measured_kg(one.fact.said.body))
    ]
    declaring = papers_of(case) if weighed else ()
    for one, kg in weighed:
        told: set[float] = set()
        for paper in declaring:
            yield from _compared(case, one, kg, paper, told)


def _compared(case: Case, one: Record, kg: float, paper: PaperSaid, told: set[float]) -> Iterator[Finding]:
    """Yield what is wrong between a weight and a paper; of papers that declare the same only the first."""
    rules = case.profile.rules
    amounts = _of_box(paper, one.box)
    if rules is None or amounts is None:
        return
    taken = rules.tolerances.scan_percent
    place, time = at_place(one.place), at(one.fact.time)
    shown: dict[str, Value] = {
        "box": one.box,
        "measured": kg,
        "place": place,
        "time": time,
        "who": one.fact.by,
    }
    said = (one.fact.said, *paper.said)
    declared, what = _whole(amounts)
    if declared is not None:
        if apart_percent(kg, declared) > taken and declared not in told:
            told.add(declared)
            apart = round(apart_percent(kg, declared), 1)
            shown |= {"paper": paper.title, "what": what, "apart": apart, "taken": float(taken)}
            yield found(WEIGHT_DIFFERS, *said, **shown, declared=declared)
    elif amounts.gross_kg is not None:
        gross = amounts.gross_kg
        if kg < gross and apart_percent(kg, gross) > taken and gross not in told:
            told.add(gross)
            yield found(LIGHTER, *said, **shown, declared=gross, paper=paper.title)


def apart_percent(one: float, other: float) -> float:
    """Return how far two masses are apart, in percent of the larger one."""
    return 100 * abs(one - other) / max(one, other) if max(one, other) > 0 else 0.0


def _of_box(paper: PaperSaid, box: str) -> Amounts | None:
    """Return what a paper says of one container, None where it does not tell it from others."""
    number = container_number(box)
    for row in paper.paper.containers:
        if container_number(row.number) == number and row.amounts != Amounts():
            return row.amounts
    return paper.paper.totals if paper.containers == {number} else None


def _whole(amounts: Amounts) -> tuple[float | None, Words]:
    """Return the mass of container and load, as declared or summed up, and what it is called."""
    if amounts.vgm_kg is not None:
        return float(amounts.vgm_kg), _VGM
    if amounts.gross_kg is not None and amounts.tare_kg is not None:
        return float(amounts.gross_kg + amounts.tare_kg), _GROSS_AND_TARE
    return None, _GROSS_AND_TARE
