"""What a drop took: one note for each content, so that nothing is claimed twice, whatever happens when.

    pending/<digest>.json -> done/<digest>.json

A note is written when a file is sealed and its statement signed. Before that nothing counts, and what is
there of it is removed at the next start; from then on each step can be done again without harm. The digest
is keyed: the journal tells nobody what the files were.
"""

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, Self

from ledger.client import durable
from ledger.domain import fields, strict_json
from ledger.domain.errors import CorridorError, MalformedError, UnavailableError
from ledger.domain.evidence import EvidenceItem, checked_cid
from ledger.domain.statement import StatementFile

PENDING: Final = "pending"
DONE: Final = "done"
OWN_TROUBLE: Final = ("cannot-write", "cannot-read", "journal-damaged")
"""Codes that say that the drop's own folders fail it: it stops, and nothing is set aside for that."""
_CHUNK: Final = 1_048_576
_MAX_NOTE: Final = 4 * 1_048_576
_FORMAT: Final = "corridor-drop/1"
_MEMBERS = ("format", "name", "subject", "item", "statement", "id", "taken_at", "sent", "refused")
_OPTIONAL = ("reading", "renditions")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a ledger does not take what was taken here.

    Args:
        code: For programs.
        message: For people.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was taken.

    Args:
        digest: Keyed digest of its bytes, hex.
        name: What it was called.
        subject: URI of what it is about.
        item: The sealed item.
        file: The signed statement that claims it.
        id: Of that statement, 32 bytes.
        taken_at: POSIX seconds.
        sent: Whether the ledger has the sealed bytes.
        refused: Why the ledger does not take it, as said last.
        reading: The signed reading of it, sealed to the drop's own key: it holds what was in the file.
        renditions: CIDs of what the reader made of it.
    """

    digest: str
    name: str
    subject: str
    item: EvidenceItem
    file: StatementFile = field(repr=False)
    id: bytes
    taken_at: int
    sent: bool = False
    refused: Refused | None = None
    reading: bytes | None = field(default=None, repr=False)
    renditions: tuple[str, ...] = ()

    @classmethod
    def parse(cls, digest: str, data: bytes) -> Self:
        """Read a note; MalformedError when it is none."""
        members = fields.exactly(
            strict_json.loads(data, max_bytes=_MAX_NOTE), _MEMBERS, "the note", optional=_OPTIONAL
        )
        refused, reading = members["refused"], members.get("reading")
        if members["format"] != _FORMAT:
            raise MalformedError("journal", "it is a note of another version")
        return cls(
            digest=digest,
            name=fields.text(members["name"], "name", longest=1000),
            subject=fields.text(members["subject"], "subject", longest=1000),
            item=EvidenceItem.parse(members["item"]),
            file=StatementFile.parse(b64decode(members["statement"], validate=True)),
            id=fields.from_hex(members["id"], 32, "id"),
            taken_at=fields.natural(members["taken_at"], "taken_at"),
            sent=members["sent"] is True,
            refused=None if refused is None else Refused(str(refused["code"]), str(refused["message"])),
            reading=None if reading is None else b64decode(reading, validate=True),
            renditions=tuple(map(checked_cid, members.get("renditions", ()))),
        )

    def with_reading(self, sealed: bytes, renditions: Sequence[str]) -> "Taken":
        """Return it with its reading.

        Args:
            sealed: The signed reading, sealed to the drop's own key.
            renditions: CIDs of what the reader made.
        """
        return replace(self, reading=sealed, renditions=tuple(renditions))

    @property
    def cids(self) -> tuple[str, ...]:
        """CIDs of all that the ledger is to have of it."""
        return (self.item.cid, *self.renditions)

    def encode(self) -> bytes:
        """Return it as it is kept."""
        refused, more = self.refused, {}
        if self.reading is not None:
            more = {"reading": b64encode(self.reading).decode("ascii"), "renditions": [*self.renditions]}
        return strict_json.dumps(
            more
            | {
                "format": _FORMAT,
                "name": self.name,
                "subject": self.subject,
                "item": self.item.to_json(),
                "statement": b64encode(self.file.encode()).decode("ascii"),
                "id": self.id.hex(),
                "taken_at": self.taken_at,
                "sent": self.sent,
                "refused": None if refused is None else {"code": refused.code, "message": refused.message},
            }
        )


class Journal:
    """A folder of notes.

    Args:
        folder: Made by `prepare`.
        digest_key: Keys the digests, 32 bytes.
    """

    def __init__(self, folder: Path, digest_key: bytes = b"") -> None:
        self._folder = folder
        self._digest_key = digest_key

    def prepare(self) -> None:
        """Make the folders; UnavailableError when that cannot be done."""
        with writing(self._folder):
            for name in (PENDING, DONE):
                (self._folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)

    def digest_of(self, file: BinaryIO) -> str:
        """Return the keyed digest of all bytes of a file, in hex."""
        running = self.digesting()
        file.seek(0)
        while piece := file.read(_CHUNK):
            running.update(piece)
        file.seek(0)
        return running.hexdigest()

    def digesting(self) -> hmac.HMAC:
        """Return what makes such a digest of bytes that come in pieces."""
        return hmac.new(self._digest_key, digestmod=sha256)

    def find(self, digest: str) -> tuple[Taken, bool] | None:
        """Return what is noted of a content, and whether it is done; None when it was never taken."""
        for place in (PENDING, DONE):
            taken = self._read(self._folder / place / f"{digest}.json")
            if taken is not None:
                return taken, place == DONE
        return None

    def put(self, taken: Taken) -> None:
        """Write a note of what is not done; UnavailableError when that cannot be done."""
        with writing(self._folder):
            durable.put(self._folder / PENDING / f"{taken.digest}.json", taken.encode())

    def finish(self, taken: Taken) -> None:
        """Note that the ledger has all of it."""
        self.put(taken)
        with writing(self._folder):
            (self._folder / PENDING / f"{taken.digest}.json").rename(
                self._folder / DONE / f"{taken.digest}.json"
            )
            durable.sync(self._folder / DONE)
            durable.sync(self._folder / PENDING)

    def forget(self, taken: Taken) -> None:
        """Forget what is not done: its file is taken anew."""
        with writing(self._folder):
            (self._folder / PENDING / f"{taken.digest}.json").unlink(missing_ok=True)
            durable.sync(self._folder / PENDING)

    def pending(self) -> Iterator[Taken]:
        """Yield what is not done, in the order in which it was taken."""
        notes = [self._read(path) for path in self._listed(PENDING)]
        yield from sorted((one for one in notes if one is not None), key=lambda one: (one.taken_at, one.name))

    def done(self) -> Iterator[Taken]:
        """Yield that of which the ledger has everything, in no order."""
        for path in self._listed(DONE):
            if (taken := self._read(path)) is not None:
                yield taken

    def count_done(self) -> int:
        """Return of how many contents the ledger has everything."""
        return len(self._listed(DONE))

    def _listed(self, place: str) -> list[Path]:
        try:
            with os.scandir(self._folder / place) as entries:
                names = [one.name for one in entries if not one.name.startswith(".")]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise UnavailableError(
                "cannot-read", f"{self._folder} cannot be read: {error.strerror}"
            ) from None
        return [self._folder / place / name for name in names]

    def _read(self, path: Path) -> Taken | None:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnavailableError("cannot-read", f"{path} cannot be read: {error.strerror}") from None
        try:
            return Taken.parse(path.stem, data)
        except (CorridorError, ValueError, TypeError, KeyError):
            # Nothing of ours leaves half a note. To guess would mean to claim something twice.
            raise UnavailableError(
                "journal-damaged",
                f"{path} cannot be understood; see whether the ledger has its file on record, then remove it",
            ) from None


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say in our words that a folder of the drop cannot be written."""
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            "cannot-write", f"{folder} cannot be written: {error.strerror or error}; nothing was lost"
        ) from None
