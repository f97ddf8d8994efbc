"""What is to be sent by webhook: rows that outlive the process, each sent by whoever claims it first."""

import random
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Engine, Row, delete, exists, select, update

from ledger.domain.clock import Clock
from ledger.notices.events import Event
from ledger.notices.sender import Outcome
from ledger.notices.subscriptions import ACTIVE, GONE
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.notice_tables import notice_deliveries as table
from ledger.storage.notice_tables import notice_subscriptions as subscriptions

State = Literal["pending", "delivered", "dead"]
PENDING: Final = "pending"
DELIVERED: Final = "delivered"
DEAD: Final = "dead"
PAUSES: Final = (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
"""Seconds after each attempt that failed; after the attempt behind the last one, a delivery is dead."""
JITTER: Final = 0.2
"""Share by which a pause is longer or shorter: receivers that come back are not met by all at once."""
CLAIM_SECONDS: Final = 60
"""After so long, whoever claimed a delivery has died: an attempt takes much less."""
KEPT_SECONDS: Final = 30 * 86_400
"""How long deliveries are kept that are over."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that is sent to a receiver, or was.

    Args:
        id: Names the message to its receiver; the same at each attempt.
        subscription: For which it is.
        seq: Number of the event.
        kind: Of the event.
        happened_at: POSIX seconds.
        state: How far it is.
        attempts: How many there were.
        next_at: When it is tried again at the earliest, POSIX seconds.
        status: HTTP status of the last answer.
        problem: Why the last attempt failed.
        ended_at: When it was delivered or given up, POSIX seconds.
    """

    id: str
    subscription: str
    seq: int
    kind: str
    happened_at: int
    state: State
    attempts: int
    next_at: int
    status: int | None
    problem: str | None
    ended_at: int | None


class Deliveries:
    """The deliveries of one service; safe between threads and processes that share the database.

    Args:
        engine: The database.
        clock: The ledger's clock.
        pauses: Seconds after each attempt that failed.
        random: Where ids come from.
        chance: Returns a number from 0 to 1; pauses are changed by it.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        pauses: Sequence[int] = PAUSES,
        random: Callable[[int], bytes] = secrets.token_bytes,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._pauses = pauses
        self._random = random
        self._chance = chance

    def row(self, subscription: str, event: Event) -> dict[str, Any]:
        """Return the row of a new delivery, which is due now.

        Args:
            subscription: For which it is.
            event: What is told.
        """
        return {
            "id": f"msg_{self._random(12).hex()}",
            "subscription": subscription,
            "seq": event.seq,
            "kind": event.kind,
            "happened_at": event.at,
            "state": PENDING,
            "attempts": 0,
            "next_at": self._clock(),
            "claimed_until": 0,
        }

    def due(self, busy: Collection[str], limit: int) -> Sequence[Delivery]:
        """Return what may be sent now and nobody else is sending, what waits longest first.

        Args:
            busy: Subscriptions whose deliveries are left out.
            limit: How many at most.
        """
        now = self._clock()
        query = select(table).where(
            table.c.state == PENDING, table.c.next_at <= now, table.c.claimed_until <= now
        )
        if busy:
            query = query.where(table.c.subscription.not_in(sorted(busy)))
        with read_transaction(self._engine) as connection:
            rows = connection.execute(query.order_by(table.c.next_at, table.c.seq).limit(limit)).all()
        return [_read(row) for row in rows]

    def claim(self, identifier: str) -> bool:
        """Return whether a delivery is now the caller's to send, and nobody else's for a while."""
        now = self._clock()
        # Since the caller found it due, another process may have tried it, and failed.
        due = (table.c.state == PENDING) & (table.c.next_at <= now) & (table.c.claimed_until <= now)
        free = (table.c.id == identifier) & due
        with write_transaction(self._engine) as connection:
            claimed = connection.execute(update(table).where(free).values(claimed_until=now + CLAIM_SECONDS))
            return claimed.rowcount == 1

    def release(self, identifier: str) -> None:
        """Let a delivery that was claimed, and not tried, be anybody's again."""
        with write_transaction(self._engine) as connection:
            connection.execute(update(table).where(table.c.id == identifier).values(claimed_until=0))

    def withdraw(self, identifier: str) -> None:
        """Forget a delivery whose subscriber may not see any more what it tells."""
        with write_transaction(self._engine) as connection:
            connection.execute(delete(table).where(table.c.id == identifier))

    def ended(self, delivery: Delivery, outcome: Outcome) -> None:
        """Note what became of an attempt: delivered, to be tried again later, or dead.

        A receiver that is gone gets nothing any more.
        """
        now, attempts = self._clock(), delivery.attempts + 1
        values: dict[str, Any] = {
            "attempts": attempts,
            "claimed_until": 0,
            "status": outcome.status,
            "problem": outcome.problem,
        }
        if outcome.received:
            values |= {"state": DELIVERED, "ended_at": now}
        elif outcome.gone or attempts > len(self._pauses):
            values |= {"state": DEAD, "ended_at": now}
        else:
            values |= {"next_at": now + max(self._pause(attempts), outcome.wait)}
        with write_transaction(self._engine) as connection:
            if outcome.gone:
                # First of all, as everywhere: of two that are told so at once, the second waits here.
                of_it = subscriptions.c.id == delivery.subscription
                connection.execute(update(subscriptions).where(of_it).values(state=GONE))
            connection.execute(update(table).where(table.c.id == delivery.id).values(values))
            if outcome.gone:
                waiting = (table.c.subscription == delivery.subscription) & (table.c.state == PENDING)
                connection.execute(
                    update(table).where(waiting).values(state=DEAD, ended_at=now, problem="receiver-gone")
                )

    def list(
        self, subscription: str, state: State | None, before: int | None, limit: int
    ) -> Sequence[Delivery]:
        """Return deliveries of a subscription, the newest event first.

        Args:
            subscription: Its id; whose it is was asked before.
            state: Only those that are so far.
            before: Number of an event; only those about earlier ones.
            limit: How many at most.
        """
        query = select(table).where(table.c.subscription == subscription)
        if state is not None:
            query = query.where(table.c.state == state)
        if before is not None:
            query = query.where(table.c.seq < before)
        with read_transaction(self._engine) as connection:
            rows = connection.execute(query.order_by(table.c.seq.desc()).limit(limit)).all()
        return [_read(row) for row in rows]

    def replay(self, subscription: str, since: int | None) -> int:
        """Let deliveries be sent anew under the ids that they had, and return how many.

        Args:
            subscription: Its id; whose it is was asked before.
            since: All that are over, about events from then on, POSIX seconds; None for those that are dead.

        What failed and waits for its next attempt is sent in both cases: who asks has mended the receiver.
        """
        now = self._clock()
        failed = (table.c.state == PENDING) & (table.c.attempts > 0) & (table.c.claimed_until <= now)
        wanted: ColumnElement[bool] = table.c.state == DEAD
        if since is not None:
            wanted = (table.c.state != PENDING) & (table.c.happened_at >= since)
        values = {
            "state": PENDING,
            "attempts": 0,
            "next_at": now,
            "claimed_until": 0,
            "ended_at": None,
        }
        again = update(table).where(table.c.subscription == subscription, wanted | failed)
        with write_transaction(self._engine) as connection:
            # A receiver that was gone is back when its organisation says so.
            of_it = subscriptions.c.id == subscription
            connection.execute(update(subscriptions).where(of_it).values(state=ACTIVE))
            return connection.execute(again.values(values)).rowcount

    def sweep(self) -> None:
        """Forget what was over long ago, and what was made for a subscription while it was ended."""
        over = (table.c.state != PENDING) & (table.c.ended_at <= self._clock() - KEPT_SECONDS)
        has_subscription = exists().where(subscriptions.c.id == table.c.subscription)
        with write_transaction(self._engine) as connection:
            connection.execute(delete(table).where(over | ~has_subscription))

    def _pause(self, attempts: int) -> int:
        pause = self._pauses[attempts - 1]
        return round(pause * (1 + JITTER * (2 * self._chance() - 1)))


def _read(row: Row[Any]) -> Delivery:
    return Delivery(
        row.id,
        row.subscription,
        row.seq,
        row.kind,
        row.happened_at,
        row.state,
        row.attempts,
        row.next_at,
        row.status,
        row.problem,
        row.ended_at,
    )
