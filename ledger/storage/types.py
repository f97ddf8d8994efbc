"""Column types of the tables, for every engine the same values."""

from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary

# SQLite gives only INTEGER PRIMARY KEY columns its fast rowid; PostgreSQL needs 64 bits said.
Long = BigInteger().with_variant(Integer, "sqlite")


class Blob(LargeBinary):
    """Bytes as they are: SQLite's driver takes them so, and wrapping each one costs as much as storing it."""

    __visit_name__ = "large_binary"
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """Return what turns a value into a parameter: nothing on SQLite."""
        if dialect.name == "sqlite":
            return None
        return super().bind_processor(dialect)  # type: ignore[no-untyped-call]
