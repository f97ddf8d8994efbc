"""What the operator's own readers find in an item that somebody opens to them; nothing of it is kept.

The item is decrypted into memory, compared with its commitment, and read in isolation. What is found is the
operator's own signed statement, and renditions are sealed for the recipients that the caller names.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from typing import BinaryIO, Final

from ledger.catalogue.registrar import Registrar
from ledger.client.author import Author
from ledger.client.readings import reading_draft, seal_renditions
from ledger.domain.errors import ConflictError, MalformedError, PolicyError, UnavailableError
from ledger.domain.evidence import EvidenceItem, Label, items
from ledger.domain.statement import Seen, Statement, StatementFile
from ledger.evidence.disk import no_evidence, write_all
from ledger.evidence.intake import EvidenceIntake, Received
from ledger.evidence.sealing import SealedItem, recipients_of
from ledger.evidence.store import EvidenceStore
from ledger.log.store import StoredStatement
from ledger.readers.reading import Reading
from ledger.verification.sealed import open_sealed

MAX_BYTES: Final = 268_435_456
"""Largest item that the operator reads: it lies in memory meanwhile. Larger ones are read where they are."""
MOST_AT_ONCE: Final = 4
"""Requests that are worked on or wait for their turn: each keeps a thread of the service."""

Read = Callable[[BinaryIO, EvidenceItem], Reading]
"""Reads an item in isolation."""


@dataclass(frozen=True, slots=True)
class OperatorReading:
    """What came of reading an item.

    Args:
        file: The operator's signed statement.
        id: Of that statement, 32 bytes.
        index: Its place in the log; None when it was not filed.
        reason: Code of why it was not filed.
        outcome: See `Reading.outcome`.
        renditions: With their wrapped secrets.
    """

    file: StatementFile = field(repr=False)
    id: bytes
    index: int | None
    reason: str | None
    outcome: str
    renditions: tuple[Received, ...] = field(repr=False)


class OperatorReadings:
    """Reads items for participants; one at a time, for each lies in memory.

    Args:
        author: Signs in the operator's name; None where the operator has no key for that.
        read: Reads.
        store: The sealed bytes.
        intake: Seals renditions and stores them.
        registrar: The way into the log.
        held: Gives the newest checkpoint.
    """

    def __init__(  # noqa: PLR0917 - each is one part of the service
        self,
        author: Author | None,
        read: Read,
        store: EvidenceStore,
        intake: EvidenceIntake,
        registrar: Registrar,
        held: Callable[[], Seen],
    ) -> None:
        self._author = author
        self._read = read
        self._store = store
        self._intake = intake
        self._registrar = registrar
        self._held = held
        self._turn = Lock()
        self._places = BoundedSemaphore(MOST_AT_ONCE)

    def read(
        self, claim: StoredStatement, cid: str, secret: bytes, recipients: Sequence[str]
    ) -> OperatorReading:
        """Read an item that a statement claims.

        Args:
            claim: The statement; whoever asks may see it, and fetch the item.
            cid: Of the item.
            secret: Of the item; used and forgotten.
            recipients: age recipients of what is made of it.

        Raises:
            UnavailableError: The operator has no key to sign readings with (`no-reader`), no room, or too
                many wait already (`busy`).
            NotFoundError: The statement does not claim this item, as far as that is disclosed.
            MalformedError: The item is too large to be read here.
            UsageError: The secret or the recipients are none.
            VerificationError: The secret does not open it, or it is not what was stated.
        """
        author = self._author
        if author is None:
            raise UnavailableError(
                "no-reader", "this operator signs no readings; read the item on your own machine"
            )
        recipients_of(recipients)
        statement = Statement.parse(claim.statement)
        item = _claimed(statement, claim, cid)
        if not self._places.acquire(blocking=False):
            raise UnavailableError("busy", "too many items are being read just now; try again")
        try:
            with self._turn:
                reading = self._opened(item, secret)
        finally:
            self._places.release()
        received: list[Received] = []

        def seal(pieces: Iterable[bytes], label: Label) -> SealedItem:
            one = self._intake.receive(author.iss, pieces, label, recipients)
            received.append(one)
            return SealedItem(one.item, b"")

        made = seal_renditions(reading, item.category, seal)
        target = (statement.subjects, statement.streams)
        draft = reading_draft(reading, item, statement.id, target, [one.item for one in made])
        file = author.sign(draft, self._held())
        index, reason = self._filed(file)
        return OperatorReading(
            file, Statement.parse(file.statement).id, index, reason, reading.outcome, tuple(received)
        )

    def _opened(self, item: EvidenceItem, secret: bytes) -> Reading:
        if item.size > MAX_BYTES:
            raise MalformedError("too-large", f"the item has over {MAX_BYTES} bytes; read it where it is")
        with os.fdopen(os.memfd_create("item", os.MFD_CLOEXEC), "w+b", buffering=0) as memory:
            left = item.size

            def keep(piece: bytes) -> None:
                nonlocal left
                left -= len(piece)
                if left >= 0:
                    # What is more than was stated is refused at the end; it need not fill the memory.
                    write_all(memory, piece)

            open_sealed(item, secret, self._store.open(item.cid).chunks, keep)
            memory.seek(0)
            return self._read(memory, item)

    def _filed(self, file: StatementFile) -> tuple[int | None, str | None]:
        try:
            return self._registrar.register(file.statement, file.disclosures, lenient=True).index, None
        except (PolicyError, ConflictError) as error:
            # The operator is no member of the stream, or may not say it: whoever asked has it all the same.
            return None, error.code


def _claimed(statement: Statement, claim: StoredStatement, cid: str) -> EvidenceItem:
    try:
        named = items(statement.reveal(claim.disclosures))
    except MalformedError:
        named = ()
    for item in named:
        if item.cid == cid:
            return item
    raise no_evidence(cid)
