"""Whom a command wraps secrets for: an organisation's own signed word, as it was before, or a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.files import read_file
from ledger.cli.options import option
from ledger.cli.output import warn
from ledger.cli.services import memory
from ledger.domain.errors import NotFoundError, UnavailableError, UsageError, VerificationError

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.client.recipients import CheckReceipt, Readers
    from ledger.domain.evidence import EvidenceItem

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


def own_keys(service: "Service", *, needed: bool) -> tuple[str, ...]:
    """Return the encryption keys of one's own organisation, none when it has said none.

    Without an answer it goes on when others can open the items: what is sealed is sent later.

    Args:
        service: The ledger.
        needed: Whether nobody else can open them.
    """
    try:
        own = own_readers(service)
    except UnavailableError as error:
        if needed:
            raise
        warn(f"the keys of your own organisation cannot be asked for: {error.message} [{error.code}]")
        return ()
    return () if own is None else own.keys.all


def keep(service: "Service", item: "EvidenceItem", secret: bytes, own: Sequence[str]) -> None:
    """Let the ledger keep a secret for one's own organisation, which has to be able to share it one day.

    Args:
        service: The ledger; it has the item.
        item: The item.
        secret: Of the item.
        own: The organisation's encryption keys; nothing is kept when there are none.
    """
    from ledger.client.sharing import hand_over
    from ledger.domain.wrapped import WrappedSecret
    from ledger.evidence.sealing import wrap_secret

    if own and service.session.iss is not None:
        kept = WrappedSecret(item.commitment, item.cid, wrap_secret(secret, own))
        hand_over(service, service.session.iss, [kept], None)


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
