"""Statements of a line on record: each is kept before it is sent, and signed anew only if nobody has it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ledger.client.author import Author
from ledger.client.importing.journal import Journal, Signed
from ledger.client.refusals import LaterError
from ledger.client.service import Service
from ledger.domain.errors import ConflictError, CorridorError, NotFoundError, UnavailableError, UsageError
from ledger.domain.statement import Seen, Statement, StatementFile

ENDING: Final = ("key-unknown", "key-missing", "key-ended", "issued-in-future", "wrong-audience")
"""Refusals that every other line would meet as well: nothing more is tried."""


class Ended(Exception):  # noqa: N818 - it ends a loop and is no failure of ours
    """Nothing more can be imported at the moment.

    Args:
        why: What the ledger said, or that it did not.
    """

    def __init__(self, why: CorridorError) -> None:
        super().__init__(why)
        self.why = why


def is_of_all_lines(error: CorridorError) -> bool:
    """Return whether every other line would fare the same: nothing more is tried then."""
    if isinstance(error, LaterError | UnavailableError | UsageError) or error.code in ENDING:
        return True
    return error.code.startswith(("http-", "wrong-answer"))


@dataclass(frozen=True)
class Speaker:
    """Who signs what is imported, and puts it on record.

    Args:
        journal: Of what was imported before.
        service: The ledger.
        author: Who signs.
        seen: The newest checkpoint held.
    """

    journal: Journal
    service: Service
    author: Author
    seen: Seen

    def say(self, line: str, name: str, digest: bytes, sign: Callable[[], StatementFile]) -> None:
        """Put a statement on record, unless it is.

        Args:
            line: What it belongs to.
            name: What it is called there.
            digest: Of what it says, without what is new each time.
            sign: Signs it.

        Raises:
            ConflictError: Code `line-changed`: it is on record and says something else.
            CorridorError: The ledger refuses it, or cannot be reached.
        """
        signed = self.journal.step(line, name)
        if signed is not None and signed.digest != digest and self._is_there(line, name, signed):
            raise ConflictError(
                "line-changed",
                f"its statement {name} is on record and said something else; put that right by a correction: "
                f"corridor statement say … --corrects {signed.id.hex()}",
            )
        if signed is not None and signed.index is not None:
            return
        if signed is None or signed.digest != digest:
            file = sign()
            signed = Signed(digest, Statement.parse(file.statement).id, file)
            self.journal.keep_step(line, name, signed)
        self._send(line, name, signed)

    def _is_there(self, line: str, name: str, signed: Signed) -> bool:
        """Return whether a statement is on record, also where its acknowledgement was lost."""
        if signed.index is not None:
            return True
        try:
            self.service.status(signed.id)
        except NotFoundError:
            return False
        self._send(line, name, signed)
        return True

    def _send(self, line: str, name: str, signed: Signed) -> None:
        # Late lines go on record also when they contradict what is there by now.
        registered = self.service.submit(signed.file, lenient=True)
        self.journal.acknowledge(line, name, registered.index)
