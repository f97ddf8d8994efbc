"""How far an application has come: what governors said of it here, and what the registry has."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ledger.chain.registry_events import ProposalState, RegistryState
from ledger.domain.enrolment import Application
from ledger.domain.evm_layout import organisation_id, role_id
from ledger.domain.fields import b64url


class State(StrEnum):
    """How far an application is."""

    PENDING = "pending"
    PROPOSED = "proposed"
    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    """That a governor turned an application down.

    Args:
        at: When, POSIX seconds.
        by: URI of the governor's organisation.
        reason: In words.
    """

    at: int
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An application, and how far it has come.

    Args:
        application: As it was signed.
        received_at: When it came, POSIX seconds.
        state: How far it is. `proposed` while an enrolment of its URI waits for a second organisation,
            `withdrawn` when the last one that was proposed was taken back.
        roles_given: The roles that its organisation has now.
        key_registered: Whether its key is one of its organisation's now.
        proposals: Open proposals to enrol it, 32 bytes each.
        refusal: Why it was refused, if it was.
    """

    application: Application
    received_at: int
    state: State
    roles_given: tuple[str, ...]
    key_registered: bool
    proposals: tuple[bytes, ...]
    refusal: Refusal | None

    def status(self) -> dict[str, Any]:
        """Return as JSON what the applicant is told."""
        return {
            "id": self.application.id.hex(),
            "organisation": self.application.uri,
            "state": self.state.value,
            "received_at": self.received_at,
            "roles": list(self.application.roles),
            "roles_given": list(self.roles_given),
            "key_registered": self.key_registered,
            "reason": None if self.refusal is None else self.refusal.reason,
        }

    def to_json(self) -> dict[str, Any]:
        """Return as JSON what governors decide by."""
        refusal = self.refusal
        return self.status() | {
            "admin": f"0x{self.application.admin.hex()}",
            "key": self.application.key.thumbprint.hex(),
            "onboarding": self.application.body,
            "proposals": [f"0x{one.hex()}" for one in self.proposals],
            "refused_by": None if refusal is None else refusal.by,
            "refused_at": None if refusal is None else refusal.at,
            "application": b64url(self.application.raw),
        }


def progress_of(
    application: Application,
    received_at: int,
    refusal: Refusal | None,
    registry: RegistryState,
    roles: Iterable[str],
) -> Enrolment:
    """Return how far an application has come.

    Args:
        application: As it was signed.
        received_at: When it came, POSIX seconds.
        refusal: That it was refused, None if it was not.
        registry: As it is now.
        roles: Names of the corridor's roles: the registry knows their hashes only.
    """
    organisation = organisation_id(application.uri)
    held = registry.open_roles(organisation)
    key = registry.keys.get(application.key.thumbprint)
    proposed = {name: one.state for uri, name, one in registry.enrolments() if uri == application.uri}
    if organisation in registry.organisations:
        state = State.ENROLLED
    elif refusal is not None:
        state = State.REFUSED
    elif ProposalState.OPEN in proposed.values():
        state = State.PROPOSED
    elif proposed and list(proposed.values())[-1] is ProposalState.WITHDRAWN:
        state = State.WITHDRAWN
    else:
        state = State.PENDING
    return Enrolment(
        application=application,
        received_at=received_at,
        state=state,
        roles_given=tuple(name for name in sorted(roles) if role_id(name) in held),
        key_registered=key is not None and key.organisation == organisation and key.interval.ended == 0,
        proposals=tuple(name for name, how_far in proposed.items() if how_far is ProposalState.OPEN),
        refusal=refusal,
    )
