"""The demo's trust file: made by the verifier, from its own node and keys got from their owners."""

from collections.abc import Sequence

from ledger.chain.reader import ChainReader
from ledger.domain.errors import UnavailableError
from ledger.domain.evm_layout import keccak
from ledger.domain.genesis import Genesis
from ledger.domain.note import VerifierKey
from ledger.domain.verdict import CHECKS
from ledger.verification.trust import ChainTrust, Trust, WitnessTrust, derive

_NOT_REQUIRED = ("evidence", "freshness")
"""The demo carries no evidence yet, and its files are to be checked at any later day."""


def trust_of(
    genesis: Genesis,
    reader: ChainReader,
    *,
    block: int,
    witnesses: Sequence[VerifierKey],
    index_cosigners: Sequence[VerifierKey],
) -> Trust:
    """Return a trust file.

    Args:
        genesis: The log's genesis document.
        reader: The verifier's node.
        block: Number of the final block that it pins.
        witnesses: Whose cosignatures count; all of them are asked for.
        index_cosigners: Which of them replay the log.
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
        name="Destination customs",
        witnesses=WitnessTrust.model_validate(
            {"quorum": len(witnesses), "keys": [key.encode() for key in witnesses]}
        ),
        index_cosigners=tuple(key.encode() for key in index_cosigners),
        times=("witnesses",),
        max_age=None,
        required=tuple(name for name in CHECKS if name not in _NOT_REQUIRED),
    )
