"""Trust in a chain as a node shows it: for whoever has a node, the operator among them."""

from collections.abc import Sequence
from typing import Final

from ledger.chain.reader import ChainReader
from ledger.corridors.profile import Profile
from ledger.domain.errors import UnavailableError
from ledger.domain.evm_layout import keccak
from ledger.domain.genesis import Genesis
from ledger.domain.note import VerifierKey
from ledger.domain.verdict import CHECKS, CORRIDOR_CHECKS
from ledger.verification.trust import ChainTrust, Trust, WitnessTrust, derive
from ledger.verification.trust_defaults import required_by

_TIMES: Final = ("witnesses",)


def trust_of(
    genesis: Genesis,
    reader: ChainReader,
    *,
    name: str,
    block: int,
    witnesses: Sequence[VerifierKey],
    index_cosigners: Sequence[VerifierKey],
    quorum: int | None = None,
    not_required: Sequence[str] = (),
    profile: Profile | None = None,
) -> Trust:
    """Return a trust file that goes by the word of a node on the chain, and of witnesses on the time.

    Args:
        genesis: The log's genesis document; its chain and contracts are those that the node serves.
        reader: The node.
        name: For people.
        block: Number of the final block that is pinned.
        witnesses: Whose cosignatures count.
        index_cosigners: Which of them replay the log.
        quorum: How many cosignatures are asked for; all if None.
        not_required: Checks of every dossier that need not pass.
        profile: The corridor's, to require what its rules require; None to leave that out.

    Raises:
        UnavailableError: The node does not have the block, or cannot say.
    """
    pinned = reader.block(block)
    if pinned is None:
        raise UnavailableError("block-missing", f"the node has no block {block}")

    def contract(address: bytes) -> dict[str, str]:
        return {
            "address": f"0x{address.hex()}",
            "code_hash": f"0x{keccak(reader.code(address, block)).hex()}",
        }

    chain = ChainTrust.model_validate(
        {
            "id": genesis.chain_id,
            "genesis": f"0x{genesis.chain_genesis.hex()}",
            "control": "operator",
            "rpc": None,
            "registry": contract(genesis.registry),
            "anchor": contract(genesis.anchor),
            "pinned": [{"number": pinned.number, "hash": f"0x{pinned.hash.hex()}"}],
        }
    )
    return derive(
        genesis,
        chain,
        name=name,
        witnesses=WitnessTrust.model_validate(
            {
                "quorum": len(witnesses) if quorum is None else quorum,
                "keys": [key.encode() for key in witnesses],
            }
        ),
        index_cosigners=tuple(key.encode() for key in index_cosigners),
        times=_TIMES,
        max_age=None,
        required=(
            *(name for name in CHECKS if name not in not_required),
            *(name for name in required_by(profile, _TIMES) if name in CORRIDOR_CHECKS),
        ),
    )
