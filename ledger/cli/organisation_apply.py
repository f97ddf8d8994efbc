"""`corridor organisation apply`, `send` and `status`: asking to take part, and what became of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.acting import address_of
from ledger.cli.files import parsing, read_file, write_file
from ledger.cli.identity import (
    X509,
    Agreement,
    Country,
    Identifiers,
    Identity,
    LegalName,
    ProofedBy,
    Proofing,
    Sponsor,
)
from ledger.cli.options import (
    Force,
    GenesisIfAny,
    Iss,
    Json,
    Key,
    PassphraseFile,
    To,
    ToIfAny,
    argument,
    option,
)
from ledger.cli.output import result
from ledger.cli.registry_applications import ROUTE, Identifier
from ledger.cli.services import genesis_in, open_service, signer_of
from ledger.domain.clock import system_clock
from ledger.domain.errors import UsageError
from ledger.domain.fields import from_hex

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.domain.enrolment import Application


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("apply")(apply)
    group.command("send")(send)
    group.command("status")(status)


def apply(
    *,
    key: Key,
    admin: Annotated[str, option("ADDRESS", "Account that shall add and end your keys: see `account-new`.")],
    role: Annotated[list[str], option("ROLE", "A role that you ask for; may be repeated.")],
    legal_name: LegalName,
    country: Country,
    identifier: Identifiers,
    proofing: Proofing,
    proofed_by: ProofedBy,
    agreement: Agreement,
    sponsor: Sponsor = None,
    x509: X509 = None,
    to: ToIfAny = None,
    genesis: GenesisIfAny = None,
    out: Annotated[Path | None, option("FILE", "Write the application to this file, too.")] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Ask to take part: sign an application with your new key, and send it with --to.

    Keep the id that is printed: it is how to ask what became of it. Without --to the application is only
    written with --out, to be sent later, or carried to the governors by another way.

    Example:

        corridor organisation apply --key exporter.key --admin $ADMIN --role exporter --country GT \\
            --legal-name "Exporter of the example" --identifier gln:7412345000011 --proofing IAL2 \\
            --proofed-by "chamber of commerce" --agreement agreement.pdf --to $URL
    """
    from ledger.domain.enrolment import apply_for

    if to is None and out is None:
        raise UsageError("nowhere", "say where the application goes: --to URL, or --out FILE")
    identity = Identity(legal_name, country, identifier, proofing, proofed_by, agreement, sponsor, x509)
    address, body = address_of(admin, "--admin"), identity.body()
    signer, uri = signer_of(key, iss, passphrase_file)

    def signed(audience: str) -> "Application":
        made = apply_for(
            signer,
            uri=uri,
            aud=audience,
            iat=system_clock(),
            roles=role,
            admin=address,
            onboarding=body,
        )
        if out is not None:
            write_file(out, made.raw, force=force)
        return made

    if to is None:
        if genesis is None:
            raise UsageError("which-log", "say which log it is for: --genesis FILE, or --to URL")
        made = signed(genesis_in(genesis).audience)
        result({"id": made.id.hex(), "organisation": uri, "state": "signed"}, as_json=as_json)
        return
    with open_service(to, genesis=genesis) as service:
        shown = _send(service, signed(service.genesis.audience))
    result(shown, as_json=as_json)


def send(
    *,
    file: Annotated[Path, argument("FILE", "The application, as `apply --out` wrote it.")],
    to: To,
    as_json: Json = False,
) -> None:
    """Send an application that was written before. The same one again does no harm.

    Example:

        corridor organisation send exporter.application --to $URL
    """
    from ledger.domain.enrolment import MAX_BYTES, Application

    raw = read_file(file, "the application", max_bytes=MAX_BYTES)
    with parsing(file):
        application = Application.parse(raw)
    with open_service(to) as service:
        shown = _send(service, application)
    result(shown, as_json=as_json)


def status(*, identifier: Identifier, to: To, as_json: Json = False) -> None:
    """Ask what became of an application, by its id. No key is needed.

    Example:

        corridor organisation status $ID --to $URL
    """
    name = from_hex(identifier, 32, "ID")
    with open_service(to) as service:
        answer = service.http.ask("GET", f"{ROUTE}/{name.hex()}").json()
    members = ("id", "organisation", "state", "roles_given", "key_registered", "reason")
    shown = {member: answer.get(member) for member in members}
    result(shown, as_json=as_json)


def _send(service: "Service", application: "Application") -> dict[str, Any]:
    from ledger.domain.enrolment import TYP

    headers = {"Content-Type": TYP}
    answer = service.http.ask("POST", ROUTE, content=application.raw, headers=headers).json()
    return {
        "id": application.id.hex(),
        "organisation": application.uri,
        "state": answer.get("state"),
    }
