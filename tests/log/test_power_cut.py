"""A power cut: whatever the disk kept of what was not yet synced, the log is one that was committed."""

import shutil
from pathlib import Path

from ledger.log.publisher import Publisher
from ledger.log.store import LogStore
from ledger.storage.engine import open_database, read_transaction
from tests.databases import on_sqlite_only
from tests.log.checker import check_log
from tests.log.logs import DATABASE, a_log, appended, history, log_signer, noon

CUTS = 40


@on_sqlite_only
def test_a_write_ahead_log_cut_anywhere_gives_a_log_that_was_committed(tmp_path: Path) -> None:
    written, cut = tmp_path / "written", tmp_path / "cut"
    written.mkdir()
    everything = history(3, 9)
    with a_log(written) as store, Publisher(store, log_signer(), noon) as publisher:
        # What is in the database file itself was synced; what follows is in the write-ahead log only.
        with read_transaction(store.engine) as connection:
            connection.exec_driver_sql("PRAGMA wal_autocheckpoint=0")
        committed = {1}
        for start in range(0, len(everything), 5):
            appended(store, everything[start : start + 5])
            committed.add(store.size())
            publisher.run_once()
            committed.add(store.size())
        wal = (written / f"{DATABASE}-wal").read_bytes()
        whole = store.size()
        sizes = set()
        for number in range(CUTS + 1):
            shutil.rmtree(cut, ignore_errors=True)
            cut.mkdir()
            shutil.copy(written / DATABASE, cut / DATABASE)
            (cut / f"{DATABASE}-wal").write_bytes(wal[: len(wal) * number // CUTS])
            sizes.add(size_after_the_cut(cut))
        assert sizes <= committed | {0}
        assert max(sizes) == whole
        assert len(sizes) > 5


def size_after_the_cut(folder: Path) -> int:
    """Check the log that is left, and return its size; 0 when not even its tables are."""
    engine = open_database(f"sqlite:///{folder / DATABASE}")
    try:
        with read_transaction(engine) as connection:
            tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar()
        if not tables:
            return 0
        store = LogStore(engine, noon)
        with read_transaction(engine) as connection:
            if not connection.exec_driver_sql("SELECT count(*) FROM log").scalar():
                return 0
        return len(check_log(store))
    finally:
        engine.dispose()
