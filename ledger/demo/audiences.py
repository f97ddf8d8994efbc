"""The three for whom dossiers are made: what each is handed, chooses to trust, opens and reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from ledger.demo.cast import READER, Party
from ledger.demo.stage import Stage
from ledger.domain.clock import Clock
from ledger.domain.statement import Statement
from ledger.verification.chain_view import ChainView
from ledger.verification.dossier import Dossier
from ledger.verification.trust import Trust, save
from ledger.verification.verifier import Examination, examine


@dataclass(frozen=True, slots=True)
class Files:
    """What is left of an audience: its dossier, its trust file, and the identity that opens its evidence."""

    dossier: Path
    trust: Path
    identity: Path

    @classmethod
    def of(cls, out: Path, name: str) -> "Files":
        """Return the files of an audience in a folder."""
        dossier, trust, identity = FILES[name]
        return cls(out / dossier, out / trust, out / identity)


FILES: Mapping[str, tuple[str, str, str]] = {
    READER: ("dossier.zip", "trust.json", "reader.key"),
    "destination-port": ("port.zip", "port-trust.json", "port.key"),
    "auditor": ("auditor.zip", "auditor-trust.json", "auditor.key"),
}
"""Names of the files by audience."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A dossier in the hands of its audience.

    Args:
        party: The audience.
        files: What is left of it.
        dossier: What is in the file.
        trust: What the audience chose to trust.
    """

    party: Party
    files: Files
    dossier: Dossier = field(repr=False)
    trust: Trust

    def examine(self, clock: Clock, view: ChainView | None = None) -> Examination:
        """Return what the audience finds; offline without a view of the chain."""
        return examine(
            self.files.dossier,
            self.trust,
            clock=clock,
            chain_view=view,
            expected_shipment=self.dossier.header.shipment,
            identities=[self.party.identity],
        )


def handed(stage: Stage, name: str, shipment: str, out: Path) -> Handed:
    """Have an audience fetch its dossier with all evidence over its own session, and leave its files.

    Args:
        stage: Where the platform runs.
        name: Of its part.
        shipment: URI of the subject.
        out: Folder for the files.
    """
    party, files = stage.parties[name], Files.of(out, name)
    with files.dossier.open("w+b") as file:
        dossier = stage.services[name].dossier(shipment, file, evidence="all")
    trust = stage.trust(name)
    save(trust, files.trust)
    files.identity.write_text(f"{party.identity}\n")
    opened = len(dossier.secrets)
    stage.console.print(
        f"  {files.dossier}: {len(dossier.statements)} statements, secrets of {opened} items, "
        f"{files.dossier.stat().st_size:,} bytes\n"
        f"  {files.trust}: what {party.part.title} itself chose to trust",
        highlight=False,
        soft_wrap=True,
    )
    return Handed(party, files, dossier, trust)


READ: Mapping[str, str] = {
    "container": "gate-passage",
    "weights": "manifest",
    "eta": "departure",
    "delivery": "decision",
    "hold": "decision",
    "price": "manifest",
    "driver": "gate-passage",
}
"""Members of bodies that tell one audience from another, and the kinds of the statements that have them."""


def tell(console: Console, dossier: Dossier) -> None:
    """Print what the audience of a dossier reads in its statements, the newest word of each, and what not."""
    newest: dict[str, dict[str, Any]] = {}
    for one in dossier.statements:
        statement = Statement.parse(one.raw)
        newest[statement.kind] = newest.get(statement.kind, {}) | statement.reveal(one.disclosures)
    for name, kind in READ.items():
        shown = newest[kind].get(name, "[yellow]concealed[/]")
        if isinstance(shown, dict):
            shown = ", ".join(f"{key} {value}" for key, value in shown.items())
        console.print(f"  {name:<10} {shown}", highlight=False, soft_wrap=True)
