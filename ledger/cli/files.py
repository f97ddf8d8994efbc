"""Files that commands read and write: read up to a limit, written whole or not at all."""

import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ledger.domain.errors import ConflictError, MalformedError, NotFoundError, UnavailableError, UsageError

STANDARD_INPUT = Path("-")


def read_file(path: Path, what: str, *, max_bytes: int) -> bytes:
    """Return the bytes of a file, or of standard input for `-`.

    Args:
        path: Where it is.
        what: What to call it in a complaint.
        max_bytes: Refuse a longer one without reading all of it.

    Raises:
        NotFoundError: It is not there.
        UnavailableError: It cannot be read.
        UsageError: It is too long.
    """
    try:
        if path == STANDARD_INPUT:
            data = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with path.open("rb") as file:
                data = file.read(max_bytes + 1)
    except OSError as error:
        raise unreadable(path, what, error) from None
    if len(data) > max_bytes:
        raise UsageError("too-large", f"{what} {path} has over {max_bytes} bytes, which none has")
    return data


def unreadable(path: Path, what: str, error: OSError) -> NotFoundError | UnavailableError:
    """Return the error that says why a file cannot be read."""
    if isinstance(error, FileNotFoundError):
        return NotFoundError("no-file", f"{what} {path} is not there")
    return UnavailableError("cannot-read", f"{what} {path} cannot be read: {error.strerror or error}")


@contextmanager
def parsing(path: Path) -> Iterator[None]:
    """Say in the complaints of a block which file it was that could not be parsed."""
    try:
        yield
    except MalformedError as error:
        raise MalformedError(error.code, f"{path}: {error.message}", field=error.field) from None


@contextmanager
def new_file(path: Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """Give a file to write to, which gets its name when the block ends well and else was never there.

    Args:
        path: Its name.
        force: Whether it may replace a file of that name.

    Raises:
        ConflictError: There is a file of that name, and it may not be replaced.
        NotFoundError: Its folder is not there.
        UnavailableError: The folder cannot be written to, or the disk is full.
    """
    _check_free(path, force=force)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        try:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if force:
                temporary.replace(path)
            else:
                # A link, and not a renaming, fails when the name was taken meanwhile.
                os.link(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except FileExistsError:
        raise _is_there(path) from None
    except FileNotFoundError:
        raise NotFoundError("no-folder", f"the folder of {path} is not there; make it first") from None
    except OSError as error:
        raise UnavailableError(
            "cannot-write", f"{path} cannot be written: {error.strerror or error}"
        ) from None


def write_file(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a file, all of it or nothing; raises as `new_file` does."""
    with new_file(path, force=force) as file:
        file.write(data)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_free(path: Path, *, force: bool) -> None:
    # Only a plain file is ever replaced: never a folder, a device, or what a link leads to.
    if os.path.lexists(path) and not (force and stat.S_ISREG(path.lstat().st_mode)):
        raise _is_there(path)


def _is_there(path: Path) -> ConflictError:
    return ConflictError(
        "file-exists", f"{path} is there already; choose another name, or --force for a file"
    )
