"""`corridor decision import`: what an authority's own system decided, signed here; nobody keys it twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.files import parsing, read_file
from ledger.cli.importing import (
    Dates,
    DryRun,
    Encoding,
    Ignore,
    JournalFolder,
    Report,
    Zone,
    habits,
    journal_folder,
    kinds_for,
    speaker_for,
    telling,
)
from ledger.cli.options import Force, Iss, Json, Key, PassphraseFile, To, argument, option
from ledger.cli.progress import counting
from ledger.cli.services import open_service
from ledger.domain.errors import MalformedError

if TYPE_CHECKING:
    from ledger.client.importing.outcome import Outcome

_MAX_MAP = 1_048_576


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
    group.command("import")(import_)


def import_(
    *,
    file: Annotated[Path, argument("FILE", "Decisions: a table (CSV), or JSON lines (.jsonl).")],
    to: To,
    key: Key,
    system: Annotated[str | None, option("NAME", "What the system is called that decided.")] = None,
    map_: Annotated[
        Path | None,
        option("FILE", "JSON file that says how the system's columns and codes are to be read.", "--map"),
    ] = None,
    journal: JournalFolder = None,
    report: Report = None,
    dry_run: DryRun = False,
    timezone: Zone = None,
    dates: Dates = "auto",
    ignore: Ignore = None,
    encoding: Encoding = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Import decisions that your own system exported. They are signed with your key, on this machine.

    A bill of lading stands for its consignment and the trips that its goods are in, a container for its trip.
    What was imported before, by the system's reference, is a duplicate: run it again as often as you like.
    Columns, maps and an example: docs/import.md.

    Examples:

        corridor decision import decisions.csv --system ENTRY --to $URL --key customs.key
        corridor decision import export.jsonl --map map.json --report report.csv --to $URL --key customs.key
    """
    from ledger.client.importing.decision_importer import DecisionImporter
    from ledger.client.importing.decisions import DecisionLine, Map, open_decisions
    from ledger.client.importing.journal import open_journal, open_passing_journal
    from ledger.client.importing.outcome import Outcome

    written = habits("auto", timezone, dates)
    data = b"{}" if map_ is None else read_file(map_, "the map", max_bytes=_MAX_MAP)
    with parsing(map_ or file):
        read = Map.parse(data, system)
    with (
        open_decisions(file, read, ignored=ignore or (), encoding=encoding) as rows,
        open_service(to, key, iss, passphrase_file) as service,
        telling(report, as_json=as_json, force=force) as told,
    ):
        kinds = kinds_for(service, service.login()["roles"])
        folder = journal_folder(journal, service, "decisions")
        with (
            open_journal(folder) if folder.exists() or not dry_run else open_passing_journal() as kept,
            counting(f"importing {file.name}") as progress,
        ):
            importer = DecisionImporter(speaker_for(service, kept), kinds, dry=dry_run)

            def outcomes() -> "Iterator[Outcome]":
                for row in rows:
                    try:
                        if row.error is not None:
                            raise row.error
                        line = DecisionLine.parse(row.cells, read.system, written)
                    except MalformedError as error:
                        yield Outcome.refused(str(row.line), error)
                        continue
                    yield importer.take(str(row.line), line)

            stopped = told.tell_all(outcomes(), lambda: progress(told.counts.total(), None))
    told.end(stopped, dry=dry_run)
