"""What was erased: it is not given out, and not taken in again.

The rows come from the log (`ledger.catalogue.keeping`): they are there again whatever copy of the files a
ledger is restored from.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, select

from ledger.domain.errors import NotFoundError
from ledger.storage.engine import read_transaction
from ledger.storage.erasure_tables import erased_items, erasures
from ledger.storage.evidence_tables import evidence_items
from ledger.storage.rows import chunks
from ledger.storage.secret_tables import evidence_commitments
from ledger.storage.tables import stream_entries

IsMember = Callable[[bytes, str], bool]
"""Tells whether an organisation may read a stream, by its tag."""


def is_nowhere_member(_tag: bytes, _organisation: str) -> bool:
    """Return that nobody may read any stream: as what a device is taken for."""
    return False


class Tombstones:
    """The erased items of one ledger; the catalogue has to be up to the log.

    Args:
        engine: The ledger's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def check_readable(self, cid: str, organisation: str, is_member: IsMember) -> None:
        """Return when an item that an organisation might read has not been erased by all who showed it to it.

        Args:
            cid: Of the item.
            organisation: URI of the reader.
            is_member: Tells who may read a stream.

        Raises:
            NotFoundError: Code `erased`, with the date.
        """
        gone = erasures.c
        said = select(gone.organisation, gone.at).where(gone.cid == cid, gone.held.is_(None))
        with read_transaction(self._engine) as connection:
            rows = connection.execute(said.order_by(gone.idx.desc())).all()
            by = {row.organisation: int(row.at) for row in rows}
            if not by:
                return
            check_open(connection, cid)
            sent = evidence_items.c
            mine = select(sent.cid).where(sent.cid == cid, sent.organisation == organisation)
            if organisation not in by and connection.execute(mine).first() is not None:
                return
            claims, filed = evidence_commitments.c, stream_entries.c
            left = select(filed.tag).join(evidence_commitments, claims.idx == filed.idx)
            tags = connection.execute(left.where(claims.cid == cid, claims.iss.not_in(by)).distinct())
            streams = tags.scalars().all()
        if not any(is_member(tag, organisation) for tag in streams):
            raise erased(cid, max(by.values()))


def check_open(connection: Connection, cid: str, organisation: str | None = None) -> None:
    """Return when bytes or secrets of an item may be taken in; see `check_all_open`."""
    check_all_open(connection, [cid], organisation)


def check_all_open(connection: Connection, cids: Iterable[str], organisation: str | None = None) -> None:
    """Return when bytes or secrets of items may be taken in.

    Args:
        connection: A transaction.
        cids: Of the items.
        organisation: URI of who brings them, None if it is nobody in particular.

    Raises:
        NotFoundError: Code `erased`: all who claimed one of them have erased it, or this organisation has.
    """
    gone, own = erased_items.c, erasures.c
    for part in chunks(cids):
        found = connection.execute(select(gone.cid, gone.at).where(gone.cid.in_(part))).first()
        if found is None and organisation is not None:
            its = (own.cid.in_(part), own.organisation == organisation, own.held.is_(None))
            found = connection.execute(select(own.cid, own.at).where(*its).order_by(own.idx)).first()
        if found is not None:
            raise erased(found.cid, found.at)


def erased(cid: str, at: int) -> NotFoundError:
    """Return the error that says that an item was erased.

    Args:
        cid: Of the item.
        at: When, POSIX seconds.
    """
    day = datetime.fromtimestamp(at, UTC).date().isoformat()
    return NotFoundError(
        "erased", f"the item {cid} was erased on {day}: nobody keeps its bytes here any more"
    )
