"""Noting which shipments are to be looked at again; see `prearrival_tables.arrival_work`."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, case, select, update

from ledger.storage.catalogue_tables import catalogue_streams
from ledger.storage.prearrival_tables import arrival_parts, arrival_state, arrival_work
from ledger.storage.rows import chunks, insert_or_ignore

AT_ONCE = 0
SOON = 1
"""Behind all that is to be looked at at once: what touches thousands of shipments lets others go first."""
NEVER = 1 << 52
"""Stands for a time that is not known, or not to come; behind all others."""
STATE_ID = 1


def hold_arrivals(connection: Connection) -> None:
    """Let nobody else write tables of arrivals until a transaction that writes has ended."""
    # An update holds the row on every engine.
    connection.execute(update(arrival_state).where(arrival_state.c.id == STATE_ID).values(id=STATE_ID))


def touch(connection: Connection, shipments: Iterable[int], at: int = AT_ONCE) -> None:
    """Note that shipments are to be looked at, at once or soon; what is noted for an earlier time stays so.

    Args:
        connection: A transaction that writes, and holds the tables of arrivals.
        shipments: Log indices of their openings.
        at: `AT_ONCE` or `SOON`.
    """
    work = arrival_work.c
    for part in chunks(sorted(set(shipments))):
        rows = [{"shipment": one, "at": at, "version": 0} for one in part]
        insert_or_ignore(connection, arrival_work, rows)
        sooner = case((work.at < at, work.at), else_=at)
        counted = {"at": sooner, "version": work.version + 1}
        connection.execute(update(arrival_work).where(work.shipment.in_(part)).values(counted))


def touch_custody(connection: Connection, tags: Collection[bytes], name: str) -> None:
    """Note that the shipments of custody streams are to be looked at, of voyages and bookings soon.

    Args:
        connection: A transaction that writes, and holds the tables of arrivals.
        tags: Of streams, 32 bytes each.
        name: That of custody streams: others touch no shipment, for most of its parties do not know of them.
    """
    stream = catalogue_streams.c
    at_once: set[str] = set()
    soon: set[str] = set()
    for tags_ in chunks(tags):
        query = select(stream.subject).where(stream.tag.in_(tags_), stream.name == name)
        for uri in connection.execute(query).scalars():
            carries = uri.startswith(("urn:corridor:voyage:", "urn:corridor:booking:"))
            (soon if carries else at_once).add(uri)
    for at, uris in ((AT_ONCE, at_once), (SOON, soon)):
        touch(connection, shipments_with(connection, uris), at)


def shipments_with(connection: Connection, subjects: Collection[str]) -> set[int]:
    """Return the log indices of the openings of the shipments of which some subjects are parts."""
    part, found = arrival_parts.c, set[int]()
    for uris in chunks(sorted(subjects)):
        query = select(part.shipment).where(part.subject.in_(uris))
        found.update(connection.execute(query).scalars())
    return found
