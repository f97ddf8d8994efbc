"""Organisations with key files around a ledger, who run commands as people do."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.keys.files import KeyFile, KeyKind
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, a_signer
from tests.cli.corridor import Ran, corridor
from tests.integration.stage import Stage

STRANGER = "https://stranger.example"


@dataclass
class Town:
    """A ledger, and who speaks to it.

    Args:
        folder: Where everybody's files lie.
        stage: The ledger.
        made: How many files were made.
    """

    folder: Path
    stage: Stage
    made: int = field(default=0)

    @classmethod
    def build(cls, folder: Path, stage: Stage) -> "Town":
        """Write the key files, and what else is needed."""
        (folder / "passphrase").write_text("words\n")
        (folder / "genesis.json").write_bytes(stage.ledger.genesis.document)
        for uri in (EXPORTER, ORIGIN_PORT, CUSTOMS, STRANGER):
            file = KeyFile(KeyKind.STATEMENT, uri, a_signer(uri).private_key)
            file.save(cls(folder, stage).key(uri), "words", rounds=1)
        return cls(folder, stage)

    def key(self, uri: str) -> Path:
        """Return the key file of an organisation."""
        return self.folder / (uri.removeprefix("https://") + ".key")

    def new(self, name: str) -> Path:
        """Return the path of a file that is not there yet."""
        self.made += 1
        return self.folder / f"{self.made}-{name}"

    def body(self, **members: Any) -> Path:
        """Write a body, and return its file."""
        path = self.new("body.json")
        path.write_text(json.dumps(members))
        return path

    def signing(self, uri: str) -> list[object]:
        """Return the options that say who signs."""
        return ["--key", self.key(uri), "--passphrase-file", self.folder / "passphrase"]

    def run(self, uri: str, *arguments: object, stdin: bytes = b"") -> Ran:
        """Run a command as an organisation, against the ledger, whose clock is set to the machine's."""
        self.stage.clock.now = max(self.stage.clock.now, int(time.time()))
        return corridor(*arguments, *self.signing(uri), "--to", self.stage.url, stdin=stdin)

    def did(self, uri: str, *arguments: object) -> Any:
        """Run a command that succeeds without a complaint, and return the JSON that it prints."""
        ran = self.run(uri, *arguments, "--json")
        assert (ran.code, ran.err) == (0, ""), ran
        return ran.json

    def opened(self, uri: str, number: str = "MSKU1234565", type_: str = "trip") -> Any:
        """Open a subject, and return what the command prints."""
        secret = self.new("secret")
        return self.did(uri, "subject", "open", "--type", type_, "--number", number, "--secret", secret)
