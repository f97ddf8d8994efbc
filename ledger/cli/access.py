"""`corridor access`: asking to be shown something, and answering; `access_grants` has the grants."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli import access_grants
from ledger.cli.access_grants import (
    Categories,
    CategoriesIfAny,
    Since,
    Until,
    all_items,
    line_of,
    times_of,
)
from ledger.cli.desk import Desk, Means, open_desk, when
from ledger.cli.options import Iss, Json, Key, KeyToRead, Lang, PassphraseFile, To, argument, option
from ledger.cli.output import emit, moment, say
from ledger.cli.services import open_service
from ledger.cli.words import words
from ledger.domain.errors import NotFoundError, UsageError
from ledger.domain.fields import from_hex, organisation

if TYPE_CHECKING:
    from ledger.client import Service

group = typer.Typer(help="Who is shown what: grants, requests, answers, records.", no_args_is_help=True)
access_grants.register(group)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="access")


@group.command()
def request(
    *,
    addressee: Annotated[str, argument("URI", "Organisation that is asked.")],
    about: Annotated[list[str], option("SUBJECT", "URI of a subject; may be repeated.")],
    category: Categories,
    purpose: Annotated[str, option("TEXT", "What it is for.")],
    key: Key,
    to: To,
    until: Until = None,
    subject: Annotated[
        str | None, option("URI", "Your organisation's own subject; found at the ledger if not given.")
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Ask an organisation to be shown what it concealed and sealed. Only it can read the request.

    Example:

        corridor access request https://exporter.example --about $TRIP --category commercial \\
            --purpose "customs valuation" --until 2026-12-31T00:00:00Z --key broker.key --to $URL
    """
    from ledger.domain.sharing import ACCESS_REQUEST
    from ledger.domain.statement import Draft

    asked: dict[str, Any] = {
        "to": organisation(addressee, "URI"),
        "about": about,
        "categories": category,
        "purpose": purpose,
    }
    with open_desk(Means(to, key, iss, passphrase_file)) as desk:
        own = subject or _own_subject(desk)
        tags = desk.streams([own], ())
        body = asked | times_of(None, until) | {"occurred_at": when()}
        told = desk.say(Draft(ACCESS_REQUEST, [own], tags, body))
    told.show(as_json=as_json)


@group.command()
def requests(
    *,
    to: To,
    key: KeyToRead = None,
    sent: Annotated[bool, typer.Option("--sent", help="Those that your organisation sent.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Those that were answered, too.")] = False,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = "en",
    as_json: Json = False,
) -> None:
    """List the requests that your organisation is still to answer.

    Example:

        corridor access requests --to $URL --key exporter.key --lang es
    """
    wanted = {"role": "sent" if sent else "received", "state": "all" if all_ or sent else "open"}
    with open_service(to, key, iss, passphrase_file) as service:
        found = list(service.access_requests(**wanted))
    if as_json:
        emit(found)
        return
    said = words(lang)
    if not found:
        say(said["no_access_requests"])
    for one in found:
        state = {"open": "open", "approved": "access_approved"}.get(str(one.get("state")), "access_refused")
        say(f"{one.get('id')}  {said[state]}")
        say(f"    {one.get('by')} → {one.get('to')}")
        say(f"    {line_of(said, one)}")
        for uri in all_items(one, "about"):
            say(f"    {said['about']} {uri}")


@group.command()
def answer(
    *,
    identifier: Annotated[str, argument("ID", "Id of the request, as `access requests` prints it.")],
    approve: Annotated[bool, typer.Option("--approve/--refuse", help="What you answer.", show_default=False)],
    key: Key,
    to: To,
    about: Annotated[
        list[str] | None, option("SUBJECT", "Only this subject of those asked for; may be repeated.")
    ] = None,
    category: CategoriesIfAny = None,
    since: Since = None,
    until: Until = None,
    reason: Annotated[str | None, option("TEXT", "Why.")] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Approve a request to your organisation, which acts as a grant, or refuse it.

    What is not said is approved as it was asked for.

    Examples:

        corridor access answer $REQUEST --approve --until 2026-12-31T00:00:00Z --key exporter.key --to $URL
        corridor access answer $REQUEST --refuse --reason "ask the consignee" --key exporter.key --to $URL
    """
    from ledger.domain.sharing import ACCESS_ANSWER, ANSWERS, APPROVED, REFUSED
    from ledger.domain.statement import Draft, Reference

    wanted = from_hex(identifier, 32, "ID")
    if not approve and (category or since or until):
        raise UsageError("refusal-gives-nothing", "--category, --from and --until go with --approve")
    with open_desk(Means(to, key, iss, passphrase_file)) as desk:
        assert desk.service is not None
        asked = _asked(desk.service, wanted)
        body: dict[str, Any] = {"to": asked.get("by"), "answer": APPROVED if approve else REFUSED}
        if approve:
            body["categories"] = category or all_items(asked, "categories")
            body |= times_of(since, until or moment(asked.get("until")))
        if reason is not None:
            body["reason"] = reason
        subjects = about or all_items(asked, "about")
        tags = desk.streams(subjects, ())
        references = [Reference(ANSWERS, wanted)]
        told = desk.say(Draft(ACCESS_ANSWER, subjects, tags, body | {"occurred_at": when()}, references))
    told.show(as_json=as_json)


def _asked(service: "Service", wanted: bytes) -> Mapping[str, Any]:
    for one in service.access_requests(role="received", state="all"):
        if one.get("id") == wanted.hex():
            return one
    raise NotFoundError("request-unknown", f"nobody has sent your organisation a request {wanted.hex()}")


def _own_subject(desk: Desk) -> str:
    assert desk.service is not None
    opened = (
        str(one.get("uri"))
        for one in desk.service.subjects(type="organisation")
        if one.get("opened_by") == desk.author.iss
    )
    found = next(opened, None)
    if found is None:
        raise NotFoundError(
            "no-own-subject",
            "your organisation has no subject of its own yet, in whose stream a request is filed: open one "
            "(corridor subject open --type organisation)",
        )
    return found
