"""`corridor import`: a table or a folder of shipments, put on record line by line."""

from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.desk import CUSTODY
from ledger.cli.importing import (
    Dates,
    Decimal,
    DryRun,
    Encoding,
    Ignore,
    JournalFolder,
    Report,
    Telling,
    Zone,
    habits,
    journal_folder,
    kinds_for,
    speaker_for,
    telling,
)
from ledger.cli.options import Force, Iss, Json, Key, PassphraseFile, To, argument
from ledger.cli.progress import counting
from ledger.cli.readers import own_keys
from ledger.cli.services import open_service
from ledger.cli.stream_secrets import write_secret
from ledger.domain.errors import CorridorError

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.client.importing.journal import Journal
    from ledger.client.importing.rehearsal import Take
    from ledger.client.importing.sources import Line, Source

_SECRETS = "secrets"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_)


def import_(
    *,
    path: Annotated[
        Path,
        argument(
            "PATH", "A table (CSV), a file .json, or a folder with a file or a folder for each shipment."
        ),
    ],
    to: To,
    key: Key,
    journal: JournalFolder = None,
    report: Report = None,
    dry_run: DryRun = False,
    decimal: Decimal = "auto",
    timezone: Zone = None,
    dates: Dates = "auto",
    ignore: Ignore = None,
    encoding: Encoding = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Import shipments: open their consignments and trips, and register manifests and papers, sealed here.

    Each line is accepted, rejected with its reason, or a duplicate of one that was imported before. Whatever
    stops it, run it again: it goes on where it was, and signs and sends nothing twice. Its columns, by names
    in English and Spanish, and an example: docs/import.md.

    It ends with 0 when all is on record, with 1 when something was rejected, with 4 when the ledger cannot be
    reached.

    Examples:

        corridor import shipments.csv --to $URL --key exporter.key --timezone America/Guatemala
        corridor import shipments/ --to $URL --key exporter.key --report report.csv --dry-run
    """
    from ledger.client.importing.journal import open_journal
    from ledger.client.importing.rehearsal import rehearsal
    from ledger.client.importing.sources import open_source

    with (
        open_source(
            path, habits(decimal, timezone, dates), ignored=ignore or (), encoding=encoding
        ) as source,
        open_service(to, key, iss, passphrase_file) as service,
        telling(report, as_json=as_json, force=force) as told,
    ):
        folder = journal_folder(journal, service, "imports")
        kinds = kinds_for(service, service.login()["roles"])
        with ExitStack() as stack:
            # A rehearsal leaves nothing behind, not even an empty journal.
            kept = stack.enter_context(open_journal(folder)) if folder.exists() or not dry_run else None
            take = rehearsal(kept, kinds) if dry_run or kept is None else _importing(kept, service, kinds)
            stopped = _go_through(source, take, told, path)
    told.end(stopped, dry=dry_run)


def _importing(journal: "Journal", service: "Service", kinds: Collection[str]) -> "Take":
    from ledger.client.importing.importer import Importer

    speaker = speaker_for(service, journal)
    secrets = journal.folder / _SECRETS
    secrets.mkdir(mode=0o700, exist_ok=True)

    def keep_secret(uri: str, secret: bytes) -> None:
        _, _, kind, number, name = uri.split(":")
        write_secret(secrets / f"{kind}-{number}-{name[:16]}.secret", uri, CUSTODY, secret)

    importer = Importer(
        speaker=speaker,
        readers=own_keys(service, needed=False),
        kinds=kinds,
        keep_secret=keep_secret,
    )
    return importer.take


def _go_through(source: "Source", take: "Take", told: Telling, path: Path) -> CorridorError | None:
    from ledger.client.importing.abreast import abreast
    from ledger.client.importing.outcome import Outcome

    def outcome(line: "Line") -> Outcome:
        if line.shipment is None:
            assert line.error is not None
            return Outcome.refused(line.name, line.error)
        return take(line.name, line.shipment)

    def about(line: "Line") -> str:
        return "" if line.shipment is None else line.shipment.consignment

    with counting(f"importing {path.name}", as_bytes=source.as_bytes) as progress:
        return told.tell_all(
            abreast(source.lines, about, outcome), lambda: progress(source.done(), source.size)
        )
