"""State proofs: what an EVM chain's state was at a block, without a node (formats, section 8; EIP-1186)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, Self

import rlp
from eth_hash.auto import keccak
from rlp.exceptions import RLPException

from ledger.domain import strict_cbor
from ledger.domain.errors import MalformedError, UnavailableError, VerificationError
from ledger.domain.fields import natural
from ledger.verification.state_trie import ProvenTrie, decode_rlp

MAX_HEADER = 4096
MAX_DESCENDANTS = 100_000
MAX_NODES = 100_000
MAX_NODE = 1024
_U64 = (1 << 64) - 1


class BlockHeader(NamedTuple):
    """The fields of a block header that count here.

    Args:
        hash: Keccak-256 of the header's RLP, 32 bytes.
        parent: Hash of the block before, 32 bytes.
        state_root: Root of the state trie after the block, 32 bytes.
        number: Number of the block.
        time: Its time in POSIX seconds, as its maker says.
    """

    hash: bytes
    parent: bytes
    state_root: bytes
    number: int
    time: int

    @classmethod
    def parse(cls, encoded: bytes) -> Self:
        """Read the RLP of a block header, of any fork of Ethereum (Yellow Paper section 4.3).

        Raises:
            MalformedError: Not the RLP of a header.
        """
        try:
            items = rlp.decode(encoded[: MAX_HEADER + 1])
        except (RLPException, RecursionError):
            items = None
        if not isinstance(items, list) or len(items) < 15 or not all(isinstance(one, bytes) for one in items):
            raise MalformedError("block-header", "what a state proof calls a block header is none")
        parent, state_root, number, time = items[0], items[3], items[8], items[11]
        if len(parent) != 32 or len(state_root) != 32 or len(number) > 8 or len(time) > 8:
            raise MalformedError(
                "block-header", "a block header of a state proof has a field of a wrong length"
            )
        return cls(keccak(encoded), parent, state_root, int.from_bytes(number), int.from_bytes(time))


class Account(NamedTuple):
    """An account: root of its storage trie and Keccak-256 of its code, 32 bytes each."""

    storage_root: bytes
    code_hash: bytes


@dataclass(frozen=True)
class StateProof:
    """A block, the blocks after it, and trie nodes of its state; nothing of it is believed yet.

    Args:
        chain_id: The chain that it says it is of.
        genesis: Hash of that chain's block 0, 32 bytes.
        header: RLP of the block header whose state is shown.
        descendants: RLP of the headers that follow, one by one.
        nodes: RLP of trie nodes, ascending by their hash.
    """

    chain_id: int
    genesis: bytes
    header: bytes
    descendants: tuple[bytes, ...]
    nodes: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def of(cls, chain_id: int, genesis: bytes, headers: Iterable[bytes], nodes: Iterable[bytes]) -> Self:
        """Return the proof of the first header's state; nodes in any order, repeated or not."""
        first, *rest = headers
        by_hash = {keccak(node): node for node in nodes}
        return cls(chain_id, genesis, first, tuple(rest), tuple(by_hash[key] for key in sorted(by_hash)))

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the array `[chain_id, genesis, header, [* descendant], [* node]]` that strict CBOR gave.

        Raises:
            MalformedError: Another form, or nodes that are repeated or not in the order of their hashes.
        """
        if not isinstance(value, list) or len(value) != 5:
            raise MalformedError("state-proof", "a state proof must be an array of five")
        chain_id, genesis, header, descendants, nodes = value
        if not isinstance(genesis, bytes) or len(genesis) != 32:
            raise MalformedError("state-proof", "the genesis hash of a state proof must be 32 bytes")
        proof_nodes = _byte_strings(nodes, MAX_NODES, "nodes")
        headers = _byte_strings([header], 1, "header") + _byte_strings(
            descendants, MAX_DESCENDANTS, "descendants"
        )
        if any(len(one) > MAX_HEADER for one in headers) or any(len(one) > MAX_NODE for one in proof_nodes):
            message = f"a block header has at most {MAX_HEADER} bytes, a trie node {MAX_NODE}"
            raise MalformedError("state-proof", message)
        proof = cls(
            natural(chain_id, "chain_id", largest=_U64),
            genesis,
            header,
            headers[1:],
            proof_nodes,
        )
        in_order = all(before < after for before, after in pairwise(proof.by_hash))
        if not in_order or len(proof.by_hash) != len(proof.nodes):
            raise MalformedError(
                "state-proof", "the nodes of a state proof are not ascending by hash, each once"
            )
        return proof

    def encode(self) -> list[object]:
        """Return the array for strict CBOR."""
        return [self.chain_id, self.genesis, self.header, list(self.descendants), list(self.nodes)]

    def to_bytes(self) -> bytes:
        """Return the proof alone as strict CBOR, as it is stored when an anchor becomes final."""
        return strict_cbor.dumps(self.encode())

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            MalformedError: Another form.
        """
        return cls.parse(strict_cbor.loads(data))

    @cached_property
    def by_hash(self) -> dict[bytes, bytes]:
        """The nodes under their Keccak-256 hashes."""
        return {keccak(node): node for node in self.nodes}

    @cached_property
    def headers(self) -> tuple[BlockHeader, ...]:
        """The header and its descendants, parsed, each linked to the one before.

        Raises:
            MalformedError: One is not a header.
            VerificationError: One does not follow the one before.
        """
        parsed = tuple(BlockHeader.parse(one) for one in (self.header, *self.descendants))
        for before, after in pairwise(parsed):
            if after.parent != before.hash or after.number != before.number + 1:
                message = f"block {after.number} of a state proof does not follow block {before.number}"
                raise VerificationError("chain-broken", message)
        return parsed


class ProvenState:
    """The state of one chain at one block, as far as the nodes of a proof show it.

    Args:
        header: The block; that it is the right one is for the caller to know.
        nodes: Trie nodes under their hashes.
    """

    def __init__(self, header: BlockHeader, nodes: Mapping[bytes, bytes]) -> None:
        self.header = header
        self._trie = ProvenTrie(nodes)
        self._accounts: dict[bytes, Account | None] = {}

    def account(self, address: bytes) -> Account | None:
        """Return what the state says of an account, None when it is proven that there is none.

        Args:
            address: 20 bytes.

        Raises:
            UnavailableError: The nodes do not show it.
            VerificationError: The nodes are no state trie.
        """
        if address not in self._accounts:
            self._accounts[address] = self._account(address)
        return self._accounts[address]

    def slot(self, address: bytes, slot: bytes) -> int:
        """Return what an account's storage holds, zero for an empty slot or no such account.

        Args:
            address: 20 bytes.
            slot: 32 bytes.

        Raises:
            UnavailableError: The nodes do not show it.
            VerificationError: The nodes are no storage trie.
        """
        account = self.account(address)
        if account is None:
            return 0
        value = self._get(account.storage_root, slot)
        if not value:
            return 0
        decoded = decode_rlp(value)
        if not isinstance(decoded, bytes) or len(decoded) > 32:
            raise VerificationError("state-trie", "a storage value of the state proof is not a number")
        return int.from_bytes(decoded)

    def _account(self, address: bytes) -> Account | None:
        value = self._get(self.header.state_root, address)
        if not value:
            return None
        items = decode_rlp(value)
        if not isinstance(items, list) or [type(one) for one in items] != [bytes] * 4:
            raise VerificationError("state-trie", "an account of the state proof is not an account")
        return Account(items[2], items[3])

    def _get(self, root: bytes, key: bytes) -> bytes:
        # Both tries are keyed by the hash of what one looks for (Yellow Paper section 4.1).
        try:
            return self._trie.get(root, keccak(key))
        except KeyError:
            raise UnavailableError(
                "not-proven", f"the state proof of block {self.header.number} does not show what is asked for"
            ) from None


def believe(proof: StateProof, pinned: Mapping[int, bytes]) -> ProvenState | None:
    """Return the state that a proof shows when one of its blocks is pinned, None when none is.

    Args:
        proof: Of the right chain.
        pinned: Block hashes that the verifier trusts, by number.

    Raises:
        MalformedError: A header is none.
        VerificationError: The headers are no chain, or another block stands where one is pinned.
    """
    found = False
    for header in proof.headers:
        hash_pinned = pinned.get(header.number)
        if hash_pinned is not None and hash_pinned != header.hash:
            raise VerificationError(
                "chain-rewritten",
                f"block {header.number} of the state proof is {header.hash.hex()[:16]}…, "
                f"and the trust file pins {hash_pinned.hex()[:16]}…: the chain was rewritten",
            )
        found = found or hash_pinned is not None
    return ProvenState(proof.headers[0], proof.by_hash) if found else None


def _byte_strings(value: object, most: int, what: str) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > most or not all(type(one) is bytes for one in value):
        raise MalformedError("state-proof", f"{what} of a state proof must be at most {most} byte strings")
    return tuple(value)
