"""The one way in which the log grows: entries, tree and head move together or not at all."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Engine, select, update

from ledger.domain.errors import NotFoundError, UnavailableError
from ledger.domain.frontier import Frontier
from ledger.domain.merkle import leaf_hash
from ledger.log.tile import edge, grow, locate
from ledger.log.tree import damaged, load_tiles
from ledger.storage.engine import write_transaction
from ledger.storage.faults import Fault
from ledger.storage.rows import insert_rows
from ledger.storage.tables import entries, log, tiles

LOG_ID = 1
_TRIES = 10
T = TypeVar("T")


class HeadMovedError(Exception):
    """Somebody else appended since the head was read; nothing of this transaction may stay."""


def write(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Return what a piece of work returns, done in one transaction, and again when the head moved meanwhile.

    Args:
        engine: The database.
        work: Reads the head first, and writes through `extend`; may run several times.

    Raises:
        UnavailableError: The database cannot be written now, or others are always faster.
    """
    for _ in range(_TRIES):
        try:
            with write_transaction(engine) as connection:
                return work(connection)
        except HeadMovedError:
            continue
    raise UnavailableError("log-busy", "other writers keep moving the head of the log; try again")


def read_head(connection: Connection) -> int:
    """Return the size of the log, and hold its row until the transaction ends where the engine can.

    Raises:
        NotFoundError: There is no log in this database yet.
    """
    size = connection.execute(select(log.c.size).where(log.c.id == LOG_ID).with_for_update()).scalar()
    if size is None:
        raise NotFoundError("log-missing", "there is no log in this database; create one first")
    return int(size)


def touch(engine: Engine) -> None:
    """Write the head of the log as it is: when this returns, the database takes writes.

    Raises:
        NotFoundError: There is no log in this database yet.
        UnavailableError: The database cannot be written now.
    """
    with write_transaction(engine) as connection:
        same = update(log).where(log.c.id == LOG_ID).values(size=log.c.size)
        if connection.execute(same).rowcount != 1:
            raise NotFoundError("log-missing", "there is no log in this database; create one first")


def extend(connection: Connection, size: int, new: Sequence[bytes], fault: Fault) -> Frontier:
    """Write entries at the end of the log, and return the tree's edge after them.

    Args:
        connection: A transaction that writes.
        size: Size that the log has now, as the caller read it.
        new: The entries.
        fault: Reaches `head`, `entries` and `tiles`, each before it is written.

    Raises:
        HeadMovedError: The log does not have this size any more.
        UnavailableError: The stored tree is not the one that the size asks for.
    """
    fault("head")
    moved = connection.execute(
        update(log).where(log.c.id == LOG_ID, log.c.size == size).values(size=size + len(new))
    )
    if moved.rowcount != 1:
        raise HeadMovedError
    fault("entries")
    insert_rows(connection, entries, list(enumerate(new, size)))
    fault("tiles")
    before = load_tiles(connection, edge(size))

    def get(level: int, index: int) -> bytes:
        name, height, place = locate(level, index)
        node = before[name].node(height, place) if name in before else None
        if node is None:
            raise damaged(name, size)
        return node

    frontier, runs = Frontier.load(size, get).append([leaf_hash(entry) for entry in new])
    grown = [(level, index, *tile) for (level, index), tile in grow(runs, before).items()]
    insert_rows(connection, tiles, grown, replace=True)
    return frontier
