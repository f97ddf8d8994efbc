"""`corridor access grant`, `grants`, `end`, `record`: showing others more, or less; what one looked at."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from ledger.cli.desk import Means, open_desk, when
from ledger.cli.options import (
    GenesisIfAny,
    Iss,
    Json,
    Key,
    KeyToRead,
    Lang,
    OutboxIfAny,
    PassphraseFile,
    To,
    ToIfAny,
    argument,
    option,
)
from ledger.cli.output import emit, moment, say
from ledger.cli.services import open_service
from ledger.cli.words import Language, words
from ledger.domain.errors import NotFoundError
from ledger.domain.fields import from_hex, organisation, timestamp

Categories = Annotated[
    list[str],
    option("NAME", "A category of the corridor's profile, or * for all of them; may be repeated."),
]
CategoriesIfAny = Annotated[
    list[str] | None,
    option("NAME", "Category of what you concealed and sealed, or * for all of it; may be repeated."),
]
Purpose = Annotated[str | None, option("TEXT", "What it is for.")]
Since = Annotated[
    str | None,
    option("TIME", "From when on, like 2026-11-06T13:00:00-06:00; at once if not given.", "--from"),
]
Until = Annotated[str | None, option("TIME", "Until when; without an end of its own if not given.")]


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    for command in (grant, grants, end, record):
        group.command()(command)


def times_of(since: str | None, until: str | None) -> dict[str, str]:
    """Return the members of a body that say from when to when; MalformedError for what is no time."""
    said = {name: text for name, text in (("from", since), ("until", until)) if text is not None}
    for name, text in said.items():
        timestamp(text, f"--{name}")
    return said


def all_items(one: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of texts that a service answered with; what is none is left out."""
    value = one.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def line_of(said: Mapping[str, str], one: Mapping[str, Any]) -> str:
    """Return what a grant or a request says, on one line.

    Args:
        said: The words of the reader's language.
        one: As the service shows it.
    """
    parts = [f"{said['categories']}: {', '.join(all_items(one, 'categories')) or said['none']}"]
    until = moment(one.get("until"))
    parts += [f"{said['until']} {until}"] if until else []
    parts += [f"{said['purpose']}: {one['purpose']}"] if one.get("purpose") else []
    return "; ".join(parts)


def grant(
    *,
    subject: Annotated[str, argument("SUBJECT", "URI of the subject.")],
    member: Annotated[list[str], option("URI", "Organisation to show it to; may be repeated.", "--member")],
    key: Key,
    to: ToIfAny = None,
    category: CategoriesIfAny = None,
    purpose: Purpose = None,
    since: Since = None,
    until: Until = None,
    stream: Annotated[
        str | None, option("HEX", "Tag of the stream; the custody stream of the subject if not given.")
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    as_json: Json = False,
) -> None:
    """Let organisations into a stream, and show them categories of what you concealed there.

    What others concealed is theirs to show. The secrets of sealed items are handed over by
    `corridor evidence share`.

    Example:

        corridor access grant $TRIP --member https://broker.example --category commercial \\
            --until 2026-12-31T00:00:00Z --purpose "customs valuation" --key exporter.key --to $URL
    """
    from ledger.domain.sharing import GRANT
    from ledger.domain.statement import Draft

    body: dict[str, Any] = {"to": [organisation(uri, "--member") for uri in member]}
    body |= {"categories": category} if category else {}
    body |= {"purpose": purpose} if purpose else {}
    body |= times_of(since, until)
    with open_desk(Means(to, key, iss, passphrase_file, outbox, genesis)) as desk:
        tags = desk.streams([subject], [stream] if stream else [])
        told = desk.say(Draft(GRANT, [subject], tags, body | {"occurred_at": when()}))
    told.show(as_json=as_json)


def grants(
    *,
    to: To,
    key: KeyToRead = None,
    given: Annotated[bool, typer.Option("--given", help="Those that your organisation gave.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    subject: Annotated[str | None, option("URI", "Only those about this subject.")] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = "en",
    as_json: Json = False,
) -> None:
    """List the grants that your organisation was given, or gave.

    Example:

        corridor access grants --given --to $URL --key exporter.key --lang es
    """
    wanted = {
        "role": "given" if given else "received",
        "state": "all" if all_ else "good",
        "subject": subject,
    }
    with open_service(to, key, iss, passphrase_file) as service:
        found = list(service.grants(**wanted))
    if as_json:
        emit(found)
    else:
        _show(found, lang)


def end(
    *,
    identifier: Annotated[str, argument("ID", "Id of the grant, or of the answer that approved.")],
    key: Key,
    to: To,
    reason: Annotated[str | None, option("TEXT", "Why; every member of the stream can read it.")] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """End a grant of your organisation: from now on it gives nothing more.

    What was read and downloaded before stays with whoever has it, and so does every secret handed over.

    Example:

        corridor access end $GRANT --key exporter.key --to $URL
    """
    from ledger.domain.sharing import ENDS, GRANT_ENDED
    from ledger.domain.statement import Draft, Reference

    wanted = from_hex(identifier, 32, "ID")
    with open_desk(Means(to, key, iss, passphrase_file)) as desk:
        assert desk.service is not None
        given = desk.service.grants(role="given", state="all")
        found = next((one for one in given if one.get("id") == wanted.hex()), None)
        if found is None:
            raise NotFoundError("grant-unknown", f"your organisation has no grant {wanted.hex()} on record")
        tags = [from_hex(tag, 32, "the stream's tag") for tag in all_items(found, "streams")]
        body = {"occurred_at": when()} | ({"remarks": [reason]} if reason else {})
        references = [Reference(ENDS, wanted)]
        told = desk.say(Draft(GRANT_ENDED, all_items(found, "subjects"), tags, body, references))
    told.show(as_json=as_json)


def record(
    *,
    identifier: Annotated[list[str], argument("ID...", "Ids of the statements that you looked at.")],
    subject: Annotated[str, option("URI", "Subject that they are about.")],
    stream: Annotated[str, option("HEX", "Tag of the restricted stream that the record is filed in.")],
    key: Key,
    to: ToIfAny = None,
    purpose: Purpose = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    as_json: Json = False,
) -> None:
    """Put on record what you looked at, in your restricted stream: for authorities that must account for it.

    Nobody outside that stream learns of it.

    Example:

        corridor access record $ID --subject $TRIP --stream $TAG --purpose "targeting" --key customs.key \\
            --to $URL
    """
    from ledger.domain.disclosure_record import DISCLOSURE_RECORD
    from ledger.domain.sharing import ACCESSED
    from ledger.domain.statement import Draft, Reference

    references = [Reference(ACCESSED, from_hex(text, 32, "ID")) for text in identifier]
    body = {"occurred_at": when()} | ({"purpose": purpose} if purpose else {})
    with open_desk(Means(to, key, iss, passphrase_file, outbox, genesis)) as desk:
        tags = desk.streams([subject], [stream])
        told = desk.say(Draft(DISCLOSURE_RECORD, [subject], tags, body, references))
    told.show(as_json=as_json)


def _show(found: list[dict[str, Any]], lang: Language) -> None:
    said = words(lang)
    if not found:
        say(said["no_grants"])
    for one in found:
        say(f"{one.get('id')}  {said.get(str(one.get('state')), '?')}")
        say(f"    {one.get('by')} → {', '.join(all_items(one, 'to'))}")
        say(f"    {line_of(said, one)}")
        for uri in all_items(one, "subjects"):
            say(f"    {said['about']} {uri}")
