"""One log in one database: creating it, appending to it, and every read and proof that others need."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, select

from ledger.domain import strict_json
from ledger.domain.clock import Clock
from ledger.domain.cose import CoseKey
from ledger.domain.entry import genesis_entry
from ledger.domain.errors import ConflictError, NotFoundError, UsageError
from ledger.domain.genesis import Genesis
from ledger.domain.map import MapProof
from ledger.log.append import Outcome, StreamHeads, Submission, append_statements
from ledger.log.checkpoints import Checkpoints
from ledger.log.map_store import DEFAULT_NODES_KEPT, MapStore
from ledger.log.tree import DEFAULT_TILES_KEPT, Tree
from ledger.log.writer import LOG_ID, extend, write
from ledger.storage.engine import read_transaction
from ledger.storage.faults import Fault, no_fault, within
from ledger.storage.rows import insert_new
from ledger.storage.tables import cose_keys, entries, log, statements, stream_entries

_MAX_DISCLOSURES = 1 << 22


@dataclass(frozen=True, slots=True)
class StoredStatement:
    """A statement as the log keeps it.

    Args:
        index: Index of its entry.
        id: Statement id, 32 bytes.
        statement: The COSE_Sign1 as received.
        disclosures: Texts that came with it, as received.
        received_at: POSIX seconds.
    """

    index: int
    id: bytes
    statement: bytes
    disclosures: tuple[str, ...]
    received_at: int


class LogStore:
    """The log of one database; safe between threads, and between processes that share the database.

    Args:
        engine: The database, with its tables up to date.
        clock: Gives times of receipt, fixing and publishing.
        fault: Lets a test fail a write at a step.
        tiles_kept: See `Tree`.
        nodes_kept: See `MapStore`.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        fault: Fault = no_fault,
        tiles_kept: int = DEFAULT_TILES_KEPT,
        nodes_kept: int = DEFAULT_NODES_KEPT,
    ) -> None:
        self.engine = engine
        self.tree = Tree(engine, tiles_kept=tiles_kept)
        self.maps = MapStore(engine, nodes_kept=nodes_kept)
        self.checkpoints = Checkpoints(engine, self.maps, clock, fault=fault)
        self._clock = clock
        self._fault = fault
        self._heads = StreamHeads()

    def create(self, genesis: bytes, profile: bytes) -> Genesis:
        """Begin the log with its genesis entry; the same log again is no error.

        Args:
            genesis: The genesis document.
            profile: The corridor profile that it names, TOML.

        Raises:
            MalformedError: The document is not a genesis document.
            UsageError: The profile is not the one that it names.
            ConflictError: The database holds another log.
        """
        parsed = Genesis.parse(genesis)
        if sha256(profile).digest() != parsed.profile:
            raise UsageError("profile-mismatch", "the genesis document names another corridor profile")
        fault = within("create", self._fault)

        def work(connection: Connection) -> None:
            row = {"id": LOG_ID, "genesis": genesis, "profile": profile, "size": 0}
            # Of several that start at once, one is told that it was first, when the others wait or are done.
            if not insert_new(connection, log, row):
                if connection.execute(select(log.c.genesis).where(log.c.id == LOG_ID)).scalar() != genesis:
                    raise ConflictError("other-log", "this database holds another log; use a new database")
                return
            extend(connection, 0, [genesis_entry(parsed.hash)], fault)
            fault("commit")

        write(self.engine, work)
        fault("committed")
        return parsed

    @cached_property
    def genesis(self) -> Genesis:
        """The genesis document, parsed.

        Raises:
            NotFoundError: There is no log in the database.
        """
        return Genesis.parse(self._log_column(log.c.genesis))

    @cached_property
    def profile(self) -> bytes:
        """The bytes of the corridor profile that the log began with, TOML."""
        return bytes(self._log_column(log.c.profile))

    def size(self) -> int:
        """Return the number of committed entries."""
        return int(self._log_column(log.c.size))

    def append(self, batch: Sequence[Submission]) -> list[Outcome]:
        """Append statements in one transaction; when this returns, all that was appended is durable.

        Args:
            batch: In the order in which they are to stand in the log.

        Returns:
            For each submission where it stands, or the refusal of one that contradicts the log: codes
            `seen-unknown`, `stream-unknown`, `stream-already-opened`. The rest of the batch is not concerned.

        Raises:
            UnavailableError: The database cannot be written now. Should the failure have come during the
                commit, submitting the same again gives the same indices.
        """
        if not batch:
            return []
        fault = within("append", self._fault)
        genesis_hash = self.genesis.hash
        outcomes, heads = write(
            self.engine,
            lambda connection: append_statements(
                connection,
                batch,
                genesis_hash=genesis_hash,
                now=self._clock(),
                fault=fault,
                remembered=self._heads,
            ),
        )
        fault("committed")
        self._heads = heads
        return outcomes

    def entry(self, index: int) -> bytes:
        """Return the entry at an index.

        Raises:
            NotFoundError: The log has no such entry.
        """
        found = self.entries(index, index + 1)
        if not found:
            raise NotFoundError("entry-unknown", f"this log has no entry {index}")
        return found[0]

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Return the committed entries from one index up to, not including, another."""
        wanted = (entries.c.idx >= start, entries.c.idx < stop)
        with read_transaction(self.engine) as connection:
            return list(
                connection.execute(select(entries.c.entry).where(*wanted).order_by(entries.c.idx)).scalars()
            )

    def statement(self, id_: bytes) -> StoredStatement:
        """Return a statement by its id.

        Raises:
            NotFoundError: The log does not have it.
        """
        return self._statement(statements.c.id == id_, f"this log has no statement {id_.hex()}")

    def statement_at(self, index: int) -> StoredStatement:
        """Return the statement whose entry stands at an index.

        Raises:
            NotFoundError: No statement stands there.
        """
        return self._statement(statements.c.idx == index, f"entry {index} of this log is no statement")

    def stream(self, tag: bytes, size: int) -> list[StoredStatement]:
        """Return the statements of a stream in log order, those below a size only.

        Args:
            tag: 32 bytes.
            size: Of a checkpoint, as a rule.
        """
        query = (
            select_statements()
            .join(stream_entries, stream_entries.c.idx == statements.c.idx)
            .where(stream_entries.c.tag == tag, stream_entries.c.idx < size)
            .order_by(stream_entries.c.count)
        )
        with read_transaction(self.engine) as connection:
            return [stored_statement(row) for row in connection.execute(query)]

    def has_begun(self, tag: bytes, size: int) -> bool:
        """Return whether a stream has a statement below a size.

        Args:
            tag: 32 bytes.
            size: Of a checkpoint, as a rule.
        """
        query = select(stream_entries.c.idx).where(stream_entries.c.tag == tag, stream_entries.c.count == 1)
        with read_transaction(self.engine) as connection:
            first = connection.execute(query).scalar()
        return first is not None and first < size

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Return the inclusion proof of an entry at any size above it; see `Tree.inclusion_proof`."""
        return self.tree.inclusion_proof(index, size)

    def consistency_proof(self, size1: int, size2: int) -> list[bytes]:
        """Return the consistency proof between any two sizes; see `Tree.consistency_proof`."""
        return self.tree.consistency_proof(size1, size2)

    def root(self, size: int) -> bytes:
        """Return the root of the tree of any size up to the log's; see `Tree.root`."""
        return self.tree.root(size)

    def map_proof(self, tag: bytes, size: int) -> MapProof:
        """Return what the map of a checkpoint says of a stream, with its proof.

        Args:
            tag: 32 bytes.
            size: Size of a checkpoint.

        Raises:
            NotFoundError: There is no checkpoint of this size.
        """
        return self.maps.prove(self.checkpoints.at(size).map, tag)

    def cose_key(self, thumbprint: bytes) -> CoseKey:
        """Return the key of a logged statement by its thumbprint, 32 bytes.

        Raises:
            NotFoundError: No statement was logged with it.
        """
        query = select(cose_keys.c.cose_key).where(cose_keys.c.thumbprint == thumbprint)
        with read_transaction(self.engine) as connection:
            encoded = connection.execute(query).scalar()
        if encoded is None:
            raise NotFoundError("key-unknown", f"this log does not have key {thumbprint.hex()}")
        return CoseKey.parse(encoded)

    def _log_column(self, column: ColumnElement[Any]) -> Any:
        with read_transaction(self.engine) as connection:
            row = connection.execute(select(column).where(log.c.id == LOG_ID)).first()
        if row is None:
            raise NotFoundError("log-missing", "there is no log in this database; create one first")
        return row[0]

    def _statement(self, wanted: ColumnElement[bool], missing: str) -> StoredStatement:
        with read_transaction(self.engine) as connection:
            row = connection.execute(select_statements().where(wanted)).first()
        if row is None:
            raise NotFoundError("statement-unknown", missing)
        return stored_statement(row)


def select_statements() -> Any:
    """Return the query for all statements, to be narrowed; its rows are for `stored_statement`."""
    columns = statements.c
    return select(columns.idx, columns.id, columns.statement, columns.disclosures, columns.received_at)


def stored_statement(row: Row[Any]) -> StoredStatement:
    """Return what a row of `select_statements` holds."""
    disclosures = tuple(strict_json.loads(row.disclosures, max_bytes=_MAX_DISCLOSURES))
    return StoredStatement(row.idx, row.id, row.statement, disclosures, row.received_at)
