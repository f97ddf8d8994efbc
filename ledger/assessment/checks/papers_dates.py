"""Dates in papers, held against when things happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.assessment.case import Case
from ledger.assessment.clock import Schedule
from ledger.assessment.dates import Moment, moments
from ledger.assessment.finding import Finding, Reason, Severity, Value, at, found
from ledger.assessment.papers import PaperSaid
from ledger.domain.custody import Said
from ledger.domain.links import STUFFING
from ledger.domain.words import Words

INVOICE: Final = Reason(
    "invoice-after-lading",
    Severity.WARNING,
    Words(
        "{title} is dated {date}, after lading at {time}.",
        "{title} tiene fecha {date}, posterior a la carga a las {time}.",
        "{title} est daté du {date}, après le chargement à {time}.",
    ),
    "An invoice that was made out after the goods were on board: goods may have been sold on the way, or a "
    "price put right.",
)
CERTIFICATE: Final = Reason(
    "certificate-after-departure",
    Severity.PROBLEM,
    Words(
        "{title} is dated {date}, after the departure at {time}.",
        "{title} tiene fecha {date}, posterior a la salida a las {time}.",
        "{title} est daté du {date}, après le départ à {time}.",
    ),
    "Plant health and sanitary certificates are issued before the goods leave (ISPM 12): one of a later day "
    "was not made on goods that the inspector could see.",
)
EXPIRED: Final = Reason(
    "certificate-expired",
    Severity.PROBLEM,
    Words(
        "{title} was valid until {date}; {event} is at {time}.",
        "{title} era válido hasta {date}; {event} es a las {time}.",
        "{title} était valable jusqu’au {date} ; {event} est à {time}.",
    ),
    "A certificate ran out before the goods were loaded. Without a time of lading, the departure counts.",
)
BILL: Final = Reason(
    "bill-before-lading",
    Severity.PROBLEM,
    Words(
        "{title} is dated {date}, before lading at {time}.",
        "{title} tiene fecha {date}, anterior a la carga a las {time}.",
        "{title} est daté du {date}, avant le chargement à {time}.",
    ),
    "A bill of lading says that the goods were on board on a day before they were: it is antedated. Its date "
    "of shipping on board counts, else that of its issue.",
)
INSPECTED: Final = Reason(
    "inspected-after-stuffing",
    Severity.WARNING,
    Words(
        "{title}: the goods were inspected on {date}, after they went into the container at {time}.",
        "{title}: la mercancía se inspeccionó el {date}, después de llenarse el contenedor a las {time}.",
        "{title} : la marchandise a été inspectée le {date}, après l’empotage à {time}.",
    ),
    "A plant health inspection of goods that were in the container already: the doors were open then, or "
    "nobody looked.",
)
REASONS: Final = (INVOICE, CERTIFICATE, EXPIRED, BILL, INSPECTED)

_LADING: Final = Words("lading", "la carga", "le chargement")
_DEPARTURE: Final = Words("the departure", "la salida", "le départ")
_HEALTH: Final = frozenset(
    ("phytosanitary-certificate", "phytosanitary-re-export-certificate", "sanitary-certificate")
)
_EXPIRING: Final = _HEALTH | {"export-licence", "certification-of-origin"}


@dataclass(frozen=True, slots=True)
class _Event:
    at: float
    said: Said


def against_events(papers: Sequence[PaperSaid], case: Case, days: float) -> Iterator[Finding]:
    """Yield papers that are dated as they cannot be, by so many days or more."""
    slack = days * 86_400
    lading, departure = _events(case, "lading"), _events(case, "departure")
    stuffing = [_Event(case.time_of(one), one) for one in case.of_kind(STUFFING)]
    for one in papers:
        document = one.paper.document
        if document == "commercial-invoice":
            yield from _after(INVOICE, one, ("issued",), lading, slack)
        elif document in _HEALTH:
            yield from _after(CERTIFICATE, one, ("issued",), departure, slack)
            yield from _after(INSPECTED, one, ("inspected",), stuffing, slack)
        elif document == "bill-of-lading":
            yield from _bill(one, lading, slack)
        if document in _EXPIRING:
            yield from _expired(one, lading, departure, slack)


def is_compared(papers: Sequence[PaperSaid], case: Case) -> bool:
    """Return whether there are dates, and something that they can be held against."""
    happened = _events(case, "lading") or _events(case, "departure")
    kinds = _EXPIRING | {"commercial-invoice", "bill-of-lading"}
    return any(
        (happened and one.paper.dates) or (moments(one.paper, "inspected") and case.of_kind(STUFFING))
        for one in papers
        if one.paper.document in kinds
    )


def _events(case: Case, milestone: str) -> list[_Event]:
    """Return when a milestone happened, container by container."""
    found_ = []
    for trip in case.trips:
        times = Schedule.of(case, trip).milestones.get(milestone)
        if times is not None and times.actual is not None:
            found_.append(_Event(times.actual.at, times.actual.said))
    return found_


def _dates(one: PaperSaid, kinds: Sequence[str]) -> list[tuple[str, Moment]]:
    """Return the dates of the first of some kinds that a paper has."""
    return next((known for kind in kinds if (known := moments(one.paper, kind))), [])


def _after(
    reason: Reason, one: PaperSaid, kinds: Sequence[str], events: Sequence[_Event], slack: float
) -> Iterator[Finding]:
    last = max(events, key=lambda event: event.at, default=None)
    for text, when in _dates(one, kinds):
        if last is not None and when.first > last.at + slack:
            yield found(reason, *one.said, last.said, title=one.title, date=text, time=at(last.at))
            return


def _bill(one: PaperSaid, lading: Sequence[_Event], slack: float) -> Iterator[Finding]:
    first = min(lading, key=lambda event: event.at, default=None)
    for text, when in _dates(one, ("on-board", "issued")):
        if first is not None and when.last < first.at - slack:
            yield found(BILL, *one.said, first.said, title=one.title, date=text, time=at(first.at))
            return


def _expired(
    one: PaperSaid, lading: Sequence[_Event], departure: Sequence[_Event], slack: float
) -> Iterator[Finding]:
    events, called = (lading, _LADING) if lading else (departure, _DEPARTURE)
    last = max(events, key=lambda event: event.at, default=None)
    for text, when in _dates(one, ("valid-until", "expires")):
        if last is not None and when.last < last.at - slack:
            values: dict[str, Value] = {
                "title": one.title,
                "date": text,
                "event": called,
                "time": at(last.at),
            }
            yield found(EXPIRED, *one.said, last.said, **values)
            return
