"""What the importing commands share: their options, the journal, the report, and the words at the end."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ledger.cli.errors import INTERRUPTED, REFUSED, exit_code, report
from ledger.cli.files import new_file
from ledger.cli.options import option
from ledger.cli.output import emit, plain, say, warn
from ledger.cli.services import state_folder
from ledger.domain.errors import CorridorError, UsageError

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.client.importing.journal import Journal
    from ledger.client.importing.outcome import Outcome
    from ledger.client.importing.speaker import Speaker
    from ledger.client.importing.values import Habits

Decimal = Annotated[
    Literal["auto", "comma", "point"],
    typer.Option(
        "--decimal",
        help="Which mark stands before decimals; `auto` refuses what can be read in two ways.",
    ),
]
Zone = Annotated[
    str | None,
    option("NAME", "Where times without an offset are meant, such as America/Guatemala.", "--timezone"),
]
Dates = Annotated[
    Literal["auto", "day-first", "month-first"],
    typer.Option(
        "--dates",
        help="How 06/11/2026 is meant; `auto` refuses what can be read in two ways.",
    ),
]
Ignore = Annotated[
    list[str] | None,
    option("COLUMN", "Column that is not read; * leaves out all that are not known.", "--ignore"),
]
Encoding = Annotated[
    str | None, option("NAME", "Encoding of the table, such as cp1252; found out if not given.")
]
Report = Annotated[
    Path | None,
    option("FILE", "Where to write what became of each line: CSV, or JSON lines when it ends in .json."),
]
JournalFolder = Annotated[
    Path | None,
    option(
        "DIR",
        "Folder that remembers what was imported; one for each log and organisation in CORRIDOR_STATE if not "
        "given.",
        "--journal",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would be done; nothing is signed, sent or kept.")
]


def habits(
    decimal: Literal["auto", "comma", "point"],
    zone: str | None,
    dates: Literal["auto", "day-first", "month-first"] = "auto",
) -> "Habits":
    """Return how a table writes numbers and times.

    Raises:
        UsageError: There is no such time zone.
    """
    from zoneinfo import ZoneInfo

    from ledger.client.importing.values import Habits

    try:
        return Habits(decimal, None if zone is None else ZoneInfo(zone), dates)
    except (KeyError, ValueError, OSError):
        message = f"there is no time zone {zone}; say one such as America/Guatemala"
        raise UsageError("timezone", message, field="--timezone") from None


def journal_folder(chosen: Path | None, service: "Service", what: str) -> Path:
    """Return where it is remembered what an organisation imported into a log.

    Args:
        chosen: As the command line says it.
        what: Is imported.
        service: The ledger, for the organisation.

    Raises:
        UsageError: None is given, and there is no home for one.
    """
    if chosen is not None:
        return chosen
    state = state_folder()
    if state is None:
        raise UsageError("no-journal", "there is no folder for a journal here; name one: --journal DIR")
    whose = sha256(str(service.session.iss).encode()).hexdigest()[:16]
    return state / what / f"{service.genesis.hash.hex()[:16]}-{whose}"


@dataclass
class Telling:
    """What is told of an import while it goes on, and at its end.

    Args:
        write: Writes the report.
        as_json: Whether only the sums are printed, as JSON.
        counts: How many lines ended how.
        interrupted: Whether somebody stopped it by a key.
    """

    write: "Callable[[Outcome], None]"
    as_json: bool
    counts: Counter[str] = field(default_factory=Counter)
    interrupted: bool = False

    def tell(self, outcome: "Outcome") -> None:
        """Tell what became of a line."""
        from ledger.client.importing.outcome import State

        self.counts[outcome.state.value] += 1
        self.write(outcome)
        if outcome.state is State.REJECTED:
            where = f", column {outcome.column}" if outcome.column else ""
            warn(f"line {outcome.line}{where}: {outcome.message} [{outcome.code}]")
        elif not self.as_json:
            say(f"{outcome.line}  {outcome.state.value}  {plain(outcome.name)}")

    def tell_all(self, outcomes: "Iterable[Outcome]", progress: Callable[[], None]) -> CorridorError | None:
        """Tell what becomes of all lines; return why it ended early, None when it did not.

        Args:
            outcomes: One for each line, made as they are asked for.
            progress: Is called after each.
        """
        from ledger.client.importing.speaker import Ended

        try:
            for outcome in outcomes:
                self.tell(outcome)
                progress()
        except Ended as ended:
            return ended.why
        except KeyboardInterrupt:
            self.interrupted = True
        return None

    def end(self, stopped: CorridorError | None, *, dry: bool) -> None:
        """Print how many lines ended how; ends the command when some were rejected, or it had to stop.

        Args:
            stopped: Why not all lines were tried; None when they were.
            dry: Whether nothing was done.
        """
        told = {name: self.counts[name] for name in ("accepted", "duplicate", "rejected")}
        if self.as_json:
            why = None if stopped is None else stopped.code
            emit({**told, "dry_run": dry, "stopped": "interrupted" if self.interrupted else why})
        else:
            say(", ".join(f"{count} {name}" for name, count in told.items()) + (" (dry run)" if dry else ""))
        if stopped is not None:
            report(stopped)
        if stopped is not None or self.interrupted:
            again = "run the same command again, with --force if it writes a report, and it goes on there"
            warn(f"what was done stays done: {again}")
            raise typer.Exit(INTERRUPTED if stopped is None else exit_code(stopped))
        if told["rejected"]:
            raise typer.Exit(REFUSED)


@contextmanager
def telling(path: Path | None, *, as_json: bool, force: bool) -> Iterator[Telling]:
    """Give what tells of an import while a block runs; the report is there when it ends.

    Args:
        path: Of the report; None writes none.
        as_json: Whether only the sums are printed.
        force: Whether a report that is there is replaced.
    """
    from ledger.client.importing.report import json_report, table_report

    if path is None:
        yield Telling(lambda _outcome: None, as_json)
        return
    with new_file(path, force=force) as file:
        make = json_report if path.suffix.lower() in {".json", ".jsonl"} else table_report
        yield Telling(make(file), as_json)


def speaker_for(service: "Service", journal: "Journal") -> "Speaker":
    """Return who signs what a command imports; raises as `Journal.belongs_to`."""
    from ledger.client.author import Author
    from ledger.client.importing.speaker import Speaker

    signer, iss = service.session.signer, service.session.iss
    assert signer is not None
    assert iss is not None
    journal.belongs_to(service.genesis.hash, iss)
    return Speaker(journal, service, Author(signer, iss, service.genesis.audience), service.seen())


def kinds_for(service: "Service", roles: Collection[str]) -> frozenset[str]:
    """Return the kinds of statements that roles may say in the corridor of a ledger.

    Raises:
        UnavailableError: The ledger cannot be asked now.
    """
    from ledger.corridors.profile import Profile

    profile = Profile.parse(service.session.ask("GET", "/v1/profile").data)
    return frozenset(kind for kind in profile.kinds if profile.may_say(kind, roles))
