"""`corridor passages`: what each gate recorded of a container, what cameras filmed, and what does not fit."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from ledger.cli.options import Iss, Json, KeyToRead, Lang, PassphraseFile, To, argument
from ledger.cli.output import emit, moment, say, show_table
from ledger.cli.problems import listed, show_problems
from ledger.cli.services import open_service
from ledger.cli.words import words

_RECORDS = ("scan", "radiation", "clip", "seal-check")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("passages")(passages)


def passages(
    *,
    subject: Annotated[str, argument("SUBJECT", "URI of a container trip or a consignment.")],
    to: To,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = "en",
    as_json: Json = False,
) -> None:
    """Show the gate passages of a container: X-ray, radiation, clips, seal check, and what does not fit.

    It is what the ledger reads out of the statements that you may see. The proof of it is in the dossier.

    Examples:

        corridor passages $TRIP --to $URL --key customs.key
        corridor passages $TRIP --to $URL --key packer.key --lang es
    """
    with open_service(to, key, iss, passphrase_file) as service:
        found = service.passages(subject)
    if as_json:
        emit(found)
    else:
        _show(found, words(lang))


def _show(found: Mapping[str, Any], said: Mapping[str, str]) -> None:
    say(str(found.get("subject")))
    gates = listed(found, "passages")
    for one in gates:
        say(f"{moment(one.get('at')) or '?'}  {one.get('place') or ''}  {said['passage']} ({one.get('by')})")
        for record in listed(one, "records"):
            name = _name(record.get("rel"), said)
            say(f"    {name:<24} {moment(record.get('at')) or '?'}  {record.get('by')}")
        for rel in one.get("without") or ():
            say(f"    {_name(rel, said):<24} {said['lacks']}")
    if not gates:
        say(said["no_passages"])
    clips = [
        (
            str(one.get("camera")),
            str(one.get("sequence")),
            moment(one.get("from")) or "?",
            moment(one.get("to")) or "?",
            str(one.get("by")),
        )
        for one in listed(found, "clips")
    ]
    if clips:
        show_table((said["clip"], said["segment"], said["from"], said["to"], ""), clips)
    if gates or clips or listed(found, "problems"):
        show_problems(found, said, said["all_fits"])


def _name(rel: object, said: Mapping[str, str]) -> str:
    """Return what people call a record; what this program does not know keeps its name."""
    return said[str(rel)] if rel in _RECORDS else str(rel)
