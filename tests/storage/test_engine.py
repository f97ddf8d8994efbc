"""Databases: opened as promised, and their failures told in our words."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from ledger.domain.errors import CorridorError, NotFoundError, UnavailableError, UsageError
from ledger.storage.engine import open_database, read_transaction, write_transaction
from ledger.storage.migrate import migrate
from ledger.storage.tables import cose_keys


def key_row(number: int) -> dict[str, bytes]:
    return {"thumbprint": bytes([number]) * 32, "cose_key": b"key"}


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def code_of(error: pytest.ExceptionInfo[CorridorError]) -> str:
    return error.value.code


def test_a_commit_reaches_the_disk(tmp_path: Path) -> None:
    engine = open_database(url_of(tmp_path / "a.db"), create=True)
    with read_transaction(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    engine.dispose()


def test_every_connection_syncs(tmp_path: Path) -> None:
    engine = open_database(url_of(tmp_path / "a.db"), create=True)
    with read_transaction(engine) as one, read_transaction(engine) as other:
        assert one.connection.driver_connection is not other.connection.driver_connection
        for connection in (one, other):
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    engine.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:a.db?uri=true",
        "nosuchengine://host/db",
    ],
)
def test_what_is_no_database_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_database(url)
    assert code_of(caught) == "database-url"


def test_a_missing_database_is_not_made_by_accident(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        open_database(url_of(tmp_path / "a.db"))
    assert code_of(caught) == "database-missing"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        open_database(url_of(tmp_path / "nowhere" / "a.db"), create=True)
    assert code_of(caught) == "database-folder-missing"
    assert "nowhere" in caught.value.message


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"a picture of a container" * 100)
    with pytest.raises(UnavailableError) as caught:
        open_database(url_of(path))
    assert code_of(caught) == "database-damaged"


def test_a_folder_in_place_of_the_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()
    with pytest.raises(UnavailableError) as caught:
        open_database(url_of(tmp_path / "a.db"), create=True)
    assert code_of(caught) == "database-unreachable"


def test_a_failed_block_leaves_nothing(tmp_path: Path) -> None:
    engine = open_database(url_of(tmp_path / "a.db"), create=True)
    migrate(engine)

    def half_done() -> None:
        with write_transaction(engine) as connection:
            connection.execute(insert(cose_keys), [key_row(1)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    with read_transaction(engine) as connection:
        assert connection.execute(select(cose_keys)).all() == []
    engine.dispose()


def test_a_reader_sees_one_moment(tmp_path: Path) -> None:
    engine = open_database(url_of(tmp_path / "a.db"), create=True)
    migrate(engine)
    with read_transaction(engine) as reader:
        assert reader.execute(select(cose_keys)).all() == []
        with write_transaction(engine) as writer:
            writer.execute(insert(cose_keys), [key_row(1)])
        assert reader.execute(select(cose_keys)).all() == []
    with read_transaction(engine) as reader:
        assert len(reader.execute(select(cose_keys)).all()) == 1
    engine.dispose()


def test_a_writer_is_alone_from_its_first_line(tmp_path: Path) -> None:
    engine = open_database(url_of(tmp_path / "a.db"), create=True, busy_timeout_ms=1)
    migrate(engine)
    with write_transaction(engine):
        with pytest.raises(UnavailableError) as caught, write_transaction(engine):
            pytest.fail("two writers at once")
        assert code_of(caught) == "database-busy"
    with write_transaction(engine):
        pass
    engine.dispose()


def test_errors_of_the_program_stay_what_they_are(tmp_path: Path) -> None:
    engine = open_database(url_of(tmp_path / "a.db"), create=True)
    migrate(engine)
    with pytest.raises(IntegrityError), write_transaction(engine) as connection:
        connection.execute(insert(cose_keys), [key_row(1), key_row(1)])
    with pytest.raises(OperationalError), read_transaction(engine) as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))
    engine.dispose()


def test_what_is_stored_does_not_reach_log_files_by_way_of_errors(tmp_path: Path) -> None:
    engine = open_database(url_of(tmp_path / "a.db"), create=True)
    migrate(engine)
    row = key_row(1) | {"cose_key": b"a secret of somebody"}
    with pytest.raises(IntegrityError) as caught, write_transaction(engine) as connection:
        connection.execute(insert(cose_keys), [row, row])
    assert "secret" not in str(caught.value)
    engine.dispose()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("database or disk is full", "database-full"),
        ("attempt to write a readonly database", "database-readonly"),
        ("unable to open database file", "database-unreachable"),
        ("database is locked", "database-busy"),
        ("disk I/O error", "database-io"),
        ("file is not a database", "database-damaged"),
        ("database disk image is malformed", "database-damaged"),
    ],
)
def test_what_sqlite_says_has_a_code_and_an_advice(tmp_path: Path, said: str, code: str) -> None:
    engine = open_database(url_of(tmp_path / "a.db"), create=True)
    with pytest.raises(UnavailableError) as caught, read_transaction(engine):
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError(said))
    assert code_of(caught) == code
    assert said in caught.value.message
    engine.dispose()
