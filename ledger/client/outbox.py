"""An outbox: a folder in which signed statements wait for a network, and are never lost or sent twice.

Each statement has a folder of its own, which changes its place by one renaming:

    tmp/... -> waiting/<iat>-<number>-<id>/ -> sent/<id>/
                                            -> damaged/...

A crash at any point leaves it in one of these places. What is sent again because the answer was lost is the
same statement with the same id, which the log knows. Adding needs no lock; sending and tidying up take one.
"""

import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final

from ledger.client import durable
from ledger.client.outbox_entry import ANSWER, REFUSAL, STATEMENT, Entry, Place, Refusal
from ledger.domain.errors import (
    ConflictError,
    CorridorError,
    MalformedError,
    NotFoundError,
    UnavailableError,
)
from ledger.domain.statement import Statement, StatementFile
from ledger.storage.faults import Fault, no_fault
from ledger.storage.folder_lock import only_one

_WAITING: Final = "waiting"
_SENT: Final = "sent"
_DAMAGED: Final = "damaged"
_TEMPORARY: Final = "tmp"
_STALE_SECONDS: Final = 86_400


class Outbox:
    """A durable folder of statements.

    Args:
        folder: Where; made when something is added.
        fault: Lets a test fail or end a write at `add.written`, `add.renamed`, `acknowledge.noted`,
            `acknowledge.renamed` or `refuse.noted`.
    """

    def __init__(self, folder: Path, *, fault: Fault = no_fault) -> None:
        self.folder = folder
        self._fault = fault

    def add(self, file: StatementFile) -> Entry:
        """Put a statement into the outbox; when this returns, it is durable there.

        Args:
            file: The statement with its disclosures. One that is there already is not added again.

        Raises:
            MalformedError: It is no statement.
            UnavailableError: The folder cannot be written to, or the disk is full.
        """
        statement = Statement.parse(file.statement)
        with _writing(self.folder):
            known = self._find(statement.id)
            if known is not None:
                return known
            for name in (_WAITING, _TEMPORARY):
                (self.folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
            durable.sync(self.folder)
            temporary = self.folder / _TEMPORARY / secrets.token_hex(8)
            temporary.mkdir(mode=0o700)
            try:
                durable.put(temporary / STATEMENT, file.encode())
                self._fault("add.written")
                place = self.folder / _WAITING / self._name(statement)
                temporary.rename(place)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
            self._fault("add.renamed")
            durable.sync(place.parent)
        return Entry.read(place)

    def pending(self) -> list[Entry]:
        """Return what was not acknowledged yet, refused ones too, in the order of signing.

        Raises:
            UnavailableError: The folder cannot be read.
        """
        return [entry for entry in self._entries(_WAITING) if entry.place is not Place.SENT]

    def sent(self) -> list[Entry]:
        """Return what was acknowledged, in the order of the log.

        Raises:
            UnavailableError: The folder cannot be read.
        """
        there = [entry for entry in self._entries(_SENT) if entry.answer is not None]
        # A crash may have come between the acknowledgement and the renaming.
        there += [entry for entry in self._entries(_WAITING) if entry.place is Place.SENT]
        return sorted(there, key=lambda entry: (entry.answer or {})["index"])

    def damaged(self) -> list[Path]:
        """Return what was set aside because it cannot be read, and what still lies among the others."""
        waiting = _listed(self.folder / _WAITING)
        return _listed(self.folder / _DAMAGED) + [
            path for path in waiting if isinstance(_entry(path), CorridorError)
        ]

    def entry(self, identifier: bytes) -> Entry:
        """Return a statement by its id.

        Raises:
            NotFoundError: It is not in the outbox.
            UnavailableError: The folder cannot be read.
        """
        with _writing(self.folder):
            found = self._find(identifier)
        if found is None:
            raise NotFoundError("not-in-outbox", f"{self.folder} holds no statement {identifier.hex()}")
        return found

    def held(self) -> AbstractContextManager[None]:
        """Hold the outbox for one who sends or tidies up, while a block runs.

        Raises:
            ConflictError: Another process does.
            UnavailableError: The folder cannot be written.
        """
        return only_one(self.folder)

    def recover(self) -> list[tuple[Path, CorridorError]]:
        """Finish what a crash left half done, and set aside what cannot be read; call it within `held`.

        Returns:
            What was set aside now, and why.

        Raises:
            UnavailableError: The folder cannot be written.
        """
        aside: list[tuple[Path, CorridorError]] = []
        with _writing(self.folder):
            for path in _listed(self.folder / _WAITING):
                entry = _entry(path)
                if isinstance(entry, MalformedError):
                    aside.append((self._set_aside(path), entry))
                elif isinstance(entry, Entry) and entry.place is Place.SENT:
                    self._to_sent(entry)
            for path in _listed(self.folder / _TEMPORARY):
                # What is gone meanwhile was put into its place by whoever wrote it.
                with suppress(FileNotFoundError):
                    # Nobody is still writing there.
                    if path.stat().st_mtime < time.time() - _STALE_SECONDS:
                        shutil.rmtree(path, ignore_errors=True)
        return aside

    def acknowledge(self, entry: Entry, answer: dict[str, object]) -> Entry:
        """Move a statement to those that were sent, with its answer; call it within `held`.

        Args:
            entry: The statement.
            answer: What the service said, with `acknowledged_at`.

        Raises:
            UnavailableError: The folder cannot be written. It stays; sending it again does no harm.
        """
        with _writing(self.folder):
            entry.note(ANSWER, answer)
            self._fault("acknowledge.noted")
            return self._to_sent(entry)

    def refuse(self, entry: Entry, refusal: Refusal) -> Entry:
        """Write down why a statement was not taken; it stays. Raises as `acknowledge`."""
        with _writing(self.folder):
            entry.note(REFUSAL, refusal.to_json())
            self._fault("refuse.noted")
            return Entry.read(entry.path)

    def retry(self, identifier: bytes) -> Entry:
        """Have a statement sent again the next time; call it within `held`. Raises as `entry`.

        One that was refused is tried anew; one that was sent goes to a log that lost it, or is there already.
        """
        entry = self.entry(identifier)
        with _writing(self.folder):
            path = entry.path
            if entry.place is Place.SENT:
                path = self.folder / _WAITING / self._name(entry.statement)
                path.parent.mkdir(exist_ok=True, mode=0o700)
                entry.path.rename(path)
            for name in (ANSWER, REFUSAL):
                (path / name).unlink(missing_ok=True)
            durable.sync(path)
            return Entry.read(path)

    def forget(self, identifier: bytes) -> None:
        """Remove a statement for good; call it within `held`. Raises as `entry`."""
        entry = self.entry(identifier)
        with _writing(self.folder):
            doomed = self.folder / _TEMPORARY / secrets.token_hex(8)
            doomed.parent.mkdir(exist_ok=True, mode=0o700)
            entry.path.rename(doomed)
            durable.sync(entry.path.parent)
            shutil.rmtree(doomed)

    def _entries(self, name: str) -> Iterator[Entry]:
        for path in _listed(self.folder / name):
            entry = _entry(path)
            if isinstance(entry, Entry):
                yield entry

    def _find(self, identifier: bytes) -> Entry | None:
        name = identifier.hex()
        waiting = [path for path in _listed(self.folder / _WAITING) if path.name.endswith(name)]
        for path in (self.folder / _SENT / name, *waiting):
            entry = _entry(path)
            if isinstance(entry, Entry):
                return entry
        return None

    def _name(self, statement: Statement) -> str:
        """Return a name by which those that wait stand in the order of signing, then in that of adding."""
        moment = f"{statement.iat:016}-"
        before = [path.name for path in _listed(self.folder / _WAITING) if path.name.startswith(moment)]
        number = max((int(name[17:23]) for name in before if name[17:23].isdigit()), default=-1) + 1
        return f"{moment}{number:06}-{statement.id.hex()}"

    def _to_sent(self, entry: Entry) -> Entry:
        place = self.folder / _SENT / entry.id.hex()
        place.parent.mkdir(exist_ok=True, mode=0o700)
        if place.exists():
            # Two programs added it at once.
            shutil.rmtree(entry.path)
        else:
            entry.path.rename(place)
        self._fault("acknowledge.renamed")
        durable.sync(place.parent)
        durable.sync(self.folder / _WAITING)
        return Entry.read(place)

    def _set_aside(self, path: Path) -> Path:
        place = self.folder / _DAMAGED / f"{path.name[:150]}.{secrets.token_hex(4)}"
        place.parent.mkdir(exist_ok=True, mode=0o700)
        path.rename(place)
        return place


def _entry(path: Path) -> Entry | CorridorError | None:
    """Return an entry, why it cannot be read, or None for one that is not there."""
    try:
        return Entry.read(path) if path.exists() else None
    except CorridorError as error:
        return error
    except OSError as error:
        return UnavailableError("cannot-read", f"{path} cannot be read: {error.strerror}")


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        raise ConflictError(
            "not-a-folder", f"{folder} cannot be one: there is a file in its way; choose another outbox"
        ) from None
    except OSError as error:
        raise UnavailableError("cannot-read", f"{folder} cannot be read: {error.strerror}") from None


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            "cannot-write", f"the outbox {folder} cannot be written: {error.strerror or error}"
        ) from None
