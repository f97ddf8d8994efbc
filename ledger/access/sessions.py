"""Sessions: opened by a fresh challenge that somebody signed, held by a bearer token, over when they are."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, Row, bindparam, delete, select

from ledger.access.challenges import Challenges
from ledger.access.identity import Authenticator, Caller, Holder, Identity
from ledger.domain.clock import Clock
from ledger.domain.errors import AccessError
from ledger.domain.fields import b64url
from ledger.domain.login import Login
from ledger.storage.access_tables import sessions
from ledger.storage.engine import read_transaction, write_transaction

DEFAULT_SECONDS = 8 * 3600
TOKEN_SIZE = 32
MAX_PER_HOLDER = 64
"""How many sessions one key or officer may have at a time; a further one ends the oldest."""


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
        keys: Recognises keys by what they signed.
        officers: Recognises officers by the ID tokens of their organisations' providers.
        challenges: What is signed for a session.
        clock: The ledger's clock.
        seconds: How long a session lasts.
        random: Where tokens come from.
    """

    def __init__(
        self,
        engine: Engine,
        keys: Authenticator[Login],
        officers: Authenticator[str],
        challenges: Challenges,
        clock: Clock,
        *,
        seconds: int = DEFAULT_SECONDS,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._officers = officers
        self._challenges = challenges
        self._clock = clock
        self._seconds = seconds
        self._random = random

    def open(self, login: Login) -> Opened:
        """Open a session for a key; codes of `KeyAuthenticator`, and `challenge-used`.

        Args:
            login: As received.

        Raises:
            AccessError: There is none for this key, or the challenge is no good.
            VerificationError: The signature does not hold.
            UnavailableError: The registry or the database cannot be asked now.
        """
        return self._open(self._keys, self._keys.identify(login))

    def open_for_officer(self, token: str) -> Opened:
        """Open a session for an officer; codes of `OfficerAuthenticator`, and `challenge-used`.

        Args:
            token: The ID token, as received.

        Raises:
            AccessError: There is none for this officer, or the challenge is no good.
            MalformedError: It is no ID token.
            VerificationError: Its signature does not hold.
            UnavailableError: The provider, the registry or the database cannot be asked now.
        """
        return self._open(self._officers, self._officers.identify(token))

    def caller(self, token: str) -> Caller:
        """Return whose session a token holds.

        Args:
            token: As received.

        Raises:
            AccessError: There is no such session, it is over, or its holder has ended or may hold none. One
                sentence for all of them.
            UnavailableError: The registry or the database cannot be asked now.
        """
        with read_transaction(self._engine) as connection:
            row = connection.execute(_HELD, {"held": _stored(token)}).first()
        if row is None or self._clock() >= row.expires_at:
            raise _over()
        caller = self._standing(row)
        if caller is None:
            raise _over()
        return caller

    def close(self, token: str) -> None:
        """End the session that a token holds; one that is over already is no error."""
        with write_transaction(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.token == _stored(token)))

    def _open(self, by: Authenticator[Any], identity: Identity) -> Opened:
        holder, token, now = identity.holder, self._random(TOKEN_SIZE), self._clock()
        expires_at = min(now + self._seconds, identity.until or now + self._seconds)
        caller = by.standing(holder, expires_at)
        if caller is None:
            raise _over()
        # The challenge is used up together with opening the session.
        with write_transaction(self._engine) as connection:
            self._challenges.take(identity.challenge, connection)
            of_holder = (
                select(sessions.c.token)
                .where(sessions.c.holder == holder.id)
                .order_by(sessions.c.opened_at.desc(), sessions.c.token)
                .offset(MAX_PER_HOLDER - 1)
            )
            oldest = connection.execute(of_holder).scalars().all()
            if oldest:
                connection.execute(delete(sessions).where(sessions.c.token.in_(oldest)))
            row = {
                "token": _stored(b64url(token)),
                "holder": holder.id,
                "organisation": holder.organisation,
                "issuer": holder.issuer,
                "opened_at": now,
                "expires_at": expires_at,
            }
            connection.execute(sessions.insert(), row)
        return Opened(b64url(token), caller)

    def _standing(self, row: Row[Any]) -> Caller | None:
        holder = Holder(row.holder, row.organisation, row.issuer)
        by: Authenticator[Any] = self._keys if holder.organisation is None else self._officers
        return by.standing(holder, row.expires_at)


# Made once, for every request under a session asks it.
_HELD = select(sessions).where(sessions.c.token == bindparam("held"))


def _stored(token: str) -> bytes:
    # What a token looks like is not said by how it is refused: any text is hashed.
    return sha256(b"corridor/session/v1" + token.encode("utf-8", "surrogatepass")).digest()


def _over() -> AccessError:
    return AccessError(
        "session-over",
        "there is no such session, or it is over; open a new one with a signed challenge (/v1/challenges, "
        "/v1/sessions), or sign in again (/v1/sessions/oidc)",
        field="Authorization",
    )
