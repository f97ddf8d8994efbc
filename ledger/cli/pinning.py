"""What goes from a node of the verifier's own into a trust file, and what is checked before."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

from ledger.domain.errors import NotFoundError, VerificationError
from ledger.domain.evm_layout import keccak
from ledger.verification.trust import ContractTrust, PinnedBlock

if TYPE_CHECKING:
    from ledger.chain.reader import ChainReader

FINALIZED = "finalized"
REGISTRY = "ParticipantRegistry"
ANCHOR = "CheckpointAnchor"


@contextmanager
def asking(url: str, chain_id: int, genesis: bytes) -> Iterator["ChainReader"]:
    """Give a reader of the chain behind a node.

    Args:
        url: The node's JSON-RPC URL.
        chain_id: Which chain it must serve.
        genesis: Hash of that chain's block 0, 32 bytes.

    Raises:
        UsageError: Not a URL of HTTP.
        VerificationError: The node serves another chain.
        UnavailableError: The node cannot be reached, is too slow, or answers nonsense.
    """
    from ledger.chain.reader import ChainIdentity, ChainReader

    reader = ChainReader(url, expected=ChainIdentity(chain_id, genesis))
    try:
        reader.identity()
        yield reader
    finally:
        reader.close()


def final_block(reader: "ChainReader", number: int | None) -> PinnedBlock:
    """Return the newest block that the node calls final, or the one that the verifier takes for final.

    Args:
        reader: The chain.
        number: Number of the block; None for the newest final one.

    Raises:
        NotFoundError: There is no such block yet.
        UnavailableError: The node cannot say, or knows of no finality.
    """
    block = reader.block(FINALIZED if number is None else number)
    if block is None:
        which = "no block that it calls final" if number is None else f"no block {number}"
        raise NotFoundError("no-block", f"the node has {which} yet; wait, or name one with --block")
    return PinnedBlock(number=block.number, hash=block.hash)


def code_hash(reader: "ChainReader", name: str, address: bytes, at: int) -> bytes:
    """Return the Keccak-256 hash of a contract's code at a block.

    Args:
        reader: The chain.
        name: What to call the contract in a complaint.
        address: 20 bytes.
        at: Number of the block.

    Raises:
        NotFoundError: There is no contract at that address yet.
        UnavailableError: The node cannot say.
    """
    code = reader.code(address, at)
    if not code:
        raise NotFoundError(
            "no-contract",
            f"at block {at} there is no {name} contract at 0x{address.hex()} yet; name a later block",
        )
    return keccak(code)


def committed_code_hash(name: str, registry: bytes) -> bytes:
    """Return the Keccak-256 hash that a contract's code has when it is the one of this package.

    Args:
        name: `ParticipantRegistry` or `CheckpointAnchor`.
        registry: Address of the registry, 20 bytes: the anchor contract has it in its code.
    """
    artifact = json.loads(files("ledger.chain").joinpath("artifacts", f"{name}.json").read_bytes())
    code = bytearray.fromhex(artifact["deployedBytecode"][2:])
    for references in artifact["immutableReferences"].values():
        for place in references:
            code[place["start"] : place["start"] + place["length"]] = registry.rjust(place["length"], b"\x00")
    return keccak(bytes(code))


def contract_trust(
    reader: "ChainReader", name: str, address: bytes, *, registry: bytes, at: int, any_code: bool
) -> ContractTrust:
    """Return what a trust file says of a contract.

    Args:
        reader: The chain.
        name: `ParticipantRegistry` or `CheckpointAnchor`.
        address: 20 bytes.
        registry: Address of the registry, 20 bytes.
        at: Number of the block at which it is looked at.
        any_code: Whether another code than this package's is taken as well.

    Raises:
        VerificationError: The code is another one.
        NotFoundError: There is no contract at that address yet.
        UnavailableError: The node cannot say.
    """
    found = code_hash(reader, name, address, at)
    if not any_code and found != committed_code_hash(name, registry):
        raise VerificationError(
            "other-code",
            f"the contract at 0x{address.hex()} is not the {name} of this package; if somebody that you "
            "trust has looked at its code, say --any-code",
        )
    return ContractTrust(address=address, code_hash=found)
