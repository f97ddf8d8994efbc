"""What the story is played on: a ledger with its witnesses, and everybody's way to it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from api.app import create_app
from ledger.chain.view import RpcChainView
from ledger.client.service import Service
from ledger.config import Settings
from ledger.demo.cast import CAST, FOUNDERS, LATE, READER, Party, StoryClock
from ledger.demo.trust import trust_of
from ledger.demo.witnesses import WitnessParty
from ledger.domain.cose import CoseKey
from ledger.domain.key_use import USE_DEVICE
from ledger.founding import Governance
from ledger.log.http_server import listen, serving, url_of
from ledger.operator_keys import OperatorKeys
from ledger.verification.trust import Trust
from ledger.wiring import Ledger

ORIGIN = "ledger.example/gtpbr-usilg"
PROFILE = "guatemala-us"


@dataclass(frozen=True, slots=True)
class Stage:
    """A running ledger and those who use it.

    Args:
        ledger: The platform, which its operator runs.
        keys: The operator's keys.
        clock: The one clock.
        parties: Those who take part, by the names of their parts.
        services: Their sessions with the platform, by the same names.
        witnesses: Who cosigns.
        console: Where the story is told.
    """

    ledger: Ledger
    keys: OperatorKeys = field(repr=False)
    clock: StoryClock
    parties: Mapping[str, Party]
    services: Mapping[str, Service]
    witnesses: Sequence[WitnessParty]
    console: Console

    @property
    def reader(self) -> Party:
        """Whom dossiers are for."""
        return self.parties[READER]

    def another(self, folder: Path, **changes: Any) -> Ledger:
        """Return a ledger of the same operator in another folder; arguments are settings."""
        return operated(folder, self.clock, self.keys, self.parties, **changes)

    def key_of(self, kid: bytes) -> CoseKey:
        """Return the key with a thumbprint (32 bytes)."""
        keys = (
            signer.key
            for party in self.parties.values()
            for signer in (party.signer, *party.devices.values())
        )
        return next(key for key in keys if key.thumbprint == kid)

    def say(self, text: str) -> None:
        """Tell something on the side."""
        self.console.print(f"     [dim]{text}[/]", highlight=False, soft_wrap=True)

    def publish_and_anchor(self, *, told: bool = True) -> int:
        """Have a checkpoint cosigned, published and anchored, and return its size."""
        self.clock.set(self.clock() + 30)
        cycle = self.ledger.publisher.run_once()
        assert self.ledger.embedded is not None
        anchor = self.ledger.anchors.until_final(cycle.checkpoint.size, self.ledger.embedded.mine)
        assert anchor.block is not None
        if told:
            self.console.print(
                f"  [cyan]checkpoint of size {anchor.size}, cosigned by {len(cycle.cosigned)} witnesses, "
                f"anchored in block {anchor.block.number}[/]"
            )
        return anchor.size

    def view(self) -> RpcChainView:
        """Return the chain as a node of the verifier's own shows it."""
        return RpcChainView.connect(
            self.ledger.client,
            registry=self.ledger.contracts.registry,
            anchor=self.ledger.contracts.anchor,
            depth=self.ledger.settings.finality_depth,
        )

    def admit(self, name: str) -> None:
        """Let the founders enrol a party, with its role and its keys."""
        ledger, party = self.ledger, self.parties[name]
        assert ledger.embedded is not None
        founders = [self.parties[one].organisation for one in FOUNDERS]
        governance = Governance(ledger.client, ledger.contracts, founders)
        ledger.embedded.fund(party.organisation.signer.address)
        if name in FOUNDERS:
            governance.begin(party.organisation, [party.role])
        else:
            governance.admit(party.organisation, [party.role])
        governance.add_key(party.organisation, party.signer.key)
        for device in party.devices.values():
            governance.add_key(party.organisation, device.key, USE_DEVICE)
        # The service would find out by itself within a second.
        ledger.mirror.refresh()
        devices = f" and {', '.join(party.devices)}" if party.devices else ""
        self.console.print(
            f"  {party.uri.removeprefix('https://'):<24} {party.role:<20} "
            f"{party.signer.key.alg.name} key{devices}"
        )

    def trust(self, name: str = READER) -> Trust:
        """Return what a party chooses to trust, with the newest final block pinned."""
        return trust_of(
            self.ledger.genesis,
            self.ledger.client,
            block=self.ledger.final_block(),
            witnesses=[one.key.verifier_key for one in self.witnesses],
            index_cosigners=[one.key.verifier_key for one in self.witnesses if one.index_cosigner],
            name=self.parties[name].part.title,
            profile=self.ledger.profile,
        )


def operated(
    folder: Path, clock: StoryClock, keys: OperatorKeys, parties: Mapping[str, Party], **changes: Any
) -> Ledger:
    """Return a ledger that mines when it is told to; arguments are settings."""
    settings = Settings(data=folder, origin=ORIGIN, profile=PROFILE, port=0, **changes)
    founders = [parties[name].organisation for name in FOUNDERS]
    return Ledger(settings, clock=clock, keys=keys, founders=founders, block_seconds=None)


@contextmanager
def stage_in(folder: Path, clock: StoryClock, console: Console) -> Iterator[Stage]:
    """Found a registry, open a log, enrol everybody, and run it all while a block runs.

    Args:
        folder: Where everybody keeps what is theirs; empty.
        clock: The one clock.
        console: Where the story is told.
    """
    parties = {part.name: Party.create(part) for part in CAST}
    keys = OperatorKeys.generate(ORIGIN)
    witnesses = [
        WitnessParty.create("origin customs", "witness.customs.gt.example"),
        WitnessParty.create("destination customs", "witness.customs.us.example", index_cosigner=True),
    ]
    title(console, 1, "Two customs authorities found the registry, open the log, and witness it")
    with operated(folder / "ledger", clock, keys, parties) as ledger:
        genesis = ledger.genesis
    console.print(
        f"  chain {genesis.chain_id}, genesis 0x{genesis.chain_genesis.hex()[:16]}…, log {genesis.origin}"
    )
    with ExitStack() as stack:
        listener = stack.enter_context(listen(0))
        url = url_of(listener)
        configured = tuple(
            stack.enter_context(one.running(folder / one.key.name, genesis, f"{url}/log", clock))
            for one in witnesses
        )
        for one in witnesses:
            console.print(f"  {one.key.name} ({one.title}) {one.role}")
        quorum = {"quorum": len(configured), "index_quorum": sum(one.index_cosigner for one in configured)}
        ledger = stack.enter_context(
            operated(folder / "ledger", clock, keys, parties, witnesses=configured, **quorum)
        )
        stack.enter_context(serving(create_app(ledger), listener))
        services = {
            name: stack.enter_context(Service(url, signer=party.signer, iss=party.uri, clock=clock))
            for name, party in parties.items()
        }
        stage = Stage(ledger, keys, clock, parties, services, witnesses, console)
        title(console, 2, "Everybody enrols: one founder proposes, the other approves")
        for name in parties:
            if name not in LATE:
                stage.admit(name)
        yield stage


def title(console: Console, number: int, text: str, es: str = "") -> None:
    """Print the title of a part of the demo."""
    console.print()
    console.print(f"[bold]{number}. {text}[/]", soft_wrap=True)
    if es:
        console.print(f"   [dim]{es}[/]", soft_wrap=True)
