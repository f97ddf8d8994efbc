"""`corridor registry key-…`: what an organisation does alone, by its own admin account."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ledger.cli.acting import Account, Actor, Yes, acting, address_of, name_of
from ledger.cli.options import Json, PassphraseFile, argument, option
from ledger.cli.output import result
from ledger.cli.passphrases import read_passphrase
from ledger.cli.registry_chain import DataIfAny, GenesisOfRpc, RpcIfAny, Where
from ledger.domain.errors import UsageError
from ledger.domain.fields import timestamp
from ledger.domain.key_use import USE_DEVICE, USE_STATEMENTS

if TYPE_CHECKING:
    from ledger.domain.cose import CoseKey

_USES = {"statements": USE_STATEMENTS, "device": USE_DEVICE}
Thumbprint = Annotated[str, argument("THUMBPRINT", "The key, as `corridor key show` prints its thumbprint.")]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("account-new")(account_new)
    group.command("key-add")(key_add)
    group.command("key-end")(key_end)
    group.command("key-suspect")(key_suspect)
    group.command("admin-change")(admin_change)
    group.command("recovery-veto")(recovery_veto)
    group.command("recovery-complete")(recovery_complete)


def account_new(
    *,
    out: Annotated[Path, option("FILE", "Where to write it; a file that is there is never replaced.")],
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Make an admin account, encrypted under a passphrase, and print its address.

    The file is a keystore as Ethereum wallets share it (version 3). One organisation has one such account; a
    copy of the file belongs in a safe.

    Example:

        corridor registry account-new --out exporter.json
    """
    from eth_account import Account as Accounts

    from ledger.keys.evm import save_account

    made = Accounts.create()
    save_account(out, read_passphrase(passphrase_file, new=True), made)
    result({"account": str(made.address).lower(), "file": str(out)}, as_json=as_json)


def key_add(
    *,
    key: Annotated[
        str, argument("KEY", "A key file, or the COSE_Key in hex as `corridor key show` prints it.")
    ],
    account: Account,
    use: Annotated[
        Literal["statements", "device"],
        typer.Option(help="What it is for; a device says only what the corridor lets devices say."),
    ] = "statements",
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Add a signing key to your organisation: from the next block on, what it signs counts.

    Examples:

        corridor registry key-add exporter.key --account exporter.json --data corridor-data
        corridor registry key-add scanner.key --use device --account port.json --data corridor-data
    """
    cose_key = _public(key)
    with acting(Where(data, rpc, genesis), account, passphrase_file) as actor:
        uri = _uri(actor)
        actor.confirm([f"add key {cose_key.thumbprint.hex()} of {uri}, for {use}"], yes=yes)
        actor.admin.add_key(cose_key, _USES[use])
    result({"organisation": uri, "key": cose_key.thumbprint.hex(), "use": use}, as_json=as_json)


def key_end(
    *,
    thumbprint: Thumbprint,
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """End a signing key, for ever: it was lost, or another one has taken its place.

    What it signed and was anchored before stays good. If somebody else may have had it, say since when with
    `corridor registry key-suspect`, too.

    Example:

        corridor registry key-end $THUMBPRINT --account exporter.json --data corridor-data
    """
    name = name_of(thumbprint, "THUMBPRINT")
    with acting(Where(data, rpc, genesis), account, passphrase_file) as actor:
        uri = _uri(actor)
        actor.confirm([f"end key {name.hex()} of {uri}, for ever"], yes=yes)
        actor.admin.end_key(name)
    result({"organisation": uri, "key": name.hex(), "state": "ended"}, as_json=as_json)


def key_suspect(
    *,
    thumbprint: Thumbprint,
    since: Annotated[
        str, option("BLOCK|TIME", "Number of a block, or a time like 2026-11-06T13:00:00-06:00.")
    ],
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Say that a key may have been in other hands since a block or a time. It is never undone.

    Whatever the key signed and was anchored since then shows as `key-suspect` to verifiers: their verdict is
    incomplete until your organisation has been asked. It does not end the key: do that, too.

    Example:

        corridor registry key-suspect $THUMBPRINT --since 2026-11-06T13:00:00-06:00 --account exporter.json \\
            --data corridor-data
    """
    name = name_of(thumbprint, "THUMBPRINT")
    with acting(Where(data, rpc, genesis), account, passphrase_file) as actor:
        uri = _uri(actor)
        block = _block(actor, name, since)
        actor.confirm([f"say that key {name.hex()} of {uri} is suspect since block {block}"], yes=yes)
        actor.admin.suspect_key(name, block)
    result({"organisation": uri, "key": name.hex(), "suspect_since": block}, as_json=as_json)


def admin_change(
    *,
    admin: Annotated[str, argument("ADDRESS", "The account that shall be the admin from then on.")],
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Hand your organisation to another admin account. This one cannot take it back.

    Example:

        corridor registry admin-change $ADDRESS --account founder-one.json --data corridor-data
    """
    address = address_of(admin, "ADDRESS")
    with acting(Where(data, rpc, genesis), account, passphrase_file) as actor:
        uri = _uri(actor)
        actor.confirm([f"hand {uri} to account 0x{address.hex()}, for good"], yes=yes)
        actor.admin.change_admin(address)
    result({"organisation": uri, "admin": f"0x{address.hex()}"}, as_json=as_json)


def recovery_veto(
    *,
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Object to a recovery of your organisation: its admin account is not lost.

    Example:

        corridor registry recovery-veto --account exporter.json --data corridor-data
    """
    with acting(Where(data, rpc, genesis), account, passphrase_file) as actor:
        uri = _uri(actor)
        actor.confirm([f"object to the recovery of {uri}"], yes=yes)
        actor.admin.veto_recovery()
    result({"organisation": uri, "recovery": "vetoed"}, as_json=as_json)


def recovery_complete(
    *,
    uri: Annotated[str, argument("URI", "The organisation.")],
    account: Account,
    data: DataIfAny = None,
    rpc: RpcIfAny = None,
    genesis: GenesisOfRpc = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Complete a recovery whose two days are over; any account may.

    Example:

        corridor registry recovery-complete https://exporter.example --account port.json --data corridor-data
    """
    with acting(Where(data, rpc, genesis), account, passphrase_file) as actor:
        actor.confirm([f"complete the recovery of {uri}"], yes=yes)
        actor.admin.complete_recovery(uri)
    result({"organisation": uri, "recovery": "completed"}, as_json=as_json)


def _public(key: str) -> "CoseKey":
    from ledger.domain.cose import CoseKey
    from ledger.keys.files import KeyFile, KeyKind

    try:
        return CoseKey.parse(bytes.fromhex(key))
    except ValueError:
        pass
    public = KeyFile.read_public(Path(key))
    if public.kind is not KeyKind.STATEMENT:
        message = f"{key} holds a {public.kind.value} key; a statement key is needed here"
        raise UsageError("wrong-key-kind", message)
    return public.key


def _uri(actor: Actor) -> str:
    return actor.organisation(actor.registry.mirror().state())


def _block(actor: Actor, thumbprint: bytes, since: str) -> int:
    """Return the block that `--since` means: by its number, or by a time, but never before the key."""
    from ledger.chain.blocks import first_block_at

    if since.isascii() and since.isdigit():
        return int(since[:20])
    moment: datetime = timestamp(since, "--since")
    found = first_block_at(actor.registry.client, int(moment.timestamp()))
    key = actor.registry.mirror().state().keys.get(thumbprint)
    return found if key is None else max(found, key.interval.start)
