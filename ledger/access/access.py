"""All that tells who asks a service, put together."""

from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Engine, delete

from ledger.access.challenges import Challenges
from ledger.access.cursors import Cursors
from ledger.access.repeatable import KEPT_SECONDS, RepeatableRequests
from ledger.access.sessions import DEFAULT_SECONDS, Sessions
from ledger.domain.clock import Clock
from ledger.domain.directory import Directory
from ledger.storage.access_tables import repeatable_requests, sessions, used_challenges
from ledger.storage.engine import write_transaction


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
    ) -> Self:
        """Put the parts together.

        Args:
            engine: The database.
            directory: Knows the participants' keys as they are now.
            audience: Audience URI of the log.
            clock: The ledger's clock.
            secret: Of the operator, the same in all processes; what is used is derived from it.
            session_seconds: How long a session lasts.
        """
        challenges = Challenges(_derived(secret, b"corridor/challenge/v1"), clock)
        return cls(
            engine=engine,
            clock=clock,
            challenges=challenges,
            sessions=Sessions(engine, directory, challenges, audience, clock, seconds=session_seconds),
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
