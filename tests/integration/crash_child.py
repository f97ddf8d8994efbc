"""A ledger that is killed while it starts."""

from pathlib import Path

from tests.chain.chains import Hands
from tests.integration.stage import a_ledger
from tests.log.crash_child import kill_at


def start(folder: Path, step: str) -> None:
    """Start a ledger in a folder and close it again, or die at a step."""
    with a_ledger(folder, Hands(), fault=kill_at(step, 1)):
        pass
