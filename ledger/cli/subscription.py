"""`corridor subscription`: being told by webhook what happens to the shipments that you may see."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer

from ledger.cli.events import Country, Kinds, Organisation, Port, Terminal, filter_of
from ledger.cli.options import Iss, Json, Key, KeyToRead, PassphraseFile, To, argument, option
from ledger.cli.output import emit, moment, result, say, show_table
from ledger.cli.services import open_service
from ledger.domain.errors import UsageError
from ledger.domain.fields import from_hex

group = typer.Typer(help="Webhooks: who is told what, and what was sent.", no_args_is_help=True)
Id = Annotated[str, argument("ID", "Id of the subscription, as `subscription list` prints it.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="subscription")


@group.command()
def add(
    *,
    name: Annotated[str, argument("NAME", "What you call it.")],
    to: To,
    key: Key,
    url: Annotated[
        str | None, option("URL", "Where webhooks go; none if it is only for `corridor events`.", "--url")
    ] = None,
    event: Kinds = None,
    organisation: Organisation = None,
    country: Country = None,
    port: Port = None,
    terminal: Terminal = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Say what your organisation wants to be told. The secret is shown this once: the receiver needs it.

    Webhooks are signed as Standard Webhooks says; there are libraries that verify them in most languages.

    Example:

        corridor subscription add "decisions" --url https://port.example/corridor --event decision.made \\
            --port USILG --to $URL --key port.key
    """
    from ledger.client.notices import subscribe

    if url is None and "://" in name:
        # It would be made, and never send anything.
        message = f"NAME is what you call it; say where webhooks go with --url {name}"
        raise UsageError("name-is-url", message)
    said: dict[str, Any] = {"name": name, "filter": filter_of(organisation, country, port, terminal)}
    said |= {"events": event} if event else {}
    said |= {"url": url} if url is not None else {}
    with open_service(to, key, iss, passphrase_file) as service:
        made = subscribe(service, said)
    _show(made, as_json=as_json)


@group.command("list")
def list_(
    *,
    to: To,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List the subscriptions of your organisation.

    Example:

        corridor subscription list --to $URL --key port.key
    """
    from ledger.client.notices import subscriptions

    with open_service(to, key, iss, passphrase_file) as service:
        found = list(subscriptions(service))
    if as_json:
        emit(found)
    elif not found:
        say("No subscriptions.")
    else:
        columns = ("id", "name", "state", "url")
        show_table(columns, [[str(one.get(name) or "") for name in columns] for one in found])


@group.command()
def show(
    *,
    identifier: Id,
    to: To,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Show a subscription, without its secret.

    Example:

        corridor subscription show $SUBSCRIPTION --to $URL --key port.key
    """
    from ledger.client.notices import subscription

    with open_service(to, key, iss, passphrase_file) as service:
        found = subscription(service, _checked(identifier))
    _show(found, as_json=as_json)


@group.command()
def secret(
    *,
    identifier: Id,
    to: To,
    key: Key,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Change the secret. For a day, webhooks are signed with the old one as well.

    Example:

        corridor subscription secret $SUBSCRIPTION --to $URL --key port.key
    """
    from ledger.client.notices import change_secret

    with open_service(to, key, iss, passphrase_file) as service:
        changed = change_secret(service, _checked(identifier))
    _show(changed, as_json=as_json)


@group.command("end")
def end_(
    *, identifier: Id, to: To, key: Key, iss: Iss = None, passphrase_file: PassphraseFile = None
) -> None:
    """End a subscription; what was still to be sent for it is not.

    Example:

        corridor subscription end $SUBSCRIPTION --to $URL --key port.key
    """
    from ledger.client.notices import end

    with open_service(to, key, iss, passphrase_file) as service:
        end(service, _checked(identifier))
    say(f"ended {identifier}")


@group.command("deliveries")
def deliveries_(
    *,
    identifier: Id,
    to: To,
    key: KeyToRead = None,
    state: Annotated[
        Literal["pending", "delivered", "dead"] | None,
        typer.Option("--state", help="Only those that are so far.", show_default=False),
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List what was sent for a subscription, is to be sent, or could not be.

    Example:

        corridor subscription deliveries $SUBSCRIPTION --state dead --to $URL --key port.key
    """
    from ledger.client.notices import deliveries

    with open_service(to, key, iss, passphrase_file) as service:
        found = list(deliveries(service, _checked(identifier), state))
    if as_json:
        emit(found)
    elif not found:
        say("Nothing was to be sent.")
    else:
        titles = ("event", "type", "state", "attempts", "next", "last answer")
        show_table(titles, [_row(one) for one in found])


@group.command("replay")
def replay_(
    *,
    identifier: Id,
    to: To,
    key: Key,
    since: Annotated[
        str | None, option("TIME", "All about events from then on, like 2026-11-06T00:00:00Z.", "--since")
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Send again what could not be delivered, or everything since a time.

    Example:

        corridor subscription replay $SUBSCRIPTION --to $URL --key port.key
    """
    from ledger.client.notices import replay

    with open_service(to, key, iss, passphrase_file) as service:
        count = replay(service, _checked(identifier), since)
    result({"replayed": count}, as_json=as_json)


def _checked(identifier: str) -> str:
    return from_hex(identifier, 16, "ID").hex()


def _show(one: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(one)
        return
    times = {name: moment(one.get(name)) for name in ("created_at", "secret_since")}
    result({**one, **times}, as_json=False)


def _row(one: Mapping[str, Any]) -> list[str]:
    last = " ".join(str(one[name]) for name in ("status", "problem") if one.get(name) is not None)
    told = [str(one.get(name)) for name in ("seq", "type", "state", "attempts")]
    return [*told, moment(one.get("next_at")) or "", last]
