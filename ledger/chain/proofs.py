"""Taking state proofs: what the state was at a block, for when no node knows it (formats, section 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import rlp
from rlp.exceptions import RLPException
from trie.exceptions import (
    InvalidNibbles,
    InvalidNode,
    MissingTraversalNode,
    MissingTrieNode,
    ValidationError,
)
from trie.hexary import HexaryTrie

from ledger.chain.headers import header_of
from ledger.chain.reader import ChainIdentity, ChainReader
from ledger.chain.view import RpcChainView
from ledger.domain import evm_layout, strict_cbor
from ledger.domain.errors import UnavailableError
from ledger.domain.evm_layout import keccak

Wanted = Mapping[bytes, Sequence[int]]
"""Which storage slots of which accounts (20 bytes each); the account itself is always shown."""

_SLOTS_A_REQUEST = 200
_BROKEN = (
    *(MissingTrieNode, MissingTraversalNode, InvalidNode, InvalidNibbles, ValidationError),
    *(RLPException, ValueError, TypeError, IndexError),
)


@dataclass(frozen=True, slots=True)
class StateQuestion:
    """What the state of the contracts shall show.

    Args:
        sizes: Anchored sizes of the log.
        kids: Thumbprints of signing keys, 32 bytes each; their organisations are shown too.
        roles: Pairs of organisation and role, each its 32-byte identifier on the chain.
        signers: More keys, each with roles of whatever organisation it belongs to.
    """

    sizes: tuple[int, ...]
    kids: tuple[bytes, ...] = ()
    roles: tuple[tuple[bytes, bytes], ...] = ()
    signers: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)


class StateProver:
    """Takes state proofs of the two contracts.

    Args:
        reader: The chain.
        registry: Address of the ParticipantRegistry, 20 bytes.
        anchor: Address of the CheckpointAnchor, 20 bytes.
        origin_hash: The log's name in the anchor contract, 32 bytes.
    """

    def __init__(self, reader: ChainReader, registry: bytes, anchor: bytes, origin_hash: bytes) -> None:
        self._reader = reader
        self._registry = registry
        self._anchor = anchor
        self._origin_hash = origin_hash

    def prove(self, block_number: int, question: StateQuestion, *, until: int | None = None) -> bytes:
        """Return a state proof that answers a question; arguments and errors as of `take_state_proof`."""
        identity = self._reader.identity()
        addresses = {"registry": self._registry, "anchor": self._anchor}
        view = RpcChainView(self._reader, identity, addresses, block_number)
        organisations = {organisation for organisation, _ in question.roles}
        pairs = set(question.roles)
        kids = dict.fromkeys((*question.kids, *question.signers))
        for kid in kids:
            record = view.key_record(kid)
            if record is not None:
                organisations.add(record.organisation)
                pairs |= {(record.organisation, role) for role in question.signers.get(kid, ())}
        counts = {pair: len(view.role_intervals(*pair)) for pair in pairs}
        wanted = {
            self._anchor: anchor_slots(self._origin_hash, question.sizes),
            self._registry: registry_slots(list(kids), organisations, counts),
        }
        return take_state_proof(self._reader, block_number, wanted, until=until)


def anchor_slots(origin_hash: bytes, sizes: Sequence[int]) -> list[int]:
    """Return the slots of a log's head, closure and anchor records.

    Args:
        origin_hash: 32 bytes.
        sizes: Anchored sizes.
    """
    return [
        evm_layout.head_slot(origin_hash),
        *evm_layout.closure_slots(origin_hash),
        *(evm_layout.anchor_slot(origin_hash, size) for size in sizes),
    ]


def registry_slots(
    kids: Sequence[bytes], organisations: set[bytes], intervals: Mapping[tuple[bytes, bytes], int]
) -> list[int]:
    """Return the slots of keys, organisations and role intervals.

    Args:
        kids: Thumbprints, 32 bytes each.
        organisations: Their identifiers, 32 bytes each.
        intervals: How many intervals there are, by organisation and role.
    """
    slots = [slot for kid in kids for slot in evm_layout.key_slots(kid)]
    slots += [evm_layout.organisation_slot(one) for one in sorted(organisations)]
    for (organisation, role), count in sorted(intervals.items()):
        slots.append(evm_layout.role_count_slot(organisation, role))
        slots += [evm_layout.role_interval_slot(organisation, role, place) for place in range(count)]
    return slots


def take_state_proof(
    reader: ChainReader, block_number: int, wanted: Wanted, *, until: int | None = None
) -> bytes:
    """Return a state proof in strict CBOR.

    Args:
        reader: The chain.
        block_number: The block whose state is shown; nodes forget the states of old blocks.
        wanted: What is shown.
        until: Number of a later block, such as a pinned one, up to which headers are added.

    Raises:
        VerificationError: The node's header does not hash to the node's block hash.
        UnavailableError: The node does not have that state any more, takes no proofs, or gave a proof that is
            none, which also happens when the chain was reorganised at that moment.
    """
    identity = reader.identity()
    block = _block(reader, block_number)
    header = header_of(block)
    root = reader.rpc.data(block.get("stateRoot"), "eth_getBlockByNumber", 32)
    nodes: dict[bytes, bytes] = {}
    for address, slots in wanted.items():
        for start in range(0, max(1, len(slots)), _SLOTS_A_REQUEST):
            part = slots[start : start + _SLOTS_A_REQUEST]
            answer = reader.proof(address, part, block_number)
            for node in _checked_nodes(reader, answer, root, address, part):
                nodes[keccak(node)] = node
    last = block_number if until is None else until
    descendants = [header_of(_block(reader, number)) for number in range(block_number + 1, last + 1)]
    return encode_state_proof(identity, header, descendants, [nodes[key] for key in sorted(nodes)])


def encode_state_proof(
    identity: ChainIdentity, header: bytes, descendants: Sequence[bytes], nodes: Sequence[bytes]
) -> bytes:
    """Return the array of formats section 8; nodes ascending by their hashes, each once."""
    value = [identity.chain_id, identity.genesis, header, list(descendants), list(nodes)]
    return strict_cbor.dumps(value)


def _block(reader: ChainReader, number: int) -> dict[str, Any]:
    block = reader.raw_block(number)
    if block is None:
        raise UnavailableError("block-missing", f"the chain node has no block {number}")
    return block


def _checked_nodes(
    reader: ChainReader, answer: dict[str, Any], root: bytes, address: bytes, slots: Sequence[int]
) -> list[bytes]:
    """Return the trie nodes of a proof after following them from the state root to every slot."""
    what = "eth_getProof"
    account_nodes = _nodes(reader, answer.get("accountProof"))
    storage = answer.get("storageProof")
    if not isinstance(storage, list) or len(storage) != len(slots):
        raise reader.rpc.nonsense(what, f"{0 if not isinstance(storage, list) else len(storage)} slots")
    found = list(account_nodes)
    try:
        account = _get(root, address, account_nodes)
        storage_root = rlp.decode(account)[2] if account else None
        for slot, proof in zip(slots, storage, strict=True):
            slot_nodes = _nodes(reader, proof.get("proof") if isinstance(proof, dict) else None)
            if storage_root is not None:
                _get(storage_root, slot.to_bytes(32), slot_nodes)
            found += slot_nodes
    except _BROKEN:
        raise UnavailableError(
            "proof-broken",
            f"the chain node at {reader.rpc.name} gave a proof that does not fit the block; try again",
        ) from None
    return found


def _nodes(reader: ChainReader, value: object) -> list[bytes]:
    if not isinstance(value, list):
        raise reader.rpc.nonsense("eth_getProof", "something that is no proof")
    return [reader.rpc.data(one, "eth_getProof") for one in value]


def _get(root: bytes, key: bytes, nodes: Sequence[bytes]) -> bytes:
    # Both tries are keyed by the hash of what one looks for (Yellow Paper section 4.1).
    return bytes(HexaryTrie({keccak(node): node for node in nodes}, root).get(keccak(key)))
