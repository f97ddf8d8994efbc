"""The tables of a witness's own database, apart from any ledger's.

Hashes and notes are BLOBs as they are; times are POSIX seconds. Nothing in `cosigned` and `refused` is ever
updated or deleted.
"""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()

FORMAT = 1

_Long = BigInteger().with_variant(Integer, "sqlite")

# One row: which key this state belongs to. With the state of another, a key could sign what it never saw.
witness = Table(
    "witness",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("format", Integer, nullable=False),
    Column("vkey", String(400), nullable=False),
    Column("kind", String(16), nullable=False),
)

# The compare-and-swap head of each log; `time` is that of the newest cosignature.
newest = Table(
    "newest",
    metadata,
    Column("origin", String(400), primary_key=True),
    Column("size", _Long, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("time", _Long, nullable=False),
)

# Every checkpoint decided on, with the note as it came: one half of the evidence when a second root turns up.
cosigned = Table(
    "cosigned",
    metadata,
    Column("origin", String(400), primary_key=True),
    Column("size", _Long, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("time", _Long, nullable=False),
)

# Checkpoints that the log signed and that this witness would not: the other half.
refused = Table(
    "refused",
    metadata,
    Column("origin", String(400), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("size", _Long, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("reason", String(64), nullable=False),
    Column("time", _Long, nullable=False),
)

# How far an index cosigner has replayed. Stage 0 belongs to the newest cosigned checkpoint; stage 1 is a long
# replay on its way, not yet confirmed by a root, and holds only the streams that changed since.
replays = Table(
    "replays",
    metadata,
    Column("origin", String(400), primary_key=True),
    Column("stage", Integer, primary_key=True, autoincrement=False),
    Column("size", _Long, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("last", Integer, nullable=False),  # type byte of the last entry
)

streams = Table(
    "streams",
    metadata,
    Column("origin", String(400), primary_key=True),
    Column("stage", Integer, primary_key=True, autoincrement=False),
    Column("tag", LargeBinary, primary_key=True),
    Column("count", _Long, nullable=False),
    Column("running", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
