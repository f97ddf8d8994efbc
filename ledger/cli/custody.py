"""`corridor custody`: who held it when, under which seals, and what breaks the line."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from ledger.cli.options import Iss, Json, KeyToRead, Lang, PassphraseFile, To, argument, option
from ledger.cli.output import emit, fields, moment, say, show_table
from ledger.cli.problems import listed, show_problems
from ledger.cli.services import open_service
from ledger.cli.words import words


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("custody")(custody)


def custody(
    *,
    subject: Annotated[str, argument("SUBJECT", "URI of the subject.")],
    to: To,
    key: KeyToRead = None,
    at: Annotated[
        str | None, option("TIME", "Say who held it then, a time like 2026-11-06T13:00:00-06:00.")
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = "en",
    as_json: Json = False,
) -> None:
    """Show the line of custody of a subject: holders, hand-overs, seals, inspections, problems.

    It is what the ledger reads out of the statements that you may see. The proof of it is in the dossier.

    Examples:

        corridor custody $TRIP --to $URL --key customs.key
        corridor custody $TRIP --to $URL --key packer.key --lang es --at 2026-11-07T01:40:00-06:00
    """
    from ledger.domain.fields import timestamp

    if at is not None:
        timestamp(at, "--at")
    with open_service(to, key, iss, passphrase_file) as service:
        found = service.custody(subject, at)
    if as_json:
        emit(found)
    else:
        _show(found, words(lang), at)


def _show(found: Mapping[str, Any], said: Mapping[str, str], at: str | None) -> None:
    say(str(found.get("subject")))
    spans = [
        (_name(one, "holder", said), moment(one.get("from")) or "?", moment(one.get("to")) or said["now"])
        for one in listed(found, "spans")
    ]
    show_table((said["holder"], said["from"], said["to"]), spans)
    for one in listed(found, "hand_overs"):
        how = said.get(str(one.get("level")), str(one.get("level")))
        say(f"{moment(one.get('at')) or '?'}  {one.get('place') or ''}  {how}")
        say(f"    {_name(one, 'giver', said)} → {_name(one, 'taker', said)}")
        for remark in one.get("remarks") or ():
            say(f"    {said['remarks']}: {remark}")
    say("")
    fields(
        {**({} if at is None else {said["held_at"]: _name(found, "holder_at", said)}), **_box(found, said)}
    )
    show_problems(found, said, said["no_problems"])


def _box(found: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, str | Sequence[str]]:
    """Return what is known of the containers, by what it is called."""
    clean, minutes = found.get("last_clean"), found.get("unobserved_minutes")
    shown = {
        said["box"]: [str(one.get("container")) for one in listed(found, "containers")],
        said["seals"]: [
            f"{one.get('number')} ({one.get('kind') or one.get('on')})" for one in listed(found, "seals")
        ],
        said["inspections"]: [
            f"{moment(one.get('at'))} {one.get('by')} {one.get('reason') or ''}".rstrip()
            for one in listed(found, "inspections")
        ],
        said["doors"]: [f"{moment(one.get('at'))} {one.get('by')}" for one in listed(found, "doors_opened")],
        said["clean_at"]: [f"{moment(clean.get('at'))} {clean.get('what')}, {_name(clean, 'holder', said)}"]
        if isinstance(clean, dict)
        else [],
        said["unobserved"]: [] if minutes is None else [str(minutes)],
    }
    return {name: values or said["none"] for name, values in shown.items()}


def _name(one: Mapping[str, Any], member: str, said: Mapping[str, str]) -> str:
    return str(one.get(member) or said["nobody"])
