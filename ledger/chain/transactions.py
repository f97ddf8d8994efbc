"""One transaction from call to receipt, for what people do by hand: deploying and governing."""

from ledger.chain.accounts import TransactionSigner, transaction_hash, unsigned
from ledger.chain.client import ChainClient, Receipt, Sent
from ledger.chain.errors import RevertedError
from ledger.domain.errors import UnavailableError

MAX_GAS = 12_000_000
_TRIES = 3


def transact(client: ChainClient, signer: TransactionSigner, to: bytes | None, data: bytes) -> Receipt:
    """Send a transaction and wait until it is in a block.

    Anchors do not go this way: they must survive a crash at any moment (`ledger.chain.anchoring`).

    Args:
        client: The chain.
        signer: The account that sends it.
        to: The contract, 20 bytes; None deploys one.
        data: The call, or the code that deploys.

    Raises:
        RevertedError: The contract refuses it.
        UnavailableError: The node did not take it, or it is in no block yet.
    """
    gas = client.estimate(signer.address, to, data, cap=MAX_GAS)
    chain_id = client.identity().chain_id
    for _ in range(_TRIES):
        raw = signer.sign(
            unsigned(
                chain_id=chain_id,
                nonce=client.nonce(signer.address, "pending"),
                to=to,
                data=data,
                gas=gas,
                fees=client.fees(),
            )
        )
        if client.send(raw) in (Sent.ACCEPTED, Sent.KNOWN):
            receipt = client.wait(transaction_hash(raw))
            if not receipt.succeeded:
                raise RevertedError(f"the contract refused transaction 0x{transaction_hash(raw).hex()}")
            return receipt
        # Another process used the nonce in between: take the next one.
    raise UnavailableError(
        "nonce-used", f"account 0x{signer.address.hex()} is sending other transactions; try again"
    )
