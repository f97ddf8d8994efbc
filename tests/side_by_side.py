"""Transactions side by side, in the order that a test wants; on SQLite there is only one that writes."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, text

from ledger.storage.engine import read_transaction
from tests.integration.waiting import wait_until

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@contextmanager
def when(engine: Engine, words: str, does: Callable[[], object], *, done: bool = False) -> Iterator[None]:
    """Do something once, when somebody executes a statement; fail when nobody did.

    Args:
        engine: Whose connections are watched.
        words: How the statement begins.
        does: Runs in the thread that executes it.
        done: Whether it runs behind the statement instead of before.
    """
    waiting = [does]

    def executes(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if waiting and statement.startswith(words):
            waiting.pop()()

    name = "after_cursor_execute" if done else "before_cursor_execute"
    event.listen(engine, name, executes)
    try:
        yield
    finally:
        event.remove(engine, name, executes)
    assert not waiting, f"nobody executed {words}"


def until_it_waits(engine: Engine, other: Future[Any]) -> None:
    """Return as soon as another transaction waits for a lock, or its work is done."""

    def waits() -> bool:
        with read_transaction(engine) as connection:
            return other.done() or bool(connection.execute(_WAITING).scalar())

    wait_until(waits)
