"""Turning events into deliveries: each event for each subscription that wants it, once."""

from typing import Any, Final

from sqlalchemy import Engine, select, update

from ledger.notices.deliveries import Deliveries
from ledger.notices.events import Event, Events, Teller
from ledger.notices.subscriptions import Subscription, Subscriptions
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.notice_tables import notice_deliveries
from ledger.storage.notice_tables import notice_state as state
from ledger.storage.rows import insert_new, insert_or_ignore

_AT_ONCE: Final = 100
_ID: Final = 1


class Fanout:
    """Makes the deliveries; safe between processes that share the database: each event is taken by one.

    Args:
        engine: The database.
        events: What happened.
        subscriptions: Who wants to be told.
        deliveries: Makes their rows.
        teller: Says who may hear what.
    """

    def __init__(
        self,
        engine: Engine,
        events: Events,
        subscriptions: Subscriptions,
        deliveries: Deliveries,
        teller: Teller,
    ) -> None:
        self._engine = engine
        self._events = events
        self._subscriptions = subscriptions
        self._deliveries = deliveries
        self._teller = teller

    def run(self) -> bool:
        """Take the next events, and return whether more may be there.

        Raises:
            UnavailableError: The database cannot be read or written now.
        """
        done = self._done()
        events = self._events.after(done, _AT_ONCE)
        if not events:
            return False
        # Read behind the events: whoever subscribed before one of them is in here.
        rows = [
            self._deliveries.row(one.id, event)
            for one in self._subscriptions.sent_to()
            for event in events
            if self._is_for(one, event)
        ]
        with write_transaction(self._engine) as connection:
            moved = update(state).where(state.c.id == _ID, state.c.seq == done).values(seq=events[-1].seq)
            if connection.execute(moved).rowcount == 1:
                insert_or_ignore(connection, notice_deliveries, rows)
        return len(events) == _AT_ONCE

    def _is_for(self, subscription: Subscription, event: Event) -> bool:
        return (
            event.seq > subscription.after
            and self._teller.is_wanted(event, subscription.wanted)
            and self._teller.shown(event, subscription.organisation) is not None
        )

    def _done(self) -> int:
        with read_transaction(self._engine) as connection:
            seq = connection.execute(select(state.c.seq).where(state.c.id == _ID)).scalar()
        if seq is not None:
            return int(seq)
        # What happened before anybody could subscribe is nobody's.
        row: dict[str, Any] = {"id": _ID, "seq": 0}
        with write_transaction(self._engine) as connection:
            insert_new(connection, state, row)
        return 0
