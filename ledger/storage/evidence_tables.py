"""The tables of evidence: who stored what, which statements claim it, and uploads under way."""

from sqlalchemy import Column, Index, String, Table

from ledger.storage.tables import metadata
from ledger.storage.types import Long

# `size` counts the sealed bytes. An empty organisation stands for nobody known: bytes that were found in the
# store after a crash. The same bytes may have been sent by several, each into the stores of its choice: the
# names of those, as in `local,ipfs`.
evidence_items = Table(
    "evidence_items",
    metadata,
    Column("cid", String(64), primary_key=True),
    Column("organisation", String(200), primary_key=True),
    Column("size", Long, nullable=False),
    Column("stored_at", Long, nullable=False),
    Column("stores", String(32), nullable=False, server_default="local"),
    Index(None, "stored_at"),
)

# Which statements, by their index in the log, say in a revealed body that an item is theirs.
evidence_claims = Table(
    "evidence_claims",
    metadata,
    Column("cid", String(64), primary_key=True),
    Column("idx", Long, primary_key=True, autoincrement=False),
)

# Items that nobody claims and whose bytes are being removed: until that is done nobody can store them anew.
evidence_sweeps = Table(
    "evidence_sweeps",
    metadata,
    Column("cid", String(64), primary_key=True),
)

# Resumable uploads of sealed bytes. `offset` is how many are on the disk; it equals `length` only when the
# item is in the store.
evidence_uploads = Table(
    "evidence_uploads",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("organisation", String(200), nullable=False),
    Column("cid", String(64), nullable=False),
    Column("length", Long, nullable=False),
    Column("offset", Long, nullable=False),
    Column("expires_at", Long, nullable=False),
    Column("stores", String(32), nullable=False, server_default="local"),
    Index(None, "organisation"),
    Index(None, "expires_at"),
)
