"""What was concluded from X-ray scans: a part of the check `scan`."""

from collections.abc import Iterator
from dataclasses import replace

from ledger.assessment.case import Case
from ledger.assessment.check import Skipped
from ledger.assessment.finding import Finding, Reason, Severity, at, found
from ledger.assessment.recorded import (
    INSPECTION,
    Concluded,
    Record,
    answers_itself,
    at_place,
    authority_at,
    concluded,
    settled,
)
from ledger.domain.custody.watch import ANALYSIS, SCAN
from ledger.domain.words import Words

READS = frozenset({SCAN, ANALYSIS, INSPECTION})

UNCONCLUDED = Reason(
    "scan-unconcluded",
    Severity.MISSING,
    Words(
        "Nobody says what the X-ray scan of {box}{place} of {time}, by {who}, shows: there is no conclusion.",
        "Nadie dice qué muestra la imagen de rayos X de {box}{place} del {time}, de {who}: no hay "
        "conclusión.",
        "Personne ne dit ce que montre l'image radioscopique de {box}{place} du {time}, par {who} : il n'y a "
        "pas de conclusion.",
    ),
    "A scan that nobody looked at proves nothing. It is settled by an `analysis` that refers to it with rel "
    "`of` and says `conclusion`.",
)
SUSPECT = Reason(
    "scan-suspect",
    Severity.PROBLEM,
    Words(
        "The X-ray scan of {box}{place} of {time} is suspect, says {who} on {said}, and no inspection found "
        "the container clear since.",
        "La imagen de rayos X de {box}{place} del {time} es sospechosa, dice {who} el {said}, y ninguna "
        "inspección halló limpio el contenedor desde entonces.",
        "L'image radioscopique de {box}{place} du {time} est suspecte, dit {who} le {said}, et aucune "
        "inspection n'a trouvé le conteneur sans anomalie depuis.",
    ),
    "It is settled by a later `inspection` with the conclusion `clear`, or by a later `analysis` of the scan "
    "by a person of the same organisation, or of an authority where it is none, that says so.",
)
BY_ITSELF = Reason(
    "scan-concluded-by-scanner",
    Severity.MISSING,
    Words(
        "Only {who}, who made the X-ray scan of {box}{place} of {time}, says that it is clear.",
        "Solo {who}, que tomó la imagen de rayos X de {box}{place} del {time}, dice que no muestra nada.",
        "Seul {who}, qui a pris l'image radioscopique de {box}{place} du {time}, dit qu'elle ne montre rien.",
    ),
    "Who scans for an authority does not judge alone what it scanned. It is settled by an `analysis` by "
    "anybody else who may, such as customs or a laboratory.",
)
BY_ALGORITHM = Reason(
    "scan-by-algorithm",
    Severity.WARNING,
    Words(
        "Only an algorithm looked at the X-ray scan of {box}{place} of {time}, by word of {who}: no person "
        "concluded or agreed.",
        "Solo un algoritmo miró la imagen de rayos X de {box}{place} del {time}, según {who}: ninguna "
        "persona concluyó ni confirmó.",
        "Seul un algorithme a regardé l'image radioscopique de {box}{place} du {time}, selon {who} : aucune "
        "personne n'a conclu ni confirmé.",
    ),
    "What an algorithm takes for clear should be agreed by a person (`confirmed_by`).",
)
WITHHELD = Skipped(
    "conclusion-withheld",
    Words(
        "What was concluded from an X-ray scan is not shown to this reader.",
        "Lo concluido de una imagen de rayos X no se muestra a este lector.",
        "Ce qui a été conclu d'une image radioscopique n'est pas montré à ce lecteur.",
    ),
)
REASONS = (SUSPECT, UNCONCLUDED, BY_ITSELF, BY_ALGORITHM)


def findings(case: Case, scan: Record) -> Iterator[Finding]:
    """Yield what speaks against the conclusions from a scan, or that there is none."""
    word = concluded(case, scan)
    shown = {"box": scan.box, "time": at(scan.fact.time), "who": scan.fact.by}
    place = at_place(scan.place)
    if not word.words:
        if not word.withheld:
            one = found(UNCONCLUDED, scan.fact.said, **shown, place=place)
            yield replace(one, owed_by=authority_at(case, scan.place))
        return
    last = word.words[-1]
    shown["who"] = last.by
    said = (scan.fact.said, *(each.said for each in word.words))
    if not word.clear:
        if settled(case, scan) is False:
            yield found(SUSPECT, *said, **shown, place=place, said=at(last.time))
    elif answers_itself(case, scan, word):
        one = found(BY_ITSELF, *said, **shown, place=place)
        yield replace(one, owed_by=authority_at(case, scan.place))
    elif not word.by_person and not _withholds(word):
        yield found(BY_ALGORITHM, *said, **shown, place=place)


def _withholds(word: Concluded) -> bool:
    return word.withheld or any(each.said.withholds for each in word.words)


def is_hidden(case: Case, scan: Record) -> bool:
    """Return whether this reader is not shown what a scan is worth."""
    word = concluded(case, scan)
    if not word.words:
        return word.withheld
    return word.clear is False and settled(case, scan) is None
