"""Files on their way into a drop's folder: hidden until all of a file is there, never over another one.

A name is one name in one folder. Whatever else a device asks for is refused.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ledger.domain.errors import ConflictError, MalformedError, NotFoundError, PolicyError
from ledger.drops.folder import is_plain
from ledger.drops.settings import DropConfig, SftpAccess
from ledger.evidence.disk import SYNC_EVERY, sync_folder

_PART: Final = ".upload"
_OPEN: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass
class Upload:
    """A file that is being written.

    Args:
        name: What it will be called.
        descriptor: Where it is written.
        access: What the device may.
    """

    name: str
    descriptor: int
    access: SftpAccess
    _unsynced: int = field(default=0)

    def write(self, offset: int, data: bytes) -> int:
        """Write bytes; PolicyError beyond the limit, OSError when the disk fails."""
        if offset < 0 or offset + len(data) > self.access.max_bytes:
            raise PolicyError("too-large", f"a file has at most {self.access.max_bytes} bytes")
        rest = memoryview(data)
        while rest:
            written = os.pwrite(self.descriptor, rest, offset)
            offset, rest = offset + written, rest[written:]
        self._unsynced += len(data)
        if self._unsynced > SYNC_EVERY:
            os.fdatasync(self.descriptor)
            self._unsynced = 0
        return len(data)

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return os.fstat(self.descriptor).st_size


class Uploads:
    """The folder of one device.

    Args:
        config: Of the drop.
        access: What the device may.
    """

    def __init__(self, config: DropConfig, access: SftpAccess) -> None:
        self._folder = config.folder
        self._partial = config.partial
        self._access = access
        self._open: set[str] = set()

    def recover(self) -> None:
        """Finish what a crash left with two names; OSError when that cannot be done."""
        for part in self._folder.glob(f".*{_PART}"):
            final = self._folder / part.name.removeprefix(".").removesuffix(_PART)
            if final.is_file() and not final.is_symlink() and final.samefile(part):
                part.unlink()

    def name_of(self, path: bytes) -> str:
        """Return the name that a path of the device means.

        Raises:
            MalformedError: It is no plain name in its folder.
        """
        name = os.fsdecode(path.removeprefix(b"/").removeprefix(b"./"))
        if "/" in name or name.startswith(".") or not is_plain(name):
            raise MalformedError("bad-name", "a file has one plain name, in the one folder that there is")
        return name

    def begin(self, name: str, *, anew: bool) -> Upload:
        """Begin a file, or go on with one whose upload broke off.

        Args:
            name: What it is to be called.
            anew: Whether what came before is thrown away.

        Raises:
            ConflictError: There is a file of that name, or it is being written.
            PolicyError: There are too many files.
            OSError: The folder cannot be written.
        """
        if name in self._open:
            raise ConflictError("being-written", f"{name} is being written by another connection")
        if os.path.lexists(self._folder / name):
            raise ConflictError("file-exists", f"{name} is there already, and nothing is written over")
        part = self._part(name)
        if not part.exists() and len(self.names()) >= self._access.max_files:
            raise PolicyError("too-many", f"there are {self._access.max_files} files already; wait")
        descriptor = os.open(part, _OPEN | (os.O_TRUNC if anew else 0), 0o600)
        self._open.add(name)
        return Upload(name, descriptor, self._access)

    def settle(self, upload: Upload) -> None:
        """Bring what was written to the disk, and let go of it; OSError when the disk fails."""
        try:
            os.fsync(upload.descriptor)
        finally:
            os.close(upload.descriptor)
            self._open.discard(upload.name)

    def finish(self, name: str) -> None:
        """Give a file that is all there its name; it stays hidden when that is taken by now."""
        # A link, and not a renaming, fails when the name was taken meanwhile.
        os.link(self._part(name), self._folder / name, follow_symlinks=False)
        self._part(name).unlink()
        sync_folder(self._folder)

    def size(self, name: str) -> int:
        """Return how many bytes of a file are there, finished or not; NotFoundError when there is none."""
        for path in (self._folder / name, self._part(name)):
            try:
                return path.lstat().st_size
            except FileNotFoundError:
                continue
        raise NotFoundError("no-file", f"there is no {name}")

    def rename(self, old: str, new: str) -> None:
        """Rename a file that had the name of an unfinished one.

        Raises:
            PolicyError: It had another name: it may have been taken already.
            ConflictError: There is a file of the new name.
            NotFoundError: There is no such file.
        """
        if not old.lower().endswith(self._partial):
            raise PolicyError("not-partial", "only a file with the name of an unfinished one is renamed")
        try:
            os.link(self._folder / old, self._folder / new, follow_symlinks=False)
        except FileNotFoundError:
            raise NotFoundError("no-file", f"there is no {old}") from None
        except FileExistsError:
            raise ConflictError("file-exists", f"{new} is there already") from None
        (self._folder / old).unlink()
        sync_folder(self._folder)

    def names(self) -> list[str]:
        """Return the names of the device's files, unfinished ones too."""
        found = set()
        for path in self._folder.iterdir():
            if path.name.startswith(".") and path.name.endswith(_PART):
                found.add(path.name.removeprefix(".").removesuffix(_PART))
            elif not path.name.startswith("."):
                found.add(path.name)
        return sorted(found)

    def _part(self, name: str) -> Path:
        return self._folder / f".{name}{_PART}"
