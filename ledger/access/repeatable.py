"""Requests that may be repeated: the same key and request again get the first answer.

After draft-ietf-httpapi-idempotency-key-header-07. Only what was done is kept: a refused request changed
nothing, and is looked at anew.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import ColumnElement, Engine, and_, delete, select, update

from ledger.domain.clock import Clock
from ledger.domain.errors import ConflictError, MalformedError, UnavailableError
from ledger.storage.access_tables import repeatable_requests as table
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.rows import insert_new

KEPT_SECONDS = 24 * 3600
STALLED_SECONDS = 120
"""After so long, a request without an answer is one whose process died."""
_KEY = re.compile(r'"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,128})"|([\x21\x23-\x5b\x5d-\x7e]{1,128})')


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered.

    Args:
        status: HTTP status.
        content: The body.
    """

    status: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request as it is known again.

    Args:
        scope: Whose it is and what it asks for, at most 240 characters: keys of others are other keys.
        key: Chosen by the client; see `checked_key`.
        fingerprint: Hash of what is asked.
    """

    scope: str
    key: str
    fingerprint: bytes

    @classmethod
    def of(cls, key: str, route: str, who: bytes | str, *content: bytes) -> "Repeatable":
        """Return the request of somebody to a route.

        Args:
            key: The header's value.
            route: Method and path.
            who: Thumbprint of the signer's key, or URI of the caller's organisation.
            content: What is asked: body, media type and whatever else changes the answer.

        Raises:
            MalformedError: The key is no string of 1 to 128 visible characters.
        """
        name = who.hex() if isinstance(who, bytes) else who
        asked = sha256(b"".join(len(part).to_bytes(8) + part for part in content)).digest()
        return cls(f"{route[:36]} {name}", checked_key(key), asked)


def checked_key(value: str) -> str:
    """Return the key that an Idempotency-Key header holds, with or without its quotes.

    Raises:
        MalformedError: It is no string of 1 to 128 visible characters.
    """
    match = _KEY.fullmatch(value.strip())
    if match is None:
        message = 'the key must be a string of 1 to 128 visible ASCII characters, like "8e03978e-40d5"'
        raise MalformedError("malformed-field", message, field="Idempotency-Key")
    return match[1] or match[2]


class RepeatableRequests:
    """Remembers answers; safe between threads, and between processes that share the database.

    Args:
        engine: The database.
        clock: The ledger's clock.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def once(self, request: Repeatable, work: Callable[[], Answer]) -> Answer:
        """Return the answer of a request: of its first time, or of the work done now.

        Args:
            request: Which one.
            work: Does it, and may refuse by raising; then nothing is remembered.

        Raises:
            ConflictError: Code `idempotency-key-reused`: the key was used for another request. Code
                `request-in-progress`: the first one is at work still.
            UnavailableError: The database cannot be written now.
        """
        known = self._begin(request)
        if known is not None:
            return known
        try:
            answer = work()
        except BaseException:
            # Should this fail, too, the key is free again when its time is over.
            with suppress(UnavailableError), write_transaction(self._engine) as connection:
                connection.execute(delete(table).where(_row(request), table.c.status.is_(None)))
            raise
        with write_transaction(self._engine) as connection:
            connection.execute(
                update(table).where(_row(request)).values(status=answer.status, answer=answer.content)
            )
        return answer

    def answer_of(self, request: Repeatable) -> Answer | None:
        """Return what a request was answered before; None when it was not, whatever else its key was for.

        Raises:
            ConflictError: Code `request-in-progress`: it is at work still.
        """
        with read_transaction(self._engine) as connection:
            there = connection.execute(select(table).where(_row(request))).first()
        if there is None or there.fingerprint != request.fingerprint:
            return None
        if there.status is not None:
            return Answer(there.status, there.answer)
        if there.begun_at > self._clock() - STALLED_SECONDS:
            raise _in_progress()
        return None

    def _begin(self, request: Repeatable) -> Answer | None:
        now = self._clock()
        row = {
            "scope": request.scope,
            "key": request.key,
            "fingerprint": request.fingerprint,
            "begun_at": now,
        }
        with write_transaction(self._engine) as connection:
            stalled = and_(table.c.status.is_(None), table.c.begun_at <= now - STALLED_SECONDS)
            over = stalled | (table.c.begun_at <= now - KEPT_SECONDS)
            connection.execute(delete(table).where(_row(request), over))
            if insert_new(connection, table, row):
                return None
            there = connection.execute(select(table).where(_row(request))).first()
        if there is None:
            # The first one was refused at this very moment, and took its row with it.
            raise _in_progress()
        if there.fingerprint != request.fingerprint:
            raise ConflictError(
                "idempotency-key-reused",
                "this key was sent with another request before; a new request needs a new key",
                field="Idempotency-Key",
            )
        if there.status is None:
            raise _in_progress()
        return Answer(there.status, there.answer)


def _in_progress() -> ConflictError:
    return ConflictError(
        "request-in-progress",
        "the first request with this key is still at work; send it again in a moment",
        field="Idempotency-Key",
    )


def _row(request: Repeatable) -> ColumnElement[bool]:
    return and_(table.c.scope == request.scope, table.c.key == request.key)
