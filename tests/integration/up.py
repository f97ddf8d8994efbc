"""Running `corridor up` in a process of its own, and taking part in its log from outside."""

import os
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import httpx

from ledger.chain.client import ChainClient
from ledger.chain.governance import Contracts
from ledger.config import load_settings
from ledger.domain.errors import ConflictError, NotFoundError
from ledger.domain.genesis import Genesis
from ledger.domain.statement import FILE_MEDIA_TYPE, SignedStatement, StatementFile
from ledger.dossiers import everything
from ledger.founding import Governance, Organisation
from ledger.keys.evm import save_account
from ledger.operator_keys import FOLDER, FOUNDERS, FOUNDERS_FOLDER, founder_account
from ledger.readonly import open_readonly
from tests.builders import EXPORTER, a_signer
from tests.cli.corridor import EXECUTABLE
from tests.integration.stage import ROLES, an_organisation, operator_keys
from tests.integration.waiting import wait_until

PASSPHRASE = "correct horse battery"
_START_SECONDS = 120.0


@dataclass
class Up:
    """A `corridor up` that runs.

    Args:
        data: Its data folder.
        arguments: More options.
        log: Where its log goes; into its output if None.
    """

    data: Path
    arguments: tuple[object, ...] = ()
    log: IO[bytes] | None = None
    url: str = ""
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [EXECUTABLE, "up", "--data", self.data, *map(str, self.arguments)],
            stdout=subprocess.PIPE,
            stderr=self.log or subprocess.STDOUT,
            text=True,
            env={**os.environ, "CORRIDOR_PASSPHRASE": PASSPHRASE},
        )
        self._running = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        assert self._running.wait(_START_SECONDS), self.output
        assert self.url, self.output

    @property
    def output(self) -> str:
        """What it has said so far."""
        return "\n".join(self.said)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.said.append(line.rstrip())
                if line.startswith("running "):
                    self.url = line.split()[1]
                    self._running.set()
        self._running.set()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL, -signal.SIGKILL)

    def stop(self) -> None:
        """Let it end as a service manager does."""
        self._end(signal.SIGTERM, 0)

    def _end(self, number: signal.Signals, code: int) -> None:
        self.process.send_signal(number)
        assert self.process.wait(60) == code, self.output
        self._reader.join()

    def __enter__(self) -> "Up":
        return self

    def __exit__(self, *_exception: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join()


def prepare(data: Path, settings: str, origin: str) -> None:
    """Make a data folder with settings, and with key files that cost little to open."""
    data.mkdir()
    (data / "corridor.toml").write_text(f'origin = "{origin}"\n{settings}')
    for folder in (FOLDER, FOUNDERS_FOLDER):
        (data / folder).mkdir()
    keys = operator_keys(origin)
    keys.log.save(data / FOLDER / "log.key", PASSPHRASE, rounds=1)
    keys.receipt.save(data / FOLDER / "receipt.key", PASSPHRASE, rounds=1)
    accounts = {data / FOLDER / "operator.json": keys.account} | {
        data / FOUNDERS_FOLDER / f"{name}.json": an_organisation(name).account for name in FOUNDERS
    }
    for path, account in accounts.items():
        save_account(path, PASSPHRASE, account, scrypt_cost=2)


def genesis_of(data: Path) -> Genesis:
    """Return the genesis document of the log in a data folder."""
    return Genesis.parse((data / "genesis.json").read_bytes())


def enrol_from_outside(data: Path) -> None:
    """Enrol the organisations of the tests with the founders' files of a running ledger's data folder."""
    settings = load_settings(data, passphrase=PASSPHRASE)
    genesis = genesis_of(data)
    founders = [
        Organisation(uri, founder_account(settings, name, create=False))
        for uri, name in zip(settings.founders, FOUNDERS, strict=True)
    ]
    client = ChainClient((data / "rpc").read_text(), while_waiting=lambda: client.rpc.call("evm_mine"))
    governance = Governance(client, Contracts(genesis.registry, genesis.anchor, genesis.inclusion), founders)
    for uri, role in ROLES.items():
        organisation = an_organisation(uri)
        client.rpc.call("anvil_setBalance", f"0x{organisation.signer.address.hex()}", hex(10**21))
        governance.admit(organisation, [role])
        governance.add_key(organisation, a_signer(uri).key)
    client.close()


def submit(http: httpx.Client, signed: SignedStatement, url: str = "") -> httpx.Response:
    """Submit a statement as a client does, to the ledger at a URL unless the client knows it."""
    body = StatementFile(signed.raw, signed.disclosures).encode()
    return http.post(f"{url}/v1/statements", content=body, headers={"Content-Type": FILE_MEDIA_TYPE})


def register(http: httpx.Client, signed: SignedStatement) -> int:
    """Submit a statement as soon as its signer is known, and return its index."""
    answers = []

    def is_taken() -> bool:
        answers.append(submit(http, signed))
        return answers[-1].is_success

    wait_until(is_taken)
    return int(answers[-1].json()["index"])


def wait_for_receipt(data: Path, identifier: bytes) -> None:
    """Return as soon as there is a receipt of a statement: its anchor is final."""
    with open_readonly(load_settings(data, passphrase=PASSPHRASE)) as opened:

        def is_there() -> bool:
            try:
                opened.builder.receipt(identifier, EXPORTER, opened.receipt_signer, everything)
            except (ConflictError, NotFoundError):
                return False
            return True

        wait_until(is_there)
