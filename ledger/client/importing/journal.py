"""What was imported, step by step: each statement is kept here before it is sent, and so is sent once.

A line that a crash or a broken network stopped goes on where it was: what is signed is sent again as it is,
and the ledger knows it by its id.
"""

import hmac
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Final

from ledger.domain.errors import ConflictError, UnavailableError
from ledger.domain.evidence import EvidenceItem
from ledger.domain.statement import StatementFile
from ledger.storage.faults import Fault, no_fault
from ledger.storage.folder_lock import only_one

SEALED: Final = "sealed"
_DATABASE: Final = "journal.sqlite"
_CHUNK: Final = 1_048_576
_ALONE: Final = 2
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lines (
    line TEXT PRIMARY KEY, digest BLOB NOT NULL, subjects TEXT NOT NULL, done_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subjects (
    name TEXT PRIMARY KEY, uri TEXT NOT NULL, tag BLOB NOT NULL, ours INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS steps (
    line TEXT NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL, id BLOB NOT NULL, file BLOB NOT NULL,
    idx INTEGER, PRIMARY KEY (line, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
    line TEXT NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL, item TEXT NOT NULL, wrapped BLOB NOT NULL,
    sent INTEGER NOT NULL, PRIMARY KEY (line, name)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A subject with its custody stream.

    Args:
        uri: Of the subject.
        tag: Of the stream, 32 bytes.
        is_ours: Whether it is opened here; else it was there before.
        is_alone: Whether, once it was open here, nobody was found to have opened it before.
    """

    uri: str
    tag: bytes
    is_ours: bool = True
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """A line that is all on record.

    Args:
        digest: Of what it said, 32 bytes.
        subjects: URIs of what it is about.
        at: When, POSIX seconds.
    """

    digest: bytes
    subjects: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement of a line.

    Args:
        digest: Of what it says, without what is new each time, 32 bytes.
        id: Of the statement, 32 bytes.
        file: The statement as it is sent.
        index: Its place in the log; None while it is not acknowledged.
    """

    digest: bytes
    id: bytes
    file: StatementFile = field(repr=False)
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file of a line, sealed.

    Args:
        digest: Of its bytes, 32 bytes.
        item: What a statement says of it.
        wrapped: Its secret for its readers, an age file.
        is_sent: Whether the ledger has it.
    """

    digest: bytes
    item: EvidenceItem
    wrapped: bytes = field(repr=False)
    is_sent: bool


class Journal:
    """A folder that one process at a time works in, safe between its threads; use `open_journal`.

    Args:
        folder: Where it lies.
        database: Of it.
        fault: Lets a test end a write at `subject.named`, `step.signed`, `step.submitted`,
            `step.acknowledged`, `item.sealed`, `item.sent` or `line.done`.
    """

    def __init__(self, folder: Path, database: sqlite3.Connection, fault: Fault) -> None:
        self.folder = folder
        self._database = database
        self._fault = fault
        self._lock = Lock()
        self._key = self._kept("key", os.urandom(32))

    def belongs_to(self, log: bytes, organisation: str) -> None:
        """Take note of whose it is.

        Args:
            log: Hash of the log's genesis document.
            organisation: URI of who signs.

        Raises:
            ConflictError: It is of another log, or of somebody else.
        """
        if (self._kept("log", log), self._kept("organisation", organisation.encode())) != (
            log,
            organisation.encode(),
        ):
            raise ConflictError(
                "other-journal",
                f"{self.folder} was begun for another log or another organisation; name another --journal",
            )

    def digest(self, value: object) -> bytes:
        """Return a keyed hash of a value of JSON: it tells nobody what was imported."""
        told = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hmac.digest(self._key, told.encode(), "sha256")

    def digest_of_file(self, path: Path) -> bytes:
        """Return a keyed hash of the bytes of a file; OSError when it cannot be read."""
        running = hmac.new(self._key, digestmod=sha256)
        with path.open("rb") as file:
            while piece := file.read(_CHUNK):
                running.update(piece)
        return running.digest()

    def line(self, line: str) -> Done | None:
        """Return what is known of a line that is all on record."""
        row = self._row("SELECT digest, subjects, done_at FROM lines WHERE line = ?", line)
        return None if row is None else Done(row[0], tuple(json.loads(row[1])), row[2])

    def finish(self, line: str, digest: bytes, subjects: Sequence[str], at: int) -> None:
        """Note that a line is all on record."""
        self._write("INSERT INTO lines VALUES (?, ?, ?, ?)", line, digest, json.dumps(list(subjects)), at)
        self._fault("line.done")

    def subject(self, name: str) -> Opened | None:
        """Return a subject by what it is called here."""
        row = self._row("SELECT uri, tag, ours FROM subjects WHERE name = ?", name)
        return None if row is None else Opened(row[0], row[1], bool(row[2]), row[2] == _ALONE)

    def name_subject(self, name: str, opened: Opened) -> None:
        """Keep a subject, in place of the one that had this name."""
        ours = _ALONE if opened.is_alone else int(opened.is_ours)
        self._write("INSERT OR REPLACE INTO subjects VALUES (?, ?, ?, ?)", name, opened.uri, opened.tag, ours)
        self._fault("subject.named")

    def step(self, line: str, name: str) -> Signed | None:
        """Return a statement of a line."""
        row = self._row("SELECT digest, id, file, idx FROM steps WHERE line = ? AND name = ?", line, name)
        return None if row is None else Signed(row[0], row[1], StatementFile.parse(row[2]), row[3])

    def keep_step(self, line: str, name: str, signed: Signed) -> None:
        """Keep a statement before it is sent, in place of one that was not acknowledged."""
        values = (line, name, signed.digest, signed.id, signed.file.encode())
        self._write("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, NULL)", *values)
        self._fault("step.signed")

    def acknowledge(self, line: str, name: str, index: int) -> None:
        """Note that the ledger has a statement, and where."""
        self._fault("step.submitted")
        self._write("UPDATE steps SET idx = ? WHERE line = ? AND name = ?", index, line, name)
        self._fault("step.acknowledged")

    def item(self, line: str, name: str) -> Sealed | None:
        """Return a sealed file of a line."""
        row = self._row(
            "SELECT digest, item, wrapped, sent FROM items WHERE line = ? AND name = ?", line, name
        )
        if row is None:
            return None
        return Sealed(row[0], EvidenceItem.parse(json.loads(row[1])), row[2], bool(row[3]))

    def keep_item(self, line: str, name: str, sealed: Sealed) -> None:
        """Keep a sealed file before anything is said of it, in place of an earlier one."""
        item = json.dumps(sealed.item.to_json())
        values = (line, name, sealed.digest, item, sealed.wrapped, int(sealed.is_sent))
        self._write("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?)", *values)
        self._fault("item.sealed")

    def sent(self, line: str, name: str) -> None:
        """Note that the ledger has a sealed file and its secret."""
        self._write("UPDATE items SET sent = 1 WHERE line = ? AND name = ?", line, name)
        self._fault("item.sent")

    def sweep(self) -> None:
        """Remove sealed files of which nothing is known: a crash came before they were noted."""
        known = {json.loads(item)["cid"] for (item,) in self._rows("SELECT item FROM items WHERE sent = 0")}
        for path in (self.folder / SEALED).iterdir():
            if path.name.split(".")[-1] != "upload" and path.name not in known:
                path.unlink()

    def _kept(self, name: str, value: bytes) -> bytes:
        self._write("INSERT OR IGNORE INTO about VALUES (?, ?)", name, value)
        row = self._row("SELECT value FROM about WHERE name = ?", name)
        assert row is not None
        return bytes(row[0])

    def _write(self, statement: str, *values: Any) -> None:
        with self._lock, _telling(self.folder), self._database:
            self._database.execute(statement, values)

    def _row(self, query: str, *values: Any) -> tuple[Any, ...] | None:
        return next(iter(self._rows(query, *values)), None)

    def _rows(self, query: str, *values: Any) -> Iterable[tuple[Any, ...]]:
        with self._lock, _telling(self.folder):
            return self._database.execute(query, values).fetchall()


@contextmanager
def open_journal(folder: Path, fault: Fault = no_fault) -> Iterator[Journal]:
    """Hold a journal while a block runs; it is made when it is not there.

    Args:
        folder: Where; only its owner may read it.
        fault: Lets a test end it.

    Raises:
        ConflictError: Another process works with it.
        UnavailableError: It cannot be written, or is no journal.
    """
    with _telling(folder):
        (folder / SEALED).mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    with only_one(folder), _connected(folder) as database:
        journal = Journal(folder, database, fault)
        journal.sweep()
        yield journal


@contextmanager
def open_passing_journal() -> Iterator[Journal]:
    """Hold a journal that is gone when a block ends: for whoever only rehearses."""
    with TemporaryDirectory(prefix="corridor-") as folder, open_journal(Path(folder)) as journal:
        yield journal


@contextmanager
def _connected(folder: Path) -> Iterator[sqlite3.Connection]:
    with _telling(folder):
        database = sqlite3.connect(folder / _DATABASE, check_same_thread=False)
    with closing(database):
        with _telling(folder):
            database.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_SCHEMA}")
        yield database


@contextmanager
def _telling(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        message = f"the journal {folder} cannot be read or written: {error}"
        raise UnavailableError("journal", message) from None
