"""Plaintext in memory: files without a name, which no disk and no other process gets to see."""

import fcntl
import os
from collections.abc import Iterable
from typing import BinaryIO

from ledger.domain.errors import MalformedError

_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


def in_memory(chunks: Iterable[bytes], *, max_bytes: int) -> BinaryIO:
    """Return these bytes as a sealed file in memory (memfd_create(2)), at its beginning.

    Args:
        chunks: The bytes, in order.
        max_bytes: Refuse more.

    Raises:
        MalformedError: There are more (`too-large`).
    """
    file = os.fdopen(os.memfd_create("evidence", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "w+b", buffering=0)
    try:
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise MalformedError("too-large", f"the item has more than {max_bytes} bytes")
            view = memoryview(chunk)
            while view:
                view = view[file.write(view) :]
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def read_only(source: BinaryIO, *, max_bytes: int) -> int:
    """Return a descriptor of its own that reads an item and cannot write it.

    A file that has a descriptor is opened once more, with an offset of its own; what has none, such as
    `io.BytesIO`, is copied into memory first.

    Args:
        source: The item; its position is of no matter when it has a descriptor, else it is read to its end.
        max_bytes: Refuse a larger item.

    Raises:
        MalformedError: The item is larger (`too-large`).
        OSError: It cannot be read.
    """
    try:
        descriptor = source.fileno()
    except (OSError, AttributeError):
        with in_memory(iter(lambda: source.read(1 << 20), b""), max_bytes=max_bytes) as copy:
            return _reopened(copy.fileno())
    if os.fstat(descriptor).st_size > max_bytes:
        raise MalformedError("too-large", f"the item has more than {max_bytes} bytes")
    return _reopened(descriptor)


def _reopened(descriptor: int) -> int:
    return os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
