"""`corridor evidence erase`, `due`, `hold`, `lift` and `alarms`: what goes, and what has to stay."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ledger.cli.desk import Desk, Means, open_desk, when
from ledger.cli.files import parsing, read_file
from ledger.cli.options import At, Iss, Json, Key, KeyToRead, PassphraseFile, To, argument, option
from ledger.cli.output import emit, moment, plain, say, show_table, warn
from ledger.cli.services import open_service
from ledger.domain.errors import NotFoundError, UnavailableError, UsageError

if TYPE_CHECKING:
    from ledger.client.keeping import Claimed
    from ledger.domain.evidence import EvidenceItem

_MAX_ITEM = 16_384
Subject = Annotated[str, option("URI", "What it is about.")]
SubjectIfAny = Annotated[str | None, option("URI", "Only what is claimed about this subject.")]
All = Annotated[bool, typer.Option("--all", help="About every subject.")]


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    group.command()(erase)
    group.command()(due)
    group.command()(hold)
    group.command()(lift)
    group.command()(alarms)


def erase(
    *,
    items: Annotated[
        list[Path] | None, argument("ITEM...", "Files `*.item.json` that `corridor evidence add` made.")
    ] = None,
    to: To,
    key: Key,
    subject: SubjectIfAny = None,
    is_due: Annotated[bool, typer.Option("--due", help="Everything of yours that is due.")] = False,
    all_: All = False,
    because: Annotated[
        Literal["retention", "request", "order"], typer.Option(help="Why it is erased.")
    ] = "request",
    note: Annotated[str | None, option("TEXT", "For people.")] = None,
    copies: Annotated[
        list[Path] | None,
        option(
            "DIR", "Folder from which wrapped secrets and sealed bytes go, too; may be repeated.", "--secrets"
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Erase without asking.")] = False,
    at: At = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Erase items of your own for good: the statement goes on record, and the ledger destroys what it keeps.

    That is every wrapped secret of the items, and their sealed bytes in every store when nobody else claims
    them. What your own readings made of an item goes with it: renditions, and what was found. Whoever was
    handed a secret keeps it, and readings by others are theirs. Your own copies are in your hands: name the
    folders with --secrets, and think of backups.

    Examples:

        corridor evidence erase gate.item.json --subject $TRIP --because request --secrets sealed \\
            --to $URL --key port.key
        corridor evidence erase --due --all --because retention --to $URL --key port.key
    """
    from ledger.client.keeping import drafts, erased_before, made_of, remove_copies

    if bool(items) == is_due:
        raise UsageError("what-to-erase", "name the items, with their --subject; or --due for what is due")
    with open_desk(Means(to, key, iss, passphrase_file)) as desk:
        assert desk.service is not None
        named = _due(desk, subject, all_=all_) if is_due else _named(desk, items or (), subject)
        made = made_of(desk.service, named, desk.author.iss)
        before = erased_before(desk.service, [one.subject for one in named], desk.author.iss)
        wanted = [one for one in (*named, *made) if one.item.cid not in before]
        again = {one.item.cid: before[one.item.cid] for one in named if one.item.cid in before}
        for cid, then in again.items():
            warn(f"{cid} is erased already, since {moment(then)}: nothing is signed of it again")
        if wanted or not again:
            _confirm(wanted, yes=yes)
        told = [desk.say(draft) for draft in drafts(wanted, because, note, when(at))]
    removed: list[Path] = []
    for folder in copies or ():
        try:
            removed += remove_copies(folder, [one.item for one in (*named, *made)])
        except OSError as error:
            message = f"{error.filename} is still there: {error.strerror}; remove it yourself"
            raise UnavailableError("cannot-write", message) from None
    erased = list(dict.fromkeys(one.item.cid for one in wanted))
    renditions = [cid for cid in erased if cid in {one.item.cid for one in made}]
    shown = {
        "erased": erased,
        "renditions": renditions,
        "erased_before": list(again),
        "statements": [one.statement.id.hex() for one in told],
        "removed": [str(path) for path in removed],
    }
    if as_json:
        emit(shown)
    else:
        of_them = f", {len(renditions)} of them made of the others by your readings" if renditions else ""
        say(f"{len(erased)} erased{of_them}", *(f"statement {one}" for one in shown["statements"]))
        say(*(f"removed {path}" for path in removed))


def due(
    *,
    to: To,
    key: KeyToRead = None,
    subject: SubjectIfAny = None,
    all_: All = False,
    at: Annotated[
        str | None, option("TIME", "For this time, like 2027-01-01T00:00:00Z; now if not given.")
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List items of your own that were kept as long as the corridor agreed for their category.

    The time counts from when what an item shows happened. Nothing goes by itself: see `erase`.

    Example:

        corridor evidence due --all --to $URL --key port.key
    """
    from ledger.client.keeping import due as due_at

    _one_of(subject, all_=all_)
    with open_service(to, key, iss, passphrase_file) as service:
        found = list(due_at(service, subject, at))
    if as_json:
        emit(found)
    else:
        columns = ("cid", "category", "due_at", "subject")
        show_table(("item", "category", "due", "subject"), [_row(one, columns) for one in found])


def hold(
    *,
    subject: Subject,
    to: To,
    key: Key,
    items: Annotated[
        list[str] | None, option("HEX", "Commitment of an item; may be repeated.", "--item")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Everything that is or will be claimed about the subject.")
    ] = False,
    reason: Annotated[str | None, option("TEXT", "Why; shown to authorities only.")] = None,
    stream: Annotated[
        str | None, option("HEX", "Tag of the stream to file it in; the custody stream if not given.")
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Forbid, as an authority, that items are erased, until you lift it.

    What was erased before cannot be held. Whoever tries to erase what is held learns that there is a hold.

    Example:

        corridor evidence hold --subject $TRIP --all --reason "case 17" --to $URL --key customs.key
    """
    from ledger.domain.fields import from_hex
    from ledger.domain.legal_hold import LEGAL_HOLD, Hold
    from ledger.domain.statement import Draft

    if bool(items) == all_:
        raise UsageError("what-to-hold", "name the items with --item, or --all")
    named = None if all_ else frozenset(from_hex(one, 32, "--item") for one in items or ())
    body = Hold(named, reason).to_json() | {"occurred_at": when()}
    conceal = [] if reason is None else [["reason"]]
    with open_desk(Means(to, key, iss, passphrase_file)) as desk:
        tags = desk.streams([subject], [] if stream is None else [stream])
        told = desk.say(Draft(LEGAL_HOLD, (subject,), tags, body), conceal)
    told.show(as_json=as_json)


def lift(
    *,
    identifier: Annotated[str, argument("ID", "Id of the hold's statement.")],
    subject: Subject,
    to: To,
    key: Key,
    stream: Annotated[
        str | None, option("HEX", "Tag of the stream to file it in; the custody stream if not given.")
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Lift a hold of your own organisation.

    Example:

        corridor evidence lift $HOLD --subject $TRIP --to $URL --key customs.key
    """
    from ledger.domain.fields import from_hex
    from ledger.domain.legal_hold import LEGAL_HOLD_ENDED, LIFTS
    from ledger.domain.statement import Draft, Reference

    reference = Reference(LIFTS, from_hex(identifier, 32, "ID"))
    with open_desk(Means(to, key, iss, passphrase_file)) as desk:
        tags = desk.streams([subject], [] if stream is None else [stream])
        body = {"occurred_at": when()}
        told = desk.say(Draft(LEGAL_HOLD_ENDED, (subject,), tags, body, (reference,)))
    told.show(as_json=as_json)


def alarms(
    *,
    to: To,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List contents that were offered for two container trips, one of which you may see.

    Of a trip that you may not see nothing is told but the id of the alarm: both sides are told the same one.

    Example:

        corridor evidence alarms --to $URL --key customs.key
    """
    from ledger.client.keeping import alarms as alarms_at

    with open_service(to, key, iss, passphrase_file) as service:
        found = list(alarms_at(service))
    if as_json:
        emit(found)
        return
    columns = ("id", "kind", "how", "raised_at", "cid", "other")
    show_table(
        ("alarm", "kind", "content", "raised", "item", "other trip"), [_row(one, columns) for one in found]
    )


def _named(desk: Desk, paths: Sequence[Path], subject: str | None) -> "list[Claimed]":
    """Return the items of files, as they are claimed about a subject."""
    from ledger.client.keeping import claims_in

    if subject is None:
        raise UsageError("which-subject", "say which subject the items are claimed about: --subject URI")
    assert desk.service is not None
    items = [_item(path) for path in paths]
    wanted = {(one.commitment, one.cid) for one in items}
    found = [
        one
        for one in claims_in(desk.service, subject, desk.author.iss)
        if (one.item.commitment, one.item.cid) in wanted
    ]
    missing = wanted - {(one.item.commitment, one.item.cid) for one in found}
    if missing:
        cid = min(cid for _, cid in missing)
        message = (
            f"no statement of yours about {subject} claims {cid}: look for the subject that it belongs to"
        )
        raise NotFoundError("not-claimed", message)
    return found


def _due(desk: Desk, subject: str | None, *, all_: bool) -> "list[Claimed]":
    from ledger.client.keeping import claimed_of, due

    _one_of(subject, all_=all_)
    assert desk.service is not None
    return [claimed_of(one) for one in due(desk.service, subject)]


def _one_of(subject: str | None, *, all_: bool) -> None:
    if (subject is None) != all_:
        raise UsageError("which-subject", "say --subject URI, or --all for every subject")


def _confirm(wanted: "Sequence[Claimed]", *, yes: bool) -> None:
    if not wanted:
        raise NotFoundError("nothing-due", "there is nothing to erase")
    if yes:
        return
    if not sys.stdin.isatty():
        message = "nobody is there to confirm what cannot be undone: look at it, and give --yes"
        raise UsageError("not-confirmed", message)
    for one in wanted:
        warn(f"{one.item.cid}  {plain(one.subject)}")
    typer.confirm(f"Erase these {len(wanted)} for good?", abort=True, err=True)


def _item(path: Path) -> "EvidenceItem":
    from ledger.domain import strict_json
    from ledger.domain.evidence import EvidenceItem

    data = read_file(path, "the item", max_bytes=_MAX_ITEM)
    with parsing(path):
        return EvidenceItem.parse(strict_json.loads(data, max_bytes=_MAX_ITEM))


def _row(shown: dict[str, Any], columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        (moment(shown.get(name)) or "?") if name.endswith("_at") else str(shown.get(name) or "-")
        for name in columns
    )
