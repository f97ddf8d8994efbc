"""What a transaction pays, and what one that is stuck has to pay more."""

from dataclasses import dataclass
from typing import Self

import rlp
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes

GWEI = 10**9


@dataclass(frozen=True, slots=True)
class Fees:
    """Wei for a unit of gas.

    Args:
        max_fee: What is paid at most; on a chain without EIP-1559, what is paid.
        tip: What the maker of the block gets of it at most; None on a chain without EIP-1559.
    """

    max_fee: int
    tip: int | None

    def fields(self) -> dict[str, int]:
        """Return the fields of a transaction that say this."""
        if self.tip is None:
            return {"gasPrice": self.max_fee}
        return {"maxFeePerGas": self.max_fee, "maxPriorityFeePerGas": self.tip}

    def replacing(self, previous: Self) -> "Fees":
        """Return fees of which nodes take a replacement: at least an eighth above the old ones.

        Args:
            previous: What the transaction pays that is to be replaced.
        """
        # Geth asks for 10 %, others for 12.5 % (EIP-1559 leaves it open).
        tip = None if self.tip is None else max(self.tip, _raised(previous.tip or 0))
        return Fees(max(self.max_fee, _raised(previous.max_fee), tip or 0), tip)

    @classmethod
    def of_transaction(cls, raw: bytes) -> Self:
        """Return what a signed transaction pays.

        Args:
            raw: Legacy, or of type 2 (EIP-2718).
        """
        if raw[0] >= 0xC0:
            return cls(int.from_bytes(rlp.decode(raw)[1]), None)
        fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
        return cls(int(fields["maxFeePerGas"]), int(fields["maxPriorityFeePerGas"]))


def _raised(fee: int) -> int:
    return fee + fee // 8 + 1
