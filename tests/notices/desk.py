"""Notices on a real database, with events that are put there by hand and visibility that tests decide."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from ledger.domain.errors import AccessError
from ledger.notices.courier import Courier, Lanes
from ledger.notices.events import Event, Events, Teller
from ledger.notices.loop import LoopThread
from ledger.notices.notices import Limits, Notices
from ledger.notices.sender import Sender
from ledger.prearrival.rows import term
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.prearrival_tables import arrival_events
from tests.builders import CUSTOMS, EXPORTER, seeded
from tests.chain.chains import Hands, a_database

SHIPMENT = "urn:corridor:trip:MSKU1234565:" + "0" * 64
OTHER = "urn:corridor:trip:MSKU4567898:" + "1" * 64
SECRET = seeded("service", 32)


def an_arrival(shipment: str = SHIPMENT, **changes: Any) -> dict[str, Any]:
    """Return a shipment as it is shown."""
    return {"shipment": shipment, "port": "USILG", "terminal": "north", "delivery": "none"} | changes


@dataclass
class Desk:
    """Notices, and what a test decides of their surroundings.

    Args:
        engine: The database.
        clock: Set by hand; it begins now, for receivers believe nothing that is old.
        seen: What each organisation sees of shipments.
        parties: Of shipments.
        over: Tokens whose sessions are over.
    """

    engine: Engine
    clock: Hands
    notices: Notices = field(init=False)
    seen: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    parties: set[tuple[str, str]] = field(default_factory=set)
    over: set[str] = field(default_factory=set)

    def shown(self, event: Event, organisation: str) -> Mapping[str, Any] | None:
        """Say what an organisation sees."""
        return self.seen.get((event.shipment, organisation))

    def listed(self, event: Event, terms: Sequence[str]) -> bool:
        """Say under which terms a shipment is found: what is shown of it, and its parties."""
        found = {term("party", uri) for shipment, uri in self.parties if shipment == event.shipment}
        for (shipment, _), arrival in self.seen.items():
            if shipment == event.shipment:
                found |= {term(name, arrival[name]) for name in ("port", "terminal") if arrival[name]}
                found.add(term("country", arrival["port"][:2]))
        return found.issuperset(terms)

    def session(self, token: str) -> None:
        """Refuse a token whose session is over."""
        if token in self.over:
            raise AccessError("session-over", "over")

    def happens(self, kind: str = "decision.made", shipment: str = SHIPMENT, **data: Any) -> int:
        """Put an event on record, and return its number."""
        with write_transaction(self.engine) as connection:
            seq = (connection.execute(select(func.max(arrival_events.c.seq))).scalar() or 0) + 1
            row = {
                "seq": seq,
                "key": f"{kind}|{shipment}|{seq}",
                "kind": kind,
                "shipment": shipment,
                "view": b"view",
                "at": self.clock(),
                "data": json.dumps(data),
            }
            connection.execute(arrival_events.insert(), row)
        return seq

    def subscribed(self, url: str | None, organisation: str = CUSTOMS, **said: Any) -> str:
        """Subscribe, and return the id."""
        body = {"name": "what comes"} | said | ({} if url is None else {"url": url})
        return self.notices.subscriptions.add(organisation, body).id

    def secret(self, identifier: str, organisation: str = CUSTOMS) -> str:
        """Return the secret of a subscription."""
        subscriptions = self.notices.subscriptions
        return subscriptions.secret(subscriptions.get(organisation, identifier))

    def rows(self, table: Any) -> list[Any]:
        """Return all rows of a table."""
        with read_transaction(self.engine) as connection:
            return list(connection.execute(select(table)).all())

    @contextmanager
    def delivering(self, lanes: Lanes | None = None, seconds: float = 0.05) -> Iterator[None]:
        """Send webhooks while a block runs."""
        with LoopThread(lambda: Courier(self.notices.office, lanes=lanes, seconds=seconds).run(), "courier"):
            yield


def a_desk(
    folder: Path,
    *,
    private: bool = True,
    sender: Sender | None = None,
    catch_up: Callable[[], object] = lambda: None,
    **limits: int,
) -> Desk:
    """Return notices whose receivers may be on this machine; customs and the exporter see one shipment."""
    engine = a_database(folder)
    desk = Desk(engine, Hands(int(time.time())))
    teller = Teller(desk.shown, desk.listed)
    desk.notices = Notices.create(
        engine,
        desk.clock,
        SECRET,
        teller,
        session=desk.session,
        catch_up=catch_up,
        limits=Limits(private=private, **limits),
        sender=sender,
    )
    for organisation in (CUSTOMS, EXPORTER):
        desk.seen[SHIPMENT, organisation] = an_arrival()
    return desk


def events_of(desk: Desk) -> Events:
    """Return the events of a desk's database."""
    return Events(desk.engine)
