"""Sessions: opened by a signed challenge, held by a bearer token, over when the key is."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Engine, delete, select

from ledger.access.challenges import Challenges
from ledger.domain import key_use
from ledger.domain.clock import Clock
from ledger.domain.directory import Directory, KeyStatus
from ledger.domain.errors import AccessError
from ledger.domain.fields import b64url
from ledger.domain.login import Login
from ledger.storage.access_tables import sessions
from ledger.storage.engine import read_transaction, write_transaction

DEFAULT_SECONDS = 8 * 3600
TOKEN_SIZE = 32
MAX_PER_KEY = 64
"""How many sessions one key may have at a time; a further one ends the oldest."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Args:
        organisation: Its URI.
        kid: Thumbprint of the key that opened the session, 32 bytes.
        roles: Roles that the organisation has now.
        expires_at: When the session ends at the latest, POSIX seconds.
        is_device: Whether the key is a machine's, which asks for less than its organisation may.
    """

    organisation: str
    kid: bytes
    roles: frozenset[str]
    expires_at: int
    is_device: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as it is handed over, once.

    Args:
        token: The bearer token.
        caller: Whose session it is.
    """

    token: str
    caller: Caller


class Sessions:
    """The sessions of one service; safe between threads, and between processes that share the database.

    Args:
        engine: The database.
        directory: Knows the participants' keys as they are now.
        challenges: What a login must sign.
        audience: Audience URI of the log.
        clock: The ledger's clock.
        seconds: How long a session lasts.
        random: Where tokens come from.
    """

    def __init__(
        self,
        engine: Engine,
        directory: Directory,
        challenges: Challenges,
        audience: str,
        clock: Clock,
        *,
        seconds: int = DEFAULT_SECONDS,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._engine = engine
        self._directory = directory
        self._challenges = challenges
        self._audience = audience
        self._clock = clock
        self._seconds = seconds
        self._random = random

    def open(self, login: Login) -> Opened:
        """Open a session.

        Args:
            login: As received.

        Raises:
            AccessError: Codes `wrong-audience`, `key-unknown`, `key-inactive`, `key-use`, `issuer-mismatch`,
                `challenge-used`.
            VerificationError: The signature does not hold.
            UnavailableError: The registry or the database cannot be asked now.
        """
        # (1) It is for this service, by a key that is good now, and signed with it.
        if login.aud != self._audience:
            raise AccessError(
                "wrong-audience",
                f"the login is for {login.aud}; this log is {self._audience}",
                field="aud",
            )
        status = _entitled(login, self._directory.lookup(login.kid))
        # (2) The challenge is this service's, and is used up together with opening the session.
        token, now = self._random(TOKEN_SIZE), self._clock()
        expires_at = now + self._seconds
        with write_transaction(self._engine) as connection:
            self._challenges.take(login.challenge, connection)
            of_key = (
                select(sessions.c.token)
                .where(sessions.c.kid == login.kid)
                .order_by(sessions.c.opened_at.desc(), sessions.c.token)
                .offset(MAX_PER_KEY - 1)
            )
            oldest = connection.execute(of_key).scalars().all()
            if oldest:
                connection.execute(delete(sessions).where(sessions.c.token.in_(oldest)))
            row = {
                "token": _stored(b64url(token)),
                "kid": login.kid,
                "opened_at": now,
                "expires_at": expires_at,
            }
            connection.execute(sessions.insert(), row)
        return Opened(b64url(token), _caller(status, login.kid, expires_at))

    def caller(self, token: str) -> Caller:
        """Return whose session a token holds.

        Args:
            token: As received.

        Raises:
            AccessError: There is no such session, it is over, or its key or organisation has ended or may
                hold none. One sentence for all of them.
            UnavailableError: The registry or the database cannot be asked now.
        """
        query = select(sessions.c.kid, sessions.c.expires_at).where(sessions.c.token == _stored(token))
        with read_transaction(self._engine) as connection:
            row = connection.execute(query).first()
        if row is None or self._clock() >= row.expires_at:
            raise _over()
        status = self._directory.lookup(row.kid)
        if status is None or not status.active or not key_use.opens_sessions(status.use):
            raise _over()
        return _caller(status, row.kid, row.expires_at)

    def close(self, token: str) -> None:
        """End the session that a token holds; one that is over already is no error."""
        with write_transaction(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.token == _stored(token)))


def _entitled(login: Login, status: KeyStatus | None) -> KeyStatus:
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
    return status


def _caller(status: KeyStatus, kid: bytes, expires_at: int) -> Caller:
    is_device = status.use != key_use.USE_STATEMENTS
    return Caller(status.organisation, kid, status.roles, expires_at, is_device)


def _stored(token: str) -> bytes:
    # What a token looks like is not said by how it is refused: any text is hashed.
    return sha256(b"corridor/session/v1" + token.encode("utf-8", "surrogatepass")).digest()


def _over() -> AccessError:
    return AccessError(
        "session-over",
        "there is no such session, or it is over; open a new one with a signed challenge (/v1/challenges, "
        "/v1/sessions)",
        field="Authorization",
    )
