"""A witness's decisions in its own SQLite database; the ports it implements say what each method means."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, delete, func, insert, literal, select
from sqlalchemy.dialects import sqlite

from ledger.domain.checkpoint import Checkpoint
from ledger.domain.errors import ConflictError, UnavailableError
from ledger.domain.map import MapValue
from ledger.domain.merkle import HASH_SIZE
from ledger.log.witness_ports import Cosigned, Progress, Replayed, Saved
from ledger.log.witness_protocol import WitnessConflict
from ledger.log.witness_tables import FORMAT, cosigned, metadata, newest, refused, replays, streams, witness
from ledger.storage.engine import open_database, read_transaction, write_transaction
from ledger.storage.faults import Fault, no_fault
from ledger.storage.rows import insert_or_ignore, upsert

MAX_EVIDENCE: Final = 1000
"""Refused checkpoints kept for a log. The first ones convict it; the rest would only fill the disk."""
_BUSY_TIMEOUT_MS: Final = 5000
_STAGE_COSIGNED: Final = 0
_STAGE_PENDING: Final = 1


class SqliteWitnessStore:
    """Implements `WitnessStore` and `ReplayStore`.

    Args:
        path: The database file; it is made when it is not there.
        vkey: Verifier key of the witness whose state it is.
        kind: `witness` or `index-cosigner`.
        fault: Reaches `commit` before a decision is committed; for tests.

    Raises:
        ConflictError: The file holds the state of another key or another kind.
        NotFoundError: The folder of the file is not there.
        UnavailableError: It cannot be opened or written now.
    """

    def __init__(self, path: Path, vkey: str, kind: str, *, fault: Fault = no_fault) -> None:
        self._fault = fault
        url = URL.create("sqlite", database=str(path)).render_as_string()
        self._engine = open_database(url, create=True, busy_timeout_ms=_BUSY_TIMEOUT_MS)
        owner = (FORMAT, vkey, kind)
        with write_transaction(self._engine) as connection:
            metadata.create_all(connection)
            row = connection.execute(select(witness.c.format, witness.c.vkey, witness.c.kind)).first()
            if row is None:
                connection.execute(insert(witness).values(id=1, format=FORMAT, vkey=vkey, kind=kind))
            elif tuple(row) != owner:
                raise ConflictError(
                    "witness-of-another-key",
                    f"{path} is the state of the {row.kind} {row.vkey} (format {row.format}); give each key "
                    "its own folder",
                )

    def close(self) -> None:
        """Let go of the database file."""
        self._engine.dispose()

    def newest(self, origin: str) -> Cosigned | None:
        """See `WitnessStore.newest`."""
        with read_transaction(self._engine) as connection:
            return _newest(connection, origin)

    def root_of(self, origin: str, size: int) -> bytes | None:
        """See `WitnessStore.root_of`."""
        with read_transaction(self._engine) as connection:
            return connection.execute(
                select(cosigned.c.root).where(cosigned.c.origin == origin, cosigned.c.size == size)
            ).scalar()

    def advance(
        self, origin: str, old: Cosigned | None, new: Cosigned, note: bytes, replayed: Replayed | None
    ) -> None:
        """See `WitnessStore.advance`."""
        with write_transaction(self._engine) as connection:
            _compare(connection, origin, old)
            row = {"origin": origin, "size": new.size, "root": new.root, "time": new.time}
            upsert(connection, newest, [row])
            if old is None or new.size > old.size:
                # The primary key has the last word: a second root of one size cannot be stored.
                connection.execute(insert(cosigned).values(**row, note=note))
            if replayed is not None:
                _settle(connection, origin, replayed)
            self._fault("commit")

    def refuse(self, checkpoint: Checkpoint, note: bytes, reason: str, time: int) -> None:
        """See `WitnessStore.refuse`."""
        row = {
            "origin": checkpoint.origin,
            # Of what the log signed, and not of the signature lines, which anyone can add to.
            "digest": sha256(checkpoint.body().encode()).digest(),
            "size": checkpoint.size,
            "root": checkpoint.root,
            "note": note,
            "reason": reason,
            "time": time,
        }
        with write_transaction(self._engine) as connection:
            of_log = refused.c.origin == checkpoint.origin
            kept = connection.execute(select(func.count()).select_from(refused).where(of_log)).scalar_one()
            if kept < MAX_EVIDENCE:
                insert_or_ignore(connection, refused, [row])

    def load_replay(self, origin: str) -> Saved | None:
        """See `ReplayStore.load_replay`."""
        values: dict[bytes, MapValue] = {}
        progress = None
        with read_transaction(self._engine) as connection:
            for stage in (_STAGE_COSIGNED, _STAGE_PENDING):
                found = _progress(connection, origin, stage)
                if found is None:
                    continue
                progress, reached = found, stage
                rows = connection.execute(
                    select(streams.c.tag, streams.c.count, streams.c.running).where(
                        streams.c.origin == origin, streams.c.stage == stage
                    )
                )
                values.update((tag, MapValue(count, running)) for tag, count, running in rows)
        return None if progress is None else Saved(progress, values, reached == _STAGE_PENDING)

    def save_pending(self, origin: str, old: Cosigned | None, replayed: Replayed) -> None:
        """See `ReplayStore.save_pending`."""
        with write_transaction(self._engine) as connection:
            _compare(connection, origin, old)
            _compare_pending(connection, origin, replayed.pending)
            _put(connection, origin, _STAGE_PENDING, replayed)

    def drop_pending(self, origin: str) -> None:
        """See `ReplayStore.drop_pending`."""
        with write_transaction(self._engine) as connection:
            _drop_pending(connection, origin)


def _newest(connection: Connection, origin: str) -> Cosigned | None:
    row = connection.execute(
        select(newest.c.size, newest.c.root, newest.c.time).where(newest.c.origin == origin)
    ).first()
    return None if row is None else Cosigned(row.size, row.root, row.time)


def _compare(connection: Connection, origin: str, old: Cosigned | None) -> None:
    """Check that nobody moved on from `old`; that it was cosigned anew meanwhile is no matter."""
    now = _newest(connection, origin)
    if (now and (now.size, now.root)) != (old and (old.size, old.root)):
        size = 0 if now is None else now.size
        raise WitnessConflict(
            "witness-conflict", f"meanwhile a checkpoint of size {size} was cosigned; prove from there", size
        )


def _progress(connection: Connection, origin: str, stage: int) -> Progress | None:
    row = connection.execute(
        select(replays.c.size, replays.c.peaks, replays.c.last).where(
            replays.c.origin == origin, replays.c.stage == stage
        )
    ).first()
    if row is None:
        return None
    starts = range(0, len(row.peaks), HASH_SIZE)
    return Progress(row.size, tuple(row.peaks[start : start + HASH_SIZE] for start in starts), row.last)


def _compare_pending(connection: Connection, origin: str, expected: Progress | None) -> None:
    """Check that the pending part is the one that the caller goes on from; with none expected, clear it."""
    if expected is None:
        _drop_pending(connection, origin)
    elif _progress(connection, origin, _STAGE_PENDING) != expected:
        raise UnavailableError("witness-busy", f"another process is replaying {origin} too; run one only")


def _settle(connection: Connection, origin: str, replayed: Replayed) -> None:
    """Make what was pending, and then what changed since, the state of the newest cosigned checkpoint."""
    _compare_pending(connection, origin, replayed.pending)
    pending = select(
        streams.c.origin, literal(_STAGE_COSIGNED), streams.c.tag, streams.c.count, streams.c.running
    ).where(streams.c.origin == origin, streams.c.stage == _STAGE_PENDING)
    # The only statement here that other engines spell differently; a witness has its own small SQLite file.
    connection.execute(
        sqlite.insert(streams)
        .prefix_with("OR REPLACE")
        .from_select(["origin", "stage", "tag", "count", "running"], pending)
    )
    _drop_pending(connection, origin)
    _put(connection, origin, _STAGE_COSIGNED, replayed)


def _put(connection: Connection, origin: str, stage: int, replayed: Replayed) -> None:
    progress = replayed.progress
    where = {"origin": origin, "stage": stage}
    upsert(
        connection,
        replays,
        [{**where, "size": progress.size, "peaks": b"".join(progress.peaks), "last": progress.last}],
    )
    upsert(
        connection,
        streams,
        [
            {**where, "tag": tag, "count": value.count, "running": value.running}
            for tag, value in sorted(replayed.changed.items())
        ],
    )


def _drop_pending(connection: Connection, origin: str) -> None:
    for table in (replays, streams):
        connection.execute(delete(table).where(table.c.origin == origin, table.c.stage == _STAGE_PENDING))
