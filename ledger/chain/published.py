"""The checkpoints that may be anchored, and who signed what they cover, as the log's database has them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Engine, Select, select

from ledger.domain.evm_layout import role_id
from ledger.storage.engine import read_transaction
from ledger.storage.tables import checkpoints, statements

_PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class PublishedCheckpoint:
    """A checkpoint that its witnesses cosigned: its size, and its root of 32 bytes."""

    size: int
    root: bytes


class PublishedCheckpoints(Protocol):
    """Where an anchor runner gets its checkpoints from."""

    def latest(self) -> PublishedCheckpoint | None:
        """Return the largest one, None when there is none."""

    def after(self, size: int, limit: int) -> list[PublishedCheckpoint]:
        """Return those above a size, ascending, at most `limit` of them."""

    def at(self, size: int) -> PublishedCheckpoint | None:
        """Return that of a size, None when there is none."""


class DatabaseCheckpoints:
    """The published checkpoints in a ledger database.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def latest(self) -> PublishedCheckpoint | None:
        """Return the largest one, None when there is none."""
        found = self._read(_query().order_by(checkpoints.c.size.desc()).limit(1))
        return found[0] if found else None

    def after(self, size: int, limit: int) -> list[PublishedCheckpoint]:
        """Return those above a size, ascending, at most `limit` of them."""
        return self._read(_query().where(checkpoints.c.size > size).order_by(checkpoints.c.size).limit(limit))

    def at(self, size: int) -> PublishedCheckpoint | None:
        """Return that of a size, None when there is none."""
        found = self._read(_query().where(checkpoints.c.size == size))
        return found[0] if found else None

    def _read(self, query: Select[tuple[int, bytes]]) -> list[PublishedCheckpoint]:
        with read_transaction(self._engine) as connection:
            return [PublishedCheckpoint(row.size, row.root) for row in connection.execute(query)]


SignersBetween = Callable[[int, int], Mapping[bytes, frozenset[bytes]]]
"""Returns who signed from one log index up to below another: by key, roles (32 bytes) that could allow it."""


def signers_between(engine: Engine, roles_for: Callable[[str], Iterable[str]]) -> SignersBetween:
    """Return what reads who signed, from a ledger database.

    Args:
        engine: The database.
        roles_for: Names of the roles that may say a kind of thing: the corridor profile's.
    """

    def read(start: int, end: int) -> dict[bytes, frozenset[bytes]]:
        query = (
            select(statements.c.kid, statements.c.kind)
            .where(statements.c.idx >= start, statements.c.idx < end)
            .distinct()
        )
        found: dict[bytes, set[bytes]] = {}
        with read_transaction(engine) as connection:
            for kid, kind in connection.execute(query):
                found.setdefault(kid, set()).update(role_id(name) for name in roles_for(kind))
        return {kid: frozenset(roles) for kid, roles in found.items()}

    return read


def _query() -> Select[tuple[int, bytes]]:
    return select(checkpoints.c.size, checkpoints.c.root).where(checkpoints.c.state == _PUBLISHED)
