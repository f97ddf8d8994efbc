"""Challenges that whoever wants a session signs: good once, for a short while.

Nothing is stored when one is given out, so that nobody fills the database by asking: a challenge is its own
end time and random bytes, authenticated by a key of the service. Only one that opened a session is stored,
for as long as it could be used again.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection

from ledger.domain.clock import Clock
from ledger.domain.errors import AccessError
from ledger.storage.access_tables import used_challenges
from ledger.storage.rows import insert_new

DEFAULT_SECONDS = 120
_RANDOM_SIZE = 16
_BODY_SIZE = 8 + _RANDOM_SIZE


@dataclass(frozen=True, slots=True)
class Challenge:
    """What is given out.

    Args:
        value: The bytes to sign, 56.
        expires_at: POSIX seconds.
    """

    value: bytes
    expires_at: int


class Challenges:
    """Gives out challenges, and takes each one back once.

    Args:
        secret: Key of the service, at least 32 bytes; the same in all its processes.
        clock: The ledger's clock.
        seconds: How long a challenge is good.
        random: Where its random bytes come from.
    """

    def __init__(
        self,
        secret: bytes,
        clock: Clock,
        *,
        seconds: int = DEFAULT_SECONDS,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._secret = secret
        self._clock = clock
        self._seconds = seconds
        self._random = random

    def give(self) -> Challenge:
        """Return a new challenge."""
        expires_at = self._clock() + self._seconds
        body = expires_at.to_bytes(8) + self._random(_RANDOM_SIZE)
        return Challenge(body + self._mac(body), expires_at)

    def take(self, value: bytes, connection: Connection) -> None:
        """Use up a challenge that was signed.

        Args:
            value: The bytes that were signed.
            connection: A transaction that writes; when it ends well, the challenge is used.

        Raises:
            AccessError: It is not of this service, too old, or was used. One sentence for all of them.
        """
        body, mac = value[:_BODY_SIZE], value[_BODY_SIZE:]
        expires_at = int.from_bytes(body[:8])
        if not hmac.compare_digest(mac, self._mac(body)) or self._clock() >= expires_at:
            raise self._refusal()
        if not insert_new(connection, used_challenges, {"challenge": value, "expires_at": expires_at}):
            raise self._refusal()

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._secret, body, sha256)

    def _refusal(self) -> AccessError:
        return AccessError(
            "challenge-used",
            f"the challenge was used already, is older than {self._seconds} s, or is not of this service; "
            "ask for a new one and sign that",
            field="payload",
        )
