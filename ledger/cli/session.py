"""`corridor session`: whether a ledger knows you; officers sign in and out."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.options import Iss, Json, KeyToRead, PassphraseFile, To, option
from ledger.cli.output import moment, result, warn
from ledger.cli.services import kept_sessions, open_service
from ledger.domain.errors import AccessError, CorridorError, NotFoundError, UsageError

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.client.kept_session import KeptSession

group = typer.Typer(
    help="Sessions: with a key every command opens one by itself; officers sign in.", no_args_is_help=True
)

Issuer = Annotated[
    str,
    option(
        "URL",
        "Your organisation's identity provider (OpenID Connect), to the letter.",
        "--issuer",
        envvar="CORRIDOR_OIDC_ISSUER",
    ),
]
ClientId = Annotated[
    str,
    option("ID", "Client id under which it knows this ledger.", "--client-id", envvar="CORRIDOR_OIDC_CLIENT"),
]
NoBrowser = Annotated[
    bool, typer.Option("--no-browser", help="Open no browser; the address to open is printed.")
]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="session")


@group.command()
def check(
    *,
    to: To,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Say what the ledger knows of you, by a session that is opened with your key and ended again.

    Without a key it is the session that you signed in to as an officer, and that goes on.

    Example:

        corridor session check --to http://127.0.0.1:8700 --key exporter.key
    """
    with open_service(to, key, iss, passphrase_file) as service:
        told = _told(service, service.login())
    result(told, as_json=as_json)


@group.command("sign-in")
def sign_in(
    *,
    to: To,
    issuer: Issuer,
    client_id: ClientId,
    no_browser: NoBrowser = False,
    as_json: Json = False,
) -> None:
    """Sign in as an officer, in your browser, with your organisation's identity provider.

    The session is kept on this machine for you alone. Until it is over, commands that read need no key.
    Issuer and client id come from your organisation, never from the ledger.

    Example:

        corridor session sign-in --to https://ledger.example --issuer https://login.customs.example \\
            --client-id corridor-ledger
    """
    from ledger.client.sign_in import sign_in as sign_in_at

    def show(url: str) -> None:
        warn(f"to sign in, open {url}")
        if not no_browser and not _browse(url):
            warn("no browser could be opened here; open that address in one on this machine")

    with open_service(to) as service:
        opened = sign_in_at(service, kept_sessions(), issuer=issuer, client_id=client_id, show=show)
        told = _told(service, opened)
    result(told, as_json=as_json)


@group.command("sign-out")
def sign_out(*, to: To, as_json: Json = False) -> None:
    """End the session that you signed in to as an officer, and remove it from this machine.

    It is removed also when the ledger cannot be reached; then it ends there when its time is over.

    Example:

        corridor session sign-out --to https://ledger.example
    """
    sessions = kept_sessions()
    with open_service(to) as service:
        try:
            ended = _end(service, sessions.of(service.url))
        except UsageError as error:
            # What cannot be read as a session is removed all the same, and its token shown to nobody.
            ended = _not_told(error)
        finally:
            removed = sessions.forget(service.url)
    if not removed:
        raise NotFoundError("not-signed-in", f"nobody is signed in at {service.url} from here")
    result({"signed_out": True, "ended_at_the_ledger": ended}, as_json=as_json)


def _end(service: "Service", kept: "KeptSession | None") -> bool:
    """End a kept session at the ledger, and return whether it is over there."""
    if kept is None:
        return False
    try:
        service.session.headers()
        service.session.logout()
    except AccessError:
        # It is over already.
        return True
    except CorridorError as error:
        return _not_told(error)
    return True


def _not_told(error: CorridorError) -> bool:
    warn(f"the ledger was not told: {error.message} [{error.code}]")
    return False


def _told(service: "Service", opened: dict[str, Any]) -> dict[str, Any]:
    genesis, seen = service.genesis, service.seen()
    roles = opened.get("roles")
    return {
        "organisation": opened.get("organisation"),
        "roles": roles if isinstance(roles, list) else [],
        "session_until": moment(opened.get("expires_at")),
        "log": genesis.origin,
        "genesis": genesis.hash.hex(),
        "checkpoint_size": seen.size,
    }


def _browse(url: str) -> bool:
    import webbrowser

    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False
