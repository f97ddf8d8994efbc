"""`corridor registry propose`: what takes two organisations."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import registry_propose_log
from ledger.cli.acting import Account, Actor, Yes, address_of
from ledger.cli.files import parsing, read_file
from ledger.cli.options import Json, PassphraseFile, argument, option
from ledger.cli.proposing import propose
from ledger.cli.registry_chain import DataIfAny, GenesisOfRpc, ProfileOfRpc, RpcIfAny, Where

if TYPE_CHECKING:
    from ledger.chain.governance import Call

group = typer.Typer(
    help="Propose what takes two organisations; another one then approves it.", no_args_is_help=True
)
Organisation = Annotated[str, argument("URI", "The organisation.")]
Role = Annotated[str, argument("ROLE", "Name of the role, as in the corridor's profile.")]
Admin = Annotated[str, option("ADDRESS", "The account: 0x and 40 hexadecimal digits.", "--admin")]


def register(parent: typer.Typer) -> None:
    """Add the group of commands."""
    registry_propose_log.register(group)
    parent.add_typer(group, name="propose")


@group.command()
def enrol(
    *,
    uri: Organisation,
    admin: Admin,
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Propose to make an organisation a participant; what it may say is for roles, proposed after this.

    Example:

        corridor registry propose enrol https://exporter.example --admin $ADMIN --account port.json \\
            --data corridor-data
    """
    from ledger.chain import governance

    call = governance.enrol(uri, address_of(admin, "--admin"))
    where = Where(data, rpc, genesis)
    propose(where, account, passphrase_file, lambda _: [call], about=uri, yes=yes, as_json=as_json)


@group.command()
def admission(
    *,
    application: Annotated[
        Path, argument("FILE", "The application, as `corridor registry application` wrote it.")
    ],
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    profile: ProfileOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Propose all that an application asks for: to enrol the organisation, and each of its roles.

    The proposals are printed in the order in which they have to be approved.

    Example:

        corridor registry propose admission exporter.application --account port.json --data corridor-data
    """
    from ledger.chain import governance
    from ledger.domain.enrolment import MAX_BYTES, Application
    from ledger.domain.errors import UsageError

    raw = read_file(application, "the application", max_bytes=MAX_BYTES)
    with parsing(application):
        read = Application.parse(raw)

    def calls(actor: Actor) -> "list[Call]":
        if read.message.aud != actor.registry.genesis.audience:
            raise UsageError("wrong-audience", f"{application} is for another log")
        for role in read.roles:
            actor.registry.check_role(role)
        roles = [governance.begin_role(read.uri, role) for role in read.roles]
        return [governance.enrol(read.uri, read.admin), *roles]

    where = Where(data, rpc, genesis, profile)
    propose(where, account, passphrase_file, calls, about=read.uri, yes=yes, as_json=as_json)


@group.command("role-begin")
def role_begin(
    *,
    uri: Organisation,
    role: Role,
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    profile: ProfileOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Propose to give an organisation a role.

    Example:

        corridor registry propose role-begin https://exporter.example exporter --account port.json \\
            --data corridor-data
    """
    from ledger.chain import governance

    def calls(actor: Actor) -> "list[Call]":
        actor.registry.check_role(role)
        return [governance.begin_role(uri, role)]

    where = Where(data, rpc, genesis, profile)
    propose(where, account, passphrase_file, calls, about=uri, yes=yes, as_json=as_json)


@group.command("role-end")
def role_end(
    *,
    uri: Organisation,
    role: Role,
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    profile: ProfileOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Propose to take a role from an organisation; what it said before stays good.

    Example:

        corridor registry propose role-end https://exporter.example exporter --account port.json \\
            --data corridor-data
    """
    from ledger.chain import governance

    def calls(actor: Actor) -> "list[Call]":
        actor.registry.check_role(role)
        return [governance.end_role(uri, role)]

    where = Where(data, rpc, genesis, profile)
    propose(where, account, passphrase_file, calls, about=uri, yes=yes, as_json=as_json)


@group.command("organisation-end")
def organisation_end(
    *,
    uri: Organisation,
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Propose that an organisation takes part no more, for ever; what it said before stays good.

    Example:

        corridor registry propose organisation-end https://exporter.example --account port.json \\
            --data corridor-data
    """
    from ledger.chain import governance

    call = governance.end_organisation(uri)
    where = Where(data, rpc, genesis)
    propose(where, account, passphrase_file, lambda _: [call], about=uri, yes=yes, as_json=as_json)


@group.command()
def recovery(
    *,
    uri: Organisation,
    admin: Admin,
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Propose another admin account for an organisation that has lost its own.

    It takes over two days after the approval at the earliest (`corridor registry recovery-complete`), and not
    at all when the present admin objects (`corridor registry recovery-veto`).

    Example:

        corridor registry propose recovery https://exporter.example --admin $ADMIN --account port.json \\
            --data corridor-data
    """
    from ledger.chain import governance

    call = governance.schedule_recovery(uri, address_of(admin, "--admin"))
    where = Where(data, rpc, genesis)
    propose(where, account, passphrase_file, lambda _: [call], about=uri, yes=yes, as_json=as_json)
