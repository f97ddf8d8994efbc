"""Files that hold secrets: written once and whole, readable by their owner only."""

import logging
import os
import secrets
import stat
from pathlib import Path

from ledger.domain.errors import ConflictError, NotFoundError, UnavailableError, UsageError

MAX_BYTES = 65_536

_log = logging.getLogger(__name__)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, mode 0600, so that after a crash it is there whole or not at all.

    Args:
        path: Where; its folder must be there.
        data: What.

    Raises:
        ConflictError: Something is there already; a key that is overwritten is lost for ever.
        NotFoundError: The folder is not there.
        UnavailableError: The folder cannot be written to, or the disk is full.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            # A link, and not a renaming, fails when the name is taken.
            os.link(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError:
        message = f"{path} is there already and is not overwritten; choose another name or move it away"
        raise ConflictError("file-exists", message) from None
    except FileNotFoundError:
        raise NotFoundError("no-folder", f"the folder of {path} is not there; make it first") from None
    except OSError as error:
        raise UnavailableError("cannot-write", f"{path} cannot be written: {error.strerror}") from None


def read(path: Path) -> bytes:
    """Return the bytes of a file; one that others may read is logged as a warning.

    Raises:
        NotFoundError: It is not there.
        UnavailableError: It cannot be read.
        UsageError: It is far too large to be a key.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    except FileNotFoundError:
        raise NotFoundError("no-file", f"{path} is not there") from None
    except OSError as error:
        raise UnavailableError("cannot-read", f"{path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise UsageError("not-a-key-file", f"{path} has over {MAX_BYTES} bytes and is no key file")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        _log.warning("%s may be read by others (mode %03o); run: chmod 600 %s", path, mode, path)
    return data
