"""Identity providers that the operator knows, and whom of what they say it believes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.domain.errors import AccessError

ALGORITHMS: Final = ("ES256", "EdDSA", "PS256", "RS256")
"""Signatures that ID tokens may have; never `none`, and nothing with a shared secret."""
DEFAULT_LEEWAY: Final = 60
DEFAULT_MAX_AGE: Final = 600
Wanted = str | int | bool


@dataclass(frozen=True, slots=True)
class Provider:
    """One OpenID Provider, and what it may say.

    Args:
        issuer: As in its tokens, to the letter; its metadata lies below it.
        audience: Client id under which it knows this ledger, and nobody else's.
        organisation: URI of the organisation whose officers all its people are, if `organisation_claim` does
            not tell.
        organisation_claim: Name of the claim that tells.
        organisations: URI of an organisation for each value of that claim; who has another value is nobody's.
        required: Claims that a token must have; a claim that is a list must hold the value.
        algorithms: Of `ALGORITHMS`, those that it signs with.
        leeway_seconds: How far ahead its clock may be.
        max_age_seconds: How old a token may be.
    """

    issuer: str
    audience: str
    organisation: str | None = None
    organisation_claim: str | None = None
    organisations: Mapping[str, str] = field(default_factory=dict)
    required: Mapping[str, Wanted] = field(default_factory=dict)
    algorithms: Sequence[str] = ALGORITHMS
    leeway_seconds: int = DEFAULT_LEEWAY
    max_age_seconds: int = DEFAULT_MAX_AGE

    def organisation_of(self, claims: Mapping[str, Any]) -> str:
        """Return the URI of the organisation whose officer a token is of.

        Args:
            claims: Of the token, verified.

        Raises:
            AccessError: Codes `claim-missing` and `organisation-unmapped`. Values are not quoted: they are
                of people.
        """
        for name, wanted in self.required.items():
            if not _has(claims.get(name), wanted):
                raise AccessError(
                    "claim-missing",
                    f"the token does not have the claim {name} that this service asks of officers; ask "
                    "whoever runs your provider",
                    field=name,
                )
        if self.organisation_claim is None:
            assert self.organisation is not None
            return self.organisation
        said = claims.get(self.organisation_claim)
        found = self.organisations.get(said) if isinstance(said, str) else None
        if found is None:
            raise AccessError(
                "organisation-unmapped",
                f"this service knows no organisation for the token's claim {self.organisation_claim}; ask "
                "its operator",
                field=self.organisation_claim,
            )
        return found

    def can_speak_for(self, organisation: str) -> bool:
        """Return whether this provider's people may be officers of an organisation."""
        if self.organisation_claim is None:
            return organisation == self.organisation
        return organisation in self.organisations.values()


def _has(said: object, wanted: Wanted) -> bool:
    """Return whether a claim says what is wanted; 1 and true are two things."""
    return any(
        type(one) is type(wanted) and one == wanted for one in (said if isinstance(said, list) else [said])
    )
