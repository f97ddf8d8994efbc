"""`corridor arrivals`: what is on its way, and how it stands."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated, Any, Literal

import typer

from ledger.cli.arrival_words import in_words
from ledger.cli.options import Iss, Json, KeyToRead, Lang, PassphraseFile, To, option
from ledger.cli.output import emit, moment, say, show_table, warn
from ledger.cli.services import open_service
from ledger.domain.fields import organisation
from ledger.domain.identifiers import check_container

Most = Annotated[int, option("N", "How many to show at most.", "--most", min=1, max=100_000)]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("arrivals")(arrivals)


def arrivals(
    *,
    to: To,
    key: KeyToRead = None,
    port: Annotated[str | None, option("UNLOCODE", "Port of arrival.")] = None,
    terminal: Annotated[str | None, option("TEXT", "Terminal there.")] = None,
    country: Annotated[str | None, option("CODE", "Country of the port, two letters.")] = None,
    eta_from: Annotated[str | None, option("TIME", "Not before, RFC 3339.")] = None,
    eta_to: Annotated[str | None, option("TIME", "Before, RFC 3339.")] = None,
    vessel: Annotated[str | None, option("TEXT", "IMO number, or name.")] = None,
    voyage: Annotated[str | None, option("TEXT", "Number of the voyage.")] = None,
    container: Annotated[str | None, option("NUMBER", "ISO 6346 number, with or without blanks.")] = None,
    bill_of_lading: Annotated[str | None, option("NUMBER", "With the carrier's code, or without.")] = None,
    party: Annotated[str | None, option("URI", "An organisation that takes part.")] = None,
    outcome: Annotated[
        Literal["clear", "missing", "contradicted"] | None,
        typer.Option("--outcome", help="What the rules find.", show_default=False),
    ] = None,
    delivery: Annotated[
        Literal["blocked", "free", "none"] | None,
        typer.Option("--delivery", help="What customs decided.", show_default=False),
    ] = None,
    ready: Annotated[
        bool | None, typer.Option("--ready/--not-ready", help="Whether all evidence of the origin is there.")
    ] = None,
    overdue: Annotated[
        bool | None,
        typer.Option(
            "--overdue/--not-overdue", help="Whether it should have come a day ago, and nobody says it did."
        ),
    ] = None,
    most: Most = 200,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = "en",
    as_json: Json = False,
) -> None:
    """List the shipments that you may see, by their ETA; all that is asked for must hold.

    Examples:

        corridor arrivals --port USILG --eta-from 2026-11-12T00:00:00Z --to $URL --key customs.key
        corridor arrivals --vessel 9321483 --delivery blocked --lang es --to $URL --key port.key
    """
    from ledger.client.arrivals import arrivals_of

    with open_service(to, key, iss, passphrase_file) as service:
        wanted = arrivals_of(
            service,
            port=port,
            terminal=terminal,
            country=country,
            eta_from=eta_from,
            eta_to=eta_to,
            vessel=vessel,
            voyage=voyage,
            container=None if container is None else _number(container),
            bill_of_lading=bill_of_lading,
            party=None if party is None else organisation(party, "--party"),
            outcome=outcome,
            delivery=delivery,
            ready=None if ready is None else str(ready).lower(),
            overdue=None if overdue is None else str(overdue).lower(),
        )
        found = first(wanted, most, lang)
    if as_json:
        emit(found)
    elif not found:
        say(in_words("no_arrivals", lang))
    else:
        titles = ("eta", "port", "vessel", "bill", "containers", "state", "delivery")
        show_table([in_words(one, lang) for one in titles], [row_of(one, lang) for one in found])


def first(items: Iterator[dict[str, Any]], most: int, lang: str) -> list[dict[str, Any]]:
    """Return so many items at most, and say on standard error when there are more."""
    found = list(islice(items, most + 1))
    if len(found) > most:
        warn(in_words("more", lang))
    return found[:most]


def _number(container: str) -> str:
    """Return a container number as it is on record, whatever stands between its parts on the box."""
    number = "".join(char for char in container.upper() if char.isalnum())
    if wrong := check_container(number, "--container"):
        warn(wrong)
    return number


def row_of(one: Mapping[str, Any], lang: str) -> list[str]:
    """Return an arrival as a table shows it, in a language."""
    eta, vessel = _object(one.get("eta")), _object(one.get("vessel"))
    port = [one.get("port"), one.get("terminal")]
    ship = [vessel.get("name") or vessel.get("imo"), one.get("voyage")]
    marks = {"ready": one.get("ready_at") is not None, "overdue": one.get("overdue") is True}
    marked = ", ".join(in_words(name, lang) for name, holds in marks.items() if holds)
    containers = one.get("containers")
    return [
        moment(one.get("arrived_at")) or moment(eta.get("at")) or in_words("not_known", lang),
        _joined(port),
        _joined(ship),
        str(one.get("bill_of_lading") or ""),
        _joined(containers if isinstance(containers, list) else []),
        in_words(one.get("outcome"), lang) + (f" ({marked})" if marked else ""),
        in_words(one.get("delivery"), lang),
    ]


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _joined(parts: list[Any]) -> str:
    return ", ".join(str(one) for one in parts if one is not None)
