"""Who wants a session: one interface, whether a key of one's own shows it or an identity provider."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from ledger.domain import key_use
from ledger.domain.directory import Directory, KeyStatus
from ledger.domain.errors import AccessError
from ledger.domain.login import Login

Shown_contra = TypeVar("Shown_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Args:
        organisation: Its URI.
        kid: Thumbprint of the key that opened the session, 32 bytes; None when an officer signed in.
        roles: Roles that the organisation has now.
        expires_at: When the session ends at the latest, POSIX seconds.
        is_device: Whether the key is a machine's, which asks for less than its organisation may.
        officer: Pseudonym of the officer who signed in, 32 bytes; None when a key opened the session.
    """

    organisation: str
    kid: bytes | None
    roles: frozenset[str]
    expires_at: int
    is_device: bool
    officer: bytes | None = None

    @property
    def only_reads(self) -> bool:
        """Whether this is an officer, who looks, and has no key to say anything with."""
        return self.officer is not None


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a session is, as it is stored.

    Args:
        id: Thumbprint of a key, or pseudonym of an officer, 32 bytes.
        organisation: URI of the officer's organisation; None for a key, whose organisation is the registry's
            to say.
        issuer: Who says that it is that officer; None for a key.
    """

    id: bytes
    organisation: str | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who was recognised, and has no session yet.

    Args:
        holder: Whose the session will be.
        challenge: What was signed to get it: given out by this service, and used up by opening it.
        until: When the session ends at the latest, POSIX seconds; None when nothing but its own length ends
            it.
    """

    holder: Holder
    challenge: bytes
    until: int | None = None


class Authenticator(Protocol[Shown_contra]):
    """Recognises who wants a session, and says at every request whether they may still have it."""

    def identify(self, shown: Shown_contra) -> Identity:
        """Return who it is; that the challenge is good is for `Sessions` to see.

        Args:
            shown: What they show, as received.

        Raises:
            AccessError: They may have no session.
            VerificationError: A signature does not hold.
            MalformedError: It is not in its format.
            UnavailableError: Whoever knows them cannot be asked now.
        """

    def standing(self, holder: Holder, expires_at: int) -> Caller | None:
        """Return whose a session is now, None when it is over.

        Args:
            holder: As it was recognised when the session was opened.
            expires_at: When the session ends at the latest, POSIX seconds.

        Raises:
            UnavailableError: Whoever knows them cannot be asked now.
        """


class KeyAuthenticator:
    """Recognises keys that the registry has, by a signed challenge (formats, section 16).

    Args:
        directory: Knows the participants' keys as they are now.
        audience: Audience URI of the log.
    """

    def __init__(self, directory: Directory, audience: str) -> None:
        self._directory = directory
        self._audience = audience

    def identify(self, shown: Login) -> Identity:
        """Return whose key signed a login; codes `wrong-audience`, `key-unknown`, `key-inactive`, `key-use`,
        `issuer-mismatch`. See `Authenticator`."""
        if shown.aud != self._audience:
            raise AccessError(
                "wrong-audience",
                f"the login is for {shown.aud}; this log is {self._audience}",
                field="aud",
            )
        _check(shown, self._directory.lookup(shown.kid))
        return Identity(Holder(shown.kid), shown.challenge)

    def standing(self, holder: Holder, expires_at: int) -> Caller | None:
        """Return what the registry says of the key now; see `Authenticator`."""
        status = self._directory.lookup(holder.id)
        if status is None or not status.active or not key_use.opens_sessions(status.use):
            return None
        is_device = status.use != key_use.USE_STATEMENTS
        return Caller(status.organisation, holder.id, status.roles, expires_at, is_device)


def _check(login: Login, status: KeyStatus | None) -> None:
    if status is None or status.cose_key is None:
        raise AccessError(
            "key-unknown",
            f"key {login.kid.hex()} is not in the registry; its organisation's admin must add it",
            field="kid",
        )
    login.verify(status.cose_key)
    if not status.active:
        raise AccessError("key-inactive", f"key {login.kid.hex()} or its organisation has ended", field="kid")
    if not key_use.opens_sessions(status.use):
        raise AccessError(
            "key-use",
            f"key {login.kid.hex()} is registered for use {status.use}, which opens no sessions; log in with "
            "a key for statements or of a device",
            field="kid",
        )
    if status.organisation != login.iss:
        raise AccessError(
            "issuer-mismatch",
            f"the login says it is by {login.iss}; its key belongs to {status.organisation}",
            field="iss",
        )
