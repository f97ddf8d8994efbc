"""Whom a command wraps secrets for: an organisation's own signed word, as it was before, or a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.files import read_file
from ledger.cli.options import option
from ledger.cli.services import memory
from ledger.domain.errors import NotFoundError, UsageError, VerificationError

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.client.recipients import CheckReceipt, Readers

_MAX_RECIPIENTS_FILE = 262_144

AcceptNewKey = Annotated[
    bool,
    typer.Option(
        "--accept-new-key",
        help="Take encryption keys that are others than when the organisation was last asked.",
    ),
]
TrustIfAny = Annotated[
    Path | None,
    option(
        "FILE",
        "Your trust file: prove that the organisation signed its keys, instead of believing the ledger.",
        "--trust",
    ),
]


def readers(
    service: "Service", organisation: str, *, accept_new: bool = False, trust: Path | None = None
) -> "Readers":
    """Return an organisation's encryption keys, verified and compared with what is remembered.

    Args:
        service: The ledger.
        organisation: URI of the organisation.
        accept_new: Whether changed ones are taken.
        trust: Trust file to prove the signature with.

    Raises:
        CorridorError: See `ledger.client.recipients.readers_of`.
        VerificationError: Under the trust file they are not proven.
    """
    from ledger.client.recipients import readers_of

    check = None if trust is None else _checking(trust)
    return readers_of(service, memory(), organisation, accept_new=accept_new, check=check)


def own_readers(service: "Service") -> "Readers | None":
    """Return the encryption keys of one's own organisation, None when it has said none yet."""
    organisation = service.session.iss
    assert organisation is not None
    try:
        return readers(service, organisation)
    except NotFoundError as error:
        if error.code != "no-encryption-key":
            raise
        return None


def recipients_in(path: Path) -> Sequence[str]:
    """Return the recipients of a file, one in each line; `#` begins a comment.

    Raises:
        NotFoundError: It is not there.
        UnavailableError: It cannot be read.
        UsageError: It is too long, or no text.
    """
    data = read_file(path, "the recipients file", max_bytes=_MAX_RECIPIENTS_FILE)
    try:
        lines = [line.strip() for line in data.decode().splitlines()]
    except UnicodeDecodeError:
        raise UsageError("recipients", f"{path} is no text with a recipient in each line") from None
    return [line for line in lines if line and not line.startswith("#")]


def _checking(path: Path) -> "CheckReceipt":
    from ledger.cli.node import VerifiersNode
    from ledger.cli.verdicts import load_trust
    from ledger.domain.verdict import Outcome, Status
    from ledger.verification.verifier import verify_receipt

    trust = load_trust(path)

    def check(receipt: bytes) -> None:
        if trust.chain.rpc is None:
            verdict = verify_receipt(receipt, trust)
        else:
            with VerifiersNode(trust.chain) as node:
                verdict = verify_receipt(receipt, trust, chain_view=node)
        if verdict.outcome is not Outcome.ACCEPTED:
            bad = [one for one in verdict.checks if one.status is not Status.PASSED]
            said = "; ".join(f"{one.name}: {one.message}" for one in bad)
            raise VerificationError(
                "encryption-key-unproven", f"under {path} nothing proves these encryption keys: {said}"
            )

    return check
