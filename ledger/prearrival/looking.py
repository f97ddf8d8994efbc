"""Finding what new entries of the log touch: in log order, each entry once, whichever process does it."""

from sqlalchemy import Connection, Engine, bindparam, delete, exists, select, update

from ledger.catalogue.facts import CUSTODY
from ledger.log.writer import LOG_ID
from ledger.storage.arrival_work import STATE_ID, hold_arrivals, touch, touch_custody
from ledger.storage.catalogue_tables import catalogue_state, catalogue_subjects
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.prearrival_tables import (
    arrival_index,
    arrival_needs,
    arrival_parts,
    arrival_state,
    arrival_work,
    arrivals,
)
from ledger.storage.rows import insert_or_ignore
from ledger.storage.tables import log, stream_entries

BATCH = 500
SHIPMENTS = ("consignment", "trip")
_STATE = select(
    select(arrival_state.c.size).scalar_subquery().label("size"),
    select(log.c.size).where(log.c.id == LOG_ID).scalar_subquery().label("logged"),
    exists().where(arrival_work.c.at <= bindparam("now")).label("due"),
)
_FROM_THE_LOG = (arrival_index, arrival_needs, arrivals, arrival_parts, arrival_work)


def look_through(engine: Engine) -> None:
    """Note for all that is new in the catalogue which shipments it touches."""
    while True:
        with read_transaction(engine) as connection:
            start, stop = covered(connection), catalogued(connection)
        if start >= stop:
            return
        with write_transaction(engine) as connection:
            # Another process may have been here in between.
            if hold(connection) == start:
                _note(connection, start, min(start + BATCH, stop))


def kin_of(connection: Connection, uri: str) -> frozenset[int]:
    """Return the shipments that a subject is in, and those in them, by the log index of their opening."""
    part, subject, its = arrival_parts.c, catalogue_subjects.c, arrival_parts.alias().c
    query = (
        select(subject.idx)
        .join(arrival_parts, part.subject == subject.uri)
        .where(part.shipment.in_(select(its.shipment).where(its.subject == uri)))
        .where(subject.type.in_(SHIPMENTS))
    )
    return frozenset(connection.execute(query).scalars())


def is_done(connection: Connection, now: int) -> bool:
    """Return whether all of the log has been looked through, and no shipment is due, POSIX seconds."""
    row = connection.execute(_STATE, {"now": now}).one()
    return bool(row.size == row.logged and not row.due)


def covered(connection: Connection) -> int:
    """Return how many entries of the log have been looked through."""
    return int(connection.execute(select(arrival_state.c.size)).scalar() or 0)


def catalogued(connection: Connection) -> int:
    """Return how many entries of the log are in the catalogue."""
    return int(connection.execute(select(catalogue_state.c.size)).scalar() or 0)


def hold(connection: Connection) -> int:
    """Let nobody else write tables of arrivals until the transaction ends; return how much is covered."""
    hold_arrivals(connection)
    return covered(connection)


def empty(engine: Engine) -> None:
    """Empty all that comes from the log, so that it is made again; nothing up to now is told again."""
    with write_transaction(engine) as connection:
        hold(connection)
        for table in _FROM_THE_LOG:
            connection.execute(delete(table))
        size = connection.execute(select(log.c.size).where(log.c.id == LOG_ID)).scalar()
        connection.execute(update(arrival_state).values(size=0, quiet=int(size or 0)))


def _note(connection: Connection, start: int, stop: int) -> None:
    subject, filed = catalogue_subjects.c, stream_entries.c
    opened = select(subject.uri, subject.idx).where(
        subject.idx >= start, subject.idx < stop, subject.type.in_(SHIPMENTS)
    )
    new = [{"subject": row.uri, "shipment": row.idx} for row in connection.execute(opened)]
    # The catalogue goes ahead: a trip may have been drawn up with the goods in it before it is come to here.
    insert_or_ignore(connection, arrival_parts, new)
    touch(connection, [row["shipment"] for row in new])
    tags = select(filed.tag).where(filed.idx >= start, filed.idx < stop).distinct()
    touch_custody(connection, list(connection.execute(tags).scalars()), CUSTODY)
    connection.execute(update(arrival_state).where(arrival_state.c.id == STATE_ID).values(size=stop))
