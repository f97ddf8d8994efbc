"""Check `scan`: X-ray scans against the box, the gate and the way, and what was concluded from them."""

from collections.abc import Iterator, Sequence

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result, Skipped
from ledger.assessment.checks import scan_conclusion, scan_weight
from ledger.assessment.finding import Finding, Reason, Severity, Value, at, found
from ledger.assessment.places import is_in_country
from ledger.assessment.recorded import (
    READING,
    Record,
    at_place,
    boxes_in,
    code_of,
    is_timed,
    read_from,
    records,
)
from ledger.corridors.profile import Profile
from ledger.domain.custody.watch import SCAN, STUFFING
from ledger.domain.moment import in_words
from ledger.domain.passage_record import GATE_PASSAGE
from ledger.domain.words import Words

OTHER_CONTAINER = Reason(
    "scan-other-container",
    Severity.PROBLEM,
    Words(
        "The X-ray scan of {box}{place} of {time}, by {who}, shows container {seen}.",
        "La imagen de rayos X de {box}{place} del {time}, de {who}, muestra el contenedor {seen}.",
        "L'image radioscopique de {box}{place} du {time}, par {who}, montre le conteneur {seen}.",
    ),
    "The number that was seen on the scanned box, by the signer or by a reader of the image, is another one. "
    "The scan says nothing of this shipment: scan it again.",
)
OTHER_TIME = Reason(
    "scan-other-time",
    Severity.PROBLEM,
    Words(
        "The X-ray scan of {box} of {time}, by {who}, is {apart} away from the gate passage of {passed} that "
        "names it; {taken} are taken.",
        "La imagen de rayos X de {box} del {time}, de {who}, está a {apart} del paso por la puerta del "
        "{passed} que la nombra; se admiten {taken}.",
        "L'image radioscopique de {box} du {time}, par {who}, est à {apart} du passage de la porte du "
        "{passed} qui la nomme ; {taken} sont admis.",
    ),
    "Scan and gate passage are said to be one moment. Either a clock was wrong, which a correction says, or "
    "it is the scan of another passage.",
)
OTHER_PLACE = Reason(
    "scan-other-place",
    Severity.PROBLEM,
    Words(
        "The X-ray scan of {box} of {time}, by {who}, was made at {seen}; the gate passage that names it is "
        "at {passed}.",
        "La imagen de rayos X de {box} del {time}, de {who}, se hizo en {seen}; el paso por la puerta que la "
        "nombra es en {passed}.",
        "L'image radioscopique de {box} du {time}, par {who}, a été prise à {seen} ; le passage de la porte "
        "qui la nomme est à {passed}.",
    ),
    "A box is scanned where it passes. The scan of another place is the scan of another passage.",
)
OFF_ROUTE = Reason(
    "scan-off-route",
    Severity.PROBLEM,
    Words(
        "The X-ray scan of {box} of {time}, by {who}, was made at {seen}, which is not on the route.",
        "La imagen de rayos X de {box} del {time}, de {who}, se hizo en {seen}, que no está en la ruta.",
        "L'image radioscopique de {box} du {time}, par {who}, a été prise à {seen}, qui n'est pas sur la "
        "route.",
    ),
    "The place is in no country of the corridor's places. A scan from elsewhere is not of this way, or the "
    "box was taken where it had no business.",
)
BEFORE_STUFFING = Reason(
    "scan-before-stuffing",
    Severity.WARNING,
    Words(
        "The X-ray scan of {box}{place} of {time}, by {who}, is older than the stuffing of {stuffed}, and "
        "none was made since: it shows nothing of the goods.",
        "La imagen de rayos X de {box}{place} del {time}, de {who}, es anterior al llenado del {stuffed}, y "
        "no se hizo otra después: no muestra nada de la mercancía.",
        "L'image radioscopique de {box}{place} du {time}, par {who}, est antérieure à l'empotage du "
        "{stuffed}, et aucune n'a été prise depuis : elle ne montre rien des marchandises.",
    ),
    "A scan of the empty box proves that it was empty, not what was put in afterwards.",
)
NO_SCAN = Skipped(
    "no-scan",
    Words(
        "No X-ray scan is on record.",
        "No consta ninguna imagen de rayos X.",
        "Aucune image radioscopique n'est au dossier.",
    ),
)


def _run(case: Case) -> Result:
    scans = records(case, SCAN)
    findings = [
        *_containers(case, scans),
        *_passages(case, scans),
        *_places(case, scans),
        *_stuffings(case, scans),
        *scan_weight.findings(case),
    ]
    for scan in scans:
        findings += scan_conclusion.findings(case, scan)
    hidden = any(scan_conclusion.is_hidden(case, scan) for scan in scans)
    skipped = scan_conclusion.WITHHELD if hidden else None if scans else NO_SCAN
    return Result(tuple(findings), skipped, "X-ray scans are of this box, and were concluded to be clear.")


def _shown(scan: Record) -> dict[str, Value]:
    return {"box": scan.box, "time": at(scan.fact.time), "who": scan.fact.by}


def _containers(case: Case, scans: Sequence[Record]) -> Iterator[Finding]:
    for scan in scans:
        place = at_place(scan.place)
        seen = scan.fact.values.get("container", scan.box)
        if seen != scan.box:
            yield found(OTHER_CONTAINER, scan.fact.said, **_shown(scan), place=place, seen=seen)
        for reading, what in read_from(case, scan):
            boxes = boxes_in(what)
            if boxes and scan.box not in boxes:
                named = ", ".join(sorted(boxes)[:5])
                said = (scan.fact.said, reading.said)
                yield found(OTHER_CONTAINER, *said, **_shown(scan), place=place, seen=named)


def _passages(case: Case, scans: Sequence[Record]) -> Iterator[Finding]:
    within = case.profile.passages.within_seconds
    by_id = {(scan.fact.said.statement.id, scan.trip): scan for scan in scans}
    for gate in records(case, GATE_PASSAGE):
        named = (one.id for one in gate.fact.said.statement.references if one.rel == SCAN)
        for ident in dict.fromkeys(case.instead.get(one, one) for one in named):
            scan = by_id.get((ident, gate.trip))
            if scan is None:
                continue
            said, passed = (scan.fact.said, gate.fact.said), at(gate.fact.time)
            apart = abs(scan.fact.time - gate.fact.time)
            if apart > within and is_timed(scan.fact) and is_timed(gate.fact):
                times = {"apart": in_words(apart), "taken": in_words(within)}
                yield found(OTHER_TIME, *said, **_shown(scan), passed=passed, **times)
            here, there = code_of(scan.fact), code_of(gate.fact)
            if here is not None and there is not None and here != there:
                yield found(OTHER_PLACE, *said, **_shown(scan), seen=here, passed=there)


def _places(case: Case, scans: Sequence[Record]) -> Iterator[Finding]:
    for scan in scans:
        place = code_of(scan.fact)
        if place is not None and not is_in_country(case.profile, place):
            yield found(OFF_ROUTE, scan.fact.said, **_shown(scan), seen=place)


def _stuffings(case: Case, scans: Sequence[Record]) -> Iterator[Finding]:
    # They are in order: the last one of each trip is what stays.
    stuffed = {one.trip: one for one in records(case, STUFFING)}
    last = {one.trip: one for one in scans}
    for trip, scan in last.items():
        stuffing = stuffed.get(trip)
        timed = stuffing is not None and is_timed(stuffing.fact) and is_timed(scan.fact)
        if stuffing is not None and timed and scan.fact.time < stuffing.fact.time:
            said = (scan.fact.said, stuffing.fact.said)
            place, time = at_place(scan.place), at(stuffing.fact.time)
            yield found(BEFORE_STUFFING, *said, **_shown(scan), place=place, stuffed=time)


def _applies(profile: Profile) -> bool:
    return profile.rules is not None and SCAN in profile.kinds


CHECK = CorridorCheck(
    name="scan",
    title=Words(
        "X-ray scans against box, way and papers",
        "Imágenes de rayos X frente a contenedor, ruta y documentos",
        "Images radioscopiques face au conteneur, à la route et aux documents",
    ),
    reads=frozenset({GATE_PASSAGE, STUFFING, READING}) | scan_conclusion.READS | scan_weight.READS,
    reasons=(
        OTHER_CONTAINER,
        OTHER_TIME,
        OTHER_PLACE,
        OFF_ROUTE,
        BEFORE_STUFFING,
        *scan_conclusion.REASONS,
        *scan_weight.REASONS,
    ),
    skips=(NO_SCAN, scan_conclusion.WITHHELD),
    applies=_applies,
    run=_run,
)
