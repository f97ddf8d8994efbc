"""What the ledger asks of PostgreSQL: its tables, snapshots, turns, and failures in our words."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, select, text

from ledger.domain.errors import UnavailableError
from ledger.storage.engine import hold, open_database, read_transaction, write_transaction
from ledger.storage.enrolment_tables import enrolments
from ledger.storage.migrate import migrate
from ledger.storage.prearrival_tables import arrival_events
from ledger.storage.rows import insert_new, upsert
from ledger.storage.schema import metadata
from ledger.storage.tables import cose_keys
from tests.databases import database_url, on_postgresql_only

pytestmark = on_postgresql_only


def key_row(number: int) -> dict[str, bytes]:
    return {"thumbprint": bytes([number]) * 32, "cose_key": b"key"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(database_url(tmp_path))
    yield opened
    opened.dispose()


def test_the_migrations_make_the_tables(engine: Engine) -> None:
    migrate(engine)
    with read_transaction(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_several_may_make_the_tables_at_once(engine: Engine) -> None:
    with write_transaction(engine) as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    together = Barrier(4)

    def start(_number: int) -> None:
        together.wait(60)
        migrate(engine)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(4))) == [None] * 4
    with read_transaction(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_read_sees_one_snapshot_and_writes_nothing(engine: Engine) -> None:
    with read_transaction(engine) as reading:
        before = reading.execute(select(cose_keys)).all()
        with write_transaction(engine) as writing:
            writing.execute(cose_keys.insert(), key_row(1))
        assert reading.execute(select(cose_keys)).all() == before == []
    with pytest.raises(Exception, match="read-only"), read_transaction(engine) as reading:
        reading.execute(cose_keys.insert(), key_row(2))
    with write_transaction(engine) as writing:
        assert len(writing.execute(select(cose_keys)).all()) == 1
        writing.execute(cose_keys.insert(), key_row(2))


def test_who_holds_a_table_is_alone_with_it_until_the_end(engine: Engine) -> None:
    held, go_on = Event(), Event()
    order: list[str] = []

    def first() -> None:
        with write_transaction(engine) as connection:
            hold(connection, enrolments)
            held.set()
            go_on.wait(30)
            order.append("first")

    def second() -> None:
        held.wait(30)
        with write_transaction(engine) as connection:
            go_on.set()
            hold(connection, enrolments)
            order.append("second")

    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(first), pool.submit(second)]:
            one.result(60)
    assert order == ["first", "second"]


def test_who_waits_too_long_for_another_is_told_and_has_written_nothing(engine: Engine) -> None:
    impatient = open_database(engine.url.render_as_string(hide_password=False), busy_timeout_ms=50)

    def write() -> None:
        with write_transaction(impatient) as connection:
            connection.execute(cose_keys.insert(), key_row(1))
            hold(connection, enrolments)

    with write_transaction(engine) as holding:
        hold(holding, enrolments)
        with pytest.raises(UnavailableError) as caught:
            write()
    assert caught.value.code == "database-busy"
    with read_transaction(engine) as connection:
        assert connection.execute(select(cose_keys)).all() == []
    write()
    impatient.dispose()


def test_a_new_row_is_told_from_one_that_is_there(engine: Engine) -> None:
    row = {"seq": 1, "key": "a", "kind": "x", "shipment": "y", "view": bytes(32), "at": 0, "data": "{}"}
    with write_transaction(engine) as connection:
        # The key is one number; another column is to be different, too.
        assert insert_new(connection, arrival_events, row)
        assert not insert_new(connection, arrival_events, row)
        assert not insert_new(connection, arrival_events, row | {"seq": 2})
        assert insert_new(connection, cose_keys, key_row(1))
        assert not insert_new(connection, cose_keys, key_row(1))
        upsert(connection, cose_keys, [key_row(1) | {"cose_key": b"other"}])
        assert connection.execute(select(cose_keys.c.cose_key)).scalars().all() == [b"other"]


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    away = open_database(f"postgresql+psycopg://postgres@/none?host={tmp_path}")
    with pytest.raises(UnavailableError) as caught, read_transaction(away):
        pass
    assert caught.value.code == "database-unreachable"
    away.dispose()


CUT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_a_connection_that_was_cut_is_told_and_made_again(engine: Engine) -> None:
    def read() -> list[object]:
        with read_transaction(engine) as reading:
            reading.execute(select(cose_keys))
            with write_transaction(other) as killing:
                killing.execute(CUT)
            return [*reading.execute(select(cose_keys))]

    other = open_database(engine.url.render_as_string(hide_password=False))
    with pytest.raises(UnavailableError) as caught:
        read()
    assert caught.value.code == "database-unreachable"
    with read_transaction(engine) as reading:
        assert reading.execute(select(cose_keys)).all() == []
    other.dispose()
