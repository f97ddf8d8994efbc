"""Check `re-scan`: what was scanned at the origin against what is scanned again at the destination."""

from collections.abc import Iterator, Mapping

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result, Skipped
from ledger.assessment.checks.scan_weight import apart_percent
from ledger.assessment.finding import Finding, Reason, Severity, Value, at, found
from ledger.assessment.recorded import CONCLUDING, READING, Record, code_of, concluded, read_from, records
from ledger.corridors.profile import Profile
from ledger.corridors.rules import CorridorRules
from ledger.domain.clips import commitments
from ledger.domain.custody.watch import LOADING, SCAN
from ledger.domain.machines import measured_kg
from ledger.domain.words import Words

WEIGHT_DIFFERS = Reason(
    "re-scan-weight-differs",
    Severity.PROBLEM,
    Words(
        "Container {box} weighed {left} kg when it was scanned on {time} ({who}), and {came} kg when it was "
        "scanned again on {again} ({other}): {apart} % apart; {taken} % are taken.",
        "El contenedor {box} pesó {left} kg al escanearse el {time} ({who}) y {came} kg al escanearse de "
        "nuevo el {again} ({other}): difieren en {apart} %; se admite {taken} %.",
        "Le conteneur {box} pesait {left} kg à son passage au scanner le {time} ({who}) et {came} kg à son "
        "second passage le {again} ({other}) : l'écart est de {apart} % ; {taken} % sont admis.",
    ),
    "Something was put in or taken out on the way, or one of the two machines weighs wrongly.",
)
NOW_SUSPECT = Reason(
    "re-scan-suspect",
    Severity.PROBLEM,
    Words(
        "Container {box} was clear when it was scanned on {time} ({who}), and is suspect when scanned again "
        "on {again} ({other}).",
        "El contenedor {box} estaba limpio al escanearse el {time} ({who}) y es sospechoso al escanearse de "
        "nuevo el {again} ({other}).",
        "Le conteneur {box} était sans anomalie à son passage au scanner le {time} ({who}) et est suspect à "
        "son second passage le {again} ({other}).",
    ),
    "Two scans of one load do not agree: compare the two images side by side, and look at who held it "
    "between.",
)
NOW_CLEAR = Reason(
    "re-scan-conclusion-differs",
    Severity.WARNING,
    Words(
        "Container {box} was suspect when it was scanned on {time} ({who}), and is clear when scanned again "
        "on {again} ({other}).",
        "El contenedor {box} era sospechoso al escanearse el {time} ({who}) y está limpio al escanearse de "
        "nuevo el {again} ({other}).",
        "Le conteneur {box} était suspect à son passage au scanner le {time} ({who}) et est sans anomalie à "
        "son second passage le {again} ({other}).",
    ),
    "What was suspect may have been taken out on the way, or it was harmless.",
)
SAME_IMAGE = Reason(
    "re-scan-same-image",
    Severity.PROBLEM,
    Words(
        "The scan of {box} of {again} ({other}) brings the very file of the scan of {time} ({who}): nothing "
        "was scanned again.",
        "La imagen de {box} del {again} ({other}) trae el mismo archivo que la del {time} ({who}): no se "
        "volvió a escanear.",
        "L'image de {box} du {again} ({other}) apporte le fichier même de celle du {time} ({who}) : rien n'a "
        "été scanné à nouveau.",
    ),
    "Both statements claim one item of evidence, or one series of images (DICOS). Copies that were sealed "
    "anew are found by the alarms of re-use.",
)
NO_RE_SCAN = Skipped(
    "no-re-scan",
    Words(
        "The container was not scanned both at the origin and at the destination.",
        "El contenedor no se escaneó tanto en origen como en destino.",
        "Le conteneur n'a pas été scanné à la fois à l'origine et à la destination.",
    ),
)

_ORIGIN, _DESTINATION = "origin", "destination"


def _run(case: Case) -> Result:
    pairs = [pair for trip in case.trips for pair in _pairs(case, trip)]
    findings = [one for first, again in pairs for one in _compared(case, first, again)]
    good = "What was scanned again agrees with what was scanned before."
    return Result(tuple(findings), None if pairs else NO_RE_SCAN, good)


def _pairs(case: Case, trip: str) -> Iterator[tuple[Record, Record]]:
    """Yield the last scan at the origin with each scan at the destination."""
    lading = max((one.fact.time for one in records(case, LOADING) if one.trip == trip), default=None)
    scans = [one for one in records(case, SCAN) if one.trip == trip]
    origin = [one for one in scans if _side(case, one, lading) == _ORIGIN]
    for one in scans:
        if origin and _side(case, one, lading) == _DESTINATION:
            yield origin[-1], one


def _side(case: Case, scan: Record, lading: float | None) -> str | None:
    """Return on which side of the way a scan was made: by its place, else by whether it was laden then."""
    rules = case.profile.rules or CorridorRules()
    place = code_of(scan.fact)
    for side, places in ((_ORIGIN, rules.origins), (_DESTINATION, rules.destinations)):
        if place is not None and place in places:
            return side
    if place is not None or lading is None:
        return None
    return _ORIGIN if scan.fact.time <= lading else _DESTINATION


def _compared(case: Case, first: Record, again: Record) -> Iterator[Finding]:
    said = (first.fact.said, again.fact.said)
    shown: dict[str, Value] = {"box": first.box, "time": at(first.fact.time), "who": first.fact.by}
    shown |= {"again": at(again.fact.time), "other": again.fact.by}
    taken = (case.profile.rules or CorridorRules()).tolerances.scan_percent
    left, came = (measured_kg(one.body) for one in said)
    if left is not None and came is not None and apart_percent(left, came) > taken:
        apart = {"apart": round(apart_percent(left, came), 1), "taken": float(taken)}
        yield found(WEIGHT_DIFFERS, *said, **shown, left=left, came=came, **apart)
    before, after = concluded(case, first), concluded(case, again)
    words = (*(one.said for one in before.words[-1:]), *(one.said for one in after.words[-1:]))
    if before.clear is not None and after.clear is not None and before.clear != after.clear:
        yield found(NOW_SUSPECT if before.clear else NOW_CLEAR, *said, *words, **shown)
    if _images(case, first) & _images(case, again):
        yield found(SAME_IMAGE, *said, **shown)


def _images(case: Case, scan: Record) -> frozenset[bytes | str]:
    """Return what tells the images of a scan from all others: commitments, and series of DICOS."""
    tags = [what.get("tags") for _, what in read_from(case, scan)]
    series = [one.get("SeriesInstanceUID") for one in tags if isinstance(one, Mapping)]
    return commitments(scan.fact.said.body) | {one for one in series if isinstance(one, str) and one}


def _applies(profile: Profile) -> bool:
    rules = profile.rules
    return rules is not None and SCAN in profile.kinds and bool(rules.origins and rules.destinations)


CHECK = CorridorCheck(
    name="re-scan",
    title=Words(
        "Scans at the origin against scans at the destination",
        "Imágenes en origen frente a imágenes en destino",
        "Images à l'origine face aux images à la destination",
    ),
    reads=frozenset({SCAN, LOADING, READING}) | CONCLUDING,
    reasons=(WEIGHT_DIFFERS, NOW_SUSPECT, SAME_IMAGE, NOW_CLEAR),
    skips=(NO_RE_SCAN,),
    applies=_applies,
    run=_run,
)
