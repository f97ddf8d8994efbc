"""What the anchor contract holds for one log, and in which blocks."""

from collections.abc import Iterable
from typing import Any

from ledger.chain.anchor_machine import AnchorBlock
from ledger.chain.client import ChainClient
from ledger.chain.contracts import ANCHOR, Interface, Log
from ledger.domain.evm_layout import Head


class AnchorContract:
    """Reads one log's part of a CheckpointAnchor.

    Args:
        client: The chain.
        address: The contract, 20 bytes.
        origin_hash: The log, 32 bytes.
        from_block: Number of a block before which the contract was not there.
    """

    def __init__(self, client: ChainClient, address: bytes, origin_hash: bytes, from_block: int = 0) -> None:
        self._client = client
        self.address = address
        self._origin_hash = origin_hash
        self._from_block = from_block
        self._interface = Interface.load(ANCHOR)

    def head(self, at: int) -> Head:
        """Return who anchors the log and how far it is, as of a block.

        Raises:
            UnavailableError: The node cannot say, or the contract is not there.
        """
        return Head(*self._call("headOf", at, self._origin_hash))

    def record(self, size: int, at: int) -> bytes | None:
        """Return what is kept for a size, 32 bytes, or None, as of a block."""
        record: bytes = self._call("anchorOf", at, self._origin_hash, size)
        return record if any(record) else None

    def anchoring(self, size: int, root: bytes) -> bytes:
        """Return the call that anchors."""
        return self._interface.call("anchor", self._origin_hash, size, root)

    def find(self, size: int, transactions: Iterable[bytes], until: int) -> tuple[bytes, AnchorBlock] | None:
        """Return the root anchored for a size and the block of it, None when the node does not show it.

        Args:
            size: The size.
            transactions: Hashes of transactions that may have done it; they are looked at first.
            until: Number of the last block to look into.
        """
        for transaction in transactions:
            receipt = self._client.receipt(transaction)
            logs = () if receipt is None else receipt.logs
            found = self._first(logs, size)
            if found is not None:
                return found
        topics = [self._interface.topic("Anchored"), self._origin_hash, size.to_bytes(32)]
        return self._first(self._client.logs(self.address, topics, self._from_block, until), size)

    def _first(self, logs: Iterable[Log], size: int) -> tuple[bytes, AnchorBlock] | None:
        for log in logs:
            event = self._interface.event(log) if log.address == self.address else None
            if event is None or event.name != "Anchored":
                continue
            if (event.args["originHash"], event.args["size"]) == (self._origin_hash, size):
                block = self._client.block(log.block_number)
                if block is not None and block.hash == log.block_hash:
                    return event.args["logRoot"], AnchorBlock(block.number, block.hash, block.time)
        return None

    def _call(self, function: str, at: int, *args: object) -> Any:
        data = self._interface.call(function, *args)
        return self._interface.result(function, self._client.call(self.address, data, at))
