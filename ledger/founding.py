"""How a log begins: contracts on a chain, two founding organisations, a genesis document, leaf 0."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from eth_account.signers.local import LocalAccount

from ledger.chain.accounts import LocalSigner
from ledger.chain.client import ChainClient
from ledger.chain.governance import (
    Call,
    Contracts,
    Founder,
    Governor,
    agree,
    begin_role,
    deploy,
    enrol,
    open_log,
)
from ledger.chain.organisation import OrganisationAdmin
from ledger.corridors.profile import Profile
from ledger.domain.clock import Clock
from ledger.domain.cose import CoseKey
from ledger.domain.errors import UsageError
from ledger.domain.genesis import build_genesis
from ledger.operator_keys import OperatorKeys


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation's URI and its admin account."""

    uri: str
    account: LocalAccount

    @property
    def signer(self) -> LocalSigner:
        """Signs the organisation's transactions."""
        return LocalSigner(self.account)


class Governance:
    """Two organisations that govern: what one proposes the other approves.

    Args:
        client: The chain.
        contracts: Where the contracts are.
        founders: The organisations that govern; the first proposes, the second approves.
    """

    def __init__(self, client: ChainClient, contracts: Contracts, founders: Sequence[Organisation]) -> None:
        self._client = client
        self.contracts = contracts
        self._proposer, self._approver = (Governor(client, contracts, one.signer) for one in founders[:2])

    @classmethod
    def found(cls, client: ChainClient, founders: Sequence[Organisation]) -> Self:
        """Deploy the contracts for some founders; the first one pays.

        Raises:
            UsageError: Fewer than two founders.
            UnavailableError: The chain does not take it; the message says which account needs money.
        """
        if len(founders) < 2:
            raise UsageError("founders", "a registry is founded by at least two organisations")
        named = [Founder(one.uri, one.signer.address) for one in founders]
        return cls(client, deploy(client, founders[0].signer, named), founders)

    def agree(self, call: Call) -> None:
        """Let one organisation propose a call and the other approve it."""
        agree(self._proposer, self._approver, call)

    def admit(self, organisation: Organisation, roles: Sequence[str]) -> None:
        """Enrol an organisation with its roles."""
        self.agree(enrol(organisation.uri, organisation.signer.address))
        self.begin(organisation, roles)

    def begin(self, organisation: Organisation, roles: Sequence[str]) -> None:
        """Give an organisation that takes part already some roles more."""
        for role in roles:
            self.agree(begin_role(organisation.uri, role))

    def add_key(self, organisation: Organisation, key: CoseKey) -> None:
        """Let an organisation's admin account add a signing key."""
        OrganisationAdmin(self._client, self.contracts, organisation.signer).add_key(key)


def found_log(
    governance: Governance,
    client: ChainClient,
    keys: OperatorKeys,
    *,
    origin: str,
    profile: Profile,
    clock: Clock,
) -> bytes:
    """Let governance open the log on the chain, and return its genesis document.

    Args:
        governance: Who agrees to it.
        client: The chain.
        keys: The operator's.
        origin: The log's origin line.
        profile: The corridor's rules.
        clock: Dates the document.
    """
    governance.agree(open_log(origin, LocalSigner(keys.account).address))
    identity = client.identity()
    return build_genesis(
        origin=origin,
        chain_id=identity.chain_id,
        chain_genesis=identity.genesis,
        registry=governance.contracts.registry,
        anchor=governance.contracts.anchor,
        inclusion=governance.contracts.inclusion,
        log_key=keys.log.verifier_key.encode(),
        receipt_key=keys.receipt.signer.key,
        profile=profile.hash,
        created=clock(),
    )
