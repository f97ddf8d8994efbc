"""Cursors: where the next page begins, signed by the service and good for one question by one asker."""

import hashlib
from collections.abc import Sequence
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from ledger.domain.errors import MalformedError

MAX_CHARACTERS = 1_024


class Cursors:
    """Writes and reads cursors.

    Args:
        secret: Key of the service, at least 32 bytes; the same in all its processes.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, after: Any, question: Sequence[str]) -> str:
        """Return a cursor.

        Args:
            after: What the next page comes after: numbers and texts, or a list of them.
            question: What was asked, and by whom; a cursor is good for the same question only.
        """
        return str(self._serializer(question).dumps(after))

    def read(self, cursor: str, question: Sequence[str]) -> Any:
        """Return what a page comes after.

        Args:
            cursor: As received.
            question: What is asked now, and by whom.

        Raises:
            MalformedError: It was not given out, or for another question, or to somebody else.
        """
        try:
            if len(cursor) <= MAX_CHARACTERS:
                return self._serializer(question).loads(cursor)
        except (BadData, UnicodeError):
            pass
        raise MalformedError(
            "bad-cursor",
            "the cursor was not given out for this question; take `next` of the page before as it is, with "
            "the same other parameters, or begin without a cursor",
            field="cursor",
        )

    def _serializer(self, question: Sequence[str]) -> URLSafeSerializer:
        # The question is not in the cursor but in its key: what does not fit does not verify.
        asked = hashlib.sha256()
        for part in question:
            data = part.encode("utf-8", "surrogatepass")
            asked.update(len(data).to_bytes(8) + data)
        return URLSafeSerializer(
            self._secret,
            salt=b"corridor/cursor/v1" + asked.digest(),
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )
