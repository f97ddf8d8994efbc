"""What the registry's events, read in order, say of organisations, roles and keys."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from ledger.chain.contracts import REGISTRY, Interface, Log
from ledger.domain.evm_layout import Interval


class ProposalState(IntEnum):
    """How far a proposal is; the contract's numbers."""

    UNKNOWN = 0
    OPEN = 1
    EXECUTED = 2
    WITHDRAWN = 3


@dataclass(frozen=True, slots=True)
class Participant:
    """An organisation.

    Args:
        uri: What its statements carry as `iss`.
        admin: Its admin account, 20 bytes.
        interval: When it was a participant.
    """

    uri: str
    admin: bytes
    interval: Interval


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A signing key.

    Args:
        organisation: Whose, 32 bytes.
        encoded: The COSE_Key as its admin entered it; it need not be one.
        interval: When it was good.
        suspect_since: Block since which it may have been in other hands, or zero.
        use: What it is for (`ledger.domain.key_use`).
    """

    organisation: bytes
    encoded: bytes
    interval: Interval
    suspect_since: int
    use: int


@dataclass(frozen=True, slots=True)
class RegistryProposal:
    """A call that an organisation proposed.

    Args:
        organisation: Who proposed it, 32 bytes.
        target: The contract to be called, 20 bytes.
        data: The call.
        block: Number of the block in which it was proposed.
        state: How far it is.
    """

    organisation: bytes
    target: bytes
    data: bytes
    block: int
    state: ProposalState


@dataclass
class RegistryState:
    """The registry as of a block.

    Args:
        organisations: By identifier, 32 bytes.
        roles: Intervals by organisation and role, 32 bytes each; oldest first.
        keys: By thumbprint, 32 bytes.
        proposals: By name, 32 bytes; oldest first.
    """

    organisations: dict[bytes, Participant] = field(default_factory=dict)
    roles: dict[tuple[bytes, bytes], tuple[Interval, ...]] = field(default_factory=dict)
    keys: dict[bytes, RegisteredKey] = field(default_factory=dict)
    proposals: dict[bytes, RegistryProposal] = field(default_factory=dict)

    def after(self, logs: Iterable[Log]) -> "RegistryState":
        """Return the state after some more events, in their order; this one stays as it is."""
        state = RegistryState(
            dict(self.organisations), dict(self.roles), dict(self.keys), dict(self.proposals)
        )
        registry = Interface.load(REGISTRY)
        for log in logs:
            event = registry.event(log)
            if event is not None:
                state._apply(event.name, log.block_number, event.args)
        return state

    def open_roles(self, organisation: bytes) -> frozenset[bytes]:
        """Return the roles that an organisation has, 32 bytes each."""
        return frozenset(
            role
            for (owner, role), intervals in self.roles.items()
            if owner == organisation and intervals[-1].ended == 0
        )

    def enrolments(self) -> list[tuple[str, bytes, RegistryProposal]]:
        """Return URI, name and proposal of each enrolment that was ever proposed, oldest first."""
        interface, found = Interface.load(REGISTRY), []
        selector = interface.selector("enrol")
        for name, proposal in self.proposals.items():
            read = interface.read_call(proposal.data) if proposal.data.startswith(selector) else None
            if read is not None:
                found.append((read[1]["uri"], name, proposal))
        return found

    def _apply(self, name: str, block: int, args: dict[str, Any]) -> None:
        organisation = args.get("organisation", b"")
        match name:
            case "OrganisationEnrolled":
                participant = Participant(args["uri"], args["admin"], Interval(block, 0))
                self.organisations[organisation] = participant
            case "OrganisationEnded":
                known = self.organisations[organisation]
                self.organisations[organisation] = replace(known, interval=_ended(known.interval, block))
            case "AdminChanged":
                known = self.organisations[organisation]
                self.organisations[organisation] = replace(known, admin=args["current"])
            case "RoleBegan":
                place = organisation, args["role"]
                self.roles[place] = (*self.roles.get(place, ()), Interval(block, 0))
            case "RoleEnded":
                place = organisation, args["role"]
                *past, last = self.roles[place]
                self.roles[place] = (*past, _ended(last, block))
            case "KeyAdded":
                key = RegisteredKey(organisation, args["coseKey"], Interval(block, 0), 0, args["use"])
                self.keys[args["thumbprint"]] = key
            case "KeyEnded":
                entered = self.keys[args["thumbprint"]]
                ended = _ended(entered.interval, block)
                self.keys[args["thumbprint"]] = replace(entered, interval=ended)
            case "KeySuspected":
                entered = self.keys[args["thumbprint"]]
                self.keys[args["thumbprint"]] = replace(entered, suspect_since=args["since"])
            case "Proposed":
                self.proposals[args["proposal"]] = RegistryProposal(
                    organisation, args["target"], args["data"], block, ProposalState.OPEN
                )
            case "Approved" | "Withdrawn":
                known_proposal = self.proposals[args["proposal"]]
                self.proposals[args["proposal"]] = replace(known_proposal, state=_STATES[name])


_STATES = {"Approved": ProposalState.EXECUTED, "Withdrawn": ProposalState.WITHDRAWN}


def _ended(interval: Interval, block: int) -> Interval:
    return Interval(interval.start, block)
