"""Block headers as the chain hashes them, from what nodes say of them in JSON."""

from collections.abc import Mapping
from typing import Any

import rlp
from rlp.exceptions import RLPException

from ledger.domain.errors import VerificationError
from ledger.domain.evm_layout import keccak

_QUANTITY = None
# Order and sizes in bytes (Yellow Paper section 4.3; later EIP-1559, 4895, 4844, 4788 and 7685).
_FIELDS: tuple[tuple[str, int | None], ...] = (
    ("parentHash", 32),
    ("sha3Uncles", 32),
    ("miner", 20),
    ("stateRoot", 32),
    ("transactionsRoot", 32),
    ("receiptsRoot", 32),
    ("logsBloom", 256),
    ("difficulty", _QUANTITY),
    ("number", _QUANTITY),
    ("gasLimit", _QUANTITY),
    ("gasUsed", _QUANTITY),
    ("timestamp", _QUANTITY),
    ("extraData", -1),
    ("mixHash", 32),
    ("nonce", 8),
)
_EXTRA_DATA = 12
_LATER_FIELDS: tuple[tuple[str, int | None], ...] = (
    ("baseFeePerGas", _QUANTITY),
    ("withdrawalsRoot", 32),
    ("blobGasUsed", _QUANTITY),
    ("excessBlobGas", _QUANTITY),
    ("parentBeaconBlockRoot", 32),
    ("requestsHash", 32),
)


def header_of(block: Mapping[str, Any]) -> bytes:
    """Return the RLP of a block's header, whose Keccak-256 hash is the block's.

    Args:
        block: JSON of the block, as `eth_getBlockByNumber` gives it.

    Raises:
        VerificationError: The hash that the node gives is not that of the header: a fork that this version
            does not know, a chain that hashes its blocks in another way, or a node that lies.
    """
    header = encode_header(block)
    for candidate in (header, *_without_seals(header)):
        if "0x" + keccak(candidate).hex() == block.get("hash"):
            return candidate
    raise VerificationError(
        "block-header",
        f"the header of block {block.get('number')} does not hash to {block.get('hash')}: no proof "
        "can be taken of this chain; a newer version may know its blocks",
    )


def encode_header(block: Mapping[str, Any]) -> bytes:
    """Return the RLP of a header from its fields in JSON.

    Raises:
        VerificationError: A field is not there, or has another form.
    """
    fields = [_encoded(block, name, size) for name, size in _FIELDS]
    for name, size in _LATER_FIELDS:
        # Forks only append: what follows a field that is not there does not exist either.
        if block.get(name) is None:
            break
        fields.append(_encoded(block, name, size))
    return bytes(rlp.encode(fields))


def _without_seals(header: bytes) -> list[bytes]:
    """Return what consortium chains hash instead of a header: their validators' seals come after the hash.

    Args:
        header: With extra data as QBFT and IBFT 2.0 write it: `[vanity, validators, vote, round, seals]`.
    """
    fields = rlp.decode(header)
    try:
        extra = rlp.decode(fields[_EXTRA_DATA])
    except RLPException:
        return []
    if not isinstance(extra, list) or len(extra) != 5:
        return []
    kept = extra[:3]
    # QBFT hashes round 0 and no seals, IBFT 2.0 neither of the two fields (Besu's extra data codecs of both).
    return [
        bytes(rlp.encode([*fields[:_EXTRA_DATA], rlp.encode(other), *fields[_EXTRA_DATA + 1 :]]))
        for other in ([*kept, b"", []], kept)
    ]


def _encoded(block: Mapping[str, Any], name: str, size: int | None) -> bytes:
    value = block.get(name)
    try:
        if not isinstance(value, str) or not value.startswith("0x"):
            raise ValueError
        if size is _QUANTITY:
            number = int(value, 16)
            return number.to_bytes((number.bit_length() + 7) // 8)
        data = bytes.fromhex(value[2:])
        if size not in (-1, len(data)):
            raise ValueError
    except ValueError:
        message = f"a block of the chain has no proper {name}"
        raise VerificationError("block-header", message, field=name) from None
    return data
