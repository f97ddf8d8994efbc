"""The participants as the registry has them, for people and programs to read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ledger.chain.directory import RegistryMirror
from ledger.chain.registry_events import Participant, RegisteredKey, RegistryState
from ledger.domain.errors import NotFoundError
from ledger.domain.evm_layout import Interval, organisation_id, role_id
from ledger.domain.fields import b64url


@dataclass(frozen=True, slots=True)
class Participants:
    """Answers from the mirror of the registry.

    Args:
        mirror: Of the registry.
        roles: Names of the corridor's roles: the chain knows their hashes only.
    """

    mirror: RegistryMirror
    roles: Iterable[str]

    def after(self, uri: str | None, limit: int) -> list[dict[str, Any]]:
        """Return organisations as JSON, in the order of their URIs.

        Args:
            uri: Only those after this URI.
            limit: How many at most.

        Raises:
            UnavailableError: The registry cannot be read now.
        """
        state = self.mirror.state()
        known = {one.uri: (id_, one) for id_, one in state.organisations.items()}
        wanted = sorted(name for name in known if uri is None or name > uri)[:limit]
        return [self._organisation(state, *known[name]) for name in wanted]

    def organisation(self, uri: str) -> dict[str, Any]:
        """Return an organisation with its keys as JSON.

        Raises:
            NotFoundError: There is none with this URI.
            UnavailableError: The registry cannot be read now.
        """
        state = self.mirror.state()
        id_ = organisation_id(uri)
        found = state.organisations.get(id_)
        if found is None:
            raise NotFoundError("organisation-unknown", "no organisation of this URI is in the registry")
        keys = sorted(
            (
                (one.interval.start, thumbprint, one)
                for thumbprint, one in state.keys.items()
                if one.organisation == id_
            ),
            key=lambda item: item[:2],
        )
        return self._organisation(state, id_, found) | {"keys": [_key(name, key) for _, name, key in keys]}

    def is_enrolled(self, uri: str) -> bool:
        """Return whether an organisation of this URI takes part now.

        Raises:
            UnavailableError: The registry cannot be read now.
        """
        found = self.mirror.state().organisations.get(organisation_id(uri))
        return found is not None and not found.interval.ended

    def roles_of(self, uri: str) -> frozenset[str]:
        """Return the names of the roles that an organisation has now; of one that takes no part, none.

        Raises:
            UnavailableError: The registry cannot be read now.
        """
        open_ = self.mirror.state().open_roles(organisation_id(uri))
        return frozenset(name for name in self.roles if role_id(name) in open_)

    def roles_ever(self, uri: str) -> frozenset[str]:
        """Return the names of the roles that an organisation has or had.

        Raises:
            UnavailableError: The registry cannot be read now.
        """
        known, owner = self.mirror.state().roles, organisation_id(uri)
        return frozenset(name for name in self.roles if (owner, role_id(name)) in known)

    def roles_now(self, uri: str) -> frozenset[str] | None:
        """Return the names of the roles that an organisation has now, None when it takes no part.

        Raises:
            UnavailableError: The registry cannot be read now.
        """
        return self.roles_of(uri) if self.is_enrolled(uri) else None

    def _organisation(self, state: RegistryState, id_: bytes, one: Participant) -> dict[str, Any]:
        held = ((name, state.roles.get((id_, role_id(name)), ())) for name in sorted(self.roles))
        return {
            "uri": one.uri,
            "admin": f"0x{one.admin.hex()}",
            **_interval(one.interval),
            "roles": [{"name": name, **_interval(span)} for name, spans in held for span in spans],
        }


def _key(thumbprint: bytes, key: RegisteredKey) -> dict[str, Any]:
    return {
        "thumbprint": thumbprint.hex(),
        "cose_key": b64url(key.encoded),
        "use": key.use,
        **_interval(key.interval),
        "suspect_since": key.suspect_since or None,
    }


def _interval(interval: Interval) -> dict[str, int | None]:
    return {"from": interval.start, "ended": interval.ended or None}
