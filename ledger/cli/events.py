"""`corridor events`: what happens to the shipments that you may see, as it happens."""

import json
from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Any

import typer

from ledger.cli.options import Iss, Json, KeyToRead, PassphraseFile, To, option
from ledger.cli.output import say
from ledger.cli.services import open_service

Kinds = Annotated[
    list[str] | None,
    option(
        "KIND",
        "dossier.ready, dossier.changed, evidence.missing or decision.made; may be repeated; else all.",
        "--event",
    ),
]
Organisation = Annotated[
    str | None, option("URI", "Only shipments of which this one said something.", "--organisation")
]
Country = Annotated[str | None, option("CODE", "Only to ports of this country, two letters.", "--country")]
Port = Annotated[str | None, option("LOCODE", "Only to this port, such as USILG.", "--port")]
Terminal = Annotated[str | None, option("NAME", "Only to this terminal.", "--terminal")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(events)


def filter_of(
    organisation: str | None, country: str | None, port: str | None, terminal: str | None
) -> dict[str, str]:
    """Return what of a filter was given."""
    given = {"organisation": organisation, "country": country, "port": port, "terminal": terminal}
    return {name: value for name, value in given.items() if value is not None}


def events(
    *,
    to: To,
    key: KeyToRead = None,
    event: Kinds = None,
    organisation: Organisation = None,
    country: Country = None,
    port: Port = None,
    terminal: Terminal = None,
    subscription: Annotated[
        str | None, option("ID", "What a subscription of yours wants, in place of the options above.")
    ] = None,
    after: Annotated[
        int | None, option("NUMBER", "Begin behind the event of this number; 0 for all there were.", min=0)
    ] = None,
    count: Annotated[int | None, option("NUMBER", "End after so many events.", min=1)] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Follow what happens, a line each, until you stop it. A connection that is lost is made again.

    Dossiers that are ready or change after that, evidence that is missing twelve hours before its deadline,
    and what customs decides; each as far as your organisation may see it.

    Examples:

        corridor events --to $URL --key port.key --port USILG
        corridor events --to $URL --key port.key --event decision.made --after 0 --json
    """
    from ledger.client.notices import follow

    wanted = filter_of(organisation, country, port, terminal)
    wanted |= {"events": ",".join(event)} if event else {}
    wanted |= {"subscription": subscription} if subscription is not None else {}
    begin = None if after is None else str(after)
    with open_service(to, key, iss, passphrase_file) as service:
        for told in islice(follow(service, wanted, begin), count):
            say(json.dumps(told) if as_json else _line(told))


def _line(told: Mapping[str, Any]) -> str:
    data: Mapping[str, Any] = told["data"]
    about = data.get("about")
    more = ", ".join(f"{name} {_short(value)}" for name, value in _members(about) if value is not None)
    line = f"{told.get('timestamp')}  {data.get('seq')}  {told.get('type')}  {data.get('shipment')}"
    return f"{line}  {more}" if more else line


def _members(about: object) -> list[tuple[str, Any]]:
    return list(about.items()) if isinstance(about, Mapping) else []


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
