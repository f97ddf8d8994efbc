"""Files that were set aside, each in a folder of its own beside the reason, until a clerk puts them back.

<name>.<4 bytes>/reason.json, <name>, <name>.drop.json
"""

import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from ledger.client import durable
from ledger.domain import fields, strict_json
from ledger.domain.errors import ConflictError, CorridorError, NotFoundError
from ledger.drops.folder import Candidate, ChangedError, plain_name
from ledger.drops.journal import writing
from ledger.drops.moving import Mover
from ledger.drops.settings import SIDECAR

_REASON: Final = "reason.json"
_MAX_REASON: Final = 65_536


@dataclass(frozen=True, slots=True)
class Aside:
    """A file in quarantine.

    Args:
        folder: What its folder is called.
        name: What it is called now.
        code: Why it is there, for programs.
        message: Why it is there, for people.
        at: Since when, POSIX seconds.
    """

    folder: str
    name: str
    code: str
    message: str
    at: int

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what is said of a file in quarantine; raises CorridorError or OSError."""
        data = (path / _REASON).read_bytes()
        members = fields.exactly(
            strict_json.loads(data, max_bytes=_MAX_REASON), ("name", "code", "message", "at"), "the reason"
        )
        name = fields.text(members["name"], "name", longest=1000)
        return cls(
            path.name,
            plain_name(name),
            fields.text(members["code"], "code", longest=200),
            fields.text(members["message"], "message", longest=4000),
            fields.natural(members["at"], "at"),
        )


class Quarantine:
    """A folder of what was set aside.

    Args:
        folder: On the same file system as the folder where files come in.
        incoming: That folder.
    """

    def __init__(self, folder: Path, incoming: Path) -> None:
        self._folder = folder
        self._incoming = incoming

    def put(self, mover: Mover, files: Sequence[Candidate], why: CorridorError, at: int) -> Aside:
        """Set a file aside, with what lies beside it.

        Args:
            mover: Moves files out of the folder where they come in.
            files: The file, then what lies beside it.
            why: The reason.
            at: POSIX seconds.

        Raises:
            ChangedError: It is another file by now.
            UnavailableError: The quarantine cannot be written.
        """
        name = plain_name(files[0].name)
        aside = Aside(f"{name[:120]}.{secrets.token_hex(4)}", name, why.code, why.message, at)
        place = self._folder / aside.folder
        reason = {"name": name, "code": why.code, "message": why.message, "at": at}
        with writing(self._folder):
            place.mkdir(parents=True, mode=0o700)
            durable.put(place / _REASON, strict_json.dumps(reason))
            try:
                mover.move(files, place)
            except ChangedError:
                shutil.rmtree(place)
                raise
            for one in files:
                # Under plain names from here on: a terminal shows them, and people type them.
                if (place / one.name).exists() and plain_name(one.name) != one.name:
                    (place / one.name).rename(place / plain_name(one.name))
            durable.sync(self._folder)
        return aside

    def recover(self) -> None:
        """Remove the reasons of what a crash left where it was; UnavailableError when that cannot be done."""
        with writing(self._folder):
            for path in self._folder.iterdir() if self._folder.is_dir() else ():
                inside = sorted(path.iterdir()) if path.is_dir() else []
                if [one.name for one in inside] == [_REASON]:
                    shutil.rmtree(path)
                for one in inside:
                    if plain_name(one.name) != one.name and not one.name.startswith("."):
                        one.rename(path / plain_name(one.name))

    def listed(self) -> list[Aside]:
        """Return what was set aside, the oldest first; what others put there is passed over."""
        found = []
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            try:
                aside = Aside.read(path)
            except (CorridorError, OSError):
                continue
            if (path / aside.name).is_file():
                found.append(aside)
        return sorted(found, key=lambda one: (one.at, one.folder))

    def retry(self, name: str) -> Aside:
        """Put a file back where it came in, with its sidecar, to be taken anew.

        Args:
            name: Of the file, or of its folder in quarantine.

        Raises:
            NotFoundError: There is none.
            ConflictError: There are several of this name, or a new file of this name came in.
            UnavailableError: A folder cannot be written.
        """
        found = [one for one in self.listed() if name in (one.name, one.folder)]
        if not found:
            raise NotFoundError("not-in-quarantine", f"{plain_name(name)} is not in {self._folder}")
        if len(found) > 1:
            folders = ", ".join(one.folder for one in found)
            raise ConflictError("several", f"several files were called so; name one of {folders}")
        (aside,) = found
        place = self._folder / aside.folder
        with writing(self._incoming):
            # The sidecar first: a file without it may be taken for something else.
            for one in (f"{aside.name}{SIDECAR}", aside.name):
                if (place / one).is_file():
                    self._back(place / one, self._incoming / one)
            shutil.rmtree(place)
            durable.sync(self._incoming)
        return aside

    def _back(self, source: Path, target: Path) -> None:
        try:
            os.link(source, target, follow_symlinks=False)
        except FileExistsError:
            if not target.samefile(source):
                raise ConflictError(
                    "name-taken", f"{target} is there by now; wait until it is taken, then try again"
                ) from None
        source.unlink()
