"""`corridor todo`: what is still to bring, and by when."""

import json
import shlex
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer

from ledger.cli.arrival_words import in_words
from ledger.cli.arrivals import Most, first
from ledger.cli.options import Iss, Json, KeyToRead, Lang, PassphraseFile, To
from ledger.cli.output import emit, moment, say, show_table
from ledger.cli.services import open_service
from ledger.domain.subject import Subject, is_subject_uri


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("todo")(todo)


def todo(
    *,
    to: To,
    key: KeyToRead = None,
    state: Annotated[
        Literal["owed", "open", "late", "done", "all"],
        typer.Option("--state", help="owed: not brought yet, open with time left or late."),
    ] = "owed",
    most: Most = 200,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = "en",
    as_json: Json = False,
) -> None:
    """List what your organisation is still to bring to its shipments, by deadline, and how.

    Example:

        corridor todo --lang es --to $URL --key exporter.key
    """
    from ledger.client.arrivals import todo_of

    with open_service(to, key, iss, passphrase_file) as service:
        found = first(todo_of(service, state=state, lang=lang), most, lang)
    if as_json:
        emit(found)
    elif not found:
        say(in_words("no_todo", lang))
    else:
        titles = ("due", "left", "state", "for", "what")
        show_table([in_words(one, lang) for one in titles], [_row(one, lang) for one in found])
        owed = next((one for one in found if one.get("state") != "done"), None)
        if owed is not None:
            say(in_words("how", lang), f"  {command_for(owed)}")


def _row(one: Mapping[str, Any], lang: str) -> list[str]:
    left, shipment = one.get("hours_left"), one.get("shipment")
    key = Subject.parse(shipment).key if is_subject_uri(shipment) else ""
    return [
        moment(one.get("due")) or in_words("not_known", lang),
        f"{left:.1f}" if isinstance(left, int | float) else "",
        in_words(one.get("state"), lang),
        ", ".join(dict.fromkeys(str(part) for part in (key, one.get("container")) if part)),
        f"{one.get('title')}: {one.get('what')}",
    ]


def command_for(one: Mapping[str, Any]) -> str:
    """Return the command that registers something owed, for a shell."""
    about, documents = one.get("trip") or one.get("shipment"), one.get("documents")
    words = ["corridor", "statement", "say", str(one.get("kind")), "--subject", str(about), "--body"]
    if not isinstance(documents, list) or not documents:
        return f"{shlex.join(words)} body.json"
    body = json.dumps({"documents": documents[:1]})
    return f"echo {shlex.quote(body)} | {shlex.join(words)} -"
