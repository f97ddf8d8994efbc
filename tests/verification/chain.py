"""A chain in memory: real headers, real state and storage tries, records where the contracts keep theirs."""

from collections.abc import Iterable

import rlp
from trie.hexary import HexaryTrie

from ledger.domain import evm_layout
from ledger.domain.cose import CoseKey
from ledger.domain.evm_layout import keccak
from ledger.verification.chain_view import Contract
from ledger.verification.state_proof import StateProof
from tests.builders import seeded


def pack(*fields: tuple[int, int]) -> int:
    """Return a storage word of `(value, width)` fields, lowest bits first."""
    word = shift = 0
    for value, width in fields:
        word |= value << shift
        shift += width
    return word


class SyntheticChain:
    """Two contracts' storage, changed between blocks; every block keeps its state.

    Args:
        time: Time of block 0, POSIX seconds.
        chain_id: Its identifier.
        seed: Another seed gives another genesis block.
    """

    def __init__(self, time: int, chain_id: int = 31337, seed: object = "chain") -> None:
        self.id = chain_id
        self.addresses = {Contract.REGISTRY: seeded("registry", 20), Contract.ANCHOR: seeded("anchor", 20)}
        self.code_hashes = {Contract.REGISTRY: keccak(b"registry"), Contract.ANCHOR: keccak(b"anchor")}
        self.headers: list[bytes] = []
        self._db: dict[bytes, bytes] = {}
        self._storage = {contract: HexaryTrie(self._db) for contract in Contract}
        self._states: list[tuple[bytes, dict[Contract, bytes]]] = []
        self._extra = seeded(seed, 8)
        self.mine(time)

    @property
    def number(self) -> int:
        """Number of the newest block."""
        return len(self.headers) - 1

    @property
    def genesis(self) -> bytes:
        """Hash of block 0."""
        return self.block_hash(0)

    def block_hash(self, number: int) -> bytes:
        """Return the hash of a block."""
        return keccak(self.headers[number])

    def store(self, contract: Contract, slot: int, value: int) -> None:
        """Set a storage slot; it is in the state from the next block on."""
        key = keccak(slot.to_bytes(32))
        if value:
            self._storage[contract].set(key, rlp.encode(value))  # type: ignore[no-untyped-call]
        elif self._storage[contract].get(key):
            self._storage[contract].delete(key)  # type: ignore[no-untyped-call]

    def mine(self, time: int) -> int:
        """Add a block with what was stored; return its number."""
        state = HexaryTrie(self._db)
        for contract in Contract:
            account = [1, 0, self._storage[contract].root_hash, self.code_hashes[contract]]
            key = keccak(self.addresses[contract])
            state.set(key, rlp.encode(account))  # type: ignore[no-untyped-call]
        parent = self.block_hash(self.number) if self.headers else bytes(32)
        number = len(self.headers)
        fields = [
            *(parent, bytes(32), bytes(20), state.root_hash, bytes(32), bytes(32), bytes(256)),
            *(0, number, 30_000_000, 0, time, self._extra, bytes(32), bytes(8)),
        ]
        self.headers.append(rlp.encode(fields))
        self._states.append((state.root_hash, {c: self._storage[c].root_hash for c in Contract}))
        return number

    def anchor(self, origin_hash: bytes, size: int, root: bytes, time: int) -> tuple[int, int]:
        """Record a root in a block of its own; return the block's number and time."""
        number = self.number + 1
        record = int.from_bytes(evm_layout.anchor_record(root, number, time))
        self.store(Contract.ANCHOR, evm_layout.anchor_slot(origin_hash, size), record)
        head = pack((int.from_bytes(seeded("operator", 20)), 160), (size, 64), (0, 8))
        self.store(Contract.ANCHOR, evm_layout.head_slot(origin_hash), head)
        self.mine(time)
        return number, time

    def close(self, origin_hash: bytes, last_good_size: int) -> None:
        """Close a log; in the state from the next block on."""
        first, second = evm_layout.closure_slots(origin_hash)
        self.store(Contract.ANCHOR, first, 0)
        self.store(Contract.ANCHOR, second, pack((last_good_size, 64), (self.number + 1, 64)))

    def enrol(self, uri: str, role: str, key: CoseKey) -> None:
        """Let an organisation take part, in a role and with a key, from the next block on."""
        block = self.number + 1
        self.set_organisation(uri, block)
        self.set_role(uri, role, [(block, 0)])
        self.set_key(uri, key.thumbprint, block)

    def set_organisation(self, uri: str, start: int, ended: int = 0) -> None:
        """Write an organisation's interval."""
        word = pack((int.from_bytes(seeded(uri, 20)), 160), (start, 48), (ended, 48))
        organisation = evm_layout.organisation_id(uri)
        self.store(Contract.REGISTRY, evm_layout.organisation_slot(organisation), word)

    def set_role(self, uri: str, role: str, intervals: Iterable[tuple[int, int]]) -> None:
        """Write all intervals of an organisation's role."""
        organisation, name = evm_layout.organisation_id(uri), evm_layout.role_id(role)
        listed = list(intervals)
        self.store(Contract.REGISTRY, evm_layout.role_count_slot(organisation, name), len(listed))
        for index, (start, ended) in enumerate(listed):
            slot = evm_layout.role_interval_slot(organisation, name, index)
            self.store(Contract.REGISTRY, slot, pack((start, 64), (ended, 64)))

    def set_key(
        self, uri: str, thumbprint: bytes, start: int, ended: int = 0, suspect: int = 0, *, use: int = 1
    ) -> None:
        """Write a key's record."""
        first, second = evm_layout.key_slots(thumbprint)
        self.store(Contract.REGISTRY, first, int.from_bytes(evm_layout.organisation_id(uri)))
        word = pack((start, 64), (ended, 64), (suspect, 64), (use, 8))
        self.store(Contract.REGISTRY, second, word)

    def proof(
        self, number: int, slots: Iterable[tuple[Contract, int]], until: int | None = None
    ) -> StateProof:
        """Return a proof of slots in the state of a block, with the headers up to another block."""
        state_root, storage_roots = self._states[number]
        nodes: list[bytes] = []
        for contract in Contract:
            nodes += self._path(state_root, self.addresses[contract])
        for contract, slot in slots:
            nodes += self._path(storage_roots[contract], slot.to_bytes(32))
        last = self.number if until is None else until
        return StateProof.of(self.id, self.genesis, self.headers[number : last + 1], nodes)

    def _path(self, root: bytes, key: bytes) -> list[bytes]:
        proof = HexaryTrie(self._db, root).get_proof(keccak(key))  # type: ignore[no-untyped-call]
        path = [rlp.encode(node) for node in proof]
        # Nodes under 32 bytes lie within the one above.
        return [node for place, node in enumerate(path) if place == 0 or len(node) >= 32]
