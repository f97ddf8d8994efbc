"""The ledger in a data folder, opened for reading by commands that run beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ledger.domain.errors import NotFoundError

if TYPE_CHECKING:
    from ledger.domain.cose import Signer
    from ledger.dossiers import DossierBuilder
    from ledger.log.store import LogStore


class OpenLedger(Protocol):
    """What a command may use of a ledger."""

    @property
    def store(self) -> "LogStore":
        """The log."""

    @property
    def builder(self) -> "DossierBuilder":
        """Makes dossiers and receipt files of it."""

    @property
    def receipt_signer(self) -> "Signer":
        """The receipt key."""


@contextmanager
def open_ledger(data: Path, passphrase: str | None = None) -> Iterator[OpenLedger]:
    """Open the ledger of a data folder while a block runs; whoever runs it is not disturbed.

    Args:
        data: The folder.
        passphrase: Opens the operator's keys; None to take it from the settings.

    Raises:
        NotFoundError: There is no ledger.
        UsageError: The settings are wrong.
        UnavailableError: It cannot be opened now.
    """
    from ledger.config import load_settings
    from ledger.wiring import open_readonly

    ledger: OpenLedger = open_readonly(load_settings(_folder(data), passphrase=passphrase))
    try:
        yield ledger
    finally:
        ledger.store.engine.dispose()


@contextmanager
def open_log(data: Path) -> Iterator["LogStore"]:
    """Open nothing but the log of a data folder while a block runs: no chain and no key is needed.

    Raises:
        NotFoundError: There is no log.
        UsageError: The settings are wrong.
        UnavailableError: The database cannot be read now.
    """
    from sqlalchemy import inspect

    from ledger.config import load_settings
    from ledger.domain.clock import system_clock
    from ledger.log.store import LogStore
    from ledger.storage.engine import open_database, read_transaction
    from ledger.storage.tables import log

    engine = open_database(load_settings(_folder(data)).database_url)
    try:
        with read_transaction(engine) as connection:
            if not inspect(connection).has_table(log.name):
                raise NotFoundError("log-missing", f"the database of {data} holds no log")
        yield LogStore(engine, system_clock)
    finally:
        engine.dispose()


def _folder(data: Path) -> Path:
    if not data.is_dir():
        raise NotFoundError("no-data", f"there is no data folder {data}; `corridor up` makes one")
    return data
