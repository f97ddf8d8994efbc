"""What commands share that show a line of custody or the passages of a gate, as a ledger drew them."""

from collections.abc import Mapping
from typing import Any

from ledger.cli.output import say, show_table
from ledger.domain.errors import VerificationError


def listed(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a member that has to be a list of objects.

    Raises:
        VerificationError: It is something else: whoever answered is no ledger.
    """
    value = found.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise VerificationError("wrong-answer", f"this is not how a ledger shows {name}")
    return value


def show_problems(found: Mapping[str, Any], said: Mapping[str, str], good: str) -> None:
    """Print what is wrong and what is worth a look, or that there is nothing of it.

    Args:
        found: What the ledger answered, with a member `problems`.
        said: The words of the language.
        good: What to print where there is no problem.
    """
    problems = [
        (said.get(str(one.get("severity")), ""), str(one.get("code")), str(one.get("message")))
        for one in listed(found, "problems")
    ]
    if problems:
        show_table((said["problem"], "code", ""), problems)
    else:
        say(good)
