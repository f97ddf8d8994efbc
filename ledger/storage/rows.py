"""Writing many rows, on every engine the same; the engines differ in what to do with rows that are there."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
_PARAMETERS = 500
_ROWS_AT_ONCE = (64, 8, 1)


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], *, replace: bool = False
) -> None:
    """Insert many rows, quickly.

    Args:
        connection: A transaction that writes.
        table: One whose columns take and give values as they are: integers, texts and bytes.
        rows: A value for each column of the table, in its order; no key twice.
        replace: Whether rows take the place of those that are there under the same primary key.
    """
    if not rows:
        return
    if connection.dialect.name != "sqlite":
        names = [column.name for column in table.columns]
        values = [dict(zip(names, row, strict=True)) for row in rows]
        if replace:
            upsert(connection, table, values)
        else:
            connection.execute(table.insert(), values)
        return
    # Core looks at every value on its way, and the driver lets go of the interpreter for every row: both
    # cost more than storing it. In steps of a few sizes, so that the driver knows the statements again.
    start = 0
    for step in _ROWS_AT_ONCE:
        while len(rows) - start >= step:
            part = tuple(chain.from_iterable(rows[start : start + step]))
            connection.exec_driver_sql(_insert_text(table, step, replace), part)
            start += step


def insert_or_ignore(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows, leaving alone what is already there under the same key."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)


def insert_new(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless its key is there, and return whether it was not: one of several that try wins."""
    inserted = _insert(connection, table).values(row).on_conflict_do_nothing()
    # Not by the number of rows: of a table whose key is one number PostgreSQL's driver is not asked for it.
    return connection.execute(inserted.returning(*table.primary_key.columns)).first() is not None


def upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows, replacing the other columns of those that are already there under the same primary key."""
    if not rows:
        return
    statement = _insert(connection, table)
    keys, others = _columns(table)
    changed = {name: statement.excluded[name] for name in others}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield values in lists that are short enough for one `IN`: databases take only so many parameters."""
    rest = iter(values)
    while part := list(islice(rest, _PARAMETERS)):
        yield part


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def _columns(table: Table) -> tuple[list[str], list[str]]:
    """Return the names of the columns of the primary key, and of the others."""
    keys = [column.name for column in table.primary_key.columns]
    return keys, [column.name for column in table.columns if column.name not in keys]


@cache
def _insert_text(table: Table, rows: int, replace: bool) -> str:
    """Return SQLite's statement for so many rows of positional parameters; all names in it are our own."""
    keys, others = _columns(table)
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = "(" + ", ".join("?" * len(table.columns)) + ")"
    text = f'INSERT INTO "{table.name}" ({names}) VALUES {", ".join([marks] * rows)}'  # noqa: S608
    if not replace:
        return text
    changed = ", ".join(f'"{name}" = excluded."{name}"' for name in others)
    return f"{text} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changed}"
