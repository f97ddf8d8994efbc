"""Organisations with key files around a ledger in this process, whose clock they go by."""

import time
from pathlib import Path

from tests.cli.corridor import Ran
from tests.cli.users import STRANGER, Users
from tests.integration.stage import Stage

__all__ = ["STRANGER", "Town"]


class Town(Users):
    """A ledger, and who speaks to it.

    Args:
        folder: Where everybody's files lie.
        stage: The ledger.
    """

    def __init__(self, folder: Path, stage: Stage) -> None:
        super().__init__(folder)
        self.stage = stage

    @classmethod
    def build(cls, folder: Path, stage: Stage) -> "Town":
        """Write the key files, and what else is needed."""
        town = cls(folder, stage)
        town.settle(stage.ledger.genesis.document)
        return town

    @property
    def url(self) -> str:
        """Where the ledger is."""
        return self.stage.url

    def run(self, uri: str, *arguments: object, stdin: bytes = b"") -> Ran:
        """Run a command as an organisation, against the ledger, whose clock is set to the machine's."""
        self.stage.clock.now = max(self.stage.clock.now, int(time.time()))
        return super().run(uri, *arguments, stdin=stdin)
