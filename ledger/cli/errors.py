"""How a failure looks on the command line."""

import sys

from ledger.domain.errors import CorridorError, UnavailableError, UsageError

REFUSED = 1
USAGE = 2
UNREADABLE = 3
UNAVAILABLE = 4


def exit_code(error: CorridorError) -> int:
    """Return the exit code for an error: 2 wrong use, 4 a needed part cannot be reached, 1 anything else."""
    if isinstance(error, UsageError):
        return USAGE
    if isinstance(error, UnavailableError):
        return UNAVAILABLE
    return REFUSED


def report(error: CorridorError) -> None:
    """Print one line: what was wrong, where, what to do, and the stable code for scripts."""
    where = f" (in {error.field})" if error.field else ""
    print(f"corridor: {error}{where} [{error.code}]", file=sys.stderr)
