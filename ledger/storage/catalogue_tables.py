"""The tables of the catalogue: what the log says, sorted for reading; `catalogue_joins` alone is not from it.

All but `catalogue_joins` can be emptied and made again from the log. Indices are those of log entries.
"""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from ledger.storage.tables import metadata
from ledger.storage.types import Blob, Long

# One row: how many entries of the log are in the other tables. Moved by compare-and-swap.
catalogue_state = Table(
    "catalogue_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", Long, nullable=False),
)

catalogue_subjects = Table(
    "catalogue_subjects",
    metadata,
    Column("idx", Long, primary_key=True, autoincrement=False),  # of its opening
    Column("uri", String(400), nullable=False, unique=True),
    Column("type", String(16), nullable=False),
    Column("key", String(64), nullable=False),
    Column("opened_by", String(200), nullable=False),
    Column("opened_at", Long, nullable=False),  # as its opener signed it
    Index(None, "key"),
)

# Which streams a subject has, by the openings; `name` is `custody` or that of a restricted stream.
catalogue_streams = Table(
    "catalogue_streams",
    metadata,
    Column("tag", Blob, primary_key=True),
    Column("subject", String(400), nullable=False),
    Column("name", String(64), nullable=False),
    Column("idx", Long, nullable=False),
    Index(None, "subject"),
    sqlite_with_rowid=False,
)

# Who is a member by what the log says, and by which entry; `reason`: opened, granted, hand-over, or offered:
# by a hand-over of somebody who is granted it. One who was let in several times has a row for each, and is a
# member as long as one of them is good: from `since` until `until`, POSIX seconds, and not yet `ended` by a
# later entry. `by` let it in; of what that one concealed, a grant shows the `categories`, names with blanks
# between them.
catalogue_members = Table(
    "catalogue_members",
    metadata,
    Column("tag", Blob, primary_key=True),
    Column("organisation", String(200), primary_key=True),
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("reason", String(16), nullable=False),
    Column("by", String(200), nullable=False),
    Column("categories", Text, nullable=False),
    Column("since", Long, nullable=False),
    Column("until", Long),
    Column("ended", Long),
    Index(None, "organisation"),
    Index(None, "idx"),
    sqlite_with_rowid=False,
)

# Who proved to hold a stream's secret, when, and how large the log was then.
catalogue_joins = Table(
    "catalogue_joins",
    metadata,
    Column("tag", Blob, primary_key=True),
    Column("organisation", String(200), primary_key=True),
    Column("size", Long, nullable=False),
    Column("joined_at", Long, nullable=False),
    Index(None, "organisation"),
    sqlite_with_rowid=False,
)

# Which statements are about which subject.
catalogue_about = Table(
    "catalogue_about",
    metadata,
    Column("subject", String(400), primary_key=True),
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("iss", String(200), nullable=False),
    sqlite_with_rowid=False,
)

# What parties said of hand-overs, `giver` and `taker` as far as the terms were disclosed.
catalogue_hand_overs = Table(
    "catalogue_hand_overs",
    metadata,
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("id", Blob, nullable=False),
    Column("terms", Blob, nullable=False),
    Column("iss", String(200), nullable=False),
    Column("role", String(8), nullable=False),
    Column("result", String(32), nullable=False),
    Column("giver", String(200)),
    Column("taker", String(200)),
    Column("corrects", Blob),
    Index(None, "terms"),
    Index(None, "giver"),
    Index(None, "taker"),
    Index(None, "corrects"),
)
