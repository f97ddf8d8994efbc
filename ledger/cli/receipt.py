"""`corridor receipt` and `corridor receipt-verify`: the log's word for one statement."""

from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.files import new_file
from ledger.cli.options import (
    Chain,
    DataIfAny,
    DiscloseAll,
    Force,
    Iss,
    Json,
    KeyToRead,
    NodeTimeout,
    Offline,
    PassphraseFile,
    ToIfAny,
    TrustOption,
    argument,
    option,
)
from ledger.cli.output import moment, result
from ledger.cli.services import open_service
from ledger.cli.verdicts import EPILOG, VerdictCommand, give_verdict
from ledger.domain.errors import UsageError
from ledger.domain.fields import from_hex
from ledger.domain.verdict import Verdict

if TYPE_CHECKING:
    from ledger.verification.chain_view import ChainView
    from ledger.verification.dossier import Dossier
    from ledger.verification.trust import Trust


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("receipt")(receipt)
    app.command("receipt-verify", cls=VerdictCommand, epilog=EPILOG)(receipt_verify)


def receipt(
    *,
    identifier: Annotated[
        str, argument("ID", "Id of the statement, as `corridor statement sign` prints it.")
    ],
    to: ToIfAny = None,
    key: KeyToRead = None,
    iss: Iss = None,
    data: DataIfAny = None,
    chain: Chain = None,
    out: Annotated[Path | None, option("FILE", "Where to write the receipt file.")] = None,
    cose: Annotated[Path | None, option("FILE", "Where to write the bare COSE Receipt (RFC 9942).")] = None,
    tlog_proof: Annotated[Path | None, option("FILE", "Where to write the bare C2SP tlog-proof.")] = None,
    audience: Annotated[
        str | None,
        option("URI", "With --data: organisation that it is for; the statement's own if not given."),
    ] = None,
    disclose_all: DiscloseAll = False,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
    force: Force = False,
) -> None:
    """Give the receipt of a statement, once the anchor of a checkpoint that covers it is final.

    A receipt file shows offline, to anybody with a trust file, that the statement is registered and by when.

    It comes from a ledger whose participant you are, or out of the data folder that you operate.

    Examples:

        corridor receipt $ID --to $URL --key exporter.key --out seal.receipt
        corridor receipt $ID --data data --out seal.receipt
        corridor receipt $ID --data data --cose seal.cose --tlog-proof seal.tlog-proof
    """
    wanted = from_hex(identifier, 32, "ID")
    if data is not None:
        made, content = _local(wanted, data, chain, audience, passphrase_file, disclose_all=disclose_all)
    else:
        if audience or chain or disclose_all:
            message = "--audience, --chain and --disclose-all go with --data; a ledger knows its own"
            raise UsageError("local-options", message)
        made, content = _remote(wanted, to, key, iss, passphrase_file)
    assert made.receipt is not None
    parts = ((out, content), (cose, made.receipt[0]), (tlog_proof, made.receipt[1]))
    with ExitStack() as stack:
        for path, part in parts:
            if path is not None:
                stack.enter_context(new_file(path, force=force)).write(part)
    result(_described(identifier, made), as_json=as_json)


def receipt_verify(
    *,
    file: Annotated[Path, argument("FILE", "The receipt file.")],
    trust: TrustOption,
    offline: Offline = False,
    as_json: Json = False,
    timeout: NodeTimeout = 10.0,
) -> None:
    """Verify a receipt file: that its statement is registered, by when, and by whom it may be said.

    Example:

        corridor receipt-verify seal.receipt --trust trust.json --offline
    """
    from ledger.verification.verifier import CHECKS_OF_RECEIPT

    def run(trusted: "Trust", view: "ChainView | None") -> Verdict:
        from ledger.verification.verifier import verify_receipt

        return verify_receipt(file, trusted, chain_view=view)

    give_verdict(run, file, trust, CHECKS_OF_RECEIPT, offline=offline, timeout=timeout, as_json=as_json)


def _local(
    wanted: bytes,
    data: Path,
    chain: str | None,
    audience: str | None,
    passphrase_file: Path | None,
    *,
    disclose_all: bool,
) -> "tuple[Dossier, bytes]":
    from ledger.cli.data import open_folder
    from ledger.domain.statement import Statement
    from ledger.dossiers import everything, nothing
    from ledger.verification.dossier import build_container

    with open_folder(data, passphrase_file, chain) as ledger:
        said = Statement.parse(ledger.store.statement(wanted).statement)
        reader = audience or said.iss
        # Its author knows what it concealed; who else may see it, no node is asked here.
        disclose = everything if disclose_all or reader == said.iss else nothing
        made = ledger.builder.receipt(wanted, reader, ledger.receipt_signer, disclose)
    container = BytesIO()
    build_container(made, container)
    return made, container.getvalue()


def _remote(
    wanted: bytes, to: str | None, key: Path | None, iss: str | None, passphrase_file: Path | None
) -> "tuple[Dossier, bytes]":
    from ledger.verification.container import open_container
    from ledger.verification.dossier import Dossier

    with open_service(to, key, iss, passphrase_file) as service:
        content = service.receipt(wanted)
    return Dossier.parse(open_container(content)), content


def _described(identifier: str, made: "Dossier") -> dict[str, str | int]:
    covering = next(anchor for anchor in made.anchors if anchor.size == made.header.target)
    return {
        "id": identifier,
        "index": made.statements[0].index,
        "size": covering.size,
        "block": covering.block_number,
        "block_time": str(moment(covering.block_time)),
    }
