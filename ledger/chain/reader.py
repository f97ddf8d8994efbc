"""What can be read of an EVM chain, over any node that speaks Ethereum's JSON-RPC."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.chain.contracts import Log, revert_reason
from ledger.chain.errors import RevertedError, RpcRefusedError, WrongChainError
from ledger.chain.rpc import DEFAULT_TIMEOUT, Rpc
from ledger.domain.errors import UnavailableError

LATEST = "latest"
_LOG_RANGE = 10_000


@dataclass(frozen=True, slots=True)
class ChainIdentity:
    """Which chain it is: the EIP-155 number, and the hash of block 0 (32 bytes), which alone tells."""

    chain_id: int
    genesis: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """A block.

    Args:
        number: Its height.
        hash: 32 bytes.
        parent: Hash of the one before, 32 bytes.
        time: POSIX seconds, as its maker says.
        base_fee: Wei for a unit of gas; None on a chain without EIP-1559.
    """

    number: int
    hash: bytes
    parent: bytes
    time: int
    base_fee: int | None


class ChainReader:
    """Reads one chain; several threads may use it.

    Args:
        url: The node's JSON-RPC URL.
        expected: The chain that it must be; any if None.
        timeout: Seconds for each answer.
    """

    def __init__(
        self,
        url: str,
        *,
        expected: ChainIdentity | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        self.rpc = Rpc(url, timeout=timeout)
        self._expected = expected

    def identity(self) -> ChainIdentity:
        """Ask the node which chain it serves, each time anew: a restarted node may serve another one.

        Raises:
            WrongChainError: Not the expected one.
            UnavailableError: The node cannot say.
        """
        rpc = self.rpc
        chain_id = rpc.quantity(rpc.call("eth_chainId"), "eth_chainId")
        genesis = self.block(0)
        if genesis is None:
            raise rpc.nonsense("eth_getBlockByNumber", "no block 0")
        found = ChainIdentity(chain_id, genesis.hash)
        if self._expected not in (None, found):
            assert self._expected is not None
            raise WrongChainError(
                "wrong-chain",
                f"the chain node at {rpc.name} serves chain {found.chain_id} with genesis block "
                f"0x{found.genesis.hex()}; expected is chain {self._expected.chain_id} with "
                f"0x{self._expected.genesis.hex()}: check the RPC URL, or whether the chain was replaced",
            )
        return found

    def head(self) -> Block:
        """Return the newest block.

        Raises:
            UnavailableError: The node cannot say.
        """
        block = self.block(LATEST)
        if block is None:
            raise self.rpc.nonsense("eth_getBlockByNumber", "no latest block")
        return block

    def block(self, at: int | str) -> Block | None:
        """Return a block of the chain by its number, None when there is none."""
        raw = self.raw_block(at)
        if raw is None:
            return None
        rpc, what = self.rpc, "eth_getBlockByNumber"
        base_fee = raw.get("baseFeePerGas")
        block = Block(
            rpc.quantity(raw.get("number"), what),
            rpc.data(raw.get("hash"), what, 32),
            rpc.data(raw.get("parentHash"), what, 32),
            rpc.quantity(raw.get("timestamp"), what),
            None if base_fee is None else rpc.quantity(base_fee, what),
        )
        if isinstance(at, int) and block.number != at:
            raise rpc.nonsense(what, f"block {block.number} instead of {at}")
        return block

    def raw_block(self, at: int | str) -> dict[str, Any] | None:
        """Return the JSON of a block without its transactions, None when there is none."""
        raw = self.rpc.call("eth_getBlockByNumber", to_tag(at), False)
        if raw is not None and not isinstance(raw, dict):
            raise self.rpc.nonsense("eth_getBlockByNumber", "something that is no block")
        return raw

    def code(self, address: bytes, at: int | str = LATEST) -> bytes:
        """Return the code of a contract, empty when there is none."""
        return self.rpc.data(self.rpc.call("eth_getCode", to_hex(address), to_tag(at)), "eth_getCode")

    def call(self, to: bytes, data: bytes, at: int | str = LATEST) -> bytes:
        """Return what a contract answers at a block.

        Raises:
            RevertedError: The contract refused.
            UnavailableError: The node cannot say.
        """
        try:
            answer = self.rpc.call("eth_call", {"to": to_hex(to), "data": to_hex(data)}, to_tag(at))
        except RpcRefusedError as error:
            raise explained(error) from None
        return self.rpc.data(answer, "eth_call")

    def logs(self, address: bytes, topics: Sequence[bytes | None], first: int, last: int) -> tuple[Log, ...]:
        """Return the events of a contract in some blocks, in order.

        Args:
            address: The contract, 20 bytes.
            topics: What the first topics must be, None for any.
            first: Number of the first block.
            last: Number of the last block.

        Raises:
            UnavailableError: The node cannot say.
        """
        found: list[Log] = []
        width = _LOG_RANGE
        while first <= last:
            until = min(last, first + width - 1)
            query = {
                "address": to_hex(address),
                "topics": [None if one is None else to_hex(one) for one in topics],
                "fromBlock": hex(first),
                "toBlock": hex(until),
            }
            try:
                answer = self.rpc.call("eth_getLogs", query)
            except RpcRefusedError:
                # Providers limit the range, or the number of events, each in words of its own.
                if width == 1:
                    raise
                width = max(1, width // 8)
                continue
            if not isinstance(answer, list):
                raise self.rpc.nonsense("eth_getLogs", "something that is no list")
            found += [self.read_log(one, "eth_getLogs") for one in answer]
            first = until + 1
        return tuple(sorted(found, key=lambda log: (log.block_number, log.index)))

    def proof(self, address: bytes, slots: Sequence[int], at: int) -> dict[str, Any]:
        """Return the JSON of an EIP-1186 proof of an account and some of its slots at a block."""
        # The key in full: some nodes refuse the short form of a number.
        keys = [to_hex(slot.to_bytes(32)) for slot in slots]
        answer = self.rpc.call("eth_getProof", to_hex(address), keys, hex(at))
        if not isinstance(answer, dict):
            raise self.rpc.nonsense("eth_getProof", "something that is no proof")
        return answer

    def nonce(self, address: bytes, at: int | str = LATEST) -> int:
        """Return how many transactions of an account are in the chain up to a block, or also `pending`."""
        method = "eth_getTransactionCount"
        return self.rpc.quantity(self.rpc.call(method, to_hex(address), to_tag(at)), method)

    def balance(self, address: bytes) -> int:
        """Return what an account has now, in wei."""
        return self.rpc.quantity(self.rpc.call("eth_getBalance", to_hex(address), LATEST), "eth_getBalance")

    def read_log(self, raw: object, what: str) -> Log:
        """Return an event from the JSON of an answer to `what`."""
        rpc = self.rpc
        if not isinstance(raw, dict) or not isinstance(raw.get("topics"), list):
            raise rpc.nonsense(what, "something that is no event")
        return Log(
            rpc.data(raw.get("address"), what, 20),
            tuple(rpc.data(topic, what, 32) for topic in raw["topics"]),
            rpc.data(raw.get("data"), what),
            rpc.quantity(raw.get("blockNumber"), what),
            rpc.data(raw.get("blockHash"), what, 32),
            rpc.quantity(raw.get("logIndex"), what),
        )

    def close(self) -> None:
        """Let go of the connections."""
        self.rpc.close()


def explained(error: RpcRefusedError) -> UnavailableError | RevertedError:
    """Return the error that says that a contract refused, if this is one, or the same error."""
    # 3 is what geth answers for a revert; others say it in words only.
    if error.number != 3 and "revert" not in error.text.lower():
        return error
    name, text = revert_reason(error.data)
    return RevertedError(f"the contract refused: {text or error.text[:200]}", error=name)


def to_tag(at: int | str) -> str:
    """Return a block number or tag as JSON-RPC writes it."""
    return at if isinstance(at, str) else hex(at)


def to_hex(data: bytes) -> str:
    """Return bytes as JSON-RPC writes them."""
    return "0x" + data.hex()
