"""Looking at the folder of a drop, and opening its files: plain files of its own only, whatever lies there.

Whoever may write into the folder is not trusted: names are never used as paths, links are never followed,
and what is opened is what was looked at.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from ledger.domain.errors import UnavailableError

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MOST_NAME = 200


class Mark(NamedTuple):
    """By what a file is known again, and seen to have changed.

    Args:
        device: It is on.
        inode: Its number there.
        size: In bytes.
        mtime: When it was written last, ns.
        ctime: When anything of it changed, ns; no program can set it.
    """

    device: int
    inode: int
    size: int
    mtime: int
    ctime: int

    @classmethod
    def of(cls, seen: os.stat_result) -> Self:
        """Return the mark of a file."""
        return cls(seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)

    def same_bytes(self, other: "Mark") -> bool:
        """Return whether it is the same file as far as renaming leaves that to be seen."""
        return self[:4] == other[:4]


class ChangedError(Exception):
    """A file is not the one that was looked at any more: it is looked at again later."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plain file in the folder.

    Args:
        name: As the system has it.
        mark: When it was looked at.
    """

    name: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Look:
    """What lies in a folder.

    Args:
        files: Plain files, in the order of their names.
        skipped: What is never touched, and why, by its name.
    """

    files: tuple[Candidate, ...]
    skipped: dict[str, str]


def look(folder: Path) -> Look:
    """Look at a folder.

    Args:
        folder: Which one.

    Raises:
        UnavailableError: It cannot be read.
    """
    files, skipped = [], {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    seen = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                reason = _unfit(seen)
                if reason is None:
                    files.append(Candidate(entry.name, Mark.of(seen)))
                else:
                    skipped[entry.name] = reason
    except OSError as error:
        raise UnavailableError("cannot-read", f"{folder} cannot be read: {error.strerror}") from None
    return Look(tuple(sorted(files, key=lambda one: os.fsencode(one.name))), skipped)


@contextmanager
def opened(folder: Path, candidate: Candidate) -> Iterator[BinaryIO]:
    """Give a file to read while a block runs.

    Args:
        folder: Where it is.
        candidate: The file as it was looked at.

    Raises:
        ChangedError: It is not there any more, another one has its name, or it was written to.
        OSError: It cannot be read.
    """
    try:
        descriptor = os.open(folder / candidate.name, _OPEN)
    except (FileNotFoundError, NotADirectoryError):
        raise ChangedError from None
    with os.fdopen(descriptor, "rb") as file:
        _check(file, candidate)
        yield file
        _check(file, candidate)


def move(folder: Path, candidate: Candidate, place: Path) -> None:
    """Move a file away, if it is still the one that was looked at.

    Args:
        folder: Where it is.
        candidate: The file as it was looked at.
        place: Where to; nothing may be there. On the same file system.

    Raises:
        ChangedError: Another one has its name by now. That one stays.
        OSError: It cannot be moved.
    """
    source = folder / candidate.name
    try:
        if Mark.of(source.lstat()) != candidate.mark:
            raise ChangedError
        source.rename(place)
    except FileNotFoundError:
        raise ChangedError from None
    if not Mark.of(place.lstat()).same_bytes(candidate.mark):
        # Somebody put another file there in between. It goes back, unless a third one came.
        os.link(place, source, follow_symlinks=False)
        place.unlink()
        raise ChangedError


def plain_name(name: str) -> str:
    """Return a name that is safe to print, to type, and to give to a file of ours.

    Args:
        name: As the system has it.
    """
    shown = os.fsencode(name).decode("utf-8", "replace")
    kept = "".join(char if char.isprintable() and char not in '/\\"' else "_" for char in shown)
    return kept.lstrip(".")[:_MOST_NAME] or "_"


def is_plain(name: str) -> bool:
    """Return whether a name is one that people could have typed: UTF-8, printable, not overly long."""
    return plain_name(name) == name and len(os.fsencode(name)) <= _MOST_NAME


def _unfit(seen: os.stat_result) -> str | None:
    if stat.S_ISLNK(seen.st_mode):
        return "it is a symbolic link, and those are not followed"
    if stat.S_ISDIR(seen.st_mode):
        return "it is a folder, and those are not looked into"
    if not stat.S_ISREG(seen.st_mode):
        return "it is no plain file"
    if seen.st_nlink > 1:
        return "it has another name elsewhere (a hard link); it is taken when that is gone"
    return None


def _check(file: BinaryIO, candidate: Candidate) -> None:
    seen = os.fstat(file.fileno())
    if _unfit(seen) is not None or Mark.of(seen) != candidate.mark:
        raise ChangedError
