"""Money for accounts on the embedded chain, which has no other way to it: its blocks cost nothing."""

from ledger.chain.client import ChainClient
from ledger.chain.embedded import ETHER
from ledger.chain.reader import to_hex

_PLENTY = 1_000 * ETHER


def fund_embedded(client: ChainClient, address: bytes) -> None:
    """Give an account money on an embedded chain that another process runs, unless it has some.

    Whoever reaches that chain's port can do this anyway; on a chain of more than one machine no node does it.

    Args:
        client: The embedded chain.
        address: The account, 20 bytes.

    Raises:
        UnavailableError: The node cannot be reached, or is not anvil.
    """
    if client.balance(address) < ETHER:
        client.rpc.call("anvil_setBalance", to_hex(address), hex(_PLENTY))
