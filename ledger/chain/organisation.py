"""What an organisation does alone, by its own admin account: its signing keys, and that account."""

from ledger.chain.accounts import TransactionSigner
from ledger.chain.client import ChainClient
from ledger.chain.contracts import REGISTRY, Interface
from ledger.chain.governance import Contracts
from ledger.chain.transactions import transact
from ledger.domain.cose import CoseKey
from ledger.domain.evm_layout import organisation_id
from ledger.domain.key_use import USE_STATEMENTS


class OrganisationAdmin:
    """Acts for one organisation; every method raises RevertedError when the registry refuses.

    Args:
        client: The chain.
        contracts: Where the contracts are.
        admin: Signs for the organisation's admin account.
    """

    def __init__(self, client: ChainClient, contracts: Contracts, admin: TransactionSigner) -> None:
        self._client = client
        self._contracts = contracts
        self._admin = admin

    def add_key(self, key: CoseKey, use: int = USE_STATEMENTS) -> bytes:
        """Add a signing key and return its thumbprint, 32 bytes.

        Args:
            key: Its public half.
            use: What it is for (`ledger.domain.key_use`), 0 to 255.
        """
        self._transact("addKey", key.encoded, use)
        return key.thumbprint

    def end_key(self, thumbprint: bytes) -> None:
        """End a signing key from the next block on; what it signed and was anchored before stays good."""
        self._transact("endKey", thumbprint)

    def suspect_key(self, thumbprint: bytes, since: int) -> None:
        """Say that a key may have been in other hands since block number `since`."""
        self._transact("suspectKey", thumbprint, since)

    def change_admin(self, address: bytes) -> None:
        """Hand the organisation to another account, 20 bytes; this one cannot take it back."""
        self._transact("changeAdmin", address)

    def veto_recovery(self) -> None:
        """Object to a recovery that waits: the admin key is not lost."""
        self._transact("vetoRecovery")

    def complete_recovery(self, uri: str) -> None:
        """Complete the recovery of an organisation whose delay is over; any account may."""
        self._transact("completeRecovery", organisation_id(uri))

    def _transact(self, function: str, *args: object) -> None:
        data = Interface.load(REGISTRY).call(function, *args)
        transact(self._client, self._admin, self._contracts.registry, data)
