"""Where the passphrase of a key file comes from: a file, the environment, or a person."""

import os
import sys
from pathlib import Path

import typer

from ledger.cli.files import read_file
from ledger.domain.errors import UsageError

VARIABLE = "CORRIDOR_PASSPHRASE"
_MAX_BYTES = 4096


def read_passphrase(file: Path | None, *, new: bool = False) -> str:
    """Return a passphrase; what is typed is not shown.

    Args:
        file: File whose first line it is, if the command line names one.
        new: Whether it is being chosen: then it is asked for twice.

    Raises:
        UsageError: There is none to be had, or the two that were typed differ.
        NotFoundError: The file is not there.
        UnavailableError: The file cannot be read.
    """
    if file is not None:
        return first_line(file)
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    if not sys.stdin.isatty():
        raise UsageError(
            "no-passphrase", f"a passphrase is needed: give --passphrase-file, or set {VARIABLE}"
        )
    passphrase = _ask("Passphrase for the new key" if new else "Passphrase")
    if new and _ask("The same again") != passphrase:
        raise UsageError("passphrases-differ", "these were two different passphrases; nothing was written")
    return passphrase


def _ask(what: str) -> str:
    return str(typer.prompt(what, hide_input=True, err=True, default="", show_default=False))


def first_line(file: Path) -> str:
    """Return the first line of a passphrase file; raises as `read_passphrase`."""
    data = read_file(file, "the passphrase file", max_bytes=_MAX_BYTES)
    try:
        return data.decode().split("\n", 1)[0].removesuffix("\r")
    except UnicodeDecodeError:
        raise UsageError("bad-passphrase", f"{file} is not UTF-8") from None
