"""Opening a database, and the two kinds of transaction.

This module and `rows` are the only ones that know one engine from another.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from ledger.domain.errors import CorridorError, NotFoundError, UnavailableError, UsageError

BUSY_TIMEOUT_MS = 30_000
_CACHE_KIB = 16_384
_CONNECTIONS = 16
_FLUSH_TIMEOUT_MS = 500
_RETRY_SECONDS = 0.005
# What a machine that is gone had locked stays so until the server finds out: in a minute, not in two hours.
_KEEPALIVE = {"tcp_keepalives_idle": 30, "tcp_keepalives_interval": 10, "tcp_keepalives_count": 3}
# A number that programs which share a PostgreSQL database agree on; it means nothing else.
_TURNS = 0x436F727269646F72
# A write transaction says so before its BEGIN; see `_begin`.
_WRITES = "corridor_writes"


def open_database(url: str, *, create: bool = False, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Engine:
    """Return an engine for the ledger database at a URL; `migrate` makes or brings up its tables.

    SQLite runs with a write-ahead log and `synchronous=FULL`: what was committed survives a power cut.

    Args:
        url: SQLAlchemy URL, `sqlite:////absolute/path.db` or `postgresql+driver://...`.
        create: Whether a SQLite file that is not there may be made.
        busy_timeout_ms: How long a writer waits for another one, in milliseconds.

    Raises:
        UsageError: The URL is none that can be used.
        NotFoundError: There is no such SQLite file, and `create` is false.
        UnavailableError: The database cannot be opened now.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(parsed, create, busy_timeout_ms)
        return _open_server(parsed, busy_timeout_ms)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise UsageError(
            "database-url",
            f"not a database URL that can be used here ({error}); give sqlite:////path/to/file.db",
        ) from error


def _open_server(url: URL, busy_timeout_ms: int) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
    if engine.dialect.name == "postgresql":

        @event.listens_for(engine, "connect")
        def _connect(connection: DBAPIConnection, _record: object) -> None:
            cursor = connection.cursor()
            cursor.execute(f"SET lock_timeout = {int(busy_timeout_ms)}")
            for name, value in _KEEPALIVE.items():
                cursor.execute(f"SET {name} = {value}")
            cursor.close()
            connection.commit()

    return engine


def _open_sqlite(url: URL, create: bool, busy_timeout_ms: int) -> Engine:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise UsageError("database-url", "a ledger needs a file on disk: give sqlite:////path/to/file.db")
    path = Path(url.database)
    if not create and not path.is_file():
        raise NotFoundError("database-missing", f"there is no database at {path}; create the log first")
    if not path.parent.is_dir():
        raise NotFoundError("database-folder-missing", f"there is no folder {path.parent} for the database")
    # What statements say must not reach a log file by way of an error's text.
    engine = create_engine(
        url,
        connect_args={"timeout": busy_timeout_ms / 1000},
        hide_parameters=True,
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        # The one that was used last has the most in its cache.
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        # The driver would begin transactions by itself, late and never IMMEDIATE: `_begin` does it.
        connection.isolation_level = None
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        connection.execute("PRAGMA foreign_keys=ON")
        if _switch_to_wal(connection, busy_timeout_ms / 1000) != "wal":
            raise UnavailableError(
                "database-journal", f"{path}: this file system does not support SQLite's write-ahead log"
            )
        connection.execute("PRAGMA synchronous=FULL")
        # What is deleted is overwritten: secrets that were erased must not stay in free pages.
        connection.execute("PRAGMA secure_delete=ON")

    event.listen(engine, "begin", _begin)
    with read_transaction(engine):
        pass
    return engine


def _switch_to_wal(connection: sqlite3.Connection, timeout: float) -> str:
    """Return the journal mode after the switch, which stays in the file: only the first has to make it."""
    until = monotonic() + timeout
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode=WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            # When two make the switch at once, SQLite turns one of them down without waiting.
            if "locked" not in str(error) or monotonic() > until:
                raise
            sleep(_RETRY_SECONDS)


def _begin(connection: Connection) -> None:
    # A deferred transaction that turns into a writer can fail at its first write, whatever the timeout.
    writes = connection.get_execution_options().get(_WRITES)
    # Without the detour by the engine, which takes longer than a short read.
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_at_hand(engine: Engine) -> bool:
    """Return whether a short read waits for nobody now: neither for a network nor for another connection.

    Readers of a SQLite file wait for no writer.
    """
    pool = engine.pool
    return engine.dialect.name == "sqlite" and isinstance(pool, QueuePool) and pool.checkedout() < pool.size()


@contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """Run a block on one snapshot of the database.

    Raises:
        UnavailableError: The database cannot be read now.
    """
    with _translated(), engine.connect() as connection:
        reading = connection
        if engine.dialect.name == "postgresql":
            # Else each statement would see what was committed before it.
            reading = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with reading.begin():
            yield reading


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """Run a block as one transaction that writes; when it ends, all of it is durable or nothing is there.

    On SQLite the block is alone from its first line. On other engines, lock or compare what the writes rest
    on.

    Raises:
        UnavailableError: The database cannot be written now. Nothing was changed, unless the failure came
            during the commit itself.
    """
    with _translated(), engine.connect() as connection:
        writing = connection.execution_options(**{_WRITES: True})
        with writing.begin():
            yield writing


def hold(connection: Connection, table: Table) -> None:
    """Let nobody else write to a table until a transaction that writes has ended, on every engine."""
    # On SQLite nobody else writes anything.
    if connection.dialect.name == "postgresql":
        named = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"LOCK TABLE {named} IN SHARE ROW EXCLUSIVE MODE")


def take_turns(connection: Connection) -> None:
    """Let nobody else come past this line until a transaction that writes has ended, on every engine.

    For work that has no table to `hold` yet.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_TURNS)))


def flush_deleted(engine: Engine) -> bool:
    """Return whether nothing that was deleted before this is left in the files of a database.

    On SQLite the write-ahead log holds older pages until all of it is in the database and it is cut off,
    which whoever reads or writes at that moment hinders: then it is tried again later. Other engines have
    their own ways of forgetting, which their operator looks after.

    Raises:
        UnavailableError: The database cannot be written now.
    """
    if engine.dialect.name != "sqlite":
        return True
    with _translated(), engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
        # While it waits for readers nobody can write.
        driver.execute(f"PRAGMA busy_timeout={_FLUSH_TIMEOUT_MS}")
        try:
            busy, _pages, _moved = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            driver.execute(f"PRAGMA busy_timeout={patience}")
    return not busy


@contextmanager
def _translated() -> Iterator[None]:
    """Turn a driver's failure into one of ours; a program error in a statement stays what it is."""
    try:
        yield
    except PoolTimeoutError as error:
        raise UnavailableError("database-busy", "all database connections are in use; try again") from error
    except (DBAPIError, sqlite3.Error) as error:
        ours = _unavailable(error)
        if ours is None:
            raise
        raise ours from error


# What SQLite says, in its own words; the result codes behind them are the same for different causes.
_SQLITE_MESSAGES = (
    ("database or disk is full", "database-full", "there is no room left for the database; free some space"),
    (
        "readonly database",
        "database-readonly",
        "the database may not be written: check the rights of its folder",
    ),
    ("unable to open database file", "database-unreachable", "the database or its folder cannot be opened"),
    ("locked", "database-busy", "another process holds the database for too long; try again"),
    ("disk I/O error", "database-io", "the disk failed on the database; check the disk and its free space"),
    ("file is not a database", "database-damaged", "this file is not a ledger database"),
    ("malformed", "database-damaged", "the database file is damaged; restore it from a copy"),
)


# PostgreSQL's error codes (its manual, appendix A), by how they begin.
_POSTGRESQL_STATES = (
    ("53100", "database-full", "there is no room left for the database; free some space"),
    ("53", "database-busy", "the database has no room for more connections; try again"),
    ("25006", "database-readonly", "the database may not be written: is this server a replica?"),
    ("40", "database-busy", "others wrote the same at this moment; try again"),
    ("55P03", "database-busy", "another process holds the database for too long; try again"),
    ("57014", "database-busy", "the database did not answer in time; try again"),
    ("57P", "database-unreachable", "the database server ended the connection"),
    ("08", "database-unreachable", "the database server does not answer"),
    ("58", "database-io", "the database server's disk failed; see its log"),
)


def _unavailable(error: DBAPIError | sqlite3.Error) -> CorridorError | None:
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    told = error.orig if isinstance(error, DBAPIError) else error
    said = str(told)
    if isinstance(told, sqlite3.Error):
        for words, code, advice in _SQLITE_MESSAGES:
            if words in said:
                return UnavailableError(code, f"{advice} ({said})")
        return None
    state = str(getattr(told, "sqlstate", None) or "")
    for begins, code, advice in _POSTGRESQL_STATES:
        if state.startswith(begins):
            return UnavailableError(code, f"{advice} ({said})")
    # Without a code: there was no server to give one.
    if lost or (isinstance(error, OperationalError) and not state):
        return UnavailableError("database-unreachable", f"the database server cannot be reached ({said})")
    return None
