"""The tables of subscriptions to events, and of their delivery by webhook. Nothing in them is from the log.

Times are POSIX seconds. No secret is stored: a subscription's is derived from `id` and `secret_number`.
"""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from ledger.storage.tables import metadata
from ledger.storage.types import Long

# One row: up to which event deliveries were made. Moved by compare-and-swap.
notice_state = Table(
    "notice_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Long, nullable=False),
)

# `wanted` is JSON: the kinds of events, and the filter. `state`: active, or gone after the receiver's 410.
# Events up to `after` were there before the subscription.
notice_subscriptions = Table(
    "notice_subscriptions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("organisation", String(200), nullable=False),
    Column("name", String(100), nullable=False),
    Column("wanted", Text, nullable=False),
    Column("url", Text),
    Column("state", String(16), nullable=False),
    Column("after", Long, nullable=False),
    Column("created_at", Long, nullable=False),
    Column("secret_number", Integer, nullable=False),
    Column("secret_since", Long, nullable=False),
    Index(None, "organisation"),
)

# What is to be sent to whom. `state`: pending, delivered or dead. A row is sent by whoever sets
# `claimed_until`, and is anybody's again after it; `attempts` counts those that ended. `status` and `problem`
# are of the last attempt.
notice_deliveries = Table(
    "notice_deliveries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("subscription", String(32), nullable=False),
    Column("seq", Long, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("happened_at", Long, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Long, nullable=False),
    Column("claimed_until", Long, nullable=False),
    Column("status", Integer),
    Column("problem", String(64)),
    Column("ended_at", Long),
    Index("ix_notice_deliveries_event", "subscription", "seq", unique=True),
    Index("ix_notice_deliveries_due", "state", "next_at"),
)
