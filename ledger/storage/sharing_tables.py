"""The tables of requests to be shown something, and of their answers: from the log, like the catalogue."""

from sqlalchemy import Column, Index, String, Table

from ledger.storage.tables import metadata
from ledger.storage.types import Blob, Long

# Who asked whom; what for stands in the statement.
sharing_requests = Table(
    "sharing_requests",
    metadata,
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("id", Blob, nullable=False, unique=True),
    Column("iss", String(200), nullable=False),
    Column("addressee", String(200), nullable=False),
    Index(None, "iss"),
    Index(None, "addressee"),
)

# The first answer of each request, by the one who was asked: later ones change nothing.
sharing_answers = Table(
    "sharing_answers",
    metadata,
    Column("request", Long, primary_key=True, autoincrement=False),
    Column("idx", Long, nullable=False, unique=True),
)
