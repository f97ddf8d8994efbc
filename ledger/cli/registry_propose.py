"""`corridor registry propose`: what takes two organisations."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.acting import Account, Actor, Yes, acting, address_of
from ledger.cli.files import parsing, read_file
from ledger.cli.options import Json, PassphraseFile, argument, option
from ledger.cli.output import emit, say
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
    _propose(where, account, passphrase_file, lambda _: [call], about=uri, yes=yes, as_json=as_json)


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
    _propose(where, account, passphrase_file, calls, about=read.uri, yes=yes, as_json=as_json)


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
    _propose(where, account, passphrase_file, calls, about=uri, yes=yes, as_json=as_json)


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
    _propose(where, account, passphrase_file, calls, about=uri, yes=yes, as_json=as_json)


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
    _propose(where, account, passphrase_file, lambda _: [call], about=uri, yes=yes, as_json=as_json)


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
    _propose(where, account, passphrase_file, lambda _: [call], about=uri, yes=yes, as_json=as_json)


@group.command("operator-rotate")
def operator_rotate(
    *,
    operator: Annotated[str, option("ADDRESS", "The account that shall anchor the log from then on.")],
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Propose that another account anchors the log.

    Example:

        corridor registry propose operator-rotate --operator $NEW --account port.json --data corridor-data
    """
    from ledger.chain import governance

    address = address_of(operator, "--operator")
    where = Where(data, rpc, genesis)

    def calls(actor: Actor) -> "list[Call]":
        return [governance.rotate_operator(actor.registry.genesis.origin, address)]

    _propose(where, account, passphrase_file, calls, yes=yes, as_json=as_json)


@group.command("log-close")
def log_close(
    *,
    last_good_size: Annotated[
        int,
        typer.Option(
            min=0, help="The largest anchored size still to be believed; 0 for none.", show_default=False
        ),
    ],
    account: Account,
    successor: Annotated[
        str | None, option("ORIGIN", "The log that goes on; governance has opened it before.")
    ] = None,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Propose to close the log for ever: its operator's key is in other hands, or its history is lost.

    Example:

        corridor registry propose log-close --last-good-size 1200 --account port.json --data corridor-data
    """
    from ledger.chain import governance

    where = Where(data, rpc, genesis)

    def calls(actor: Actor) -> "list[Call]":
        return [governance.close_log(actor.registry.genesis.origin, last_good_size, successor)]

    _propose(where, account, passphrase_file, calls, yes=yes, as_json=as_json)


def _propose(
    where: Where,
    account: Path,
    passphrase_file: Path | None,
    calls: "Callable[[Actor], Sequence[Call]]",
    *,
    about: str | None = None,
    yes: bool,
    as_json: bool,
) -> None:
    """Propose some calls, and print the names by which another organisation approves them.

    Args:
        where: Where the registry is.
        account: Keystore file of the account that proposes.
        passphrase_file: See `read_passphrase`.
        calls: Makes the calls.
        about: URI of the organisation that they are about, if they are about one.
        yes: Whether it was confirmed before.
        as_json: Whether JSON is printed.
    """
    from ledger.chain.governance import describe_call
    from ledger.domain.evm_layout import organisation_id

    with acting(where, account, passphrase_file) as actor:
        wanted = calls(actor)
        names = dict(actor.registry.names(actor.registry.mirror().state()))
        if about is not None:
            names[organisation_id(about)] = about
        shown = [describe_call(call, names) for call in wanted]
        actor.confirm([f"propose {one}" for one in shown], yes=yes)
        made = [actor.governor.propose(call) for call in wanted]
    listed = [{"proposal": f"0x{name.hex()}", "does": words} for name, words in zip(made, shown, strict=True)]
    if as_json:
        emit(listed)
    else:
        say(*(f"{one['proposal']}  {one['does']}" for one in listed))
