"""Organisations with key files, who run commands against a ledger as people do."""

import json
from pathlib import Path
from typing import Any

from ledger.keys.files import KeyFile, KeyKind
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, a_signer
from tests.cli.corridor import Ran, corridor

STRANGER = "https://stranger.example"
NAMED = (EXPORTER, ORIGIN_PORT, CUSTOMS, STRANGER)


class Users:
    """Who speaks to a ledger.

    Args:
        folder: Where everybody's files lie.

    Attributes:
        made: How many files were made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0

    @property
    def url(self) -> str:
        """Where the ledger is."""
        raise NotImplementedError

    def settle(self, genesis: bytes) -> None:
        """Write the key files, and what else is needed.

        Args:
            genesis: The log's genesis document.
        """
        (self.folder / "passphrase").write_text("words\n")
        (self.folder / "passphrase").chmod(0o600)
        (self.folder / "genesis.json").write_bytes(genesis)
        for uri in NAMED:
            file = KeyFile(KeyKind.STATEMENT, uri, a_signer(uri).private_key)
            file.save(self.key(uri), "words", rounds=1)

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
        """Run a command as an organisation, against the ledger."""
        return corridor(*arguments, *self.signing(uri), "--to", self.url, stdin=stdin)

    def did(self, uri: str, *arguments: object) -> Any:
        """Run a command that succeeds without a complaint, and return the JSON that it prints."""
        ran = self.run(uri, *arguments, "--json")
        assert (ran.code, ran.err) == (0, ""), ran
        return ran.json

    def opened(self, uri: str, number: str = "MSKU1234565", type_: str = "trip") -> Any:
        """Open a subject, and return what the command prints."""
        secret = self.new("secret")
        return self.did(uri, "subject", "open", "--type", type_, "--number", number, "--secret", secret)
