"""What the database knows of stored evidence: who sent it, and which statements claim it."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from sqlalchemy import Connection, Engine, Select, delete, func, select, update

from ledger.domain.clock import Clock
from ledger.domain.errors import NotFoundError, UnavailableError
from ledger.evidence.store import EvidenceStore
from ledger.evidence.stores import LOCAL, as_text, parse_names
from ledger.evidence.tombstones import check_open
from ledger.storage.catalogue_tables import catalogue_state
from ledger.storage.engine import hold, read_transaction, write_transaction
from ledger.storage.evidence_tables import evidence_claims, evidence_items, evidence_sweeps
from ledger.storage.faults import Fault, no_fault
from ledger.storage.rows import insert_or_ignore
from ledger.storage.tables import log, stream_entries

NOBODY = ""
"""Whom an item is from that was found in the store, and that no database row speaks of."""
IsMember = Callable[[bytes, str], bool]
"""Tells whether an organisation may read a stream, by its tag."""
_sweeps = evidence_sweeps.c


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
        fault: Called at each step of noting and sweeping; for tests.
    """

    def __init__(
        self, engine: Engine, store: EvidenceStore, clock: Clock, *, fault: Fault = no_fault
    ) -> None:
        self._engine = engine
        self._store = store
        self._clock = clock
        self._fault = fault
        # Marks that this process set, and all that stood at its sweep before this one.
        self._own: set[str] = set()
        self._stood: frozenset[str] = frozenset()

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
        try:
            is_new = self._note(cid, organisation, size, stores)
        except NotFoundError:
            # Nobody else's: what is erased altogether is not there.
            self._store.delete(cid)
            raise
        self._fault("record.noted")
        # Asked after the transaction, which must not wait for a store: what is noted is not swept away.
        if self._store.has(cid):
            return
        if is_new:
            with write_transaction(self._engine) as connection:
                mine = (evidence_items.c.cid == cid, evidence_items.c.organisation == organisation)
                connection.execute(delete(evidence_items).where(*mine))
        self._fault("record.taken-back")
        if not self._store.has(cid):
            raise _swept(cid)
        # Somebody brought them at this very moment, and may have relied on the row.
        self.record(cid, organisation, size, stores)

    def _note(self, cid: str, organisation: str, size: int, stores: Sequence[str]) -> bool:
        """Write a row about an item, and return whether there was none."""
        column = evidence_items.c
        mine = (column.cid == cid, column.organisation == organisation)
        row = {"cid": cid, "organisation": organisation, "size": size, "stored_at": self._clock()}
        with write_transaction(self._engine) as connection:
            _read_head(connection)
            hold(connection, evidence_items)
            check_open(connection, cid)
            if connection.execute(select(_sweeps.cid).where(_sweeps.cid == cid)).first() is not None:
                raise _swept(cid)
            before = connection.execute(select(column.stores).where(*mine)).scalar()
            insert_or_ignore(connection, evidence_items, [row | {"stores": as_text(stores)}])
            if before is not None:
                # Sent again, it is wherever it was sent to at any time.
                both = parse_names(f"{before},{as_text(stores)}", "stores")
                connection.execute(update(evidence_items).where(*mine).values(stores=as_text(both)))
        return before is None

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

    def sweep(self, unclaimed_seconds: int, catch_up: Callable[[], object]) -> list[str]:
        """Remove what no statement claims and was stored long enough ago, and return its CIDs.

        What is in the store after a crash and no row speaks of is noted as stored now, and so swept later.
        No transaction waits for a store. (1) An item's rows give way to a mark, if the claims are noted up to
        the newest statement and there is none; (2) its bytes are removed; (3) the mark is. While there is a
        mark nobody can note the item anew. A sweep that ended early is ended by the next one, that of another
        process by the next but one: were it still at work, it would remove what was sent again by then.

        Args:
            unclaimed_seconds: How long an item is kept for the statement that will claim it.
            catch_up: Notes the claims of all statements up to the newest one.

        Raises:
            UnavailableError: A store or the database fails now; the next sweep goes on.
        """
        swept = []
        with read_transaction(self._engine) as connection:
            marked = frozenset(connection.execute(select(_sweeps.cid)).scalars())
        left, self._stood = marked & (self._own | self._stood), marked
        for cid in sorted(left):
            self._remove(cid)
            swept.append(cid)
        before = self._clock() - unclaimed_seconds
        with read_transaction(self._engine) as connection:
            unclaimed = list(connection.execute(_unclaimed(before)).scalars())
        for cid in unclaimed:
            catch_up()
            self._fault("sweep.caught-up")
            if self._let_go(cid, before):
                self._fault("sweep.marked")
                self._remove(cid)
                swept.append(cid)
        self._adopt()
        return swept

    def _let_go(self, cid: str, before: int) -> bool:
        """Put a mark in place of the rows of an item that nobody claims, and return whether it is one."""
        state = select(catalogue_state.c.size)
        with write_transaction(self._engine) as connection:
            if _read_head(connection) != int(connection.execute(state).scalar() or 0):
                # A statement that nobody looked into yet may claim it: the next sweep sees.
                return False
            if connection.execute(_unclaimed(before, cid)).first() is None:
                return False
            connection.execute(delete(evidence_items).where(evidence_items.c.cid == cid))
            insert_or_ignore(connection, evidence_sweeps, [{"cid": cid}])
            self._own.add(cid)
        return True

    def _remove(self, cid: str) -> None:
        """Remove the bytes of an item that is marked, and then the mark."""
        self._store.delete(cid)
        self._fault("sweep.removed")
        with write_transaction(self._engine) as connection:
            connection.execute(delete(evidence_sweeps).where(_sweeps.cid == cid))
        self._own.discard(cid)

    def _adopt(self) -> None:
        """Note what is in the store and no row speaks of."""
        listed = list(self._store.cids())
        # In this order: what was removed since it was listed is marked, or its bytes are gone by now.
        with read_transaction(self._engine) as connection:
            known = {
                *connection.execute(select(evidence_items.c.cid).distinct()).scalars(),
                *connection.execute(select(_sweeps.cid)).scalars(),
            }
        for cid in listed:
            if cid in known:
                continue
            with suppress(NotFoundError):
                row = {"cid": cid, "organisation": NOBODY, "size": self._store.size(cid)}
                with write_transaction(self._engine) as connection:
                    insert_or_ignore(connection, evidence_items, [row | {"stored_at": self._clock()}])


def _unclaimed(before: int, cid: str | None = None) -> Select[str]:
    """Return the query for items that were stored by then and that no statement claims."""
    column = evidence_items.c
    claimed = select(evidence_claims.c.cid).where(evidence_claims.c.cid == column.cid)
    query = select(column.cid).where(~claimed.exists())
    if cid is not None:
        query = query.where(column.cid == cid)
    return query.group_by(column.cid).having(func.max(column.stored_at) <= before).order_by(column.cid)


def _read_head(connection: Connection) -> int:
    """Return the size of the log, and hold its row where the engine can: on SQLite one writes at a time."""
    return int(connection.execute(select(log.c.size).with_for_update()).scalar() or 0)


def _swept(cid: str) -> UnavailableError:
    return UnavailableError("evidence-swept", f"the bytes of {cid} are not there any more; send them again")
