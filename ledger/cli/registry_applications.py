"""`corridor registry application…`: what a governor sees of those who want to take part."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ledger.cli.files import write_file
from ledger.cli.options import Force, Iss, Json, Key, KeyToRead, PassphraseFile, To, argument, option
from ledger.cli.output import emit, result, show_table
from ledger.cli.services import open_service
from ledger.domain.fields import from_b64url, from_hex

ROUTE = "/v1/enrolments"
Identifier = Annotated[str, argument("ID", "Id of the application.")]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("applications")(applications)
    group.command("application")(application)
    group.command("refuse")(refuse)


def applications(
    *,
    to: To,
    key: KeyToRead = None,
    state: Annotated[
        Literal["pending", "proposed", "enrolled", "withdrawn", "refused"] | None,
        typer.Option(help="Only those that are so far.", show_default=False),
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List who asked to take part; for organisations that govern.

    Example:

        corridor registry applications --state pending --to $URL --key customs.key
    """
    found: list[dict[str, Any]] = []
    with open_service(to, key, iss, passphrase_file) as service:
        asked = {} if state is None else {"state": state}
        page = service.session.ask("GET", ROUTE, params=asked).json()
        found += page["items"]
        while page["next"] is not None:
            page = service.session.ask("GET", ROUTE, params=asked | {"cursor": page["next"]}).json()
            found += page["items"]
    if as_json:
        emit(found)
    else:
        rows = [[one["id"], one["organisation"], ", ".join(one["roles"]), one["state"]] for one in found]
        show_table(["application", "organisation", "roles", "state"], rows)


def application(
    *,
    identifier: Identifier,
    to: To,
    key: KeyToRead = None,
    out: Annotated[
        Path | None, option("FILE", "Write the application as it was signed, to propose what it asks for.")
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Show a whole application: who it says it is, its roles, its key and its admin account.

    Compare what it says with the agreement that you hold and with what you know of the organisation by
    another way: its signature only proves that whoever sent it has the key in it.

    Example:

        corridor registry application $ID --to $URL --key customs.key --out exporter.application
    """
    from ledger.domain.enrolment import Application
    from ledger.domain.errors import VerificationError

    name = from_hex(identifier, 32, "ID")
    with open_service(to, key, iss, passphrase_file) as service:
        shown = service.session.ask("GET", f"{ROUTE}/{name.hex()}/application").json()
    # What is decided by is what was signed, and not what the service says of it.
    read = Application.parse(from_b64url(shown.get("application"), "the application"))
    if read.id != name:
        raise VerificationError("wrong-answer", "the service answers with another application")
    if out is not None:
        write_file(out, read.raw, force=force)
    said = {
        "id": read.id.hex(),
        "organisation": read.uri,
        "state": shown.get("state"),
        "roles": ", ".join(read.roles),
        "admin": f"0x{read.admin.hex()}",
        "key": read.key.thumbprint.hex(),
        "legal_name": read.onboarding.legal_name,
        "country": read.onboarding.country,
        "identifiers": [f"{one.scheme} {one.value}" for one in read.onboarding.identifiers],
        "proofing": f"{read.onboarding.level} by {read.onboarding.proofed_by}",
        "sponsor": read.onboarding.sponsor,
        "agreement": read.onboarding.agreement.hex(),
        "certificates": len(read.onboarding.x509) or None,
    }
    result(said, as_json=as_json)


def refuse(
    *,
    identifier: Identifier,
    reason: Annotated[str, option("TEXT", "Why; the applicant reads it.")],
    to: To,
    key: Key,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Turn an application down; another one of the same organisation can then come.

    Example:

        corridor registry refuse $ID --reason "the agreement is not signed yet" --to $URL --key customs.key
    """
    from ledger.domain.strict_json import dumps

    name = from_hex(identifier, 32, "ID")
    with open_service(to, key, iss, passphrase_file) as service:
        answer = service.session.ask(
            "POST",
            f"{ROUTE}/{name.hex()}/refusal",
            content=dumps({"reason": reason}),
            headers={"Content-Type": "application/json"},
        ).json()
    shown = {member: answer.get(member) for member in ("id", "organisation", "state", "reason")}
    result(shown, as_json=as_json)
