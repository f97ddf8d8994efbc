"""Whether a container was proven clean before lading, and watched since: a part of the check `box`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ledger.assessment.case import Case
from ledger.assessment.finding import Finding, Reason, Severity, at, found
from ledger.assessment.recorded import INSPECTION, Record, box_of, concluded, is_timed, records
from ledger.domain.custody.watch import LOADING, SCAN
from ledger.domain.words import Words

NEVER_CLEAN = Reason(
    "box-never-clean",
    Severity.MISSING,
    Words(
        "Container {box} was laden on {time}, by {who}, and no scan or inspection before had found it clear.",
        "El contenedor {box} se cargó el {time}, según {who}, y ninguna imagen ni inspección anterior lo "
        "halló limpio.",
        "Le conteneur {box} a été chargé le {time}, selon {who}, et aucune image ni inspection antérieure ne "
        "l'a trouvé sans anomalie.",
    ),
    "There is no proven clean state to count from. A conclusion from a scan made before lading settles it; "
    "it may be drawn later.",
)
UNOBSERVED = Reason(
    "box-unobserved",
    Severity.MISSING,
    Words(
        "For {minutes} minutes between the last clean state of {box} ({clean}) and lading ({time}) nobody "
        "looked; the corridor takes {limit}.",
        "Durante {minutes} minutos entre el último estado limpio de {box} ({clean}) y la carga ({time}) "
        "nadie miró; el corredor admite {limit}.",
        "Pendant {minutes} minutes entre le dernier état sans anomalie de {box} ({clean}) et le chargement "
        "({time}), personne n'a regardé ; le corridor en admet {limit}.",
    ),
    "Recordings of the time in between settle it (`video` with `observed`), or a later clean state.",
)
OPENED_SINCE = Reason(
    "box-opened-since-clean",
    Severity.WARNING,
    Words(
        "The doors of {box} were opened on {opened}, by {who}, after its last clean state ({clean}), and "
        "nobody concluded before lading that it was clear.",
        "Las puertas de {box} se abrieron el {opened}, según {who}, después de su último estado limpio "
        "({clean}), y nadie concluyó antes de la carga que estaba limpio.",
        "Les portes de {box} ont été ouvertes le {opened}, selon {who}, après son dernier état sans anomalie "
        "({clean}), et personne n'a conclu avant le chargement qu'il n'y en avait pas.",
    ),
    "What was proven before the doors were opened says nothing of what went in then.",
)
REASONS = (NEVER_CLEAN, UNOBSERVED, OPENED_SINCE)

_CAMERAS = "origin-port"
_CUSTOMS = "origin-customs"


@dataclass(frozen=True, slots=True)
class Cleanness:
    """What is known of the last clean state of a container.

    Args:
        findings: What is wrong with it.
        hidden: Whether a conclusion that may count is not shown to this reader.
    """

    findings: tuple[Finding, ...] = ()
    hidden: bool = False


def findings(case: Case, trip: str) -> Cleanness:
    """Return what is wrong with the last clean state before lading; nothing before a container is laden.

    Args:
        case: The shipment.
        trip: URI of the container trip.
    """
    limit = case.profile.custody.unobserved_minutes
    lading = next((one for one in reversed(records(case, LOADING)) if one.trip == trip), None)
    if limit is None or lading is None:
        return Cleanness()
    looked = [
        (one, concluded(case, one))
        for one in records(case, SCAN, INSPECTION)
        if one.trip == trip and (one.fact.time <= lading.fact.time or not is_timed(one.fact))
    ]
    clean = [one for one, word in looked if word.clear and one.fact.time <= lading.fact.time]
    hidden = any(
        word.withheld
        or not is_timed(one.fact)
        or (one.fact.kind == INSPECTION and not word.words and one.fact.said.withholds)
        for one, word in looked
    )
    if not clean:
        if hidden:
            return Cleanness(hidden=True)
        shown = {"box": box_of(trip), "time": at(lading.fact.time), "who": lading.fact.by}
        one = found(NEVER_CLEAN, lading.fact.said, *(each.fact.said for each, _ in looked), **shown)
        return Cleanness((replace(one, owed_by=_role(case, _CUSTOMS)),))
    told = (*_unobserved(case, lading, clean[-1], limit), *_opened(case, lading, clean[-1]))
    # A later clean state that is not shown may account for it.
    return Cleanness(hidden=bool(told)) if hidden else Cleanness(told)


def _unobserved(case: Case, lading: Record, clean: Record, limit: int) -> Iterator[Finding]:
    minutes = case.custody[lading.trip].unobserved_minutes
    if minutes is not None and minutes > limit:
        times = {"clean": at(clean.fact.time), "time": at(lading.fact.time)}
        said = (clean.fact.said, lading.fact.said)
        one = found(UNOBSERVED, *said, box=lading.box, minutes=minutes, limit=limit, **times)
        yield replace(one, owed_by=_role(case, _CAMERAS))


def _opened(case: Case, lading: Record, clean: Record) -> Iterator[Finding]:
    for one in case.custody[lading.trip].doors_opened:
        # What nothing accounts for breaks the line of custody.
        if one.accounted_for and clean.fact.time < one.time <= lading.fact.time:
            times = {"opened": at(one.time), "clean": at(clean.fact.time)}
            said = (clean.fact.said, case.by_id[one.statement])
            yield found(OPENED_SINCE, *said, box=lading.box, who=one.by, **times)


def _role(case: Case, role: str) -> str | None:
    return role if role in case.profile.roles else None
