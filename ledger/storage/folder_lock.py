"""A folder that one process at a time may work in."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.domain.errors import ConflictError, UnavailableError

_NAME = "lock"


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold a folder for this process while a block runs; the folder is made when it is not there.

    The operating system lets go of it when the process ends, however that happens.

    Args:
        folder: The folder.

    Raises:
        ConflictError: Another process holds it.
        UnavailableError: It cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UnavailableError(
            "folder-not-writable", f"the folder {folder} cannot be written ({error.strerror}); choose another"
        ) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(
                "already-running", f"another process works in {folder}; stop it, or choose another folder"
            ) from None
        yield
    finally:
        os.close(descriptor)
