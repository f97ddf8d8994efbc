"""`corridor trust`: the file that says what a verifier takes for granted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.options import Block, Json, Rpc, argument
from ledger.cli.output import emit, fields, say
from ledger.cli.trust_init import init
from ledger.cli.verdicts import load_trust
from ledger.domain.errors import UnavailableError, VerificationError

if TYPE_CHECKING:
    from ledger.verification.trust import LogKeyTrust, ReceiptKeyTrust, Trust

TrustFile = Annotated[Path, argument("TRUST", "Your trust file.")]

group = typer.Typer(help="The file that says what you, the verifier, take for granted.", no_args_is_help=True)
group.command()(init)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="trust")


@group.command()
def show(*, trust: TrustFile, as_json: Json = False) -> None:
    """Show what a trust file takes for granted.

    Example:

        corridor trust show trust.json
    """
    value = load_trust(trust)
    if as_json:
        emit(value.model_dump(mode="json"))
    else:
        fields(_described(value))


@group.command()
def pin(*, trust: TrustFile, rpc: Rpc, block: Block = None) -> None:
    """Add a block of the chain to a trust file, as your own node has it.

    A dossier proves the state of the chain as of some block. Verifying it offline needs that block, or one of
    those that it shows to follow, in the trust file. That the node serves the trusted chain, and that both
    contracts have the trusted code there, is checked first.

    Example:

        corridor trust pin trust.json --rpc http://127.0.0.1:8545
    """
    from ledger.cli.pinning import asking, code_hash, final_block

    value = load_trust(trust)
    with asking(rpc, value.chain.id, value.chain.genesis) as reader:
        pinned = final_block(reader, block)
        for name in ("registry", "anchor"):
            contract = getattr(value.chain, name)
            if code_hash(reader, name, contract.address, pinned.number) != contract.code_hash:
                raise VerificationError(
                    "other-code",
                    f"the {name} contract has other code on this chain than the trust file names",
                )
    _save(value.with_pinned(pinned), trust)
    say(f"block {pinned.number} 0x{pinned.hash.hex()} is pinned in {trust}")


def _save(trust: "Trust", path: Path) -> None:
    from ledger.verification.trust import save

    try:
        save(trust, path)
    except OSError as error:
        raise UnavailableError(
            "cannot-write", f"{path} cannot be written: {error.strerror or error}; it is as it was"
        ) from None


def _described(trust: "Trust") -> dict[str, str | list[str]]:
    chain, witnesses = trust.chain, trust.witnesses

    def sizes(one: "LogKeyTrust | ReceiptKeyTrust") -> str:
        return f"sizes {one.from_size} to {'any' if one.to_size is None else one.to_size}"

    return {
        "name": trust.name,
        "log": trust.origin,
        "genesis": trust.genesis.hex(),
        "log keys": [f"{one.vkey.encode()}, {sizes(one)}" for one in trust.log_keys],
        "receipt keys": [f"{one.cose_key.thumbprint.hex()}, {sizes(one)}" for one in trust.receipt_keys]
        or "none",
        "chain": f"{chain.id}, block 0 is 0x{chain.genesis.hex()}",
        "run by": "the log's operator: block times count for nothing"
        if chain.control == "operator"
        else "others",
        "registry": f"0x{chain.registry.address.hex()}, code 0x{chain.registry.code_hash.hex()}",
        "anchor": f"0x{chain.anchor.address.hex()}, code 0x{chain.anchor.code_hash.hex()}",
        "pinned blocks": [f"{block.number} 0x{block.hash.hex()}" for block in chain.pinned] or "none",
        "node": chain.rpc or "none",
        "witnesses": [
            f"{witnesses.quorum} of {len(witnesses.keys)}",
            *(key.encode() for key in witnesses.keys),
        ],
        "index cosigners": [key.encode() for key in trust.index_cosigners] or "none",
        "time stamps": f"{len(trust.tsa)} authorities",
        "accepted times": ", ".join(trust.times) or "none",
        "maximum age": "any" if trust.max_age is None else f"{trust.max_age} s",
        "profile": trust.profile.hex(),
        "last seen": "nothing"
        if trust.last_seen is None
        else f"size {trust.last_seen.size}, {trust.last_seen.root.hex()}",
        "required checks": ", ".join(trust.required) or "none",
    }
