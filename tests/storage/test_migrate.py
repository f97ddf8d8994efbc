"""Migrations: they make the tables of `tables.py`, once, whoever comes first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData, text

from ledger.domain.errors import ConflictError
from ledger.storage.engine import open_database, read_transaction, write_transaction
from ledger.storage.migrate import migrate
from ledger.storage.schema import metadata


def schema(engine: Engine) -> list[tuple[str, str]]:
    """Return what SQLite was told to make, without white space and quotes."""
    query = text(
        "SELECT name, sql FROM sqlite_schema WHERE name <> 'alembic_version' AND sql IS NOT NULL ORDER BY 1"
    )
    with read_transaction(engine) as connection:
        return [(name, "".join(sql.replace('"', "").split())) for name, sql in connection.execute(query)]


def test_the_migrations_make_the_tables(tmp_path: Path) -> None:
    migrated = open_database(f"sqlite:///{tmp_path / 'a.db'}", create=True)
    migrate(migrated)
    with read_transaction(migrated) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    # The comparison above is blind to some things, such as tables without rowid.
    made = open_database(f"sqlite:///{tmp_path / 'b.db'}", create=True)
    with write_transaction(made) as connection:
        metadata.create_all(connection)
    assert schema(migrated) == schema(made)
    migrated.dispose()
    made.dispose()


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}", create=True)
    migrate(engine)
    before = schema(engine)
    migrate(engine)
    assert schema(engine) == before
    engine.dispose()


def test_several_may_start_at_once(tmp_path: Path) -> None:
    def start(_number: int) -> None:
        engine = open_database(f"sqlite:///{tmp_path / 'a.db'}", create=True)
        migrate(engine)
        engine.dispose()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(8))) == [None] * 8


def test_tables_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}", create=True)
    migrate(engine)
    with write_transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    with pytest.raises(ConflictError) as caught:
        migrate(engine)
    assert caught.value.code == "database-newer"
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}", create=True)
    # A table that stands in the way of the last one.
    with write_transaction(engine) as connection:
        connection.execute(text("CREATE TABLE transactions (hash BLOB)"))
    before = schema(engine)
    with pytest.raises(Exception, match="already exists"):
        migrate(engine)
    assert schema(engine) == before
    leftover = MetaData()
    with read_transaction(engine) as connection:
        leftover.reflect(connection)
    assert set(leftover.tables) == {"transactions"}
    engine.dispose()


@pytest.mark.parametrize("before", ["oidc", "rare"])
def test_arrivals_are_made_again_and_nothing_is_told_twice(tmp_path: Path, before: str) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}", create=True)
    migrate(engine)
    with write_transaction(engine) as connection:
        connection.execute(text("ALTER TABLE arrivals DROP COLUMN overdue_at"))
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{before}'"))
        connection.execute(text("INSERT INTO log (id, genesis, profile, size) VALUES (1, X'00', X'00', 7)"))
        connection.execute(text("UPDATE arrival_state SET size = 7, quiet = 2, number = 5, seq = 3"))
        connection.execute(text("INSERT INTO arrival_index VALUES (1, 2, 3, 4)"))
        connection.execute(text("INSERT INTO arrival_work VALUES (1, 0, 1)"))
    migrate(engine)
    with read_transaction(engine) as connection:
        state = connection.execute(text("SELECT size, quiet, number, seq FROM arrival_state")).one()
        left = connection.execute(
            text("SELECT (SELECT COUNT(*) FROM arrival_index), (SELECT COUNT(*) FROM arrival_work)")
        ).one()
    assert tuple(state) == (0, 7, 5, 3)
    assert tuple(left) == (0, 0)
    engine.dispose()
