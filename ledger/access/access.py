"""All that tells who asks a service, put together."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Engine, delete

from ledger.access.challenges import DEFAULT_SECONDS as CHALLENGE_SECONDS
from ledger.access.challenges import Challenges
from ledger.access.cursors import Cursors
from ledger.access.identity import KeyAuthenticator
from ledger.access.oidc import OfficerAuthenticator, RolesOf
from ledger.access.provider_keys import Fetch, HttpFetch, ProviderKeys
from ledger.access.providers import Provider
from ledger.access.repeatable import KEPT_SECONDS, RepeatableRequests
from ledger.access.sessions import DEFAULT_SECONDS, Sessions
from ledger.domain.clock import Clock
from ledger.domain.directory import Directory
from ledger.storage.access_tables import repeatable_requests, sessions, used_challenges
from ledger.storage.engine import write_transaction


def _nobody(_organisation: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks, and what was asked before.

    Args:
        engine: The database.
        clock: The ledger's clock.
        challenges: Gives out what a login signs.
        sessions: Who holds a token.
        cursors: Where pages go on.
        requests: Requests that may be repeated.
    """

    engine: Engine
    clock: Clock
    challenges: Challenges
    sessions: Sessions
    cursors: Cursors
    requests: RepeatableRequests

    @classmethod
    def create(
        cls,
        engine: Engine,
        directory: Directory,
        audience: str,
        clock: Clock,
        secret: bytes,
        *,
        session_seconds: int = DEFAULT_SECONDS,
        challenge_seconds: int = CHALLENGE_SECONDS,
        providers: Sequence[Provider] = (),
        roles_of: RolesOf = _nobody,
        fetch: Fetch | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> Self:
        """Put the parts together.

        Args:
            engine: The database.
            directory: Knows the participants' keys as they are now.
            audience: Audience URI of the log.
            clock: The ledger's clock.
            secret: Of the operator, the same in all processes; what is used is derived from it.
            session_seconds: How long a session lasts.
            challenge_seconds: How long a challenge is good.
            providers: Who knows officers; each issuer once.
            roles_of: Which roles an officer's organisation has now.
            fetch: Gets the documents of providers; over HTTP if None.
            monotonic: Seconds on a clock that only goes forward.
        """
        given = Challenges(_derived(secret, b"corridor/challenge/v1"), clock, seconds=challenge_seconds)
        if fetch is None and providers:
            fetch = HttpFetch()
        officers = OfficerAuthenticator(
            [(one, ProviderKeys(one.issuer, fetch, monotonic=monotonic)) for one in providers if fetch],
            roles_of,
            clock,
            _derived(secret, b"corridor/officer/v1"),
        )
        keys = KeyAuthenticator(directory, audience)
        return cls(
            engine=engine,
            clock=clock,
            challenges=given,
            sessions=Sessions(engine, keys, officers, given, clock, seconds=session_seconds),
            cursors=Cursors(_derived(secret, b"corridor/cursor/v1")),
            requests=RepeatableRequests(engine, clock),
        )

    def sweep(self) -> None:
        """Forget what is over: sessions, used challenges, answers.

        Raises:
            UnavailableError: The database cannot be written now.
        """
        now = self.clock()
        with write_transaction(self.engine) as connection:
            for ended in (
                delete(used_challenges).where(used_challenges.c.expires_at <= now),
                delete(sessions).where(sessions.c.expires_at <= now),
                delete(repeatable_requests).where(repeatable_requests.c.begun_at <= now - KEPT_SECONDS),
            ):
                connection.execute(ended)


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret)
