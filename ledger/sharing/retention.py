"""What is kept too long, and what was erased: told to those whose it is, and done by nobody but them.

The agreed time of a category counts from when what an item shows happened. A ledger tells what is due; it
erases nothing without its owner's signature.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, Select, and_, literal, or_, select

from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.visibility import is_by_a_party, sees_entry
from ledger.corridors.sharing_tables import Category
from ledger.domain import strict_json
from ledger.domain.clock import Clock
from ledger.domain.concealed import base_category
from ledger.domain.evidence import COMMITMENT_SIZE
from ledger.domain.moment import happened_at
from ledger.domain.statement import Statement
from ledger.storage.catalogue_tables import catalogue_about
from ledger.storage.engine import read_transaction
from ledger.storage.erasure_tables import erasures, erasures_done
from ledger.storage.secret_tables import evidence_commitments
from ledger.storage.tables import statements, stream_entries

DAY: Final = 86_400
_LOOK: Final = 500
_MAX_DISCLOSURES: Final = 1 << 22
Place = tuple[int, str]
"""Where a list goes on: after this log index and name."""


@dataclass(frozen=True, slots=True)
class DueItem:
    """An item that its organisation has kept as long as was agreed.

    Args:
        index: Log index of the statement that claims it.
        commitment: Of the item, 32 bytes.
        cid: Of its sealed bytes.
        category: As the statement says.
        subject: URI of the statement's first subject.
        streams: Tags of the streams that the claim is in.
        occurred_at: When what it shows happened, POSIX seconds.
        due_at: When its time was over, POSIX seconds.
    """

    index: int
    commitment: bytes
    cid: str
    category: str
    subject: str
    streams: tuple[bytes, ...]
    occurred_at: int
    due_at: int

    @property
    def place(self) -> Place:
        """Where a list goes on behind it."""
        return self.index, self.commitment.hex() + self.cid


@dataclass(frozen=True, slots=True)
class ErasedItem:
    """An item that an organisation has erased.

    Args:
        index: Log index of the erasure.
        cid: Of the item.
        organisation: Who erased it.
        at: When, as it says, POSIX seconds.
        because: `retention`, `request` or `order`.
        state: `due` until this ledger has destroyed what it kept, then `done`; `held` when a legal hold stood
            against it, so that it has no effect.
        done_at: When that was done, POSIX seconds; None while it is not.
    """

    index: int
    cid: str
    organisation: str
    at: int
    because: str
    state: str
    done_at: int | None

    @property
    def place(self) -> Place:
        """Where a list goes on behind it."""
        return self.index, self.cid


class Retention:
    """What is due, and what is gone.

    Args:
        engine: The ledger's database.
        catalogue: Brings it up to the log.
        clock: Tells the time.
        categories: Those of the corridor's profile.
    """

    def __init__(
        self, engine: Engine, catalogue: Catalogue, clock: Clock, categories: Mapping[str, Category]
    ) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._clock = clock
        self._categories = categories

    def due(
        self,
        organisation: str,
        *,
        subject: str | None = None,
        at: int | None = None,
        after: Place | None = None,
        limit: int,
    ) -> list[DueItem]:
        """Return items of an organisation whose time is over, in the order of the log.

        Args:
            organisation: Whose.
            subject: Only what is claimed about this subject.
            at: POSIX seconds for which it is asked; now if not given.
            after: Where the list goes on.
            limit: How many at most.

        Raises:
            NotFoundError: The organisation may not see such a subject.
        """
        self._catalogue.catch_up()
        if subject is not None:
            self._catalogue.subject(subject, organisation)
        now = self._clock() if at is None else at
        found: list[DueItem] = []
        with read_transaction(self._engine) as connection:
            while len(found) < limit:
                rows = connection.execute(_claims(organisation, subject, after)).all()
                for row in rows:
                    item = self._item(connection, row.idx, row.commitment, row.cid, row.category)
                    if item is not None and item.due_at <= now:
                        found.append(item)
                if len(rows) < _LOOK:
                    break
                after = rows[-1].idx, rows[-1].commitment.hex() + rows[-1].cid
        return found[:limit]

    def erased(
        self, subject: str, organisation: str, *, after: Place | None = None, limit: int
    ) -> list[ErasedItem]:
        """Return what was erased of a subject, as far as an organisation may know, in the order of the log.

        Raises:
            NotFoundError: It may not see such a subject.
        """
        self._catalogue.subject(subject, organisation)
        said, done, about = erasures.c, erasures_done.c, catalogue_about.c
        query = (
            select(said.idx, said.cid, said.organisation, said.at, said.because, said.held, done.done_at)
            .join_from(erasures, catalogue_about, about.idx == said.idx)
            .outerjoin(erasures_done, and_(done.cid == said.cid, done.organisation == said.organisation))
            .where(about.subject == subject, is_by_a_party())
            .where(sees_entry(said.idx, organisation, self._clock()))
            .order_by(said.idx, said.cid)
            .limit(limit)
        )
        if after is not None:
            query = query.where(or_(said.idx > after[0], and_(said.idx == after[0], said.cid > after[1])))
        with read_transaction(self._engine) as connection:
            rows = connection.execute(query).all()
        return [
            ErasedItem(
                index=row.idx,
                cid=row.cid,
                organisation=row.organisation,
                at=row.at,
                because=row.because,
                state=_state(row.held, row.done_at),
                done_at=None if row.held is not None else row.done_at,
            )
            for row in rows
        ]

    def _item(
        self, connection: Connection, index: int, commitment: bytes, cid: str, category: str
    ) -> DueItem | None:
        days = self._days(category)
        if days is None:
            return None
        row = connection.execute(
            select(statements.c.statement, statements.c.disclosures).where(statements.c.idx == index)
        ).one()
        statement = Statement.parse(row.statement)
        texts: Sequence[str] = strict_json.loads(row.disclosures, max_bytes=_MAX_DISCLOSURES)
        occurred = int(happened_at(statement, statement.reveal(texts)))
        return DueItem(
            index=index,
            commitment=commitment,
            cid=cid,
            category=category,
            subject=statement.sub,
            streams=statement.streams,
            occurred_at=occurred,
            due_at=occurred + days * DAY,
        )

    def _days(self, category: str) -> int | None:
        known = self._categories.get(base_category(category))
        return None if known is None else known.retention_days


def _claims(
    organisation: str, subject: str | None, after: Place | None
) -> Select[tuple[int, bytes, str, str]]:
    """Return the query for what an organisation claims and has not erased."""
    claims, said, filed = evidence_commitments.c, erasures.c, stream_entries.c
    gone = select(said.cid).where(
        said.cid == claims.cid, said.organisation == organisation, said.held.is_(None)
    )
    logged = select(literal(1)).where(filed.idx == claims.idx)
    query = select(claims.idx, claims.commitment, claims.cid, claims.category).where(
        claims.iss == organisation, ~gone.exists(), logged.exists()
    )
    if subject is not None:
        about = catalogue_about.c
        query = query.where(claims.idx.in_(select(about.idx).where(about.subject == subject)))
    if after is not None:
        split = 2 * COMMITMENT_SIZE
        name, cid = bytes.fromhex(after[1][:split]), after[1][split:]
        later = or_(claims.commitment > name, and_(claims.commitment == name, claims.cid > cid))
        query = query.where(or_(claims.idx > after[0], and_(claims.idx == after[0], later)))
    return query.order_by(claims.idx, claims.commitment, claims.cid).limit(_LOOK)


def _state(held: int | None, done_at: int | None) -> str:
    if held is not None:
        return "held"
    return "due" if done_at is None else "done"
