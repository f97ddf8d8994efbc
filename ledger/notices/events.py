"""What happened to shipments, in its order, and how it is told to one organisation."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, func, select

from ledger.notices.wanted import Wanted
from ledger.storage.engine import read_transaction
from ledger.storage.prearrival_tables import arrival_events as table

MAX_SEQ: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a shipment.

    Args:
        seq: Its number: counts up without gaps, in the order in which events become visible.
        kind: One of `KINDS`.
        shipment: URI.
        view: Names those whom it concerns: who sees the shipment as others do not hears of it as they do not.
        at: POSIX seconds.
        data: What it says, for all of them.
    """

    seq: int
    kind: str
    shipment: str
    view: bytes = field(repr=False)
    at: int
    data: Mapping[str, Any] = field(repr=False)


Shown = Callable[[Event, str], Mapping[str, Any] | None]
"""Returns the shipment of an event as an organisation may see it now; None when the event is not for it."""

Listed = Callable[[Event, Sequence[str]], bool]
"""Says whether an event's shipment is found under all of some terms, as its view sees it."""


class Events:
    """The events of one service, to be read.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self) -> int:
        """Return the number of the newest event, 0 before the first."""
        with read_transaction(self._engine) as connection:
            return connection.execute(select(func.max(table.c.seq))).scalar() or 0

    def after(self, seq: int, limit: int) -> Sequence[Event]:
        """Return the events behind a number, in their order.

        Args:
            seq: The number.
            limit: How many at most.
        """
        query = select(table).where(table.c.seq > seq).order_by(table.c.seq).limit(limit)
        with read_transaction(self._engine) as connection:
            return [_read(row) for row in connection.execute(query)]

    def get(self, seq: int) -> Event | None:
        """Return the event of a number, None when there is none any more."""
        with read_transaction(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.seq == seq)).first()
        return None if row is None else _read(row)


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells events to organisations: each hears what it may see at that moment, and nothing else.

    Args:
        shown: Says what an organisation may see of an event's shipment.
        listed: Says under which terms it is found.
    """

    shown: Shown
    listed: Listed

    def is_wanted(self, event: Event, wanted: Wanted) -> bool:
        """Return whether an event is of those that are wanted, whoever may hear of it."""
        return event.kind in wanted.kinds and (not wanted.terms or self.listed(event, wanted.terms))

    def told(self, event: Event, organisation: str) -> dict[str, Any] | None:
        """Return what an organisation is told of an event, as JSON; None when it may hear nothing.

        Args:
            event: The event.
            organisation: Who hears of it.
        """
        arrival = self.shown(event, organisation)
        if arrival is None:
            return None
        return {
            "type": event.kind,
            "timestamp": datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "data": {"seq": event.seq, "shipment": event.shipment, "about": event.data, "arrival": arrival},
        }


def _read(row: Row[Any]) -> Event:
    return Event(row.seq, row.kind, row.shipment, row.view, row.at, json.loads(row.data))
