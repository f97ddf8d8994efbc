"""Numbers of a running ledger for its operator's monitoring, and the token that opens them."""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Select, func, select

from ledger.chain.anchor_store import AnchorStore
from ledger.domain.clock import Clock
from ledger.domain.errors import NotFoundError
from ledger.health import Health, free_bytes
from ledger.keys import secret_file
from ledger.log.store import LogStore
from ledger.notices.deliveries import DEAD, PENDING
from ledger.storage.access_tables import sessions
from ledger.storage.catalogue_tables import catalogue_state
from ledger.storage.engine import read_transaction
from ledger.storage.evidence_tables import evidence_items
from ledger.storage.notice_tables import notice_deliveries
from ledger.storage.prearrival_tables import arrival_state

FILE = "metrics.token"
Gauge = tuple[str, Callable[[], float | None]]
"""What a number says, and how it is read; None while there is nothing to tell."""


def operator_token(folder: Path) -> str:
    """Return the token that opens metrics and the details of `/readyz`; it is made when it is not there.

    Args:
        folder: The data folder; the token's file is readable by its owner only.

    Raises:
        UnavailableError: The file cannot be read or written.
    """
    path = folder / FILE
    try:
        return secret_file.read(path).decode(errors="replace").strip()
    except NotFoundError:
        token = secrets.token_urlsafe(32)
        secret_file.write_new(path, f"{token}\n".encode())
        return token


def gauges_of(
    store: LogStore, anchors: AnchorStore, health: Health, *, witnesses: int, folder: Path, clock: Clock
) -> Mapping[str, Gauge]:
    """Return the numbers of one ledger, by name.

    Args:
        store: The log.
        anchors: Its anchors on the chain in use.
        health: Watches its work.
        witnesses: How many it has.
        folder: Where its data lies.
        clock: The ledger's.
    """

    def size() -> float | None:
        published = store.checkpoints.published()
        return None if published is None else published.size

    def age() -> float | None:
        published = store.checkpoints.published()
        if published is None or published.published_at is None:
            return None
        return clock() - published.published_at

    def anchor_age() -> float | None:
        final = anchors.newest_final()
        return None if final is None or final.block is None else clock() - final.block.time

    def number(query: Select[Any]) -> float:
        with read_transaction(store.engine) as connection:
            return float(connection.execute(query).scalar() or 0)

    stored = select(evidence_items.c.cid, func.max(evidence_items.c.size).label("size"))
    evidence = select(func.sum(stored.group_by(evidence_items.c.cid).subquery().c.size))

    def open_sessions() -> float:
        return number(select(func.count()).select_from(sessions).where(sessions.c.expires_at > clock()))

    def behind(covered: Column[Any]) -> Callable[[], float]:
        return lambda: store.size() - number(select(covered))

    def deliveries(state: str) -> Callable[[], float]:
        there = select(func.count()).select_from(notice_deliveries).where(notice_deliveries.c.state == state)
        return lambda: number(there)

    return {
        "log_entries": ("Entries of the log.", store.size),
        "checkpoint_entries": ("Entries that the newest published checkpoint covers.", size),
        "checkpoint_age_seconds": ("Seconds since the newest checkpoint was published.", age),
        "anchors_waiting": ("Anchors that are not final yet.", lambda: len(anchors.unfinished())),
        "anchor_age_seconds": ("Seconds since the block of the newest final anchor.", anchor_age),
        "witnesses": ("Witnesses that are asked.", lambda: witnesses),
        "witnesses_cosigned": ("Witnesses that cosigned the newest checkpoint.", lambda: health.cosigned),
        "catalogue_behind_entries": (
            "Entries that the catalogue has not taken in yet.",
            behind(catalogue_state.c.size),
        ),
        "arrivals_behind_entries": (
            "Entries that the lists of arrivals have not taken in yet.",
            behind(arrival_state.c.size),
        ),
        "webhooks_waiting": ("Deliveries of events that are still to be made.", deliveries(PENDING)),
        "webhooks_dead": ("Deliveries of events that were given up.", deliveries(DEAD)),
        "evidence_bytes": ("Sealed bytes of evidence that are stored.", lambda: number(evidence)),
        "sessions_open": ("Sessions that have not expired.", open_sessions),
        "problems": ("What keeps the ledger from its work.", lambda: len(health.problems())),
        "disk_free_bytes": ("Bytes that may still be written.", lambda: free_bytes(folder)),
    }
