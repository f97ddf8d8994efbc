"""Under which terms a shipment is found: what its list of arrivals says, asked about one shipment."""

import json
from collections.abc import Sequence

from sqlalchemy import Engine, select

from ledger.notices.events import Event
from ledger.prearrival.asking import Names
from ledger.storage.catalogue_tables import catalogue_subjects
from ledger.storage.engine import read_transaction
from ledger.storage.prearrival_tables import arrivals


class ListedShipments:
    """Says whether the shipment of an event is found under terms, as its view sees it; see `Listed`.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._names = Names()

    def __call__(self, event: Event, terms: Sequence[str]) -> bool:
        """Return whether it is found under all of them."""
        subject = catalogue_subjects.c
        query = (
            select(arrivals.c.terms)
            .join(catalogue_subjects, subject.idx == arrivals.c.shipment)
            .where(subject.uri == event.shipment, arrivals.c.view == event.view)
        )
        with read_transaction(self._engine) as connection:
            known = self._names.of(connection, terms)
            text = connection.execute(query).scalar()
        if text is None or len(known) < len(set(terms)):
            return False
        return {one[0] for one in json.loads(text)}.issuperset(known.values())
