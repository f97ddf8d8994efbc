"""Drawing up again what is touched: judged on a snapshot, written only if nothing came in between."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from ledger.prearrival.assessing import Assessor
from ledger.prearrival.events import next_notice
from ledger.prearrival.looking import SHIPMENTS, catalogued, covered, hold
from ledger.prearrival.rows import ArrivalRow, row_of
from ledger.prearrival.stories import Stories, Story
from ledger.prearrival.viewing import view_id, viewers_of
from ledger.prearrival.writing import Writer
from ledger.storage.arrival_work import NEVER
from ledger.storage.catalogue_tables import catalogue_subjects
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.faults import Fault
from ledger.storage.prearrival_tables import arrival_parts, arrival_work

BATCH = 16


@dataclass(frozen=True, slots=True)
class Drawn:
    """A shipment that was drawn up again.

    Args:
        shipment: Log index of its opening.
        version: Of the note that it was touched.
        parts: URIs of the subjects that may touch it.
        rows: One for each view.
        again: When to look at it again, POSIX seconds.
    """

    shipment: int
    version: int
    parts: frozenset[str]
    rows: Sequence[ArrivalRow]
    again: int


def work(
    engine: Engine, stories: Stories, assessor: Assessor, now: int, *, fault: Fault, but: Collection[int]
) -> int:
    """Draw up some of what is due, and return how many were.

    Args:
        engine: The database.
        stories: Reads what was said.
        assessor: Judges it.
        now: POSIX seconds.
        fault: Reaches `drawn`, `written` and `committed`.
        but: Shipments to leave for the next time, by the log index of their opening.

    Raises:
        UnavailableError: The database or the registry cannot be read now.
    """
    with read_transaction(engine) as connection:
        # While the catalogue is being made again, it does not know yet what had been looked through.
        if catalogued(connection) < covered(connection):
            return 0
        note, subject = arrival_work.c, catalogue_subjects.c
        due = (
            select(note.shipment, note.version, subject.uri)
            .join(catalogue_subjects, subject.idx == note.shipment)
            .where(note.at <= now, note.shipment.not_in(but))
            .order_by(note.at, note.shipment)
            .limit(BATCH)
        )
        found: Sequence[Sequence[Any]] = connection.execute(due).all()
        drawn = [_draw(connection, one, stories, assessor, now) for one in found]
    if not drawn:
        return 0
    fault("drawn")
    with write_transaction(engine) as connection:
        hold(connection)
        writer = Writer(connection, now)
        for one in drawn:
            if _take(connection, one):
                writer.write(one.shipment, one.parts, one.rows)
        writer.close()
        fault("written")
    fault("committed")
    return len(drawn)


def _draw(
    connection: Connection, due: Sequence[Any], stories: Stories, assessor: Assessor, now: int
) -> Drawn:
    shipment, version, uri = due
    story = stories.of(connection, uri)
    if uri not in story.tags:
        return Drawn(shipment, version, frozenset((uri,)), (), NEVER)
    consignments = _shown_in(connection, shipment, uri)
    viewers = viewers_of(connection, story, consignments, now)
    rows = [
        _row(story, view, readers, assessor)
        for view, readers in sorted(viewers.by_view.items(), key=lambda pair: view_id(pair[0]))
    ]
    moments = [viewers.until, *(next_notice(row, now) for row in rows)]
    again = min((one for one in moments if one is not None), default=NEVER)
    return Drawn(shipment, version, frozenset((*story.tags, *consignments)), rows, again)


def _row(story: Story, view: frozenset[bytes], readers: frozenset[str], assessor: Assessor) -> ArrivalRow:
    heard = story.in_view(view)
    received_at = {one.said.index: one.received_at for one in heard}
    standing = assessor.standing(story.uri, [one.said for one in heard], received_at, view_id(view))
    return row_of(standing, heard, view, readers)


def _shown_in(connection: Connection, shipment: int, uri: str) -> list[str]:
    """Return the URIs of the consignments of which a trip is a part."""
    if not uri.startswith("urn:corridor:trip:"):
        return []
    part, subject = arrival_parts.c, catalogue_subjects.c
    query = (
        select(subject.uri)
        .join(arrival_parts, part.shipment == subject.idx)
        .where(part.subject == uri, subject.type == SHIPMENTS[0], subject.idx != shipment)
        .order_by(subject.idx)
    )
    return list(connection.execute(query).scalars())


def _take(connection: Connection, one: Drawn) -> bool:
    """Return whether nobody touched or wrote a shipment since it was read, and take it off the list."""
    note = arrival_work.c
    taking = (
        update(arrival_work)
        .where(note.shipment == one.shipment, note.version == one.version)
        .values(at=one.again, version=one.version + 1)
    )
    return connection.execute(taking).rowcount == 1
