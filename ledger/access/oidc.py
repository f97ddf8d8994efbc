"""Officers: people of an organisation, whom its own identity provider knows (OpenID Connect)."""

import hmac
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256

from ledger.access.id_token import IdToken
from ledger.access.identity import Caller, Holder, Identity
from ledger.access.provider_keys import ProviderKeys
from ledger.access.providers import ALGORITHMS, Provider
from ledger.domain.clock import Clock
from ledger.domain.errors import AccessError

RolesOf = Callable[[str], frozenset[str] | None]
"""Roles that an organisation has now, None when it takes no part."""


class OfficerAuthenticator:
    """Recognises officers by ID tokens that their providers made for this service; an `Authenticator`.

    Args:
        providers: Whom the operator knows, each with its keys.
        roles_of: What the registry says of an organisation now.
        clock: The ledger's clock.
        secret: Makes pseudonyms, at least 32 bytes; the same in all processes of the service.
    """

    def __init__(
        self,
        providers: Iterable[tuple[Provider, ProviderKeys]],
        roles_of: RolesOf,
        clock: Clock,
        secret: bytes,
    ) -> None:
        self._providers: Mapping[str, tuple[Provider, ProviderKeys]] = {
            provider.issuer: (provider, keys) for provider, keys in providers
        }
        self._roles_of = roles_of
        self._clock = clock
        self._secret = secret

    def identify(self, shown: str) -> Identity:
        """Return which officer a token is of.

        Args:
            shown: The ID token, as received.

        Raises:
            MalformedError: Code `malformed-token`.
            AccessError: Codes `token-algorithm`, `provider-unknown`, `token-key`, `token-claim`,
                `token-expired`, `token-early`, `token-old`, `claim-missing`, `organisation-unmapped`,
                `organisation-inactive`.
            VerificationError: Code `signature-invalid`.
            UnavailableError: The provider or the registry cannot be asked now.
        """
        # (1) It is a token by a provider that is known here. Its own word picks among them, and nothing else.
        token = IdToken.parse(shown, ALGORITHMS)
        provider, keys = self._provider(token)
        # (2) That provider signed it, in a way that it signs.
        if token.alg not in provider.algorithms:
            raise AccessError(
                "token-algorithm",
                f"tokens of this provider must be signed with {' or '.join(sorted(provider.algorithms))}",
                field="token",
            )
        token.verify(keys.find(token.kid, token.alg))
        # (3) It is for this service, and good now.
        token.check(
            issuer=provider.issuer,
            audience=provider.audience,
            now=self._clock(),
            leeway=provider.leeway_seconds,
            max_age=provider.max_age_seconds,
        )
        # (4) It is of an officer of an organisation that takes part.
        organisation = provider.organisation_of(token.claims)
        if self._roles_of(organisation) is None:
            raise AccessError(
                "organisation-inactive",
                f"{organisation} takes no part in this corridor, or does so no longer",
                field="token",
            )
        holder = Holder(self._pseudonym(provider.issuer, token.subject), organisation, provider.issuer)
        return Identity(holder, token.challenge, token.claims["exp"])

    def standing(self, holder: Holder, expires_at: int) -> Caller | None:
        """Return whose a session is: over with its organisation, and with its provider's being known here."""
        known = self._providers.get(holder.issuer or "")
        organisation = holder.organisation or ""
        if known is None or not known[0].can_speak_for(organisation):
            return None
        roles = self._roles_of(organisation)
        if roles is None:
            return None
        return Caller(organisation, None, roles, expires_at, is_device=False, officer=holder.id)

    def _provider(self, token: IdToken) -> tuple[Provider, ProviderKeys]:
        found = self._providers.get(token.issuer or "")
        if found is None:
            raise AccessError(
                "provider-unknown",
                "this service knows no identity provider of the token's name; ask its operator, or sign a "
                "challenge with a key (/v1/sessions)",
                field="iss",
            )
        return found

    def _pseudonym(self, issuer: str, subject: str) -> bytes:
        who = b"".join(len(part).to_bytes(8) + part for part in (issuer.encode(), subject.encode()))
        return hmac.digest(self._secret, who, sha256)
