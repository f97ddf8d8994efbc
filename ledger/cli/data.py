"""The data folder of a ledger, for commands that run beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.domain.errors import NotFoundError

if TYPE_CHECKING:
    from ledger.config import Settings
    from ledger.log.store import LogStore
    from ledger.readonly import OpenLedger


def settings_of(data: Path, passphrase_file: Path | None = None) -> "Settings":
    """Return the settings of a data folder.

    Args:
        data: The folder.
        passphrase_file: File whose first line opens the operator's keys; None to go by the settings.

    Raises:
        NotFoundError: There is no such folder, or no such file.
        UsageError: The settings are wrong.
    """
    from ledger.cli.passphrases import first_line
    from ledger.config import load_settings

    if not data.is_dir():
        raise NotFoundError("no-data", f"there is no data folder {data}; `corridor up` makes one")
    passphrase = None if passphrase_file is None else first_line(passphrase_file)
    return load_settings(data, passphrase=passphrase)


@contextmanager
def open_folder(
    data: Path, passphrase_file: Path | None = None, chain: str | None = None
) -> Iterator["OpenLedger"]:
    """Open a data folder for reading while a block runs.

    Args:
        data: The folder.
        passphrase_file: See `settings_of`.
        chain: Genesis hash of the chain whose anchors are wanted, in hex with or without `0x`; the one that
            is used, or was used last, if None.

    Raises:
        MalformedError: The hash has another form.
        CorridorError: As `settings_of` and `open_readonly`.
    """
    from ledger.domain.fields import from_hex
    from ledger.readonly import open_readonly

    genesis = None if chain is None else from_hex(chain.removeprefix("0x"), 32, "--chain")
    with open_readonly(settings_of(data, passphrase_file), chain=genesis) as ledger:
        yield ledger


@contextmanager
def open_log(data: Path) -> Iterator["LogStore"]:
    """Open nothing but the log of a data folder while a block runs; raises as `readonly.open_log` does."""
    from ledger import readonly

    with readonly.open_log(settings_of(data)) as store:
        yield store
