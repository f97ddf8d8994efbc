"""Which grants there are: those that an organisation gave, and those that it was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select

from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.views import Views
from ledger.catalogue.visibility import is_good
from ledger.domain.clock import Clock
from ledger.domain.sharing import ACCESS_ANSWER, AccessAnswer, Grant
from ledger.domain.statement import Statement
from ledger.log.store import StoredStatement, select_statements, stored_statement
from ledger.storage.catalogue_tables import catalogue_about, catalogue_members
from ledger.storage.engine import read_transaction
from ledger.storage.rows import chunks
from ledger.storage.tables import statements

_GRANTED = "granted"


class GrantState(StrEnum):
    """Whether a grant gives anything now."""

    GOOD = "good"
    PENDING = "pending"
    EXPIRED = "expired"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """A grant, or an answer that acts as one.

    Args:
        index: Of its statement in the log; the cursor of pages.
        id: Statement id, 32 bytes.
        kind: `grant` or `access-answer`.
        by: URI of the organisation that gave it.
        grant: What it gives; `until` is when the giver's own membership is over, if that comes first.
        subjects: URIs of the subjects that it is about.
        streams: Tags of the streams that it lets into.
        state: Whether it gives anything now.
        ended: Index of the entry that ended it, None when nothing did.
    """

    index: int
    id: bytes
    kind: str
    by: str
    grant: Grant
    subjects: tuple[str, ...]
    streams: tuple[bytes, ...]
    state: GrantState
    ended: int | None


class Grants:
    """Answers questions about grants, each for one organisation.

    Args:
        engine: The database.
        catalogue: Keeps the tables up with the log.
        views: Says what an organisation is shown.
        clock: Tells which grants are good.
    """

    def __init__(self, engine: Engine, catalogue: Catalogue, views: Views, clock: Clock) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._views = views
        self._clock = clock

    def given(self, organisation: str, **wanted: Any) -> Sequence[GrantRecord]:
        """Return the grants that an organisation gave; see `_found`."""
        return self._found(organisation, catalogue_members.c.by == organisation, **wanted)

    def received(self, organisation: str, **wanted: Any) -> Sequence[GrantRecord]:
        """Return the grants that an organisation was given, once they have begun; see `_found`."""
        member = catalogue_members.c
        # What begins later tells of a stream that it may not know of yet.
        begun = (member.organisation == organisation) & (member.since <= self._clock())
        return self._found(organisation, begun, **wanted)

    def _found(
        self,
        organisation: str,
        whose: ColumnElement[bool],
        *,
        subject: str | None = None,
        good_only: bool = True,
        after: int | None = None,
        limit: int,
    ) -> Sequence[GrantRecord]:
        """Return grants in the order of the log.

        Args:
            organisation: URI of the reader.
            whose: Which rows of `catalogue_members` are asked for.
            subject: Only those about this subject.
            good_only: Only those that give something now.
            after: Only those after the one with this `index`.
            limit: How many at most.
        """
        now = self._clock()
        self._catalogue.catch_up()
        member, about = catalogue_members.c, catalogue_about.c
        rows_wanted = whose & (member.reason == _GRANTED)
        query = select(member.idx).where(rows_wanted)
        if good_only:
            query = query.where(is_good(now))
        if subject is not None:
            named = select(about.idx).where(about.subject == subject)
            query = query.where(member.idx.in_(named))
        if after is not None:
            query = query.where(member.idx > after)
        query = query.group_by(member.idx).order_by(func.min(member.idx)).limit(limit)
        with read_transaction(self._engine) as connection:
            indices = list(connection.execute(query).scalars())
            rows = _rows(connection, indices, rows_wanted)
            stored = {one.index: one for one in _stored(connection, indices)}
        view = self._views(organisation)
        return [_record(view.redacted(stored[index]), rows[index], now) for index in indices]


def _rows(
    connection: Connection, indices: Sequence[int], whose: ColumnElement[bool]
) -> dict[int, list[Row[Any]]]:
    member, found = catalogue_members.c, dict[int, list[Row[Any]]]()
    for part in chunks(indices):
        query = select(catalogue_members).where(member.idx.in_(part), whose).order_by(member.tag)
        for row in connection.execute(query):
            found.setdefault(row.idx, []).append(row)
    return found


def _stored(connection: Connection, indices: Sequence[int]) -> list[StoredStatement]:
    found: list[StoredStatement] = []
    for part in chunks(indices):
        query = select_statements().where(statements.c.idx.in_(part))
        found += [stored_statement(row) for row in connection.execute(query)]
    return found


def _record(stored: StoredStatement, rows: Sequence[Row[Any]], now: int) -> GrantRecord:
    statement = Statement.parse(stored.statement)
    body = statement.reveal(stored.disclosures)
    if statement.kind == ACCESS_ANSWER:
        answer = AccessAnswer.parse(body)
        assert answer.grant is not None
        grant = answer.grant
    else:
        grant = Grant.parse(body)
    ends = [row.until for row in rows]
    until = None if None in ends else max(ends)
    all_ended = all(row.ended is not None for row in rows)
    return GrantRecord(
        index=stored.index,
        id=stored.id,
        kind=statement.kind,
        by=statement.iss,
        grant=Grant(grant.to, grant.categories, grant.purpose, grant.since, until),
        subjects=statement.subjects,
        streams=tuple(dict.fromkeys(row.tag for row in rows)),
        state=_state(rows, now, all_ended=all_ended),
        ended=max(row.ended for row in rows) if all_ended else None,
    )


def _state(rows: Sequence[Row[Any]], now: int, *, all_ended: bool) -> GrantState:
    if all_ended:
        return GrantState.ENDED
    left = [row for row in rows if row.ended is None]
    if all(row.until is not None and row.until <= now for row in left):
        return GrantState.EXPIRED
    return GrantState.PENDING if all(row.since > now for row in left) else GrantState.GOOD
