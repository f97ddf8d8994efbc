"""Writing rows: whatever their number, each once and as it was given."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from ledger.storage.engine import open_database, read_transaction, write_transaction
from ledger.storage.migrate import migrate
from ledger.storage.rows import chunks, insert_or_ignore, insert_rows, upsert
from ledger.storage.tables import cose_keys, streams, tiles


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}", create=True)
    migrate(engine)
    yield engine
    engine.dispose()


def a_row(number: int, value: bytes = b"key") -> tuple[bytes, bytes]:
    return number.to_bytes(32, "big"), value


def as_dict(row: tuple[bytes, bytes]) -> dict[str, bytes]:
    return {"thumbprint": row[0], "cose_key": row[1]}


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 63, 64, 65, 200])
@pytest.mark.parametrize("replace", [True, False])
def test_every_row_is_written_once(engine: Engine, count: int, replace: bool) -> None:
    rows = [a_row(number, b"%d" % number) for number in range(count)]
    with write_transaction(engine) as connection:
        insert_rows(connection, cose_keys, rows, replace=replace)
    with read_transaction(engine) as connection:
        assert [tuple(row) for row in connection.execute(select(cose_keys))] == rows


def test_a_row_that_is_there_stays_unless_it_is_to_be_replaced(engine: Engine) -> None:
    with write_transaction(engine) as connection:
        insert_rows(connection, tiles, [(0, 0, 1, b"old"), (0, 1, 1, b"old")])
        insert_rows(connection, tiles, [(0, 1, 2, b"new"), (1, 0, 1, b"new")], replace=True)
        assert [tuple(row) for row in connection.execute(select(tiles))] == [
            (0, 0, 1, b"old"),
            (0, 1, 2, b"new"),
            (1, 0, 1, b"new"),
        ]
    with pytest.raises(IntegrityError), write_transaction(engine) as connection:
        insert_rows(connection, tiles, [(0, 0, 2, b"new")])


def test_inserting_or_ignoring_keeps_the_first(engine: Engine) -> None:
    with write_transaction(engine) as connection:
        insert_or_ignore(connection, cose_keys, [as_dict(a_row(1)), as_dict(a_row(1, b"other"))])
        insert_or_ignore(connection, cose_keys, [])
        assert connection.execute(select(cose_keys.c.cose_key)).scalars().all() == [b"key"]


def test_an_upsert_keeps_the_last(engine: Engine) -> None:
    row = {"tag": bytes(32), "count": 1, "running": bytes(32)}
    with write_transaction(engine) as connection:
        upsert(connection, streams, [row, row | {"count": 2}])
        upsert(connection, streams, [])
        assert connection.execute(select(streams.c.count)).scalars().all() == [2]


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1200])
def test_chunks_hold_everything_in_order(count: int) -> None:
    parts = list(chunks(range(count)))
    assert [value for part in parts for value in part] == list(range(count))
    assert all(0 < len(part) <= 500 for part in parts)
