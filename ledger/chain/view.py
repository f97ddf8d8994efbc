"""The chain as a node of the verifier's own shows it: records of the contracts at one final block."""

from typing import Any, Self

from ledger.chain.contracts import ANCHOR, REGISTRY, Interface
from ledger.chain.errors import WrongChainError
from ledger.chain.reader import ChainIdentity, ChainReader
from ledger.domain.errors import UnavailableError
from ledger.domain.evm_layout import Closure, Head, Interval, KeyRecord, Organisation, keccak


class RpcChainView:
    """Answers a verifier's questions by `eth_call` at one block; it has the form of `ChainView`.

    Args:
        reader: The node.
        identity: The chain that the node serves.
        addresses: Address of each contract, 20 bytes, under `registry` and `anchor`.
        block_number: The block; it must be final.
    """

    live = True

    def __init__(
        self, reader: ChainReader, identity: ChainIdentity, addresses: dict[str, bytes], block_number: int
    ) -> None:
        self._reader = reader
        self._identity = identity
        self._addresses = addresses
        self.block_number = block_number

    @classmethod
    def connect(cls, reader: ChainReader, *, registry: bytes, anchor: bytes, depth: int) -> Self:
        """Return the view of the newest block that is deep enough.

        Args:
            reader: A node that the verifier trusts; it checks the chain that it was told to expect.
            registry: Address of the ParticipantRegistry, 20 bytes.
            anchor: Address of the CheckpointAnchor, 20 bytes.
            depth: How many blocks must lie on top.

        Raises:
            WrongChainError: The node serves another chain.
            UnavailableError: The node cannot say.
        """
        identity = reader.identity()
        number = max(0, reader.head().number - depth)
        return cls(reader, identity, {"registry": registry, "anchor": anchor}, number)

    @property
    def chain_id(self) -> int:
        """EIP-155 number of the chain."""
        return self._identity.chain_id

    @property
    def genesis(self) -> bytes:
        """Hash of block 0, 32 bytes."""
        return self._identity.genesis

    def check_pinned(self, number: int, block_hash: bytes) -> None:
        """Return when the node has a block that was pinned.

        Raises:
            WrongChainError: Another block stands there: the chain was rewritten, or is another one.
            UnavailableError: The node does not have a block of this number, or cannot say.
        """
        block = self._reader.block(number)
        if block is None:
            raise UnavailableError("block-missing", f"the chain node has no block {number} yet")
        if block.hash != block_hash:
            raise WrongChainError(
                "chain-rewritten",
                f"block {number} of the chain is 0x{block.hash.hex()[:16]}…, and 0x{block_hash.hex()[:16]}… "
                "is pinned: the chain was rewritten",
            )

    def code_hash(self, contract: str) -> bytes:
        """Return the Keccak-256 hash of a contract's code, 32 zero bytes when there is none.

        Args:
            contract: `registry` or `anchor`.
        """
        code = self._reader.code(self._addresses[contract], self.block_number)
        return keccak(code) if code else bytes(32)

    def anchor_record(self, origin_hash: bytes, size: int) -> bytes | None:
        """Return the anchor record of a log's size, None when it was not anchored."""
        record: bytes = self._anchor("anchorOf", origin_hash, size)
        return record if any(record) else None

    def head(self, origin_hash: bytes) -> Head:
        """Return who anchors a log and how far it is."""
        return Head(*self._anchor("headOf", origin_hash))

    def closure(self, origin_hash: bytes) -> Closure:
        """Return how far a closed log is to be believed."""
        return Closure(*self._anchor("closureOf", origin_hash))

    def key_record(self, thumbprint: bytes, at: int = 0) -> KeyRecord | None:
        """Return what the registry says of a key, None when it does not know it.

        Args:
            thumbprint: 32 bytes.
            at: Number of a block; the answer comes from a later state.

        Raises:
            UnavailableError: The block asked about is later than this view's.
        """
        organisation, start, ended, suspect_since, use = self._registry("keyOf", at, thumbprint)
        return KeyRecord(organisation, Interval(start, ended), suspect_since, use) if start else None

    def organisation(self, organisation: bytes, at: int = 0) -> Organisation | None:
        """Return an organisation's record, None when it is not known; `at` as in `key_record`."""
        admin, start, ended = self._registry("organisationOf", at, organisation)
        return Organisation(admin, Interval(start, ended)) if start else None

    def role_intervals(self, organisation: bytes, role: bytes, at: int = 0) -> tuple[Interval, ...]:
        """Return all intervals of a role, oldest first; `at` as in `key_record`."""
        return tuple(Interval(*one) for one in self._registry("roleIntervalsOf", at, organisation, role))

    def _anchor(self, function: str, *args: object) -> Any:
        return self._call(ANCHOR, self._addresses["anchor"], function, args)

    def _registry(self, function: str, at: int, *args: object) -> Any:
        if at > self.block_number:
            raise UnavailableError(
                "not-final", f"block {at} is not final: the view is of block {self.block_number}"
            )
        return self._call(REGISTRY, self._addresses["registry"], function, args)

    def _call(self, contract: str, address: bytes, function: str, args: tuple[object, ...]) -> Any:
        interface = Interface.load(contract)
        data = interface.call(function, *args)
        return interface.result(function, self._reader.call(address, data, self.block_number))
