"""The table of applications to take part; what became of one is read from the registry."""

from sqlalchemy import Column, Index, String, Table

from ledger.storage.tables import metadata
from ledger.storage.types import Blob, Long

# `state`: pending, or refused by a governor. That an organisation was enrolled is for the chain to say.
enrolments = Table(
    "enrolments",
    metadata,
    Column("id", Blob, primary_key=True),
    Column("uri", String(200), nullable=False),
    Column("application", Blob, nullable=False),
    Column("received_at", Long, nullable=False),
    Column("state", String(16), nullable=False),
    Column("decided_at", Long),
    Column("decided_by", String(200)),
    Column("reason", String(500)),
    Index(None, "uri"),
    Index(None, "received_at"),
)
