"""All that a ledger keeps, in a form that can be compared: whatever is half-written shows."""

from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from ledger.storage.engine import read_transaction
from ledger.storage.schema import metadata
from ledger.wiring import Ledger


def holdings(ledger: Ledger) -> dict[str, object]:
    """Return the size of a ledger's log, the rows of every table, and its files of evidence."""
    with read_transaction(ledger.store.engine) as connection:
        rows: dict[str, object] = {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            for table in metadata.sorted_tables
        }
    return rows | {"size": ledger.store.size(), "evidence": _files(ledger.settings.data / "evidence")}


def _files(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in paths}
