"""The tables of sessions and of requests that may be repeated; rows that are over are swept."""

from sqlalchemy import Column, Index, Integer, String, Table

from ledger.storage.tables import metadata
from ledger.storage.types import Blob, Long

# Challenges that opened a session, until they would have expired anyway: each is good once.
used_challenges = Table(
    "used_challenges",
    metadata,
    Column("challenge", Blob, primary_key=True),
    Column("expires_at", Long, nullable=False),
    Index(None, "expires_at"),
)

# `token` is the SHA-256 of the bearer token: who reads the database can open nothing with it. `holder` is the
# thumbprint of the key that opened it, or the pseudonym of the officer; the other two are of officers only.
sessions = Table(
    "sessions",
    metadata,
    Column("token", Blob, primary_key=True),
    Column("holder", Blob, nullable=False),
    Column("organisation", String(200)),
    Column("issuer", String(512)),
    Column("opened_at", Long, nullable=False),
    Column("expires_at", Long, nullable=False),
    Index(None, "holder"),
    Index(None, "expires_at"),
)

# Requests with an Idempotency-Key. `status` and `answer` are null while the first of them is at work.
repeatable_requests = Table(
    "repeatable_requests",
    metadata,
    Column("scope", String(240), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("fingerprint", Blob, nullable=False),
    Column("begun_at", Long, nullable=False),
    Column("status", Integer),
    Column("answer", Blob),
    Index(None, "begun_at"),
)
