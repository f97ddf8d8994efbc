"""Files written so that they survive, and failures of a disk in our words."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from ledger.domain.errors import NotFoundError, UnavailableError

SYNC_EVERY = 32 * 1024 * 1024
"""Bytes after which a large file is brought to the disk, so that its end need not wait for all of it."""


def write_all(file: FileIO, piece: bytes) -> None:
    """Write all of a piece: a raw file may take less at a time."""
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) :]


def read_full(file: FileIO, size: int) -> bytes:
    """Return so many bytes, or as many as there are: a raw file may give fewer at a time."""
    parts = []
    while size and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def no_evidence(cid: str) -> NotFoundError:
    """Return the error that says that something is not here, or not for who asks: both look alike."""
    message = (
        f"there is no evidence {cid[:80]!r} here that you may read; an upload counts when all of it is here"
    )
    return NotFoundError("no-evidence", message)


@contextmanager
def translated(*, missing: str | None = None) -> Iterator[None]:
    """Turn a failure of the disk into one of ours.

    Args:
        missing: CID of what is not here when a file is not.

    Raises:
        UnavailableError: The disk failed, or is full (`disk-full`).
        NotFoundError: A file is not there, and `missing` says of what.
    """
    try:
        yield
    except OSError as error:
        if missing is not None and isinstance(error, FileNotFoundError):
            raise no_evidence(missing) from None
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UnavailableError(
                "disk-full", "there is no room left for evidence; the operator has to make some"
            ) from None
        message = f"the evidence store failed: {error.strerror or error}"
        raise UnavailableError("evidence-store", message) from None
