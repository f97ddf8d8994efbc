"""A running `corridor up` with witnesses, and a folder with what each reader of a guide was given."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyrage

from ledger.chain.client import ChainClient
from ledger.chain.governance import Contracts
from ledger.config import WitnessSetting
from ledger.domain.clock import system_clock
from ledger.founding import Governance
from ledger.keys.evm import save_account
from ledger.keys.files import KeyFile, KeyKind
from ledger.log.http_server import listen
from tests.builders import a_p256_key
from tests.chain.chains import Hands
from tests.cli.corridor import EXECUTABLE
from tests.docs.pages import ROOT
from tests.docs.shell import Shell
from tests.docs.warm import warm
from tests.integration.stage import FOUNDERS, WITNESSES, a_ledger, an_organisation, operator_keys
from tests.integration.up import PASSPHRASE, Up, genesis_of, prepare

ORIGIN = "log.customs.example/corridor"
ROLES = {
    "exporter": ("https://exporter.example", ["exporter", "packer"]),
    "haulier": ("https://haulier.example", ["haulier"]),
    "port": ("https://port.gt.example", ["origin-port"]),
    "carrier": ("https://carrier.example", ["carrier"]),
    "police": ("https://police.gt.example", ["police"]),
    "customs": ("https://customs.us.example", ["destination-customs"]),
    "origin-customs": ("https://customs.gt.example", ["origin-customs"]),
    "terminal": ("https://terminal.us.example", ["destination-port"]),
    "broker": ("https://broker.example", ["broker"]),
}
"""Who takes part: the name of its key file, its URI, and its roles."""
PROFILE = "guatemala-us"
"""The rules of the corridor of the guides."""
READERS = ("exporter", "port", "customs", "broker", "escrow")
"""Whose age identities lie in a reader's folder, each beside a file with its public half."""
URL, NODE = "https://ledger.example", "http://node.example:8545"
"""What stands in the guides for where the ledger and the reader's own node are."""
DATA, PORT = "/var/lib/corridor", "8700"
"""What stands in the guides for the operator's folder and port."""
_QUICK = "checkpoint_seconds = 0.3\nanchor_seconds = 0.2\nquorum = 2\nindex_quorum = 1\n"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the guides are tried out.

    Args:
        url: Of the ledger.
        node: URL of a node of its chain.
        genesis: The log's genesis document.
        token: What opens the ledger's numbers.
        commands: Folder with a `corridor` that begins at once.
    """

    url: str
    node: str
    genesis: bytes
    token: str
    commands: Path

    @contextmanager
    def shell(self, folder: Path) -> Iterator[Shell]:
        """Give a shell in a folder with everybody's key files and the genesis document."""
        (folder / "genesis.json").write_bytes(self.genesis)
        (folder / "examples").symlink_to(ROOT / "examples")
        for name, (uri, _) in ROLES.items():
            file = KeyFile(KeyKind.STATEMENT, uri, a_p256_key(uri))
            file.save(folder / f"{name}.key", PASSPHRASE, rounds=1)
            save_account(folder / f"{name}.json", PASSPHRASE, an_organisation(uri).account, scrypt_cost=2)
        for name in READERS:
            reader = pyrage.x25519.Identity.generate()
            (folder / f"{name}.age").write_text(f"{reader}\n")
            (folder / f"{name}.txt").write_text(f"# {name}\n{reader.to_public()}\n")
        witness, index_cosigner = (one.key.verifier_key.encode() for one in WITNESSES)
        environment = {
            "PATH": f"{self.commands}:{EXECUTABLE.parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "CORRIDOR_PASSPHRASE": PASSPHRASE,
            "WITNESS": witness,
            "INDEX_COSIGNER": index_cosigner,
            "METRICS_TOKEN": self.token,
        }
        with Shell(folder, environment) as shell:
            yield shell


@contextmanager
def a_place(folder: Path, profile: str = "foundation") -> Iterator[Place]:
    """Found a log, run it with its witnesses while a block runs, and enrol who takes part.

    Args:
        folder: Where everything lies.
        profile: The corridor's rules, by the name of a shipped profile.
    """
    data = folder / "data"
    prepare(data, "", ORIGIN)
    with a_ledger(
        data, Hands(system_clock()), origin=ORIGIN, keys=operator_keys(ORIGIN), profile_setting=profile
    ) as founded:
        genesis = founded.genesis
    with listen(0) as listener:
        port = listener.getsockname()[1]
    with ExitStack() as stack:
        url = f"http://127.0.0.1:{port}"
        settings = [
            stack.enter_context(one.running(folder / one.key.name, genesis, f"{url}/log", system_clock))
            for one in WITNESSES
        ]
        (data / "corridor.toml").write_text(f'origin = "{ORIGIN}"\n{_QUICK}{"".join(map(_table, settings))}')
        running = stack.enter_context(Up(data, ("--port", port)))
        node = (data / "rpc").read_text()
        _enrol(data, node)
        commands = stack.enter_context(warm(folder / "bin"))
        token = (data / "metrics.token").read_text().strip()
        try:
            yield Place(url, node, genesis.document, token, commands)
        except AssertionError as error:
            error.add_note(f"corridor up ({running.process.poll()}) said:\n{running.output[-4000:]}")
            raise


def _table(witness: WitnessSetting) -> str:
    cosigner = str(witness.index_cosigner).lower()
    return f'[[witnesses]]\nvkey = "{witness.vkey}"\nurl = "{witness.url}"\nindex_cosigner = {cosigner}\n'


def _enrol(data: Path, node: str) -> None:
    genesis = genesis_of(data)
    client = ChainClient(node, while_waiting=lambda: client.rpc.call("evm_mine"))
    contracts = Contracts(genesis.registry, genesis.anchor, genesis.inclusion)
    governance = Governance(client, contracts, FOUNDERS)
    for uri, roles in ROLES.values():
        organisation = an_organisation(uri)
        client.rpc.call("anvil_setBalance", f"0x{organisation.signer.address.hex()}", hex(10**21))
        governance.admit(organisation, roles)
        governance.add_key(organisation, KeyFile(KeyKind.STATEMENT, uri, a_p256_key(uri)).signer.key)
    client.close()
