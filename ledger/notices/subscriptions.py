"""What organisations want to be told: named subscriptions, of which each organisation knows its own only."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, Row, delete, func, select, update

from ledger.domain import fields
from ledger.domain.clock import Clock
from ledger.domain.errors import ConflictError, NotFoundError
from ledger.notices.egress import Egress
from ledger.notices.secret import secret_of
from ledger.notices.wanted import Wanted
from ledger.storage.engine import hold, read_transaction, write_transaction
from ledger.storage.notice_tables import notice_deliveries
from ledger.storage.notice_tables import notice_subscriptions as table

ACTIVE: Final = "active"
GONE: Final = "gone"
"""State of a subscription whose receiver said that it is gone for good (410)."""
MAX_NAME: Final = 100
OVERLAP_SECONDS: Final = 86_400
"""How long what is sent is signed with the secret before, too, after it was changed."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What an organisation wants to be told.

    Args:
        id: 32 hexadecimal digits.
        organisation: Whose it is.
        name: For its people.
        wanted: Which events.
        url: Where they are sent; None for one that only names what is wanted, for the stream of events.
        state: `active` or `gone`.
        after: Number of the newest event that is not for it: it was there before.
        created_at: POSIX seconds.
        secret_number: How often the secret was changed.
        secret_since: When, POSIX seconds.
    """

    id: str
    organisation: str
    name: str
    wanted: Wanted
    url: str | None = field(repr=False)
    state: str
    after: int
    created_at: int
    secret_number: int
    secret_since: int


class Subscriptions:
    """The subscriptions of one service; safe between threads and processes that share the database.

    Args:
        engine: The database.
        clock: The ledger's clock.
        service_secret: Of the operator; the secrets of subscriptions are derived from it.
        egress: Says where may be sent to.
        newest: Returns the number of the newest event.
        most: How many an organisation may have.
        random: Where ids come from.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        service_secret: bytes,
        egress: Egress,
        newest: Callable[[], int],
        *,
        most: int,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._secret = service_secret
        self._egress = egress
        self._newest = newest
        self._most = most
        self._random = random

    def add(self, organisation: str, said: object) -> Subscription:
        """Keep a new subscription.

        Args:
            organisation: Whose it is.
            said: JSON object with `name`, and perhaps `events`, `filter` and `url`.

        Raises:
            MalformedError: It is something else.
            PolicyError: Nothing may be sent to its URL.
            ConflictError: Code `too-many`: the organisation has as many as it may have.
            UnavailableError: The database cannot be written now.
        """
        given = fields.exactly(said, ("name",), "the body", optional=("events", "filter", "url"))
        name = fields.text(given["name"], "name", longest=MAX_NAME)
        wanted = Wanted.of(given.get("events"), given.get("filter"))
        url = given.get("url")
        if url is not None:
            self._egress.target(url)
        after, now = self._newest(), self._clock()
        new = Subscription(
            self._random(16).hex(), organisation, name, wanted, url, ACTIVE, after, now, 0, now
        )
        own = select(func.count()).select_from(table).where(table.c.organisation == organisation)
        with write_transaction(self._engine) as connection:
            hold(connection, table)
            if connection.execute(own).scalar_one() >= self._most:
                raise ConflictError(
                    "too-many",
                    f"your organisation has {self._most} subscriptions; end one that is not needed any more",
                )
            connection.execute(table.insert(), _row(new))
        return new

    def get(self, organisation: str, identifier: str) -> Subscription:
        """Return a subscription of an organisation.

        Raises:
            NotFoundError: It has none with this id, whoever else may have one.
        """
        with read_transaction(self._engine) as connection:
            row = connection.execute(select(table).where(_own(organisation, identifier))).first()
        if row is None:
            raise _unknown()
        return _read(row)

    def list(self, organisation: str, after: tuple[int, str] | None, limit: int) -> Sequence[Subscription]:
        """Return subscriptions of an organisation, the oldest first.

        Args:
            organisation: Whose.
            after: When the one before was made, and its id.
            limit: How many at most.
        """
        query = select(table).where(table.c.organisation == organisation)
        if after is not None:
            at, identifier = after
            later = (table.c.created_at == at) & (table.c.id > identifier)
            query = query.where((table.c.created_at > at) | later)
        with read_transaction(self._engine) as connection:
            rows = connection.execute(query.order_by(table.c.created_at, table.c.id).limit(limit)).all()
        return [_read(row) for row in rows]

    def end(self, organisation: str, identifier: str) -> None:
        """Forget a subscription of an organisation, and what was to be sent for it; raises as `get`."""
        with write_transaction(self._engine) as connection:
            if connection.execute(delete(table).where(_own(organisation, identifier))).rowcount == 0:
                raise _unknown()
            of_it = notice_deliveries.c.subscription == identifier
            connection.execute(delete(notice_deliveries).where(of_it))

    def change_secret(self, organisation: str, identifier: str) -> Subscription:
        """Let a subscription have a new secret; for a day the old one signs as well. Raises as `get`."""
        changed = update(table).where(_own(organisation, identifier))
        values = {"secret_number": table.c.secret_number + 1, "secret_since": self._clock()}
        with write_transaction(self._engine) as connection:
            if connection.execute(changed.values(values)).rowcount == 0:
                raise _unknown()
        return self.get(organisation, identifier)

    def secret(self, subscription: Subscription) -> str:
        """Return the secret of a subscription, to be shown to its organisation once."""
        return secret_of(self._secret, subscription.id, subscription.secret_number)

    def secrets(self, subscription: Subscription) -> Sequence[str]:
        """Return what signs what is sent now: the secret, and for a while the one before."""
        number = subscription.secret_number
        is_new = number > 0 and self._clock() < subscription.secret_since + OVERLAP_SECONDS
        numbers = (number, number - 1) if is_new else (number,)
        return [secret_of(self._secret, subscription.id, one) for one in numbers]

    def sent_to(self) -> Sequence[Subscription]:
        """Return all active subscriptions that have a URL."""
        query = select(table).where(table.c.url.is_not(None), table.c.state == ACTIVE)
        with read_transaction(self._engine) as connection:
            return [_read(row) for row in connection.execute(query)]


def _own(organisation: str, identifier: str) -> ColumnElement[bool]:
    return (table.c.id == identifier) & (table.c.organisation == organisation)


def _row(one: Subscription) -> dict[str, Any]:
    return {
        "id": one.id,
        "organisation": one.organisation,
        "name": one.name,
        "wanted": json.dumps(one.wanted.to_json()),
        "url": one.url,
        "state": one.state,
        "after": one.after,
        "created_at": one.created_at,
        "secret_number": one.secret_number,
        "secret_since": one.secret_since,
    }


def _read(row: Row[Any]) -> Subscription:
    wanted = json.loads(row.wanted)
    return Subscription(
        row.id,
        row.organisation,
        row.name,
        Wanted.of(wanted["events"], wanted["filter"]),
        row.url,
        row.state,
        row.after,
        row.created_at,
        row.secret_number,
        row.secret_since,
    )


def _unknown() -> NotFoundError:
    return NotFoundError("subscription-unknown", "your organisation has no such subscription")
