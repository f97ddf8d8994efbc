"""`corridor up`: the whole ledger on one port."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.options import option
from ledger.cli.output import say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up")(up)


def up(
    *,
    data: Annotated[
        Path, option("DIR", "Folder of database, keys and chain; made if it is not there.")
    ] = Path("corridor-data"),
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")
    ] = None,
    origin: Annotated[str | None, option("NAME", "Origin line of a new log.")] = None,
    profile: Annotated[
        str | None,
        option(
            "NAME|FILE", "Rules of a new log's corridor: see `corridor profile list`. A log keeps its own."
        ),
    ] = None,
    rpc: Annotated[
        str | None, option("URL", "EVM JSON-RPC node to use in place of the embedded chain.")
    ] = None,
) -> None:
    """Run chain, log and HTTP service until they are stopped.

    On an empty folder it begins a log: it makes the operator's keys and the accounts of two founding
    organisations, deploys the contracts, and lets the founders open the log. Move the founders' files to two
    organisations before anything depends on them. Settings come from these options, from variables
    `CORRIDOR_...`, and from `corridor.toml` in the folder, in this order.

    Examples:

        corridor up --data corridor-data --port 8700
        corridor up --data corridor-data --profile guatemala-us
        corridor up --data corridor-data --rpc http://127.0.0.1:8545
    """
    from api.app import create_app
    from api.observability.logs import configure
    from ledger.config import load_settings
    from ledger.log.http_server import leaving_in_order, listen, serve, url_of
    from ledger.wiring import Ledger

    settings = load_settings(data, port=port, origin=origin, profile=profile, rpc=rpc)
    configure(settings.log_format, settings.log_level)
    with leaving_in_order(), listen(settings.port) as listener, Ledger(settings) as ledger:
        ledger.start()
        say(f"log      {ledger.genesis.origin}, genesis {ledger.genesis.hash.hex()}")
        kept = ledger.profile
        say(f"profile  {kept.id}, version {kept.version}, {kept.hash.hex()}")
        say(f"chain    {ledger.client.rpc.name}")
        say(f"running  {url_of(listener)}")
        app = create_app(ledger)
        serve(app, listener, stopping=app.state.stopping, refused=app.state.refused)
