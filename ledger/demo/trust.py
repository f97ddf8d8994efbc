"""The demo's trust file: made by the verifier, from its own node and keys got from their owners."""

from collections.abc import Sequence

from ledger import node_trust
from ledger.chain.reader import ChainReader
from ledger.corridors.profile import Profile
from ledger.domain.genesis import Genesis
from ledger.domain.note import VerifierKey
from ledger.verification.trust import Trust

_NOT_REQUIRED = ("evidence", "freshness")
"""Its files are to be checked on any later day, also by those who may not open the evidence."""


def trust_of(
    genesis: Genesis,
    reader: ChainReader,
    *,
    block: int,
    witnesses: Sequence[VerifierKey],
    index_cosigners: Sequence[VerifierKey],
    name: str,
    profile: Profile,
) -> Trust:
    """Return a trust file.

    Args:
        genesis: The log's genesis document.
        reader: The verifier's node.
        block: Number of the final block that it pins.
        witnesses: Whose cosignatures count; all of them are asked for.
        index_cosigners: Which of them replay the log.
        name: Whose trust it is, for people.
        profile: The corridor's rules, to which all have agreed: what these require is required.
    """
    return node_trust.trust_of(
        genesis,
        reader,
        name=name,
        block=block,
        witnesses=witnesses,
        index_cosigners=index_cosigners,
        not_required=_NOT_REQUIRED,
        profile=profile,
    )
