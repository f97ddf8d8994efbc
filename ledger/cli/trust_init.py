"""`corridor trust init`: a trust file from a genesis document, a node and some keys."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ledger.cli.files import parsing, read_file, write_file
from ledger.cli.options import Block, Force, Rpc, option
from ledger.cli.output import say, warn
from ledger.cli.profiles import profile_in
from ledger.domain.errors import UsageError
from ledger.domain.verdict import ALL_CHECKS

if TYPE_CHECKING:
    from ledger.chain.reader import ChainReader
    from ledger.domain.genesis import Genesis
    from ledger.verification.trust import ChainTrust, PinnedBlock, WitnessTrust

_MAX_PEM = 65_536


def init(
    *,
    genesis: Annotated[Path, option("FILE", "Genesis document of the log.")],
    rpc: Rpc,
    control: Annotated[
        Literal["operator", "independent"],
        typer.Option(help="Who runs the chain; block times of the log's operator count for nothing."),
    ],
    out: Annotated[Path, option("FILE", "Where to write the trust file.")],
    witness: Annotated[
        list[str] | None, option("VKEY", "Verifier key of a witness; may be repeated.")
    ] = None,
    quorum: Annotated[int, typer.Option(min=0, help="How many witnesses have to have cosigned.")] = 0,
    index_cosigner: Annotated[
        list[str] | None, option("VKEY", "Verifier key of a witness that replays the log; may be repeated.")
    ] = None,
    tsa: Annotated[
        list[Path] | None, option("PEM", "Root of a time-stamping authority; may be repeated.")
    ] = None,
    max_age: Annotated[
        int, typer.Option(metavar="SECONDS", min=0, help="How old a dossier may be; 0 for any age.")
    ] = 86_400,
    require: Annotated[
        list[str] | None,
        option(
            "CHECK",
            "Check that has to pass; may be repeated. If not given, all of every dossier but `evidence` and "
            "`passages`, and `required-evidence` and `timeliness` of corridors with rules for shipments.",
        ),
    ] = None,
    profile: Annotated[
        Path | None, option("FILE", "The corridor's profile, where it is none that comes with the ledger.")
    ] = None,
    name: Annotated[str, option("TEXT", "What to call it, for people; the origin if not given.")] = "",
    block: Block = None,
    any_code: Annotated[
        bool, typer.Option("--any-code", help="Take contracts whose code is not this package's.")
    ] = False,
    force: Force = False,
) -> None:
    """Make a trust file from a genesis document and a node of your own.

    Get the genesis document and the witnesses' keys from people whom you trust, never out of a dossier. The
    code of both contracts is compared with that of this package.

    Example:

        corridor trust init --genesis genesis.json --rpc http://127.0.0.1:8545 --control independent \\
            --witness $WITNESS --quorum 1 --index-cosigner $INDEX_COSIGNER --out trust.json
    """
    from ledger.cli.pinning import asking, final_block
    from ledger.verification.trust import derive
    from ledger.verification.trust_defaults import required_by

    document = _genesis(genesis)
    unknown = sorted(set(require or ()) - set(ALL_CHECKS))
    if unknown:
        message = f"there is no check {unknown[0]}; there are {', '.join(ALL_CHECKS)}"
        raise UsageError("unknown-check", message)
    rules = profile_in(profile, document)
    witnesses = _witnesses(witness or [], quorum)
    with asking(rpc, document.chain_id, document.chain_genesis) as reader:
        pinned = final_block(reader, block)
        chain = _chain(reader, document, pinned, control, rpc, any_code=any_code)
    clocks = [("chain", control == "independent"), ("witnesses", quorum > 0), ("tsa", bool(tsa))]
    times = tuple(clock for clock, accepted in clocks if accepted)
    made = derive(
        document,
        chain,
        name=name or document.origin,
        witnesses=witnesses,
        index_cosigners=tuple(index_cosigner or ()),
        tsa=tuple(
            read_file(path, "the certificate", max_bytes=_MAX_PEM).decode("latin-1") for path in tsa or ()
        ),
        times=times,
        max_age=max_age or None,
        required=tuple(require) if require else required_by(rules, times),
    )
    write_file(out, made.encode(), force=force)
    if rules is None and not require:
        warn(
            f"the profile {document.profile.hex()[:16]}… is none that comes with the ledger: what it asks "
            "of shipments is not required here; give it with --profile FILE (GET /v1/profile has it)"
        )
    say(f"{out} trusts the log {made.origin}, and block {pinned.number} of chain {chain.id}")


def _genesis(path: Path) -> "Genesis":
    from ledger.domain.genesis import MAX_BYTES, Genesis

    data = read_file(path, "the genesis document", max_bytes=MAX_BYTES)
    with parsing(path):
        return Genesis.parse(data)


def _witnesses(keys: list[str], quorum: int) -> "WitnessTrust":
    from pydantic import ValidationError

    from ledger.verification.trust import WitnessTrust

    try:
        return WitnessTrust.model_validate({"quorum": quorum, "keys": keys})
    except ValidationError as error:
        what = error.errors(include_url=False, include_input=False)[0]["msg"].removeprefix("Value error, ")
        raise UsageError("witnesses", f"these witnesses and this quorum cannot be: {what}") from None


def _chain(
    reader: "ChainReader",
    genesis: "Genesis",
    pinned: "PinnedBlock",
    control: str,
    rpc: str,
    *,
    any_code: bool,
) -> "ChainTrust":
    from ledger.cli.pinning import ANCHOR, REGISTRY, contract_trust
    from ledger.verification.trust import ChainTrust

    contracts = {
        member: contract_trust(
            reader, name, address, registry=genesis.registry, at=pinned.number, any_code=any_code
        )
        for member, name, address in (
            ("registry", REGISTRY, genesis.registry),
            ("anchor", ANCHOR, genesis.anchor),
        )
    }
    return ChainTrust.model_validate(
        {
            "id": genesis.chain_id,
            "genesis": genesis.chain_genesis,
            "control": control,
            "rpc": rpc,
            "pinned": (pinned,),
            **contracts,
        }
    )
