"""`corridor registry`: who takes part, what is proposed, and the second organisation's yes or no."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli import registry_applications, registry_keys, registry_propose
from ledger.cli.acting import Account, Yes, acting, name_of
from ledger.cli.options import Json, PassphraseFile, argument
from ledger.cli.output import emit, result, say, show_table
from ledger.cli.registry_chain import (
    DataIfAny,
    GenesisOfRpc,
    OpenRegistry,
    ProfileOfRpc,
    RpcIfAny,
    Where,
    open_registry,
)

if TYPE_CHECKING:
    from ledger.chain.registry_events import RegistryState

group = typer.Typer(
    help="Who takes part: what two organisations decide together, and each one's keys.", no_args_is_help=True
)
registry_propose.register(group)
registry_keys.register(group)
registry_applications.register(group)

Proposals = Annotated[list[str], argument("PROPOSAL...", "Names of proposals, in the order in which to act.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="registry")


@group.command()
def participants(
    *,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    profile: ProfileOfRpc = None,
    as_json: Json = False,
) -> None:
    """List the organisations of the registry with the roles that they have.

    Examples:

        corridor registry participants --data corridor-data
        corridor registry participants --rpc http://127.0.0.1:8545 --genesis genesis.json
    """
    from ledger.participants import Participants

    with open_registry(Where(data, rpc, genesis, profile)) as registry:
        participants = Participants(registry.mirror(), registry.roles)
        found = participants.after(None, len(registry.mirror().state().organisations))
    if as_json:
        emit(found)
        return
    rows = [
        [
            one["uri"],
            ", ".join(role["name"] for role in one["roles"] if role["ended"] is None),
            "" if one["ended"] is None else f"ended in block {one['ended']}",
        ]
        for one in found
    ]
    show_table(["organisation", "roles", ""], rows)


@group.command()
def proposals(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that are decided, too.")] = False,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    profile: ProfileOfRpc = None,
    as_json: Json = False,
) -> None:
    """List what is proposed and waits for a second organisation.

    Examples:

        corridor registry proposals --data corridor-data
        corridor registry proposals --all --rpc http://127.0.0.1:8545 --genesis genesis.json
    """
    from ledger.chain.registry_events import ProposalState

    with open_registry(Where(data, rpc, genesis, profile)) as registry:
        state = registry.mirror().state()
        found = [
            _described(registry, state, name)
            for name, one in state.proposals.items()
            if everything or one.state is ProposalState.OPEN
        ]
    if as_json:
        emit(found)
    else:
        say(*(f"{one['proposal']}  {one['state']}, by {one['by']}: {one['does']}" for one in found))


@group.command()
def show(
    *,
    proposal: Annotated[str, argument("PROPOSAL", "Name of the proposal.")],
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    profile: ProfileOfRpc = None,
    as_json: Json = False,
) -> None:
    """Show in words what a proposal would do, read from the bytes on the chain that would be executed.

    Example:

        corridor registry show $PROPOSAL --data corridor-data
    """
    with open_registry(Where(data, rpc, genesis, profile)) as registry:
        shown = _described(registry, registry.mirror().state(), name_of(proposal, "PROPOSAL"))
    result(shown, as_json=as_json)


@group.command()
def approve(
    *,
    proposals: Proposals,
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    profile: ProfileOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Approve what another organisation proposed: with that it happens.

    Look at it first: `corridor registry show` says what would be executed. Of several, the first that fails
    ends it; those before it are approved.

    Example:

        corridor registry approve $PROPOSAL --account customs.json --data corridor-data
    """
    names = [name_of(one, "PROPOSAL") for one in proposals]
    with acting(Where(data, rpc, genesis, profile), account, passphrase_file) as actor:
        state = actor.registry.mirror().state()
        shown = [_described(actor.registry, state, name) for name in names]
        actor.confirm([f"approve {one['does']}, proposed by {one['by']}" for one in shown], yes=yes)
        for name in names:
            actor.governor.approve(name)
    _done("approved", shown, as_json=as_json)


@group.command()
def withdraw(
    *,
    proposals: Proposals,
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    profile: ProfileOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take back what your organisation proposed, while nobody has approved it.

    Example:

        corridor registry withdraw $PROPOSAL --account port.json --data corridor-data
    """
    names = [name_of(one, "PROPOSAL") for one in proposals]
    with acting(Where(data, rpc, genesis, profile), account, passphrase_file) as actor:
        state = actor.registry.mirror().state()
        shown = [_described(actor.registry, state, name) for name in names]
        actor.confirm([f"withdraw {one['does']}" for one in shown], yes=yes)
        for name in names:
            actor.governor.withdraw(name)
    _done("withdrawn", shown, as_json=as_json)


def _done(what: str, shown: list[dict[str, Any]], *, as_json: bool) -> None:
    done = [one | {"state": what} for one in shown]
    if as_json:
        emit(done)
    else:
        say(*(f"{one['proposal']}  {what}: {one['does']}" for one in done))


def _described(registry: OpenRegistry, state: "RegistryState", name: bytes) -> dict[str, Any]:
    """Return a proposal for people, read from the chain.

    Raises:
        NotFoundError: There is none of this name.
        UnavailableError: The node cannot say.
    """
    from ledger.chain.governance import describe, read_proposal

    names = registry.names(state)
    proposal = read_proposal(registry.client, registry.contracts, name)
    return {
        "proposal": f"0x{name.hex()}",
        "by": names.get(proposal.organisation, f"0x{proposal.organisation.hex()}"),
        "does": describe(proposal, registry.contracts, names),
        "state": proposal.state.name.lower(),
    }
