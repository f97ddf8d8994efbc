"""Two writers at once, a full disk, a folder that may not be written: one log, nothing lost, clear words."""

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from ledger.domain.errors import UnavailableError
from ledger.log.sequencer import Sequencer
from ledger.log.store import LogStore
from ledger.storage.engine import write_transaction
from tests.databases import on_sqlite_only
from tests.log.checker import check_log
from tests.log.hostile_child import (
    OWN,
    SHARED,
    fill_the_disk,
    hammer,
    write_where_nothing_may_be_written,
)
from tests.log.logs import a_database, a_log, appended, history, noon

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.log.crash_child", "tests.log.hostile_child"])


@contextmanager
def a_process(target: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    """Run a function in a process of its own, and give what it sends."""
    receives, sends = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=target, args=(*arguments, sends))
    process.start()
    sends.close()
    with receives:
        yield receives
    process.join(120)
    assert process.exitcode == 0
    process.close()


def test_two_processes_on_one_database_make_one_log(tmp_path: Path) -> None:
    with a_process(hammer, tmp_path, "left") as left, a_process(hammer, tmp_path, "right") as right:
        indices = {"left": left.recv(), "right": right.recv()}
    with a_log(tmp_path) as store:
        entries = check_log(store)
        for name, given in indices.items():
            mine = [submission.statement.id for submission in SHARED + OWN[name]]
            assert sorted(given) == sorted(mine)
            assert all(store.statement(id_).index == index for id_, index in given.items())
        assert sum(entry[0] == 1 for entry in entries) == len(SHARED) + sum(map(len, OWN.values()))


@on_sqlite_only
def test_a_full_disk_is_told_to_everybody_and_gone_on_from(tmp_path: Path) -> None:
    with a_process(fill_the_disk, tmp_path) as results:
        failed, recovered = results.recv()
    assert failed
    assert failed <= {"database-full", "database-io"}
    assert recovered == set()
    with a_log(tmp_path) as store:
        entries = check_log(store)
        assert sum(entry[0] == 1 for entry in entries) == len(history(40, 20, seed="full"))


@on_sqlite_only
def test_a_database_that_may_not_grow_is_full(tmp_path: Path) -> None:
    batch = history(5, 60)
    with a_log(tmp_path) as store:
        with Sequencer(store) as sequencer:
            place = sequencer.append(batch[0])
            _limit_pages(store, "SELECT * FROM pragma_page_count")
            errors = [future.exception() for future in [sequencer.submit(one) for one in batch]]
            assert {getattr(error, "code", error) for error in errors if error} == {"database-full"}
            check_log(store)
            _limit_pages(store, "SELECT 1000000")
            assert [sequencer.append(one).index for one in batch[:2]] == [place.index, place.index + 1]
        check_log(store)


def _limit_pages(store: LogStore, query: str) -> None:
    """Let no connection make the database larger than the pages that a query returns."""
    store.engine.dispose()

    @event.listens_for(store.engine, "connect")
    def limit(connection: Any, _record: object) -> None:
        (pages,) = connection.execute(query).fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")


@on_sqlite_only
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    # Not under tmp_path, which nobody but its owner may enter.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with a_log(folder) as store:
            appended(store, history(1, 1))
        for file in folder.iterdir():
            file.chmod(0o444)
        folder.chmod(0o555)
        with a_process(write_where_nothing_may_be_written, folder) as results:
            assert results.recv() == "database-readonly"
        folder.chmod(0o755)
        with a_log(folder) as store:
            assert len(check_log(store)) == 3


@on_sqlite_only
def test_a_writer_that_holds_on_is_waited_for_and_then_reported(tmp_path: Path) -> None:
    batch = history(1, 2)
    with a_log(tmp_path) as holder:
        engine = a_database(tmp_path, busy_timeout_ms=20)
        store = LogStore(engine, noon)
        with Sequencer(store) as sequencer:
            with write_transaction(holder.engine):
                for attempt in (lambda: sequencer.append(batch[0]), store.checkpoints.fix):
                    with pytest.raises(UnavailableError) as caught:
                        attempt()
                    assert caught.value.code == "database-busy"
            assert [sequencer.append(one).index for one in batch] == [1, 2, 3]
        check_log(store)
        engine.dispose()
