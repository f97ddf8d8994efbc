"""Accounts that send transactions; their keys may never leave a device."""

from typing import Protocol

from eth_account.signers.local import LocalAccount
from eth_account.types import TransactionDictType

from ledger.chain.fees import Fees
from ledger.domain.evm_layout import keccak


class TransactionSigner(Protocol):
    """Signs transactions with the key of one account."""

    @property
    def address(self) -> bytes:
        """The account, 20 bytes."""

    def sign(self, transaction: TransactionDictType) -> bytes:
        """Return the signed transaction as it goes to the node.

        Args:
            transaction: Fields as `unsigned` makes them.

        Raises:
            UnavailableError: The device cannot be reached or refuses.
        """


class LocalSigner:
    """Signs with a key in memory.

    Args:
        account: As `ledger.keys.evm` opens it, or `eth_account.Account.create()` makes it.
    """

    def __init__(self, account: LocalAccount) -> None:
        self._account = account

    @property
    def address(self) -> bytes:
        """The account, 20 bytes."""
        return bytes.fromhex(self._account.address[2:])

    def sign(self, transaction: TransactionDictType) -> bytes:
        """Return the signed transaction."""
        return bytes(self._account.sign_transaction(transaction).raw_transaction)


def unsigned(
    *, chain_id: int, nonce: int, to: bytes | None, data: bytes, gas: int, fees: Fees
) -> TransactionDictType:
    """Return the fields of a transaction that moves no money.

    Args:
        chain_id: EIP-155 number.
        nonce: Number of the account's transactions before it.
        to: The contract, 20 bytes; None deploys one.
        data: The call, or the code that deploys.
        gas: The most that it may use.
        fees: What it pays for each unit.
    """
    fields: TransactionDictType = {
        "chainId": chain_id,
        "nonce": nonce,
        "data": data,
        "gas": gas,
        "value": 0,
        **fees.fields(),
    }
    if to is not None:
        fields["to"] = to
    if fees.tip is not None:
        fields["type"] = 2
    return fields


def transaction_hash(raw: bytes) -> bytes:
    """Return the name of a signed transaction, 32 bytes."""
    return keccak(raw)
