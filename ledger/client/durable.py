"""Files and folders that are there whole after a crash, or not at all."""

import os
import secrets
from pathlib import Path


def put(path: Path, data: bytes) -> None:
    """Write a file in place of the one that may be there, mode 0600; OSError when that cannot be done.

    Args:
        path: Where; its folder must be there.
        data: What.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make sure that the names in a folder survive a crash."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
