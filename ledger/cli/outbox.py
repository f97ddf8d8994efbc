"""`corridor outbox`: signed statements that wait for a network."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.drafts import read_statement
from ledger.cli.errors import REFUSED, UNAVAILABLE, report
from ledger.cli.options import Iss, Json, KeyIfAny, PassphraseFile, To, ToIfAny, argument, option
from ledger.cli.output import emit, moment, say, warn
from ledger.cli.progress import counting
from ledger.cli.services import open_service
from ledger.domain.errors import CorridorError, NotFoundError, UsageError
from ledger.domain.fields import from_hex

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.client.outbox import Outbox
    from ledger.client.outbox_entry import Entry
    from ledger.client.sending import Delivery

group = typer.Typer(help="Signed statements that wait for a network.", no_args_is_help=True)
Folder = Annotated[Path, option("DIR", "The outbox.", "--outbox", envvar="CORRIDOR_OUTBOX")]
_SHOWN = ("occurred", "signed", "acknowledged", "received", "anchored", "reason")
Ids = Annotated[list[str], argument("ID...", "Ids of the statements.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="outbox")


@group.command()
def add(*, files: Annotated[list[Path], argument("FILE...", "Statement files.")], outbox: Folder) -> None:
    """Put signed statements into an outbox. When this ends, they survive a power cut.

    Example:

        corridor outbox add seal.statement --outbox outbox
    """
    from ledger.client.outbox import Outbox

    read = [read_statement(file)[0] for file in files]
    box = Outbox(outbox)
    for statement_file in read:
        entry = box.add(statement_file)
        say(f"{entry.id.hex()}  {entry.place.value}")


@group.command("list")
def list_(
    *,
    outbox: Folder,
    to: ToIfAny = None,
    key: KeyIfAny = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    all_: Annotated[bool, typer.Option("--all", help="All that was sent, not only the newest 50.")] = False,
    as_json: Json = False,
) -> None:
    """List what waits, what was refused and why, and what was sent, each with its times.

    When something occurred and when it was signed is what its author says. When the ledger received it and by
    when its anchor was on the chain is asked of the ledger, with `--to` and `--key`.

    Example:

        corridor outbox list --outbox outbox --to $URL --key gate.key
    """
    from ledger.client.outbox import Outbox

    box = Outbox(outbox)
    sent = box.sent()
    shown = [*box.pending(), *(sent if all_ else sent[-50:])]
    if to is not None and key is not None:
        with open_service(to, key, iss, passphrase_file) as service:
            listed = [_described(entry, _standing(service, entry)) for entry in shown]
    else:
        listed = [_described(entry, {}) for entry in shown]
    damaged = [str(path) for path in box.damaged()]
    if as_json:
        emit({"statements": listed, "damaged": damaged})
        return
    for one in listed:
        say(f"{one['id']}  {one['kind']}  {one['state']}")
        for name in _SHOWN:
            if one[name] is not None:
                say(f"    {name:<12}  {one[name]}")
    for path in damaged:
        warn(f"{path} cannot be read; it holds up nothing [outbox-damaged]")


@group.command()
def send(
    *,
    outbox: Folder,
    to: To,
    strict: Annotated[
        bool, typer.Option("--strict", help="Have the ledger refuse what contradicts what is on record.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Submit what waits, in the order of signing. What is acknowledged moves to `sent/`, the rest stays.

    Late statements go on record also when they contradict what is there by now: the ledger warns instead of
    refusing. One that is refused stays with its reason; `corridor outbox retry` sends it again. To send the
    same twice does no harm, so that this may run again and again, whatever became of the last time.

    It ends with 0 when nothing is left to send, with 1 when something was refused, set aside or is for
    another log, and with 4 when something is to be sent again.

    Example:

        corridor outbox send --outbox outbox --to http://127.0.0.1:8700
    """
    from ledger.client.http import Patience
    from ledger.client.outbox import Outbox
    from ledger.client.sending import send as send_outbox

    box = Outbox(outbox)
    # The outbox itself is what tries again.
    with open_service(to, patience=Patience(attempts=1)) as service, counting("statements") as report_:
        delivery = send_outbox(box, service, lenient=not strict, report=report_)
    _tell(delivery, as_json=as_json)


@group.command()
def retry(*, ids: Ids, outbox: Folder) -> None:
    """Have statements sent again with the next `corridor outbox send`: refused ones, or ones that got lost.

    A ledger that was set back to an older copy may have lost what it acknowledged; `corridor outbox list`
    with `--to` shows such a statement as `not found`.

    Example:

        corridor outbox retry $ID --outbox outbox
    """
    with _held(outbox) as box:
        for identifier in ids:
            say(f"{box.retry(_id(identifier)).id.hex()}  waiting")


@group.command()
def forget(
    *,
    ids: Ids,
    outbox: Folder,
    yes: Annotated[
        bool, typer.Option("--yes", help="Also statements that are not on record and were not refused.")
    ] = False,
) -> None:
    """Remove statements from an outbox for good: those that were sent or refused, others only with `--yes`.

    Example:

        corridor outbox forget $ID --outbox outbox
    """
    from ledger.client.outbox_entry import Place

    with _held(outbox) as box:
        found = [box.entry(_id(identifier)) for identifier in ids]
        for entry in found:
            if entry.place is Place.WAITING and not yes:
                raise UsageError(
                    "still-waiting",
                    f"{entry.id.hex()} was never on record, and would be lost; give --yes if you mean it",
                )
        for entry in found:
            box.forget(entry.id)
            say(f"{entry.id.hex()}  forgotten")


@contextmanager
def _held(folder: Path) -> "Iterator[Outbox]":
    from ledger.client.outbox import Outbox

    if not folder.is_dir():
        raise NotFoundError("no-outbox", f"there is no outbox {folder}")
    box = Outbox(folder)
    with box.held():
        yield box


def _id(text: str) -> bytes:
    return from_hex(text, 32, "ID")


def _tell(delivery: "Delivery", *, as_json: bool) -> None:
    """Print what became of an outbox, and end with the code for it."""
    for path, error in delivery.damaged:
        warn(f"set aside as {path}: {error.message} [{error.code}]")
    for entry in delivery.foreign:
        warn(f"{entry.id.hex()} is for another log, {entry.statement.aud}; it stays [other-log]")
    for entry in (*delivery.refused, *delivery.waiting):
        if entry.refusal is not None:
            again = "; it is sent again the next time" if entry.refusal.passing else ""
            report(CorridorError(entry.refusal.code, f"{entry.id.hex()}: {entry.refusal.message}{again}"))
    for entry in delivery.acknowledged:
        for one in (entry.answer or {}).get("warnings", ()):
            warn(f"{entry.id.hex()}: {one.get('message')} [{one.get('code')}]")
    if as_json:
        emit(
            {
                "acknowledged": [dict(entry.answer or {}) for entry in delivery.acknowledged],
                "refused": [entry.id.hex() for entry in delivery.refused],
                "waiting": [entry.id.hex() for entry in delivery.waiting],
                "foreign": [entry.id.hex() for entry in delivery.foreign],
                "damaged": [str(path) for path, _ in delivery.damaged],
            }
        )
    else:
        for entry in delivery.acknowledged:
            say(f"{entry.id.hex()}  {(entry.answer or {}).get('index')}")
    if delivery.stopped is not None:
        report(delivery.stopped)
        raise typer.Exit(UNAVAILABLE)
    if delivery.refused or delivery.foreign or delivery.damaged:
        raise typer.Exit(REFUSED)
    if delivery.waiting:
        raise typer.Exit(UNAVAILABLE)


def _standing(service: "Service", entry: "Entry") -> dict[str, Any]:
    if entry.answer is None:
        return {}
    try:
        return dict(service.status(entry.id).document)
    except NotFoundError:
        return {"state": "not found"}


def _described(entry: "Entry", standing: dict[str, Any]) -> dict[str, Any]:
    anchor = standing.get("anchor")
    refusal, answer = entry.refusal, entry.answer or {}
    return {
        "id": entry.id.hex(),
        "kind": entry.statement.kind,
        "subjects": list(entry.statement.subjects),
        "state": standing.get("state", entry.place.value),
        "occurred": entry.occurred_at,
        "signed": moment(entry.statement.iat),
        "received": moment(standing.get("received_at")),
        "acknowledged": moment(answer.get("acknowledged_at")),
        "anchored": moment(anchor.get("time")) if isinstance(anchor, dict) else None,
        "index": answer.get("index"),
        "reason": None if refusal is None else f"{refusal.message} [{refusal.code}]",
    }
