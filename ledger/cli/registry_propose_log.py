"""`corridor registry propose`: what two organisations decide of the log."""

from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.acting import Account, Actor, Yes, address_of
from ledger.cli.options import Json, PassphraseFile, option
from ledger.cli.proposing import propose
from ledger.cli.registry_chain import DataIfAny, GenesisOfRpc, RpcIfAny, Where

if TYPE_CHECKING:
    from ledger.chain.governance import Call


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("operator-rotate")(operator_rotate)
    group.command("log-close")(log_close)


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

    propose(where, account, passphrase_file, calls, yes=yes, as_json=as_json)


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

    propose(where, account, passphrase_file, calls, yes=yes, as_json=as_json)
