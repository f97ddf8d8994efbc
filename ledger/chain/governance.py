"""Deploying the contracts, and what two organisations do with them: one proposes, another approves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from ledger.chain.accounts import TransactionSigner
from ledger.chain.client import ChainClient, Receipt
from ledger.chain.contracts import ANCHOR, INCLUSION, REGISTRY, Interface
from ledger.chain.reader import ChainReader
from ledger.chain.registry_events import ProposalState
from ledger.chain.transactions import transact
from ledger.domain.errors import NotFoundError, UnavailableError
from ledger.domain.evm_layout import organisation_id, role_id


@dataclass(frozen=True, slots=True)
class Contracts:
    """Where the contracts of a log are.

    Args:
        registry: Address of the ParticipantRegistry, 20 bytes.
        anchor: Address of the CheckpointAnchor, 20 bytes.
        inclusion: Address of the InclusionVerifier, 20 bytes.
        from_block: Number of a block before which none of them was there.
    """

    registry: bytes
    anchor: bytes
    inclusion: bytes
    from_block: int = 0


@dataclass(frozen=True, slots=True)
class Founder:
    """An organisation that governs from the beginning: its URI, and the account of its admin (20 bytes)."""

    uri: str
    admin: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """What governance is asked to do: a call on the registry or on the anchor contract."""

    contract: str
    function: str
    args: tuple[object, ...]

    @property
    def data(self) -> bytes:
        """The call as the contract takes it."""
        return Interface.load(self.contract).call(self.function, *self.args)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A call that an organisation proposed.

    Args:
        id: Its name, 32 bytes.
        organisation: Who proposed it, 32 bytes.
        target: The contract to be called, 20 bytes.
        state: How far it is.
        data: The call.
    """

    id: bytes
    organisation: bytes
    target: bytes
    state: ProposalState
    data: bytes


def enrol(uri: str, admin: bytes) -> Call:
    """Return the call that makes an organisation a participant.

    Args:
        uri: What its statements carry as `iss`.
        admin: Account that will add and end its keys, 20 bytes.
    """
    return Call(REGISTRY, "enrol", (uri, admin))


def end_organisation(uri: str) -> Call:
    """Return the call after which an organisation is no participant any more, for ever."""
    return Call(REGISTRY, "endOrganisation", (organisation_id(uri),))


def begin_role(uri: str, role: str) -> Call:
    """Return the call that gives an organisation a role, by its lower-case name."""
    return Call(REGISTRY, "beginRole", (organisation_id(uri), role_id(role)))


def end_role(uri: str, role: str) -> Call:
    """Return the call that takes a role from an organisation."""
    return Call(REGISTRY, "endRole", (organisation_id(uri), role_id(role)))


def schedule_recovery(uri: str, admin: bytes) -> Call:
    """Return the call that lets another account (20 bytes) take over after the delay: the key is lost."""
    return Call(REGISTRY, "scheduleRecovery", (organisation_id(uri), admin))


def open_log(origin: str, operator: bytes) -> Call:
    """Return the call that lets an account (20 bytes) anchor the log with this origin."""
    return Call(ANCHOR, "open", (origin, operator))


def rotate_operator(origin: str, operator: bytes) -> Call:
    """Return the call after which another account (20 bytes) anchors a log."""
    return Call(ANCHOR, "rotateOperator", (origin_hash(origin), operator))


def close_log(origin: str, last_good_size: int, successor: str | None = None) -> Call:
    """Return the call that closes a log for ever, when its operator's key is in other hands.

    Args:
        origin: Of the log.
        last_good_size: The largest anchored size still to be believed; 0 for none.
        successor: Origin of the log that goes on; it must be open.
    """
    following = bytes(32) if successor is None else origin_hash(successor)
    return Call(ANCHOR, "close", (origin_hash(origin), last_good_size, following))


def origin_hash(origin: str) -> bytes:
    """Return a log's name in the anchor contract, 32 bytes."""
    return sha256(origin.encode()).digest()


def deploy(client: ChainClient, deployer: TransactionSigner, founders: Sequence[Founder]) -> Contracts:
    """Deploy the committed contracts. Whoever does it has no power over them.

    Args:
        client: The chain.
        deployer: Any account that can pay.
        founders: The first organisations, at least two; only they govern.

    Raises:
        RevertedError: Fewer than two founders, or two of them with one URI or admin.
        UnavailableError: The chain does not take it now.
    """
    registry = Interface.load(REGISTRY).creation([(one.uri, one.admin) for one in founders])
    deployed = _deploy(client, deployer, registry)
    anchor = _deploy(client, deployer, Interface.load(ANCHOR).creation(_contract(deployed)))
    inclusion = _deploy(client, deployer, Interface.load(INCLUSION).creation())
    return Contracts(_contract(deployed), _contract(anchor), _contract(inclusion), deployed.block_number)


class Governor:
    """What an organisation with the governor role does, by its admin account.

    Args:
        client: The chain.
        contracts: Where the contracts are.
        admin: Signs for the admin account.
    """

    def __init__(self, client: ChainClient, contracts: Contracts, admin: TransactionSigner) -> None:
        self._client = client
        self._contracts = contracts
        self._admin = admin
        self._registry = Interface.load(REGISTRY)

    def propose(self, call: Call) -> bytes:
        """Propose a call and return the proposal's name, 32 bytes, by which another organisation approves it.

        Raises:
            RevertedError: The organisation does not govern.
        """
        target = self._contracts.registry if call.contract == REGISTRY else self._contracts.anchor
        receipt = self._transact("propose", target, call.data)
        for log in receipt.logs:
            event = self._registry.event(log)
            if event is not None and event.name == "Proposed":
                return bytes(event.args["proposal"])
        raise UnavailableError("chain-nonsense", "the registry took a proposal and gave it no name")

    def approve(self, proposal: bytes) -> None:
        """Approve another organisation's proposal, and with that let it happen.

        Raises:
            RevertedError: The organisation does not govern, proposed it itself, or what is proposed fails.
        """
        self._transact("approve", proposal)

    def withdraw(self, proposal: bytes) -> None:
        """Take back a proposal of this organisation.

        Raises:
            RevertedError: It is not open, or another organisation's.
        """
        self._transact("withdraw", proposal)

    def _transact(self, function: str, *args: object) -> Receipt:
        data = self._registry.call(function, *args)
        return transact(self._client, self._admin, self._contracts.registry, data)


def agree(proposer: Governor, approver: Governor, call: Call) -> bytes:
    """Let one organisation propose a call and another approve it; return the proposal's name.

    Raises:
        RevertedError: Either may not, or the call fails; the proposal then stays open.
    """
    proposal = proposer.propose(call)
    approver.approve(proposal)
    return proposal


def read_proposal(reader: ChainReader, contracts: Contracts, proposal: bytes) -> Proposal:
    """Return a proposal, for whoever is to approve it.

    Args:
        reader: The chain.
        contracts: Where the contracts are.
        proposal: Its name, 32 bytes.

    Raises:
        NotFoundError: There is none of this name.
    """
    registry = Interface.load(REGISTRY)
    answer = reader.call(contracts.registry, registry.call("proposalOf", proposal))
    organisation, target, state, data = registry.result("proposalOf", answer)
    if state == ProposalState.UNKNOWN:
        raise NotFoundError("proposal-unknown", f"the registry has no proposal 0x{proposal.hex()}")
    return Proposal(proposal, organisation, target, ProposalState(state), data)


def describe(proposal: Proposal, contracts: Contracts, names: Mapping[bytes, str] | None = None) -> str:
    """Return in words what a proposal would do, read from the bytes that would be executed.

    Args:
        proposal: As the registry has it.
        contracts: Where the contracts are.
        names: Texts for hashes that the reader may know: organisations, roles, origins.
    """
    contract = {contracts.registry: REGISTRY, contracts.anchor: ANCHOR}.get(proposal.target)
    words = None if contract is None else _in_words(contract, proposal.data, names or {})
    return words or f"a call of the unknown contract 0x{proposal.target.hex()} with 0x{proposal.data.hex()}"


def describe_call(call: Call, names: Mapping[bytes, str] | None = None) -> str:
    """Return in words what a call does that is not proposed yet; see `describe`."""
    return _in_words(call.contract, call.data, names or {}) or call.function


def _in_words(contract: str, data: bytes, names: Mapping[bytes, str]) -> str | None:
    read = Interface.load(contract).read_call(data)
    if read is None:
        return None
    function, args = read
    shown = (f"{name} {_shown(value, names)}" for name, value in args.items())
    return f"{contract}.{function}: {', '.join(shown)}"


def _shown(value: object, names: Mapping[bytes, str]) -> str:
    if isinstance(value, bytes):
        return names.get(value, "0x" + value.hex())
    return str(value)


def _deploy(client: ChainClient, deployer: TransactionSigner, code: bytes) -> Receipt:
    return transact(client, deployer, None, code)


def _contract(receipt: Receipt) -> bytes:
    if receipt.contract is None:
        raise UnavailableError("chain-nonsense", "the chain took a deployment and made no contract of it")
    return receipt.contract
