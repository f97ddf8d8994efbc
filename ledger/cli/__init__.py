"""The `corridor` command: a module for each group of commands; here every error becomes a line and a code."""

import logging
import os
import sys
from collections.abc import Sequence

import typer

from ledger.cli.app import app
from ledger.cli.errors import INTERNAL, INTERRUPTED, UNAVAILABLE, exit_code, report, report_usage
from ledger.cli.output import warn
from ledger.domain.errors import CorridorError

TRACEBACK = "CORRIDOR_TRACEBACK"
_OURS = ("api", "ledger")


def main() -> None:
    """Run the command line and end the process."""
    sys.exit(run())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; every failure ends in one line on standard error and an exit code.

    Args:
        arguments: What follows the command's name; the process's own if not given.
    """
    logging.basicConfig(format="corridor: %(message)s", level=logging.WARNING)
    try:
        return app(arguments, prog_name="corridor", standalone_mode=False) or 0
    except CorridorError as error:
        report(error)
        return exit_code(error)
    except typer.TyperException as error:
        report_usage(error)
        return error.exit_code
    except typer.Abort:
        return INTERRUPTED
    except OSError as error:
        warn(f"{error.filename or 'the system'}: {error.strerror or error} [os-error]")
        return UNAVAILABLE
    except Exception as error:  # noqa: BLE001 - what nobody foresaw is said in one line too
        return _fault(error)


def _fault(error: Exception) -> int:
    """Say what went wrong that nobody foresaw: a part that is not installed, or a fault of this program."""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing is not None and missing.partition(".")[0] not in _OURS:
        warn(
            f"this command needs {missing}, which comes with the server: "
            "pip install 'corridor-ledger[server]' [not-installed]"
        )
        return UNAVAILABLE
    # A file that finds a fault in this program gets no traceback out of it, and no code of success.
    if TRACEBACK in os.environ:
        raise error
    warn(
        f"this is a fault of this program ({type(error).__name__}: {error}); "
        f"set {TRACEBACK}=1 to see where, and report it [internal]"
    )
    return INTERNAL
