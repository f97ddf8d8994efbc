"""Seals in papers, held against those on record at lading and against each other."""

from collections.abc import Iterator, Sequence
from typing import Final

from ledger.assessment.case import Case
from ledger.assessment.clock import Schedule
from ledger.assessment.compare import Told, Topic, contradiction, said_by
from ledger.assessment.finding import Finding, Reason, Severity, found
from ledger.assessment.paper_titles import listed
from ledger.assessment.papers import PaperSaid
from ledger.domain.custody import SealEvent
from ledger.domain.standard_forms import container_number, seal_number
from ledger.domain.subject import Subject
from ledger.domain.words import Words

SEALS: Final = contradiction(
    "seals-contradict",
    Severity.PROBLEM,
    Words("the seals", "los precintos", "les scellés"),
    "Papers name different seals on one container, and none in common. Where seals are on record papers are "
    "held against the record instead.",
)
NOT_ON_RECORD: Final = Reason(
    "seal-not-on-record",
    Severity.PROBLEM,
    Words(
        "{title} names seal {seal} on {box}; at lading {known} are on record, and that one never was.",
        "{title} nombra el precinto {seal} en {box}; a la carga constan {known}, y aquel nunca.",
        "{title} nomme le scellé {seal} sur {box} ; au chargement {known} sont au dossier, jamais celui-là.",
    ),
    "A paper names a seal that nobody put on or saw on the container up to lading.",
)
OUTDATED: Final = Reason(
    "seal-outdated",
    Severity.WARNING,
    Words(
        "{title} names seal {seal} on {box}, which was taken off before lading; then {known} were on.",
        "{title} nombra el precinto {seal} en {box}, retirado antes de la carga; entonces llevaba {known}.",
        "{title} nomme le scellé {seal} sur {box}, retiré avant le chargement ; il portait alors {known}.",
    ),
    "A paper names a seal that was on the container and was off again at lading, after an inspection for "
    "example: have the paper corrected.",
)
REASONS: Final = (SEALS, NOT_ON_RECORD, OUTDATED)

_GONE: Final = ("broken", "missing")


def topics(papers: Sequence[PaperSaid], case: Case) -> Iterator[Topic[frozenset[str]]]:
    """Yield the seals of each container that has none on record, paper by paper."""
    boxes = {container_number(Subject.parse(trip).key) for trip in case.trips if not _events(case, trip)}
    for number in sorted(boxes):
        told = [
            Told(one, seals, ", ".join(sorted(seals))) for one in papers if (seals := _seals(one, number))
        ]
        yield Topic(SEALS, tuple(told), _have_common, frozenset((number,)))


def against_record(papers: Sequence[PaperSaid], case: Case) -> Iterator[Finding]:
    """Yield the seals of papers that were not on at lading by the record."""
    for trip in case.trips:
        number = container_number(Subject.parse(trip).key)
        events = _events(case, trip)
        on, known = _at_lading(events)
        if not known:
            continue
        by_whom = {event.statement for event in events}
        record = [one for one in case.counting if one.statement.id in by_whom]
        wrong: dict[tuple[Reason, tuple[str, ...]], list[PaperSaid]] = {}
        for one in papers:
            seals = _seals(one, number) - on
            for reason, some in ((NOT_ON_RECORD, seals - known), (OUTDATED, seals & known)):
                if some:
                    wrong.setdefault((reason, tuple(sorted(some))), []).append(one)
        for (reason, seen), telling in wrong.items():
            rests = {one.statement.id: one for one in (*said_by(telling), *record)}
            title = listed([one.title for one in telling])
            shown = {"seal": _shown(seen), "known": _shown(sorted(on)) or "-"}
            yield found(reason, *rests.values(), title=title, box=number, **shown)


def is_compared(papers: Sequence[PaperSaid], case: Case) -> bool:
    """Return whether a paper names seals of a container that has some on record."""
    boxes = {container_number(Subject.parse(trip).key) for trip in case.trips if _events(case, trip)}
    return any(_seals(one, number) for one in papers for number in boxes)


def _events(case: Case, trip: str) -> list[SealEvent]:
    """Return what is on record of a container's seals up to lading, or up to now."""
    lading = Schedule.of(case, trip).milestones.get("lading")
    until = None if lading is None or lading.actual is None else lading.actual.at
    return [each for each in case.custody[trip].seal_events if until is None or each.time <= until]


def _at_lading(events: Sequence[SealEvent]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the seals that are on in the end, and all that were known."""
    on: set[str] = set()
    for event in events:
        number = seal_number(event.seal.number)
        gone = event.what == "removed" or (event.what == "found" and event.seal.state in _GONE)
        if gone:
            on.discard(number)
        else:
            on.add(number)
    return frozenset(on), frozenset(seal_number(event.seal.number) for event in events)


def _seals(one: PaperSaid, number: str) -> frozenset[str]:
    """Return the seals that a paper names on a container."""
    seals = [seal for box in one.boxes.get(number, ()) for seal in box.seals]
    if one.containers == {number}:
        seals += one.paper.seals
    return frozenset(seal_number(seal) for seal in seals)


def _shown(seals: Sequence[str]) -> str:
    return listed([Words.alike(seal) for seal in seals]).en


def _have_common(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one.isdisjoint(other)
