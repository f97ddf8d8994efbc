"""`corridor organisation`: showing one, saying who one is, and giving keys to devices."""

from typing import Annotated, Any

import typer

from ledger.cli import organisation_apply, organisation_keys
from ledger.cli.desk import Means, open_desk, when
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
    key_of_device,
)
from ledger.cli.options import (
    GenesisIfAny,
    Iss,
    Json,
    Key,
    OutboxIfAny,
    PassphraseFile,
    ToIfAny,
    argument,
    option,
)
from ledger.cli.output import emit, fields
from ledger.cli.registry_chain import DataIfAny, GenesisOfRpc, ProfileOfRpc, RpcIfAny, Where, open_registry

group = typer.Typer(help="An organisation: who it is, and which devices speak for it.", no_args_is_help=True)
organisation_apply.register(group)
organisation_keys.register(group)
Subject = Annotated[
    str, option("URI", "The organisation's own subject, of type `organisation`.", "--subject")
]
Streams = Annotated[
    list[str] | None,
    option("HEX", "Tag of a stream to file it in; the subject's custody stream if not given.", "--stream"),
]
_USES = {1: "statements", 2: "device"}


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="organisation")


@group.command()
def show(
    *,
    uri: Annotated[str, argument("URI", "The organisation.")],
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    profile: ProfileOfRpc = None,
    as_json: Json = False,
) -> None:
    """Show an organisation as the registry has it: its admin account, its roles and all of its keys.

    Example:

        corridor organisation show https://exporter.example --data corridor-data
    """
    from ledger.participants import Participants

    with open_registry(Where(data, rpc, genesis, profile)) as registry:
        found = Participants(registry.mirror(), registry.roles).organisation(uri)
    if as_json:
        emit(found)
        return
    shown: dict[str, str | list[str]] = {
        "organisation": found["uri"],
        "admin": found["admin"],
        "enrolled": _interval(found),
        "roles": [f"{one['name']}, {_interval(one)}" for one in found["roles"]] or "none",
        "keys": [_key(one) for one in found["keys"]] or "none",
    }
    fields(shown)


@group.command()
def onboard(
    *,
    subject: Subject,
    key: Key,
    legal_name: LegalName,
    country: Country,
    identifier: Identifiers,
    proofing: Proofing,
    proofed_by: ProofedBy,
    agreement: Agreement,
    sponsor: Sponsor = None,
    x509: X509 = None,
    stream: Streams = None,
    to: ToIfAny = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    as_json: Json = False,
) -> None:
    """Say who your organisation is, and put it on record.

    Example:

        corridor organisation onboard --subject $ORGANISATION --key exporter.key --country GT \\
            --legal-name "Exporter of the example" --identifier gln:7412345000011 --proofing IAL2 \\
            --proofed-by "chamber of commerce" --agreement agreement.pdf --to $URL
    """
    from ledger.domain.participant import ONBOARDING

    identity = Identity(legal_name, country, identifier, proofing, proofed_by, agreement, sponsor, x509)
    means = Means(to, key, iss, passphrase_file, outbox, genesis)
    _say(ONBOARDING, means, subject, stream, identity.body(), as_json=as_json)


@group.command()
def delegate(
    *,
    subject: Subject,
    device_key: Annotated[str, option("KEY", "The device's key file, or its thumbprint.")],
    device_type: Annotated[str, option("TEXT", "What it is: scanner, camera, portal, …")],
    device_name: Annotated[str, option("TEXT", "What you call it.")],
    clock_offset: Annotated[
        float, option("SECONDS", "By how much its clock is ahead of true time; negative when it is behind.")
    ],
    key: Key,
    measured_at: Annotated[str | None, option("TIME", "When that was measured; now if not given.")] = None,
    serial: Annotated[str | None, option("TEXT", "Its maker's number.")] = None,
    place: Annotated[str | None, option("TEXT", "Where it stands: UN/LOCODE or text.")] = None,
    since: Annotated[str | None, option("TIME", "From when on the key is the device's.", "--from")] = None,
    until: Annotated[str | None, option("TIME", "Until when the key is the device's.", "--until")] = None,
    stream: Streams = None,
    to: ToIfAny = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    as_json: Json = False,
) -> None:
    """Say which device has one of your keys and how its clock goes, and put it on record.

    The key itself enters the registry with `corridor registry key-add --use device`. Measure the clock
    regularly, and say it anew each time.

    Example:

        corridor organisation delegate --subject $ORGANISATION --device-key scanner.key \\
            --device-type scanner --device-name "gate 3" --clock-offset -1.75 --key port.key --to $URL
    """
    from ledger.domain.participant import DELEGATION, Delegation

    told = {"type": device_type, "name": device_name, "serial": serial, "place": place}
    body: dict[str, Any] = {
        "key": key_of_device(device_key),
        "device": {name: value for name, value in told.items() if value is not None},
        "clock_offset_s": clock_offset,
        "measured_at": when(measured_at, "--measured-at"),
    }
    body |= {name: value for name, value in (("from", since), ("to", until)) if value is not None}
    Delegation.parse(body, where="the delegation")
    means = Means(to, key, iss, passphrase_file, outbox, genesis)
    _say(DELEGATION, means, subject, stream, body, as_json=as_json)


def _say(
    kind: str,
    means: Means,
    subject: str,
    stream: list[str] | None,
    body: dict[str, Any],
    *,
    as_json: bool,
) -> None:
    from ledger.domain.statement import Draft

    with open_desk(means) as desk:
        told = desk.say(Draft(kind, [subject], desk.streams([subject], stream or ()), body))
    told.show(as_json=as_json, subject=subject)


def _interval(one: dict[str, Any]) -> str:
    ended = "" if one["ended"] is None else f", ended in block {one['ended']}"
    return f"since block {one['from']}{ended}"


def _key(one: dict[str, Any]) -> str:
    use = _USES.get(one["use"], f"use {one['use']}")
    suspect = "" if one["suspect_since"] is None else f", suspect since block {one['suspect_since']}"
    return f"{one['thumbprint']} for {use}, {_interval(one)}{suspect}"
