"""The process that forks a child for every item: it never sees one itself.

Started by `run.Readers` with a socket. For each request it forks; the child finds the reader by content,
prepares it, gives up everything (isolation.py) and reads. What one child had to import, this process imports
afterwards, so that the next one finds it there. It ends when the socket is closed.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any

from ledger.domain.errors import CorridorError, UnavailableError, UsageError
from ledger.readers import answer
from ledger.readers.isolation import NOT_ISOLATED, Budget, Isolation
from ledger.readers.reading import Complaint, Reading
from ledger.readers.registry import HEAD_BYTES, Context, Expectations, Reader, load

_REQUEST_BYTES = 65_536
_UNREAD, _READ = 11, 100
"""How a child exits: it found no reader, or broke; or what it read was read by the reader of this number."""

_NOBODY = Complaint("not-understood", "no reader knows this format; is the item what it should be?")


def main(arguments: Sequence[str]) -> int:
    """Serve requests until the socket is closed.

    Args:
        arguments: Descriptor of the socket (SOCK_SEQPACKET), then the names of reader modules.
    """
    control = socket.socket(fileno=int(arguments[0]))
    readers = load(arguments[1:])
    try:
        isolation = Isolation()
    except UnavailableError as error:
        control.send(json.dumps({"unavailable": error.message}).encode())
        return 0
    control.send(b"{}")
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, _REQUEST_BYTES, 2)
        if not data:
            return 0
        request = json.loads(data)
        gc.freeze()
        parent, child = os.getpid(), os.fork()
        if child == 0:
            _become(isolation, parent, request, (descriptors[0], descriptors[1]), readers)
        for descriptor in descriptors:
            os.close(descriptor)
        ending = _wait(child, control, request["budget"]["wall_seconds"])
        control.send(json.dumps(ending).encode())
        number = ending["exit"] - _READ
        if 0 <= number < len(readers):
            _warm(readers[number])


def _warm(reader: Reader) -> None:
    try:
        reader.prepare()
    except Exception:  # noqa: BLE001 - the child meets the same, and complains of it
        return


def _wait(child: int, control: socket.socket, wall_seconds: float) -> dict[str, int]:
    """Wait for a child, kill it when its time is over or nobody wants its answer, and say how it ended."""
    poller = select.poll()
    watched = os.pidfd_open(child)
    poller.register(watched, select.POLLIN)
    poller.register(control, select.POLLHUP)
    ended = any(descriptor == watched for descriptor, _ in poller.poll(wall_seconds * 1000))
    if not ended:
        os.kill(child, signal.SIGKILL)
    os.close(watched)
    _, status, usage = os.wait4(child, 0)
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return {
        "exit": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
        "signal": killed if ended else 0,
        "late": int(not ended),
        "kib": usage.ru_maxrss,
    }


def _become(
    isolation: Isolation,
    parent: int,
    request: dict[str, Any],
    pipes: tuple[int, int],
    readers: Sequence[Reader],
) -> None:
    """Be the child; never come back."""
    code = _UNREAD
    try:
        isolation.follow_parent(parent)
        source, out = os.dup2(pipes[0], 3), os.dup2(pipes[1], 4)
        os.closerange(5, os.sysconf("SC_OPEN_MAX"))
        code = _serve(isolation, request, source, out, readers)
    finally:
        os._exit(code)


def _serve(
    isolation: Isolation, request: dict[str, Any], source: int, out: int, readers: Sequence[Reader]
) -> int:
    size = os.fstat(source).st_size
    expected = request["expectations"]
    context = Context(size, request["media_type"], request["category"], Expectations(**expected))
    head = os.pread(source, HEAD_BYTES, 0)
    number = next((n for n, each in enumerate(readers) if each.accepts(head, size)), None)
    if number is None:
        _say(out, Reading("none", "0", None, complaints=(_NOBODY,)))
        return _UNREAD
    reader = readers[number]
    try:
        reader.prepare()
    except ImportError as error:
        message = f"this format is read with a library that is not installed ({error.name})"
        _say(
            out, Reading(reader.NAME, "0", reader.FORMAT, complaints=(Complaint("reader-missing", message),))
        )
        return _UNREAD
    _send(out, answer.opening(reader.NAME, reader.version(), reader.FORMAT))
    try:
        isolation.enter(Budget(**request["budget"]))
    except OSError:
        return NOT_ISOLATED
    reading = _read(reader, source, context)
    try:
        frames = list(answer.body(reading))
    except UsageError:
        frames = list(answer.body(_failed(reader, "reader-failed", "the reader found what no JSON can say")))
    for frame in frames:
        _send(out, frame)
    return _READ + number


def _read(reader: Reader, source: int, context: Context) -> Reading:
    try:
        with os.fdopen(source, "rb", closefd=False) as file:
            return reader.read(file, context)
    except CorridorError as error:
        return _failed(reader, error.code, error.message)
    except MemoryError:
        return _failed(reader, "out-of-memory", "the reader ran out of the memory that it is given")
    except Exception as error:  # noqa: BLE001 - whatever a library raises; its text may quote the item
        message = f"the reader broke off ({type(error).__name__}): the item is damaged, or not what it seems"
        return _failed(reader, "reader-failed", message)


def _failed(reader: Reader, code: str, message: str) -> Reading:
    return Reading(reader.NAME, reader.version(), reader.FORMAT, complaints=(Complaint(code, message),))


def _say(out: int, reading: Reading) -> None:
    _send(out, answer.opening(reading.reader, reading.version, reading.format or "unknown"))
    for frame in answer.body(reading):
        _send(out, frame)


def _send(out: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(out, view) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
