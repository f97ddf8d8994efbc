"""How one shipment stands, from all that one reader may see of it."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Engine, select

from ledger.assessment.record import record_of
from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.decided import Decided
from ledger.domain.clock import Clock
from ledger.domain.custody import Said
from ledger.domain.errors import MalformedError, NotFoundError
from ledger.domain.links import BOOKED_AS, CARRIED_IN, CARRIED_ON, REPLACES, LinkSet
from ledger.domain.schedule import KINDS
from ledger.domain.statement import Statement
from ledger.domain.subject import Subject
from ledger.prearrival.asking import Names, shipments_under
from ledger.prearrival.assessing import Assessor
from ledger.prearrival.looking import SHIPMENTS
from ledger.prearrival.rows import use_term
from ledger.prearrival.standing import Standing
from ledger.storage.engine import read_transaction
from ledger.storage.rows import chunks
from ledger.storage.tables import statements

_MOST_PARTS: Final = 64
_MOST_TIMES: Final = 200
_ONWARD: Final = {BOOKED_AS: "to", CARRIED_ON: "to", CARRIED_IN: "from_", REPLACES: "to"}


class Detail:
    """Answers how shipments stand, each time for one reader; safe between threads.

    Args:
        engine: The database.
        catalogue: Knows who may see what.
        decided: Knows what was decided.
        assessor: Judges it.
        names: Of the index of arrivals.
        clock: Tells which grants are good.
    """

    def __init__(
        self,
        engine: Engine,
        catalogue: Catalogue,
        decided: Decided,
        assessor: Assessor,
        *,
        names: Names,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._names = names
        self._clock = clock
        self._catalogue = catalogue
        self._decided = decided
        self._assessor = assessor

    def of(self, uri: str, organisation: str, language: str) -> dict[str, Any]:
        """Return how a shipment stands as JSON; see `Arrivals.assessment`.

        Args:
            uri: A consignment or a trip.
            organisation: URI of the reader.
            language: Of the sentences.
        """
        standing = self.standing(uri, organisation)
        return {
            **record_of(standing.case, standing.assessment, language),
            "arrival": standing.to_json(),
            "custody": [one.to_json() for one in standing.problems],
        }

    def standing(self, uri: str, organisation: str) -> Standing:
        """Return how a shipment stands, from what an organisation may see.

        Raises:
            MalformedError: Code `not-a-shipment`: a subject of another type.
            NotFoundError: There is no such shipment, or it is not for this organisation to see.
        """
        said = {one.index: one for one in self._catalogue.said(uri, organisation)}
        if Subject.parse(uri).type not in SHIPMENTS:
            raise MalformedError(
                "not-a-shipment", "only consignments and container trips are assessed", field="uri"
            )
        self._follow(said, uri, organisation)
        ordered = [said[index] for index in sorted(said)]
        received_at = self._received_at(said)
        with read_transaction(self._engine) as connection:
            used = partial(self._used, connection, organisation)
            standing = self._assessor.standing(uri, ordered, received_at, organisation.encode(), used)
        # Of a trip, what is decided on the goods in it counts, and they are shown elsewhere.
        return replace(standing, decisions=self._decided.of(uri, organisation))

    def _used(self, connection: Connection, organisation: str, kind: str, number: str) -> Sequence[str]:
        """Return the shipments in which a number is used: of those alone that the reader may see."""
        return shipments_under(connection, self._names, organisation, use_term(kind, number), self._clock())

    def _follow(self, said: dict[int, Said], uri: str, organisation: str) -> None:
        """Add what is said of the bookings and voyages of a shipment, and of what its trips replaced."""
        seen = {uri}
        ahead = _linked(said.values(), seen)
        while ahead and len(seen) < _MOST_PARTS:
            there = ahead.pop()
            seen.add(there)
            with suppress(NotFoundError):
                for one in self._of_part(there, organisation):
                    said.setdefault(one.index, one)
            ahead = _linked(said.values(), seen)

    def _of_part(self, uri: str, organisation: str) -> list[Said]:
        if Subject.parse(uri).type != "voyage":
            return self._catalogue.said(uri, organisation)
        # Thousands of containers are linked to a voyage: only what is said of its times is wanted.
        return [
            Said(one.index, statement, statement.reveal(one.disclosures))
            for kind in sorted(KINDS)
            for one in self._catalogue.statements(uri, organisation, kind=kind, limit=_MOST_TIMES)
            for statement in (Statement.parse(one.statement),)
        ]

    def _received_at(self, indices: Iterable[int]) -> dict[int, int]:
        found: dict[int, int] = {}
        with read_transaction(self._engine) as connection:
            for part in chunks(indices):
                query = select(statements.c.idx, statements.c.received_at).where(statements.c.idx.in_(part))
                found |= {row.idx: row.received_at for row in connection.execute(query)}
        return found


def _linked(said: Iterable[Said], seen: set[str]) -> set[str]:
    """Return the subjects to which a link leads from one that was seen, and which were not seen yet."""
    spans = LinkSet.of(said).spans
    trips = {one.link.to for one in spans if one.link.rel == "stuffed-in" and one.link.from_ in seen}
    from_ = seen | trips
    found = set()
    for span in spans:
        way = _ONWARD.get(span.link.rel)
        if way is None:
            continue
        start, end = (span.link.from_, span.link.to) if way == "to" else (span.link.to, span.link.from_)
        if start in from_:
            found.add(end)
    return found - seen
