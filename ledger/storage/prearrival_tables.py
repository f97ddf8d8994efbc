"""The tables of arrivals: what is on its way and how it stands, sorted for those who may see it.

All but `arrival_events` and `arrival_names` can be emptied and made again from the log. A shipment is a
consignment or a trip; `shipment` is the log index of its opening, as in `catalogue_subjects`.
"""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from ledger.storage.tables import metadata
from ledger.storage.types import Blob, Long

# One row, held by whoever writes any of the others: how many entries of the log have been looked through for
# shipments that they touch; below which entry nothing is an event any more, for what is older is history; and
# the last numbers that were given to rows and to events.
arrival_state = Table(
    "arrival_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", Long, nullable=False),
    Column("quiet", Long, nullable=False),
    Column("number", Long, nullable=False),
    Column("seq", Long, nullable=False),
)

# Which shipments something that is said of a subject may touch: the subject is linked to them, or is one.
arrival_parts = Table(
    "arrival_parts",
    metadata,
    Column("subject", String(400), primary_key=True),
    Column("shipment", Long, primary_key=True, autoincrement=False),
    Index(None, "shipment"),
    sqlite_with_rowid=False,
)

# When to look at a shipment again, POSIX seconds: 0 for at once, later for what changes with time alone. Who
# touches it or is done with it counts `version` up, so that of several that look only one writes.
arrival_work = Table(
    "arrival_work",
    metadata,
    Column("shipment", Long, primary_key=True, autoincrement=False),
    Column("at", Long, nullable=False),
    Column("version", Long, nullable=False),
    Index(None, "at"),
)

# A shipment as those see it who are in the same ones of its streams: `view` is SHA-256 over their tags.
# `item` is JSON, from what nobody conceals; `readers`, `terms` are what of it is in `arrival_index`. From
# `overdue_at` on, POSIX seconds, it is overdue unless something is said; null once it has arrived.
arrivals = Table(
    "arrivals",
    metadata,
    Column("id", Long, primary_key=True, autoincrement=False),
    Column("shipment", Long, nullable=False),
    Column("uri", String(400), nullable=False),
    Column("view", Blob, nullable=False),
    Column("tags", Blob, nullable=False),  # of the streams, one behind the other
    Column("eta", Long, nullable=False),
    Column("changed", Long, nullable=False),  # index of the newest statement in it
    Column("ready", Long),  # index of the statement that made it ready
    Column("decisions", Text, nullable=False),  # indices of those in force, with blanks between them
    Column("item", Text, nullable=False),
    Column("readers", Text, nullable=False),
    Column("terms", Text, nullable=False),
    Column("overdue_at", Long),
    Index(None, "shipment", "view", unique=True),
)

# Evidence that is required of a shipment; `trip` where each container needs its own.
arrival_needs = Table(
    "arrival_needs",
    metadata,
    Column("id", Long, primary_key=True, autoincrement=False),
    Column("arrival", Long, nullable=False),
    Column("need", String(64), nullable=False),
    Column("trip", String(400), nullable=False),  # empty: of the shipment as a whole
    Column("due", Long),
    Column("done", Long),  # index of the statement that brought it
    Index(None, "arrival", "need", "trip", unique=True),
)

# Numbers for organisations and for what is asked for, such as `port=USILG`: they make the index small.
arrival_names = Table(
    "arrival_names",
    metadata,
    Column("id", Long, primary_key=True, autoincrement=False),
    Column("name", String(480), nullable=False, unique=True),
)

# What each organisation finds under each term, in the order of its time: rows of `arrivals` by their ETA, and
# of `arrival_needs` by their deadline. A question reads one stretch of it, however much there is beside.
arrival_index = Table(
    "arrival_index",
    metadata,
    Column("reader", Long, primary_key=True, autoincrement=False),
    Column("term", Long, primary_key=True, autoincrement=False),
    Column("at", Long, primary_key=True, autoincrement=False),
    Column("thing", Long, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# What happened to shipments, written with the rows that changed. Only whoever sees the shipment in this
# `view` may hear of it. `key` says what it is about: nothing is told twice, whatever is made again. `seq` has
# no gaps, and is committed in its order.
arrival_events = Table(
    "arrival_events",
    metadata,
    Column("seq", Long, primary_key=True, autoincrement=False),
    Column("key", String(640), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("shipment", String(400), nullable=False),  # its URI
    Column("view", Blob, nullable=False),
    Column("at", Long, nullable=False),
    Column("data", Text, nullable=False),
)
