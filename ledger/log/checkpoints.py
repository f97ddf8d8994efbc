"""Checkpoints in the database, from the moment a size is chosen to publication; each step is taken once.

The order is `fix`, `sign`, `add_cosignature` as often as needed, `publish`. Each is one transaction and may
be repeated, by another process too: what is there already is left as it is. A size therefore never has two
roots, nor a root two notes.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from ledger.domain.checkpoint import Checkpoint, sign_checkpoint
from ledger.domain.clock import Clock
from ledger.domain.entry import map_root_entry
from ledger.domain.errors import NotFoundError, UsageError
from ledger.domain.note import Note, NoteSignature, Sign, VerifierKey, parse_signatures
from ledger.log.map_store import NO_STREAMS, MapRoot, MapStore
from ledger.log.writer import extend, read_head, write
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.faults import Fault, no_fault, within
from ledger.storage.rows import insert_or_ignore
from ledger.storage.tables import checkpoints, cosignatures


class State(StrEnum):
    """How far a checkpoint has come."""

    FIXED = "fixed"
    SIGNED = "signed"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """One checkpoint of the log.

    Args:
        size: Number of entries, its own map root entry included.
        root: Root of the tree over them, 32 bytes.
        map_root: Root of the map over all entries but the last, 32 bytes.
        map_node: Number under which that root is stored.
        state: How far it has come.
        note: Signed by the log, without cosignatures; None until it is signed.
        fixed_at: POSIX seconds.
        published_at: POSIX seconds; None until it is published.
    """

    size: int
    root: bytes
    map_root: bytes
    map_node: int
    state: State
    note: bytes | None
    fixed_at: int
    published_at: int | None

    @property
    def map(self) -> MapRoot:
        """The map at this checkpoint."""
        return MapRoot(self.map_root, self.map_node)


@dataclass(frozen=True, slots=True)
class StoredCosignature:
    """One cosignature: by which verifier key, at which time (POSIX seconds), in which line."""

    witness: str
    time: int
    signature: NoteSignature


class Checkpoints:
    """The checkpoints of one log database.

    Args:
        engine: The database.
        maps: The map of the same database.
        clock: Gives the times of fixing and publishing.
        fault: Lets a test fail a step: `fix.*`, `sign.*`, `cosign.*`, `publish.*`.
    """

    def __init__(self, engine: Engine, maps: MapStore, clock: Clock, *, fault: Fault = no_fault) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock
        self._fault = fault

    def fix(self, behind: int | None = None) -> tuple[StoredCheckpoint, bool]:
        """Return the newest checkpoint, and whether it was made now: when entries were added since the last.

        In one transaction the map is brought up to date, its root becomes the last entry, and size and root
        are stored.

        Args:
            behind: Size of the newest checkpoint as the caller read it, 0 for none: should another process
                have made one since, none is made behind that. None makes one behind whichever there is.

        Raises:
            NotFoundError: There is no log in the database.
            UnavailableError: The database cannot be written now.
        """
        fault = within("fix", self._fault)

        def work(connection: Connection) -> tuple[StoredCheckpoint, list[tuple[int, bytes]] | None]:
            size = read_head(connection)
            last = _newest(connection)
            if last is not None and (last.size == size or (behind is not None and last.size != behind)):
                return last, None
            before, since = (NO_STREAMS, 0) if last is None else (last.map, last.size)
            after, added = self._maps.advance(connection, before, since)
            fault("map")
            frontier = extend(connection, size, [map_root_entry(after.hash)], fault)
            fault("checkpoint")
            made = StoredCheckpoint(
                size=frontier.size,
                root=frontier.root(),
                map_root=after.hash,
                map_node=after.number,
                state=State.FIXED,
                note=None,
                fixed_at=self._clock(),
                published_at=None,
            )
            connection.execute(checkpoints.insert(), asdict(made))
            fault("commit")
            return made, added

        checkpoint, added = write(self._engine, work)
        fault("committed")
        if added is not None:
            self._maps.keep(added)
        return checkpoint, added is not None

    def sign(self, size: int, key: VerifierKey, sign: Sign) -> StoredCheckpoint:
        """Return a checkpoint with the log's signature, made and stored unless it has one.

        Args:
            size: Size of a checkpoint that was fixed.
            key: The log's verifier key; its name is the origin.
            sign: Signs with its private half; Ed25519, so that two processes make the same note.

        Raises:
            NotFoundError: There is no checkpoint of this size.
            VerificationError: `sign` uses another key.
        """
        fault = within("sign", self._fault)
        checkpoint = self.at(size)
        if checkpoint.note is not None:
            return checkpoint
        note = sign_checkpoint(Checkpoint(key.name, checkpoint.size, checkpoint.root), key, sign)
        fault("signed")
        with write_transaction(self._engine) as connection:
            connection.execute(
                update(checkpoints)
                .where(checkpoints.c.size == size, checkpoints.c.state == State.FIXED.value)
                .values(note=note, state=State.SIGNED.value)
            )
            fault("commit")
        fault("committed")
        return self.at(size)

    def add_cosignature(self, size: int, key: VerifierKey, time: int, signature: NoteSignature) -> None:
        """Store a cosignature that the caller has verified over this checkpoint's note.

        Args:
            size: Size of the checkpoint.
            key: The witness's verifier key.
            time: What the witness gave, POSIX seconds.
            signature: Its signature line.
        """
        fault = within("cosign", self._fault)
        row = {"size": size, "witness": key.encode(), "time": time, "line": signature.line().encode()}
        fault("answered")
        with write_transaction(self._engine) as connection:
            insert_or_ignore(connection, cosignatures, [row])
            fault("commit")
        fault("committed")

    def publish(self, size: int) -> StoredCheckpoint:
        """Return a signed checkpoint as published; that it has cosignatures enough is for the caller to know.

        Raises:
            NotFoundError: There is no checkpoint of this size.
            UsageError: It is not signed yet.
        """
        fault = within("publish", self._fault)
        if self.at(size).state is State.FIXED:
            raise UsageError("checkpoint-unsigned", f"the checkpoint of size {size} must be signed first")
        with write_transaction(self._engine) as connection:
            connection.execute(
                update(checkpoints)
                .where(checkpoints.c.size == size, checkpoints.c.state == State.SIGNED.value)
                .values(state=State.PUBLISHED.value, published_at=self._clock())
            )
            fault("commit")
        fault("committed")
        return self.at(size)

    def at(self, size: int) -> StoredCheckpoint:
        """Return the checkpoint of a size.

        Raises:
            NotFoundError: There is none.
        """
        with read_transaction(self._engine) as connection:
            row = connection.execute(select(checkpoints).where(checkpoints.c.size == size)).first()
        if row is None:
            raise NotFoundError("checkpoint-unknown", f"this log has no checkpoint of size {size}")
        return _checkpoint(row)

    def newest(self) -> StoredCheckpoint | None:
        """Return the newest checkpoint in whatever state, None when there is none yet."""
        with read_transaction(self._engine) as connection:
            return _newest(connection)

    def published(self) -> StoredCheckpoint | None:
        """Return the newest published checkpoint, None when there is none yet."""
        with read_transaction(self._engine) as connection:
            return _newest(connection, State.PUBLISHED)

    def covering(self, index: int) -> StoredCheckpoint:
        """Return the first published checkpoint that an entry is in.

        Raises:
            NotFoundError: None is published yet.
        """
        wanted = (checkpoints.c.size > index, checkpoints.c.state == State.PUBLISHED.value)
        query = select(checkpoints).where(*wanted).order_by(checkpoints.c.size).limit(1)
        with read_transaction(self._engine) as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFoundError(
                "not-published", f"entry {index} is not in a published checkpoint yet; ask later"
            )
        return _checkpoint(row)

    def cosignatures(self, size: int) -> list[StoredCosignature]:
        """Return all cosignatures of a checkpoint, the earliest first."""
        query = (
            select(cosignatures.c.witness, cosignatures.c.time, cosignatures.c.line)
            .where(cosignatures.c.size == size)
            .order_by(cosignatures.c.time, cosignatures.c.witness)
        )
        with read_transaction(self._engine) as connection:
            rows = connection.execute(query).all()
        return [
            StoredCosignature(witness, time, parse_signatures(line.decode())[0])
            for witness, time, line in rows
        ]

    def last_cosigned(self, key: VerifierKey) -> int:
        """Return the size of the largest checkpoint that a witness cosigned, 0 for none."""
        query = select(func.max(cosignatures.c.size)).where(cosignatures.c.witness == key.encode())
        with read_transaction(self._engine) as connection:
            return connection.execute(query).scalar() or 0

    def note(self, size: int) -> bytes:
        """Return a signed checkpoint with its cosignatures: of each witness the first and the latest one.

        Raises:
            NotFoundError: There is no checkpoint of this size, or it is not signed yet.
        """
        checkpoint = self.at(size)
        if checkpoint.note is None:
            raise NotFoundError("checkpoint-unknown", f"the checkpoint of size {size} is not signed yet")
        first: dict[str, NoteSignature] = {}
        latest: dict[str, NoteSignature] = {}
        for cosignature in self.cosignatures(size):
            first.setdefault(cosignature.witness, cosignature.signature)
            latest[cosignature.witness] = cosignature.signature
        return Note.parse(checkpoint.note).add(*first.values(), *latest.values()).encode()


def _newest(connection: Connection, state: State | None = None) -> StoredCheckpoint | None:
    query = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)
    if state is not None:
        query = query.where(checkpoints.c.state == state.value)
    row = connection.execute(query).first()
    return None if row is None else _checkpoint(row)


def _checkpoint(row: Row[Any]) -> StoredCheckpoint:
    return StoredCheckpoint(
        size=row.size,
        root=row.root,
        map_root=row.map_root,
        map_node=row.map_node,
        state=State(row.state),
        note=row.note,
        fixed_at=row.fixed_at,
        published_at=row.published_at,
    )
