"""What the ledger does on an EVM chain beside reading it: sending transactions."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ledger.chain.accounts import transaction_hash
from ledger.chain.contracts import Log
from ledger.chain.errors import RpcRefusedError
from ledger.chain.fees import GWEI, Fees
from ledger.chain.reader import LATEST, ChainIdentity, ChainReader, explained, to_hex
from ledger.chain.rpc import DEFAULT_TIMEOUT
from ledger.domain.errors import UnavailableError

_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a transaction.

    Args:
        block_number: The block that it is in.
        block_hash: That block's hash, 32 bytes.
        succeeded: False when the contract refused it; it was paid for all the same.
        gas_used: Units of gas.
        contract: The contract that it deployed, 20 bytes, or None.
        logs: The events that it caused.
    """

    block_number: int
    block_hash: bytes
    succeeded: bool
    gas_used: int
    contract: bytes | None
    logs: tuple[Log, ...]


class Sent(StrEnum):
    """What a node said to a transaction; none of these is a reason to lose it."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    NONCE_USED = "nonce-used"
    UNDERPRICED = "underpriced"


# Every node has words of its own; these are parts of those of geth, Besu, Nethermind, Erigon, Reth and anvil.
_SAID = (
    ("already known", Sent.KNOWN),
    ("already imported", Sent.KNOWN),
    ("known transaction", Sent.KNOWN),
    ("alreadyknown", Sent.KNOWN),
    ("nonce too low", Sent.NONCE_USED),
    ("nonce is too low", Sent.NONCE_USED),
    ("oldnonce", Sent.NONCE_USED),
    ("underpriced", Sent.UNDERPRICED),
    ("not enough to replace", Sent.UNDERPRICED),
)


class ChainClient(ChainReader):
    """Reads one chain and sends transactions to it; several threads may use it.

    Args:
        url: The node's JSON-RPC URL.
        expected: The chain that it must be; any if None.
        timeout: Seconds for each answer.
        max_fee: Wei for a unit of gas that is never exceeded.
        while_waiting: Called between two looks for a receipt; sleeps if None.
    """

    def __init__(
        self,
        url: str,
        *,
        expected: ChainIdentity | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        max_fee: int = 500 * GWEI,
        while_waiting: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(url, expected=expected, timeout=timeout)
        self._max_fee = max_fee
        self._while_waiting = while_waiting or (lambda: time.sleep(_POLL_SECONDS))

    def fees(self) -> Fees:
        """Return what a transaction should pay now.

        Raises:
            UnavailableError: More than `max_fee`; try again when the chain is less busy.
        """
        rpc, base_fee = self.rpc, self.head().base_fee
        if base_fee is None:
            fees = Fees(rpc.quantity(rpc.call("eth_gasPrice"), "eth_gasPrice"), None)
        else:
            tip = self._tip()
            # Twice the base fee stays enough through six full blocks in a row (EIP-1559).
            fees = Fees(2 * base_fee + tip, tip)
        return self.affordable(fees)

    def affordable(self, fees: Fees) -> Fees:
        """Return the fees.

        Raises:
            UnavailableError: They are above `max_fee`.
        """
        if fees.max_fee > self._max_fee:
            raise UnavailableError(
                "fee-cap",
                f"the chain asks for {fees.max_fee} wei for a unit of gas, more than the {self._max_fee} "
                "allowed; wait, or allow more",
            )
        return fees

    def estimate(self, sender: bytes, to: bytes | None, data: bytes, *, cap: int) -> int:
        """Return how much gas a transaction may use: a quarter more than it would now.

        Args:
            sender: The account, 20 bytes.
            to: The contract, 20 bytes, or None to deploy one.
            data: The call.
            cap: The most that is allowed, units of gas.

        Raises:
            RevertedError: The contract would refuse it.
            UnavailableError: It would use more than the cap, or the node cannot say.
        """
        call = {"from": to_hex(sender), "data": to_hex(data)} | ({} if to is None else {"to": to_hex(to)})
        try:
            # Some nodes would count what waits, an earlier try of the same transaction too.
            answer = self.rpc.call("eth_estimateGas", call, LATEST)
        except RpcRefusedError as error:
            raise explained(error) from None
        gas = self.rpc.quantity(answer, "eth_estimateGas")
        if gas > cap:
            raise UnavailableError("gas-cap", f"the transaction would use {gas} gas; {cap} are allowed")
        return min(cap, gas + gas // 4)

    def send(self, raw: bytes) -> Sent:
        """Hand a signed transaction to the node; doing so again is harmless.

        Raises:
            UnavailableError: The node did not take it.
        """
        try:
            answer = self.rpc.call("eth_sendRawTransaction", to_hex(raw))
        except RpcRefusedError as error:
            text = error.text.lower()
            for words, meaning in _SAID:
                if words in text:
                    return meaning
            if "insufficient" in text:
                raise UnavailableError(
                    "insufficient-funds", f"the account cannot pay for the transaction: {error.text[:200]}"
                ) from None
            raise
        if self.rpc.data(answer, "eth_sendRawTransaction", 32) != transaction_hash(raw):
            raise self.rpc.nonsense("eth_sendRawTransaction", "the hash of another transaction")
        return Sent.ACCEPTED

    def receipt(self, transaction: bytes) -> Receipt | None:
        """Return what became of a transaction, None while it is in no block.

        Args:
            transaction: Its hash, 32 bytes.
        """
        rpc, what = self.rpc, "eth_getTransactionReceipt"
        raw = rpc.call(what, to_hex(transaction))
        if raw is None:
            return None
        if not isinstance(raw, dict) or not isinstance(raw.get("logs"), list):
            raise rpc.nonsense(what, "something that is no receipt")
        contract = raw.get("contractAddress")
        return Receipt(
            rpc.quantity(raw.get("blockNumber"), what),
            rpc.data(raw.get("blockHash"), what, 32),
            rpc.quantity(raw.get("status"), what) == 1,
            rpc.quantity(raw.get("gasUsed"), what),
            None if contract is None else rpc.data(contract, what, 20),
            tuple(self.read_log(one, what) for one in raw["logs"]),
        )

    def wait(self, transaction: bytes, *, timeout: float = 120.0) -> Receipt:
        """Return what became of a transaction once it is in a block.

        Args:
            transaction: Its hash, 32 bytes.
            timeout: Seconds.

        Raises:
            UnavailableError: It is in none after that time; it may still get into one.
        """
        until = time.monotonic() + timeout
        while (receipt := self.receipt(transaction)) is None:
            if time.monotonic() > until:
                raise UnavailableError(
                    "transaction-pending",
                    f"transaction 0x{transaction.hex()} is in no block after {timeout:g} s; it may still be",
                )
            self._while_waiting()
        return receipt

    def _tip(self) -> int:
        try:
            return self.rpc.quantity(self.rpc.call("eth_maxPriorityFeePerGas"), "eth_maxPriorityFeePerGas")
        except RpcRefusedError:
            return GWEI
