"""Erasing: what the log says is erased is destroyed here, again and again until nothing of it is left.

The statement comes first; destroying follows it. A process may end at any step and any process may go on:
each step does no harm when it is done again. At its first turn a process looks after all erasures that there
ever were, so that files or tables which were put back from a copy are emptied once more. Those that come
later it looks after itself, whoever else has: processes on one database may have stores of their own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, exists, func, select

from ledger.catalogue.catalogue import Catalogue
from ledger.domain.clock import Clock
from ledger.evidence.store import EvidenceStore
from ledger.storage.engine import flush_deleted, hold, read_transaction, write_transaction
from ledger.storage.erasure_tables import (
    erased_items,
    erasures,
    erasures_done,
    fingerprint_bands,
    fingerprints,
)
from ledger.storage.evidence_tables import evidence_items, evidence_uploads
from ledger.storage.faults import Fault, no_fault, within
from ledger.storage.rows import chunks, upsert
from ledger.storage.secret_tables import evidence_commitments, wrapped_secrets

BATCH = 500


@dataclass(frozen=True, slots=True)
class Due:
    """An item that an organisation has erased.

    Args:
        cid: Of the item.
        organisation: URI of the organisation.
        wholly: Whether all who claimed it have erased it.
    """

    cid: str
    organisation: str
    wholly: bool


class Erasures:
    """Destroys what was erased from one ledger.

    Args:
        engine: Its database.
        store: Its sealed bytes.
        catalogue: Brings the erasures in from the log.
        clock: Tells the time.
        fault: Reaches `rows`, `bytes`, `flushed` and `done` in each turn; for tests.
    """

    def __init__(
        self,
        engine: Engine,
        store: EvidenceStore,
        catalogue: Catalogue,
        clock: Clock,
        *,
        fault: Fault = no_fault,
    ) -> None:
        self._engine = engine
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._fault = within("erase", fault)
        self._looked_to = -1

    def run(self) -> int:
        """Destroy what is due, and return how many erasures are done now.

        The first turn of a process looks at all erasures, whatever is noted of them, and each later one at
        what was said since. An erasure counts as done when the stores and the files of the database hold
        nothing of it any more; one that cannot be done yet stays due.

        Raises:
            UnavailableError: A store or the database fails now; what was not done is due at the next turn.
        """
        self._catalogue.catch_up()
        due, newest = self._due()
        done = 0
        for part in chunks(due):
            done += self._destroy(part)
        self._looked_to = newest
        return done

    def _due(self) -> tuple[list[Due], int]:
        """Return what is to be destroyed, and the log index of the newest erasure that there is."""
        said, noted, gone = erasures.c, erasures_done.c, erased_items.c
        is_noted = exists().where(noted.cid == said.cid, noted.organisation == said.organisation)
        query = select(said.cid, said.organisation, gone.cid.is_not(None).label("wholly"))
        joined = query.outerjoin_from(erasures, erased_items, gone.cid == said.cid)
        each = joined.where(said.held.is_(None)).group_by(said.cid, said.organisation, gone.cid)
        # What is said again was done when it was said first.
        wanted = each.having(~is_noted | (func.min(said.idx) > self._looked_to))
        ordered = wanted.order_by(said.cid, said.organisation)
        with read_transaction(self._engine) as connection:
            due = [Due(row.cid, row.organisation, bool(row.wholly)) for row in connection.execute(ordered)]
            newest = connection.execute(select(func.max(said.idx))).scalar()
        return due, -1 if newest is None else int(newest)

    def _destroy(self, due: Sequence[Due]) -> int:
        # (1) The secrets, so that nobody who fetches the bytes while they are deleted can open them.
        with write_transaction(self._engine) as connection:
            # What is being taken in now is there before, or is refused after.
            for table in (wrapped_secrets, evidence_items, evidence_uploads, fingerprints):
                hold(connection, table)
            for one in due:
                _forget(connection, one)
        self._fault("rows")
        # (2) The bytes, from every store.
        for one in due:
            if one.wholly:
                self._store.delete(one.cid)
        self._fault("bytes")
        # (3) What the database's files still hold of deleted rows.
        if not flush_deleted(self._engine):
            return 0
        self._fault("flushed")
        # (4) Only then it is done.
        self._note(due)
        self._fault("done")
        return len(due)

    def _note(self, due: Iterable[Due]) -> None:
        now = self._clock()
        rows = [{"cid": one.cid, "organisation": one.organisation, "done_at": now} for one in due]
        with write_transaction(self._engine) as connection:
            upsert(connection, erasures_done, rows)


def _forget(connection: Connection, due: Due) -> None:
    """Delete the rows that an erasure is about: of an item that others claim, all but what these wrapped."""
    secret, claims, said = wrapped_secrets.c, evidence_commitments.c, erasures.c
    if not due.wholly:
        erased = select(said.organisation).where(said.cid == due.cid, said.held.is_(None))
        left = select(claims.iss).where(claims.cid == due.cid, claims.iss.not_in(erased))
        its = (secret.cid == due.cid, secret.giver.not_in(left))
        connection.execute(delete(wrapped_secrets).where(*its))
        return
    connection.execute(delete(wrapped_secrets).where(secret.cid == due.cid))
    # Nobody is to look for bytes that are gone, or to expect them.
    connection.execute(delete(evidence_items).where(evidence_items.c.cid == due.cid))
    connection.execute(delete(evidence_uploads).where(evidence_uploads.c.cid == due.cid))
    ids = select(fingerprints.c.id).where(fingerprints.c.cid == due.cid)
    connection.execute(delete(fingerprint_bands).where(fingerprint_bands.c.fingerprint.in_(ids)))
    connection.execute(delete(fingerprints).where(fingerprints.c.cid == due.cid))
