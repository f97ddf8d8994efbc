"""A ledger with a registry, and the files of those who act on it, for tests of the commands that do."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account

from ledger.keys.evm import save_account
from ledger.keys.files import KeyFile, KeyKind
from tests.builders import a_p256_key, a_signer, an_ed25519_key, seeded
from tests.chain.chains import Hands
from tests.cli.corridor import Ran, corridor
from tests.integration.stage import FOUNDERS, ORIGIN, Stage, a_stage

PASSPHRASE = "correct horse"
NEW = "https://new.example"
DEVICE = a_signer("device").key.thumbprint.hex()


@dataclass
class House:
    """A ledger that runs, with accounts and keys in files beside it.

    Args:
        stage: The ledger.
        folder: Where the files are.
    """

    stage: Stage
    folder: Path

    def file(self, name: str) -> Path:
        """Return the path of a file."""
        return self.folder / name

    @property
    def data(self) -> tuple[str, str]:
        """The options that name the ledger's data folder."""
        return "--data", str(self.stage.ledger.settings.data)

    @property
    def passphrase(self) -> tuple[object, ...]:
        """The options that open all files."""
        return "--passphrase-file", self.file("passphrase")

    @property
    def node(self) -> tuple[str, ...]:
        """The options that name the chain and the log in place of a data folder."""
        assert self.stage.ledger.embedded is not None
        genesis = self.stage.ledger.settings.data / "genesis.json"
        return "--rpc", self.stage.ledger.embedded.url, "--genesis", str(genesis)

    def reads(self, *words: object) -> Ran:
        """Run a command that reads the registry."""
        return corridor(*words, *self.data)

    def acts(self, account: str, *words: object) -> Ran:
        """Run a command that acts on it with an account, confirmed."""
        options = ("--account", self.file(f"{account}.json"), *self.passphrase, "--yes")
        return corridor(*words, *self.data, *options)

    def proposes(self, *words: object, by: str = "one") -> list[str]:
        """Propose something, and return the names of the proposals."""
        ran = self.acts(by, "registry", "propose", *words, "--json")
        assert ran.code == 0, ran
        return [one["proposal"] for one in ran.json]

    def agrees(self, *words: object) -> None:
        """Let one founder propose and the other approve."""
        ran = self.acts("two", "registry", "approve", *self.proposes(*words))
        assert ran.code == 0, ran

    def shown(self, uri: str = NEW) -> Any:
        """Return an organisation as the registry has it."""
        return self.reads("organisation", "show", uri, "--json").json


@contextmanager
def a_house(folder: Path) -> Iterator[House]:
    """Run a ledger with a new organisation in it, which has a key and a device's key."""
    (folder / "passphrase").write_text(PASSPHRASE)
    accounts = {"one": FOUNDERS[0].account, "two": FOUNDERS[1].account}
    accounts |= {
        name: Account.from_key(seeded(("registry cli", name), 32)) for name in ("new", "next", "nobody")
    }
    for name, account in accounts.items():
        save_account(folder / f"{name}.json", PASSPHRASE, account, scrypt_cost=2)
    for name in ("new", "device", "other"):
        KeyFile(KeyKind.STATEMENT, NEW, a_p256_key(name)).save(folder / f"{name}.key", PASSPHRASE, rounds=1)
    KeyFile(KeyKind.LOG, ORIGIN, an_ed25519_key("log")).save(folder / "log.key", PASSPHRASE, rounds=1)
    # Commands sign by the machine's clock, so the ledger goes by it, too.
    with a_stage(folder, clock=Hands(int(time.time())), block_seconds=0.02) as stage:
        house = House(stage, folder)
        house.agrees("enrol", NEW, "--admin", accounts["new"].address)
        house.agrees("role-begin", NEW, "exporter")
        assert house.acts("new", "registry", "key-add", house.file("new.key")).code == 0
        assert house.acts("new", "registry", "key-add", house.file("device.key"), "--use", "device").code == 0
        yield house
