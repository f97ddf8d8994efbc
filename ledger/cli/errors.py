"""How a failure looks on the command line: one line on standard error, and an exit code."""

import typer

from ledger.cli.output import plain, warn
from ledger.domain.errors import CorridorError, UnavailableError, UsageError

REFUSED = 1
USAGE = 2
UNREADABLE = 3
UNAVAILABLE = 4
WRONG_USE_OF_VERIFY = 64
"""Wrong use where 1, 2 and 3 are verdicts; EX_USAGE of sysexits.h."""
INTERRUPTED = 130
"""What a shell reports of who was stopped by a key: 128 and the number of SIGINT."""
INTERNAL = 70
"""A fault of this program; EX_SOFTWARE of sysexits.h."""


def exit_code(error: CorridorError) -> int:
    """Return the exit code for an error: 2 wrong use, 4 a needed part cannot be reached, 1 anything else."""
    if isinstance(error, UsageError):
        return USAGE
    if isinstance(error, UnavailableError):
        return UNAVAILABLE
    return REFUSED


def report(error: CorridorError) -> None:
    """Print one line: what was wrong, where, what to do, and the stable code for scripts."""
    where = f" (in {error.field})" if error.field and error.field not in error.message else ""
    warn(f"{error}{where} [{error.code}]")


def report_usage(error: typer.TyperException) -> None:
    """Print one line for options and arguments that cannot be taken."""
    context = getattr(error, "ctx", None)
    # Typer prints the help by itself where a command was called with nothing at all.
    if message := error.format_message().strip().rstrip("."):
        command = "corridor" if context is None else context.command_path
        warn(f"{plain(message)}; see {command} --help [usage]")
