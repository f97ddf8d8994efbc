"""How a verdict says what custody and gate passages complain of."""

from collections.abc import Sequence

from ledger.domain.custody import Problem
from ledger.verification.checks.findings import count


def sentence(problem: Problem) -> str:
    """Return what is wrong as a sentence."""
    message = problem.message
    # An organisation's URI stays as it is.
    starts = message if ":" in message.partition(" ")[0] else message[:1].upper() + message[1:]
    return f"{starts}."


def worth_a_look(warnings: Sequence[Problem]) -> str:
    """Return what to put behind a sentence that says that all is well, empty when there are no warnings."""
    if not warnings:
        return ""
    more = f" (one of {count(len(warnings), 'warning')})" if len(warnings) > 1 else ""
    return f" Worth a look: {warnings[0].message}{more}."
