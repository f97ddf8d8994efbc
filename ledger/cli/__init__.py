"""The `corridor` command: one module per group of commands, and one place where errors become a line and a code."""

import sys

from ledger.cli.app import app
from ledger.cli.errors import exit_code, report
from ledger.domain.errors import CorridorError


def main() -> None:
    """Run the command line; every failure of ours ends in one line on standard error and an exit code."""
    try:
        app()
    except CorridorError as error:
        report(error)
        sys.exit(exit_code(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)
