"""Our end of the process that forks a child for every item (child.py is the other end)."""

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.domain.errors import UnavailableError

_PATIENCE_SECONDS = 30.0
"""How long may be taken by what is not reading: the start, imports made ahead, the answer after a kill."""
_MESSAGE_BYTES = 4096
_PIECE_BYTES = 1 << 20
# Where matplotlib keeps its list of fonts; one thread each, for a fork takes only one along.
_PASSED_ON = ("HOME", "MPLCONFIGDIR", "XDG_CACHE_HOME")
_FIXED = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child ended.

    Args:
        code: Its exit code; 0 when a signal ended it.
        signal: The signal that ended it, or 0.
        late: It was killed because its time was over.
        kib: Most memory that it had at once, shared with its parent or not, in KiB.
    """

    code: int
    signal: int
    late: bool
    kib: int


class Forker:
    """A process that forks children, and the socket to it.

    Args:
        modules: The reader modules that it is given.

    Raises:
        UnavailableError: Children cannot be isolated here (`isolation-unavailable`).
        OSError: It could not be started.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_PATIENCE_SECONDS)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and modules that code names
                [sys.executable, "-I", "-m", "ledger.readers.child", str(theirs.fileno()), *modules],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                cwd="/",
                env=_FIXED | {name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                start_new_session=True,
            )
        try:
            hello = self._message()
            if hello:
                raise UnavailableError("isolation-unavailable", str(hello["unavailable"]))
        except BaseException:
            self.close()
            raise

    @property
    def process_id(self) -> int:
        """The process's id."""
        return self._process.pid

    def exchange(self, item: int, request: bytes, *, seconds: float, max_bytes: int) -> tuple[bytes, Ending]:
        """Return what a child answered about an item, at most one byte too much, and how it ended.

        Args:
            item: Descriptor that reads the item.
            request: JSON for the child, under 64 KiB.
            seconds: How long the child may take.
            max_bytes: Longest answer.

        Raises:
            OSError: The process has ended, or does not answer; this object must be closed.
            ValueError: The same.
        """
        mine, theirs = os.pipe()
        try:
            try:
                socket.send_fds(self._control, [request], [item, theirs])
            finally:
                os.close(theirs)
            answer = _gather(mine, max_bytes + 1, time.monotonic() + seconds + _PATIENCE_SECONDS)
        finally:
            # A child that still has something to say cannot, and ends.
            os.close(mine)
        self._control.settimeout(seconds + _PATIENCE_SECONDS)
        said = self._message()
        return answer, Ending(said["exit"], said["signal"], bool(said["late"]), said["kib"])

    def close(self) -> None:
        """End the process and the child that it may have."""
        # It kills its child as soon as the socket is closed, and children die with it in any case.
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        self._process.kill()
        self._process.wait()

    def _message(self) -> dict[str, int]:
        data = self._control.recv(_MESSAGE_BYTES)
        if not data:
            raise ConnectionResetError("the process that forks readers has ended")
        message: dict[str, int] = json.loads(data)
        return message


def _gather(pipe: int, max_bytes: int, deadline: float) -> bytes:
    poller = select.poll()
    poller.register(pipe, select.POLLIN | select.POLLHUP)
    pieces, size = [], 0
    while size < max_bytes:
        if not poller.poll(max(deadline - time.monotonic(), 0) * 1000):
            raise TimeoutError("no answer from the process that forks readers")
        piece = os.read(pipe, min(_PIECE_BYTES, max_bytes - size))
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)
