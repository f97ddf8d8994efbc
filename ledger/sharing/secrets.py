"""Wrapped secrets in the ledger's keeping: taken from those whose evidence it is, given to those it is for.

The ledger cannot open them. It gives one out to nobody but the organisation that it was wrapped for, and only
as long as that organisation may see the item: what ends a grant or a membership ends this, too.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, delete, func, or_, select, tuple_

from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.visibility import is_by_a_party, sees_entry
from ledger.domain.clock import Clock
from ledger.domain.disclosure_record import DISCLOSURE_RECORD
from ledger.domain.errors import MalformedError, NotFoundError, UsageError
from ledger.domain.wrapped import Batch, WrappedSecret
from ledger.evidence.tombstones import check_all_open
from ledger.log.store import StoredStatement
from ledger.sharing.deposits import check_for_oneself, check_items, check_record
from ledger.sharing.openable import Claim, Opens, claims_of, first_claims, openable
from ledger.storage.catalogue_tables import catalogue_about
from ledger.storage.engine import hold, read_transaction, write_transaction
from ledger.storage.rows import chunks, insert_or_ignore, insert_rows
from ledger.storage.secret_tables import evidence_commitments, wrapped_secrets

Place = tuple[str, str]
"""Where a list goes on: after this commitment (hex) and giver."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A secret in the ledger's keeping.

    Args:
        secret: What was wrapped.
        giver: URI of the organisation that wrapped it.
        for_: URI of the organisation that can open it.
        record: Id of the statement that tells of it, None when giver and reader are one.
        category: Of the item, as the first statement that the reader may see says; None when none does yet.
    """

    secret: WrappedSecret
    giver: str
    for_: str
    record: bytes | None
    category: str | None

    @property
    def place(self) -> Place:
        """Where a list goes on behind it."""
        return self.secret.commitment.hex(), self.giver


class Secrets:
    """The wrapped secrets of one ledger.

    Args:
        engine: Its database.
        catalogue: Knows subjects, statements and members.
        clock: Dates what is stored.
        statement: Returns a logged statement by its id.
        is_enrolled: Tells whether an organisation takes part.
        view: Returns what an organisation is shown now.
    """

    def __init__(
        self,
        engine: Engine,
        catalogue: Catalogue,
        clock: Clock,
        *,
        statement: Callable[[bytes], StoredStatement],
        is_enrolled: Callable[[str], bool],
        view: Callable[[str], Opens],
    ) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._clock = clock
        self._statement = statement
        self._is_enrolled = is_enrolled
        self._view = view

    def keep(self, giver: str, batch: Batch, *, replace: bool = True) -> int:
        """Store wrapped secrets, all of them or none, and return how many their reader may not open yet.

        The giver is told only what its own statements about the items are shown to whom.

        Args:
            giver: URI of the organisation that wrapped them.
            batch: What it brings.
            replace: Whether those that are there already are replaced. Else they stay, and none is taken of
                what others show the giver: a device is easily stolen.

        Raises:
            NotFoundError: The organisation that they are for does not take part, the record is not there, or
                an item was erased (`erased`).
            PolicyError: An item is not its giver's to give, or the record is not one of this.
            UsageError: A record, where the giver is the reader; or none, where it is not.
        """
        # (1) There is somebody to give them to, and it is on record.
        self._check_reader(giver, batch)
        self._catalogue.catch_up()
        now = self._clock()
        with write_transaction(self._engine) as connection:
            # (2) Each item is the giver's to give, and is not being erased.
            hold(connection, wrapped_secrets)
            check_items(connection, giver, batch, now, of_others=replace)
            check_all_open(connection, [one.cid for one in batch.secrets], giver)
            # (3) All at once.
            rows = [
                (batch.for_, one.commitment, giver, one.cid, one.wrapped, batch.record, now)
                for one in batch.secrets
            ]
            if replace:
                insert_rows(connection, wrapped_secrets, rows, replace=True)
            else:
                names = [column.name for column in wrapped_secrets.columns]
                new = [dict(zip(names, row, strict=True)) for row in rows]
                insert_or_ignore(connection, wrapped_secrets, new)
        return 0 if batch.for_ == giver else len(batch.secrets) - self._open_now(giver, batch, now)

    def received(
        self,
        organisation: str,
        *,
        subject: str | None = None,
        commitment: bytes | None = None,
        after: Place | None = None,
        limit: int,
    ) -> list[Kept]:
        """Return secrets that an organisation may open now, by commitment.

        Args:
            organisation: Its URI.
            subject: Only of items that statements about this subject claim.
            commitment: Only of the item with this commitment, 32 bytes.
            after: Where the list goes on.
            limit: How many at most.

        Raises:
            NotFoundError: The organisation may not see such a subject.
        """
        query = select(wrapped_secrets).where(wrapped_secrets.c.organisation == organisation)
        if commitment is not None:
            query = query.where(wrapped_secrets.c.commitment == commitment)
        found: list[Kept] = []
        view = self._view(organisation)
        with closing(self._pages(query, organisation, subject, after, limit)) as pages:
            for connection, rows in pages:
                seen = openable(connection, rows, organisation, view, self._clock())
                found += [_kept(row, claim) for row, claim in seen]
                if len(found) >= limit:
                    break
        return found[:limit]

    def given(
        self, giver: str, to: str, *, subject: str | None = None, after: Place | None = None, limit: int
    ) -> list[Kept]:
        """Return what an organisation gave to another one; arguments and errors as of `received`."""
        columns = wrapped_secrets.c
        query = select(wrapped_secrets).where(columns.organisation == to, columns.giver == giver)
        with closing(self._pages(query, giver, subject, after, limit)) as pages:
            connection, rows = next(pages)
            claims = claims_of(connection, {row.commitment for row in rows}, giver, self._clock())
        return [_kept(row, next(iter(claims.get((row.commitment, row.cid), ())), None)) for row in rows]

    def for_items(self, organisation: str, commitments: Iterable[bytes]) -> tuple[tuple[bytes, bytes], ...]:
        """Return commitment and wrapped secret of the items that an organisation may open, ascending.

        Its own counts, then that of whoever claimed the item first, and nobody else's: whoever only repeats a
        claim could have wrapped anything, and what does not open makes a verdict fail.

        Args:
            organisation: Its URI.
            commitments: Of the items, 32 bytes each.
        """
        view = self._view(organisation)
        columns, best = wrapped_secrets.c, dict[bytes, bytes]()
        with read_transaction(self._engine) as connection:
            for part in chunks(commitments):
                mine = select(wrapped_secrets).where(
                    columns.organisation == organisation, columns.commitment.in_(part)
                )
                rows = connection.execute(mine).all()
                first = first_claims(connection, part)
                for row, _ in openable(connection, rows, organisation, view, self._clock()):
                    owner, cid = first.get(row.commitment, ("", ""))
                    is_own = row.giver == organisation
                    if row.cid == cid and (is_own or (row.giver == owner and row.commitment not in best)):
                        best[row.commitment] = row.wrapped
        return tuple((name, best[name]) for name in sorted(best))

    def version(self, organisation: str) -> tuple[int, int]:
        """Return what changes when an organisation is given secrets: how many, and when the last one."""
        columns = wrapped_secrets.c
        query = select(func.count(), func.coalesce(func.max(columns.stored_at), 0))
        with read_transaction(self._engine) as connection:
            count, last = connection.execute(query.where(columns.organisation == organisation)).one()
        return int(count), int(last)

    def _open_now(self, giver: str, batch: Batch, now: int) -> int:
        columns, commitments = wrapped_secrets.c, [one.commitment for one in batch.secrets]
        query = select(columns.commitment, columns.cid, columns.giver).where(
            columns.organisation == batch.for_, columns.giver == giver
        )
        view, count = self._view(batch.for_), 0
        with read_transaction(self._engine) as connection:
            for part in chunks(commitments):
                rows = connection.execute(query.where(columns.commitment.in_(part))).all()
                count += len(openable(connection, rows, batch.for_, view, now))
        return count

    def _check_reader(self, giver: str, batch: Batch) -> None:
        if batch.for_ == giver:
            check_for_oneself(batch)
            return
        if not self._is_enrolled(batch.for_):
            message = f"no organisation {batch.for_} takes part now: check its URI"
            raise NotFoundError("organisation-unknown", message, field="for")
        if batch.record is None:
            message = f"say first that {batch.for_} is given these items: a statement {DISCLOSURE_RECORD}"
            raise UsageError("record-missing", message, field="record")
        check_record(giver, batch, self._statement(batch.record))

    def _pages(
        self, query: Select[Any], asking: str, subject: str | None, after: Place | None, limit: int
    ) -> Generator[tuple[Connection, Sequence[Any]], None, None]:
        """Yield rows, so many at a time, as long as more are asked for."""
        columns = wrapped_secrets.c
        self._catalogue.catch_up()
        if subject is not None:
            self._catalogue.subject(subject, asking)
            query = query.where(columns.commitment.in_(_claimed_about(subject, asking, self._clock())))
        query = query.order_by(columns.commitment, columns.giver).limit(limit)
        with read_transaction(self._engine) as connection:
            while True:
                rows = connection.execute(query if after is None else query.where(_behind(after))).all()
                yield connection, rows
                if len(rows) < limit:
                    return
                after = rows[-1].commitment.hex(), rows[-1].giver


def forget(connection: Connection, items: Iterable[tuple[bytes, str]]) -> int:
    """Delete all wrapped secrets of items, and return how many there were.

    Args:
        connection: A transaction that writes.
        items: Commitment and CID of each.
    """
    columns, gone = wrapped_secrets.c, 0
    for part in chunks(items):
        which = tuple_(columns.commitment, columns.cid).in_(part)
        gone += connection.execute(delete(wrapped_secrets).where(which)).rowcount
    return gone


def _claimed_about(subject: str, reader: str, now: int) -> Select[tuple[bytes]]:
    about, claims = catalogue_about.c, evidence_commitments.c
    return select(claims.commitment).where(
        claims.idx == about.idx, about.subject == subject, is_by_a_party(), sees_entry(about.idx, reader, now)
    )


def _behind(after: Place) -> Any:
    try:
        commitment, giver = bytes.fromhex(after[0]), after[1]
    except (ValueError, TypeError, IndexError):
        raise MalformedError("cursor", "the cursor is of another list; begin anew", field="cursor") from None
    columns = wrapped_secrets.c
    return or_(columns.commitment > commitment, and_(columns.commitment == commitment, columns.giver > giver))


def _kept(row: Any, claim: Claim | None) -> Kept:
    secret = WrappedSecret(row.commitment, row.cid, row.wrapped)
    return Kept(secret, row.giver, row.organisation, row.record, None if claim is None else claim.category)
