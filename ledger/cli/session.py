"""`corridor session`: whether a ledger knows your key."""

import typer

from ledger.cli.options import Iss, Json, Key, PassphraseFile, To
from ledger.cli.output import moment, result
from ledger.cli.services import open_service

group = typer.Typer(help="Sessions, which every reading command opens by itself.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="session")


@group.command()
def check(
    *, to: To, key: Key, iss: Iss = None, passphrase_file: PassphraseFile = None, as_json: Json = False
) -> None:
    """Open a session with your key, say what the ledger knows of you, and end the session.

    Example:

        corridor session check --to http://127.0.0.1:8700 --key exporter.key
    """
    with open_service(to, key, iss, passphrase_file) as service:
        opened = service.login()
        genesis, seen = service.genesis, service.seen()
        service.session.logout()
    roles = opened.get("roles")
    shown = {
        "organisation": opened.get("organisation"),
        "roles": roles if isinstance(roles, list) else [],
        "session_until": moment(opened.get("expires_at")),
        "log": genesis.origin,
        "genesis": genesis.hash.hex(),
        "checkpoint_size": seen.size,
    }
    result(shown, as_json=as_json)
