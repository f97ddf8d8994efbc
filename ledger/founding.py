"""How a log begins: contracts on a chain, two founding organisations, a genesis document, leaf 0."""

from collections.abc import Mapping, Sequence
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
from ledger.domain.errors import UnavailableError, UsageError
from ledger.domain.genesis import build_genesis
from ledger.domain.key_use import USE_STATEMENTS
from ledger.operator_keys import OperatorKeys
from ledger.storage.faults import Fault, no_fault


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

    def add_key(self, organisation: Organisation, key: CoseKey, use: int = USE_STATEMENTS) -> None:
        """Let an organisation's admin account add a signing key; `use` is the registry's."""
        OrganisationAdmin(self._client, self.contracts, organisation.signer).add_key(key, use)


def begin_log(
    client: ChainClient,
    founders: Sequence[Organisation],
    keys: OperatorKeys,
    *,
    origin: str,
    profile: Profile,
    clock: Clock,
    fault: Fault = no_fault,
) -> bytes:
    """Found a registry, let it open a log, and return the log's genesis document.

    Nothing in a database is touched: after a crash it is done anew, and contracts of an earlier try stay
    behind without a use.

    Args:
        client: The chain.
        founders: The organisations that govern, at least two; the first one pays for the contracts.
        keys: The operator's.
        origin: The log's origin line.
        profile: The corridor's rules.
        clock: Dates the document.
        fault: Lets a test fail at `deployed` and `opened`.

    Raises:
        UsageError: Fewer than two founders, or an account that has to pay has no money.
        UnavailableError: The chain does not take it.
    """
    contracts = open_on(client, founders, keys, origin=origin, fault=fault)
    identity = client.identity()
    return build_genesis(
        origin=origin,
        chain_id=identity.chain_id,
        chain_genesis=identity.genesis,
        registry=contracts.registry,
        anchor=contracts.anchor,
        inclusion=contracts.inclusion,
        log_key=keys.log.verifier_key.encode(),
        receipt_key=keys.receipt.signer.key,
        profile=profile.hash,
        created=clock(),
    )


def open_on(
    client: ChainClient,
    founders: Sequence[Organisation],
    keys: OperatorKeys,
    *,
    origin: str,
    fault: Fault = no_fault,
) -> Contracts:
    """Found a registry on a chain and let it open a log there; arguments and errors as of `begin_log`."""
    operator = LocalSigner(keys.account).address
    _check_money(client, {one.uri: one.signer.address for one in founders} | {"the operator": operator})
    governance = Governance.found(client, founders)
    fault("deployed")
    governance.agree(open_log(origin, operator))
    fault("opened")
    return governance.contracts


def check_deployed(client: ChainClient, contracts: Contracts) -> None:
    """Return when a chain has the contracts.

    Raises:
        UnavailableError: There is no code where they should be.
    """
    for name, address in (("registry", contracts.registry), ("anchor contract", contracts.anchor)):
        if not client.code(address):
            raise UnavailableError(
                "contracts-missing",
                f"the chain has no {name} at 0x{address.hex()}: its state is older than the log. Restore a "
                "newer state of the chain; or, of an embedded chain, move the folder `chain` away, and the "
                "log goes on on a new chain",
            )


def _check_money(client: ChainClient, accounts: Mapping[str, bytes]) -> None:
    if client.fees().max_fee == 0:
        return
    poor = [f"{name} 0x{address.hex()}" for name, address in accounts.items() if not client.balance(address)]
    if poor:
        raise UsageError(
            "no-money",
            f"these accounts pay for transactions on chain {client.identity().chain_id} and have no money: "
            f"{', '.join(poor)}. Send them some and start again",
        )
