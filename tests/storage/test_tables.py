"""The tables on the engine that comes when one machine is not enough, as far as its dialect tells."""

import pytest
from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from ledger.storage.tables import log, metadata

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_postgresql_gives_no_number_of_its_own_and_loses_no_bits(table: Table) -> None:
    made = str(CreateTable(table).compile(dialect=DIALECT))
    assert "SERIAL" not in made
    for column in table.columns:
        if column.name in {"idx", "size", "count", "nonce", "time", "block_number", "block_time"}:
            assert f"{column.name} BIGINT" in made


def test_postgresql_holds_the_head_of_the_log_while_it_is_moved() -> None:
    assert "FOR UPDATE" in str(select(log.c.size).with_for_update().compile(dialect=DIALECT))
