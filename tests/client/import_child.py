"""Importing a table at a real ledger; as a process that kills itself at one step, for `test_import_crash`."""

import os
import signal
import sys
from pathlib import Path

from ledger.client import Service
from ledger.client.author import Author
from ledger.client.importing.importer import Importer
from ledger.client.importing.journal import open_journal
from ledger.client.importing.outcome import Outcome
from ledger.client.importing.sources import open_source
from ledger.client.importing.speaker import Speaker
from ledger.client.importing.values import Habits
from ledger.storage.faults import Fault, no_fault
from tests.builders import EXPORTER, a_signer

KINDS = ("stuffing", "seal-applied", "link", "manifest", "document", "grant", "correction-note")


def imported(folder: Path, url: str, reader: str, fault: Fault = no_fault) -> list[str]:
    """Import `shipments.csv` of a folder as the exporter, and return how its lines ended."""
    return [one.state.value for one in outcomes(folder, url, reader, fault)]


def outcomes(folder: Path, url: str, reader: str, fault: Fault = no_fault) -> list[Outcome]:
    """Import `shipments.csv` of a folder as the exporter, and return what became of its lines.

    Args:
        folder: Holds the journal, too.
        url: Of the ledger.
        reader: Recipient of secrets.
        fault: See `open_journal`; `secret.kept` beside.
    """
    signer = a_signer(EXPORTER)
    with (
        Service(url, signer, EXPORTER) as service,
        open_source(folder / "shipments.csv", Habits()) as source,
        open_journal(folder / "journal", fault) as kept,
    ):
        kept.belongs_to(service.genesis.hash, EXPORTER)
        speaker = Speaker(kept, service, Author(signer, EXPORTER, service.genesis.audience), service.seen())
        importer = Importer(speaker, [reader], KINDS, lambda _uri, _secret: fault("secret.kept"))
        shipments = [(line.name, line.shipment) for line in source.lines if line.shipment is not None]
        return [importer.take(name, shipment) for name, shipment in shipments]


def main(folder: Path, url: str, reader: str, step: str) -> None:
    """Import, and die when a step is passed for the second time."""
    passed = 0

    def fault(at: str) -> None:
        nonlocal passed
        passed += at == step
        if passed == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    imported(folder, url, reader, fault)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:5])
