"""The tables of wrapped secrets: which items are claimed by whom, and what was wrapped for whom."""

from sqlalchemy import Column, Index, String, Table

from ledger.storage.tables import metadata
from ledger.storage.types import Blob, Long

# The items that statements claim in a revealed body, by the statement's index in the log. Made from the log.
# A statement may claim several CIDs under one commitment: each is held, erased and asked for by itself.
evidence_commitments = Table(
    "evidence_commitments",
    metadata,
    Column("commitment", Blob, primary_key=True),
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("cid", String(64), primary_key=True),
    Column("iss", String(200), nullable=False),  # whose statement it is
    Column("category", String(64), nullable=False),
    Index(None, "idx"),
    Index(None, "cid"),
    sqlite_with_rowid=False,
)

# Secrets of items, as `giver` wrapped them for `organisation`: no key of the ledger opens them. `record` is
# the id of the statement that tells of it, none where both are the same organisation.
wrapped_secrets = Table(
    "wrapped_secrets",
    metadata,
    Column("organisation", String(200), primary_key=True),
    Column("commitment", Blob, primary_key=True),
    Column("giver", String(200), primary_key=True),
    Column("cid", String(64), nullable=False),
    Column("wrapped", Blob, nullable=False),
    Column("record", Blob),
    Column("stored_at", Long, nullable=False),
    Index(None, "giver", "organisation"),
    Index(None, "cid"),
    sqlite_with_rowid=False,
)
