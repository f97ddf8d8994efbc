"""Which subjects a shipment has to do with, and until when: its containers, bookings and voyages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from ledger.assessment.case import Case
from ledger.domain.custody import Said
from ledger.domain.links import BOOKED_AS, CARRIED_IN, CARRIED_ON, REPLACES, STUFFED_IN, LinkSet, Span
from ledger.domain.subject import Subject

_TRIP, _VOYAGE = "trip", "voyage"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a shipment, or one container of it, has to do with.

    Args:
        until: For the URI of each subject, until when, POSIX seconds; infinity while it does.
    """

    until: Mapping[str, float]

    def of(self, one: Said) -> float | None:
        """Return until when what a statement says of times concerns the shipment, None where it does not.

        What names containers has to name one of the shipment's, what names voyages is about these. Of a
        voyage that nobody linked to it a statement has to name the shipment as well.
        """
        subjects = one.statement.subjects
        trips = [uri for uri in subjects if _type(uri) == _TRIP]
        if trips and self.until.keys().isdisjoint(trips):
            return None
        voyages = [self.until[uri] for uri in subjects if _type(uri) == _VOYAGE and uri in self.until]
        ends = voyages or [self.until[uri] for uri in subjects if uri in self.until]
        return max(ends, default=None)


def reach_of(case: Case, trip: str | None = None) -> Reach:
    """Return what a shipment has to do with, or one of its containers.

    A container's voyages are those of itself and of the bookings that it is in; without any, those of all
    bookings of the goods in it. What a link led to counts until that link was ended, what was replaced by
    another until that moment, and the other one from then on.

    Args:
        case: The shipment.
        trip: URI of one container; None for all of the shipment.
    """
    spans = LinkSet.of(case.said).spans
    if trip is None:
        return Reach(_followed([case.subject, *case.trips], spans, booked=True))
    own = _followed([trip], spans, booked=False)
    if any(_type(uri) == _VOYAGE for uri in own):
        return Reach(own)
    return Reach(_followed([trip], spans, booked=True))


def _followed(roots: Iterable[str], spans: Sequence[Span], *, booked: bool) -> dict[str, float]:
    steps: dict[str, list[tuple[str, float]]] = {}
    replaced: dict[str, float] = {}
    for span in spans:
        link, until = span.link, inf if span.until is None else span.until
        if link.rel in (STUFFED_IN, CARRIED_IN):
            steps.setdefault(link.to, []).append((link.from_, until))
        elif link.rel == CARRIED_ON or (link.rel == BOOKED_AS and booked):
            steps.setdefault(link.from_, []).append((link.to, until))
        elif link.rel == REPLACES:
            steps.setdefault(link.to, []).append((link.from_, until))
            replaced[link.to] = min(span.since, replaced.get(link.to, inf))
    found = dict.fromkeys(roots, inf)
    left = list(found)
    while left:
        here = left.pop()
        for there, until in steps.get(here, ()):
            so_far = min(found[here], until)
            if so_far > found.get(there, -inf):
                found[there] = so_far
                left.append(there)
    return {uri: min(until, replaced.get(uri, inf)) for uri, until in found.items()}


def _type(uri: str) -> str:
    return Subject.parse(uri).type
