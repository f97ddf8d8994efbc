"""What the database knows of stored evidence: who sent it, and which statements claim it."""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection, Engine, delete, func, select, update

from ledger.domain.clock import Clock
from ledger.domain.errors import NotFoundError, UnavailableError
from ledger.evidence.store import EvidenceStore
from ledger.evidence.stores import LOCAL, as_text, parse_names
from ledger.evidence.tombstones import check_open
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.evidence_tables import evidence_claims, evidence_items
from ledger.storage.rows import chunks, insert_or_ignore
from ledger.storage.tables import stream_entries

NOBODY = ""
"""Whom an item is from that was found in the store, and that no database row speaks of."""
IsMember = Callable[[bytes, str], bool]
"""Tells whether an organisation may read a stream, by its tag."""


def claim(connection: Connection, index: int, cids: Iterable[str]) -> None:
    """Note which items a statement claims; noting them again changes nothing.

    Args:
        connection: A transaction that writes.
        index: Of the statement in the log.
        cids: Of the items that it claims, as far as that is disclosed here.
    """
    insert_or_ignore(connection, evidence_claims, [{"cid": cid, "idx": index} for cid in cids])


class EvidenceRecords:
    """The rows about stored evidence.

    Args:
        engine: The ledger's database.
        store: Where the sealed bytes are.
        clock: Tells when something was stored.
    """

    def __init__(self, engine: Engine, store: EvidenceStore, clock: Clock) -> None:
        self._engine = engine
        self._store = store
        self._clock = clock

    def record(self, cid: str, organisation: str, size: int, stores: Sequence[str] = (LOCAL,)) -> None:
        """Note that an organisation stored an item; only what is noted is acknowledged.

        Args:
            cid: Of the item.
            organisation: Its URI.
            size: Bytes, sealed.
            stores: Names of the stores that have it.

        Raises:
            UnavailableError: The bytes were swept away in this very moment, or the database fails.
            NotFoundError: Code `erased`: they were erased, and are removed again.
        """
        with write_transaction(self._engine) as connection:
            self.record_in(connection, cid, organisation, size, stores)

    def record_in(
        self, connection: Connection, cid: str, organisation: str, size: int, stores: Sequence[str]
    ) -> None:
        """Do as `record`, within a transaction."""
        try:
            check_open(connection, cid)
        except NotFoundError:
            # Nobody else's: what is erased altogether is not there.
            self._store.delete(cid)
            raise
        column = evidence_items.c
        mine = (column.cid == cid, column.organisation == organisation)
        before = connection.execute(select(column.stores).where(*mine)).scalar()
        row = {"cid": cid, "organisation": organisation, "size": size, "stored_at": self._clock()}
        insert_or_ignore(connection, evidence_items, [row | {"stores": as_text(stores)}])
        if before is not None:
            # Sent again, it is wherever it was sent to at any time.
            both = parse_names(f"{before},{as_text(stores)}", "stores")
            connection.execute(update(evidence_items).where(*mine).values(stores=as_text(both)))
        if not self._store.has(cid):
            raise UnavailableError(
                "evidence-swept", f"the bytes of {cid} are not there any more; send them again"
            )

    def may_read(self, cid: str, organisation: str, is_member: IsMember) -> bool:
        """Return whether an organisation may fetch sealed bytes.

        It may when it stored them, or when it is a member of a stream with a statement that claims them.

        Args:
            cid: Of the item.
            organisation: Its URI.
            is_member: Tells who may read a stream.
        """
        mine = select(evidence_items.c.cid).where(
            evidence_items.c.cid == cid, evidence_items.c.organisation == organisation
        )
        tags = (
            select(stream_entries.c.tag)
            .join(evidence_claims, evidence_claims.c.idx == stream_entries.c.idx)
            .where(evidence_claims.c.cid == cid)
            .distinct()
        )
        with read_transaction(self._engine) as connection:
            if organisation != NOBODY and connection.execute(mine).first() is not None:
                return True
            streams = connection.execute(tags).scalars().all()
        return any(is_member(tag, organisation) for tag in streams)

    def sweep(self, unclaimed_seconds: int) -> list[str]:
        """Remove what no statement claims and was stored long enough ago, and return its CIDs.

        Claims have to be noted up to the newest statement before this is done. What is in the store after a
        crash and no row speaks of is noted as stored now, and so swept later.

        Args:
            unclaimed_seconds: How long an item is kept for the statement that will claim it.
        """
        with write_transaction(self._engine) as connection:
            self._adopt(connection)
            column = evidence_items.c
            claimed = select(evidence_claims.c.cid).where(evidence_claims.c.cid == column.cid)
            old = (
                select(column.cid)
                .where(~claimed.exists())
                .group_by(column.cid)
                .having(func.max(column.stored_at) <= self._clock() - unclaimed_seconds)
                .order_by(column.cid)
            )
            swept = list(connection.execute(old).scalars())
            for part in chunks(swept):
                connection.execute(delete(evidence_items).where(column.cid.in_(part)))
            # Within the transaction: nobody can note one of them anew before its bytes are gone.
            for cid in swept:
                self._store.delete(cid)
        return swept

    def _adopt(self, connection: Connection) -> None:
        known = set(connection.execute(select(evidence_items.c.cid).distinct()).scalars())
        for cid in self._store.cids():
            if cid not in known:
                row = {"cid": cid, "organisation": NOBODY, "size": self._store.size(cid)}
                insert_or_ignore(connection, evidence_items, [row | {"stored_at": self._clock()}])
