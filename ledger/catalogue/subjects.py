"""Questions about subjects and what was said of them; each on one snapshot, each for one reader."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, literal, or_, select

from ledger.catalogue.records import StreamRecord, SubjectRecord
from ledger.catalogue.visibility import is_addressed, is_by_a_party, is_member, sees_entry, tags_of
from ledger.domain.errors import NotFoundError
from ledger.log.store import StoredStatement, select_statements, stored_statement
from ledger.storage.catalogue_tables import catalogue_about, catalogue_streams, catalogue_subjects
from ledger.storage.rows import chunks
from ledger.storage.tables import statements as statements_table


def stream(connection: Connection, tag: bytes) -> StreamRecord:
    """Return a stream that is known to be there."""
    columns = catalogue_streams.c
    row = connection.execute(
        select(columns.tag, columns.subject, columns.name).where(columns.tag == tag)
    ).one()
    return StreamRecord(*row)


def subjects(
    connection: Connection,
    organisation: str,
    now: int,
    *,
    type_: str | None,
    key: str | None,
    after: int | None,
    limit: int,
) -> Sequence[SubjectRecord]:
    """Return a page of subjects; see `Catalogue.subjects`."""
    columns = catalogue_subjects.c
    query = select(catalogue_subjects).where(_reads_about(columns.uri, organisation, now))
    for column, value in ((columns.type, type_), (columns.key, key)):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(columns.idx > after)
    return _records(connection, query.order_by(columns.idx).limit(limit), organisation, now)


def subject(connection: Connection, uri: str, organisation: str, now: int) -> SubjectRecord:
    """Return a subject; see `Catalogue.subject`."""
    columns = catalogue_subjects.c
    query = select(catalogue_subjects).where(columns.uri == uri, _reads_about(columns.uri, organisation, now))
    found = _records(connection, query, organisation, now)
    if not found:
        raise _no_subject()
    return found[0]


def statements(
    connection: Connection,
    uri: str,
    organisation: str,
    now: int,
    *,
    after: int | None,
    limit: int,
    kind: str | None,
    stream_: bytes | None,
) -> Sequence[StoredStatement]:
    """Return a page of statements; see `Catalogue.statements`. A negative limit is none."""
    if not connection.execute(select(_reads_about(literal(uri), organisation, now))).scalar():
        raise _no_subject()
    about = catalogue_about.c
    query = (
        select_statements()
        .join(catalogue_about, about.idx == statements_table.c.idx)
        .where(about.subject == uri, is_by_a_party(), sees_entry(about.idx, organisation, now, stream_))
        .order_by(about.idx)
    )
    if after is not None:
        query = query.where(about.idx > after)
    if kind is not None:
        query = query.where(statements_table.c.kind == kind)
    if limit >= 0:
        query = query.limit(limit)
    return [stored_statement(row) for row in connection.execute(query)]


def may_see(connection: Connection, index: int, organisation: str, now: int) -> bool:
    """Return whether a reader may read an entry; see `Catalogue.may_see`."""
    seen = or_(sees_entry(literal(index), organisation, now), is_addressed(index, organisation))
    return bool(connection.execute(select(seen)).scalar())


def _reads_about(uri: ColumnElement[str], organisation: str, now: int) -> ColumnElement[bool]:
    # By way of the reader's own streams: most readers have a part in few of all subjects.
    columns = catalogue_streams.c
    return uri.in_(select(columns.subject).where(columns.tag.in_(tags_of(organisation, now))))


def _records(connection: Connection, query: Select[Any], organisation: str, now: int) -> list[SubjectRecord]:
    rows: Sequence[Row[Any]] = connection.execute(query).all()
    columns = catalogue_streams.c
    streams: dict[str, list[StreamRecord]] = {row.uri: [] for row in rows}
    for part in chunks(streams):
        seen = (
            select(columns.tag, columns.subject, columns.name)
            .where(columns.subject.in_(part), is_member(columns.tag, organisation, now))
            .order_by(columns.idx)
        )
        for tag, uri, name in connection.execute(seen):
            streams[uri].append(StreamRecord(tag, uri, name))
    return [
        SubjectRecord(
            row.idx, row.uri, row.type, row.key, row.opened_by, row.opened_at, tuple(streams[row.uri])
        )
        for row in rows
    ]


def _no_subject() -> NotFoundError:
    return NotFoundError(
        "subject-unknown",
        "there is no such subject, or you are a member of none of its streams: ask one of its parties for a "
        "grant, or for the stream's secret",
    )
