"""A reader that does what the item tells it to: what hostile code in a reader might try.

An item is `TRY name`. Whatever succeeds is said under `found`.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ledger.domain.errors import MalformedError
from ledger.readers.reading import Reading
from ledger.readers.registry import Context

NAME, FORMAT = "misbehaving/tests", "TRY"


def version() -> str:
    """Return the version."""
    return "1/1"


def prepare() -> None:
    """Need nothing."""


def accepts(head: bytes, size: int) -> bool:
    """Return whether the item tells what to do."""
    return head.startswith(b"TRY ")


def read(source: BinaryIO, context: Context) -> Reading:
    """Do what the item says."""
    what = source.read().decode().removeprefix("TRY ")
    return Reading(NAME, version(), FORMAT, {"did": str(DEEDS[what](source, context))})


def _segfault(*_: object) -> object:
    return ctypes.string_at(0)


def _hang(*_: object) -> object:
    threading.Event().wait()
    return None


def _spin(*_: object) -> object:
    while True:
        pass


def _eat(*_: object) -> object:
    return len(bytearray(1 << 40))


def _nibble(*_: object) -> object:
    held = []
    while True:
        held.append(bytes(1 << 20))


def _recurse(*_: object) -> object:
    sys.setrecursionlimit(1 << 30)
    return _deeper(0)


def _deeper(depth: int) -> int:
    return min([depth], key=_deeper)


def _signal_by_pipe(*_: object) -> object:
    import fcntl

    ours, _theirs = os.pipe()
    return fcntl.fcntl(ours, fcntl.F_SETOWN, os.getppid())


def _raise_limit(*_: object) -> object:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (10_000, 10_000))
    return "raised"


def _refuse(*_: object) -> object:
    raise MalformedError("not-my-taste", "the item is not to the taste of this reader")


def _quote(source: BinaryIO, _: Context) -> object:
    source.seek(0)
    raise ValueError(source.read().decode())


def _thread(*_: object) -> object:
    done = threading.Event()
    threading.Thread(target=done.set).start()
    return done.wait(10)


def _write_source(source: BinaryIO, _: Context) -> object:
    return os.write(source.fileno(), b"another item")


def _see(*_: object) -> object:
    return sorted(os.listdir("/proc/self/fd"))


def _other_memory(*_: object) -> object:
    return Path(f"/proc/{os.getppid()}/mem").open("rb")


def _shout(*_: object) -> object:
    os.write(4, b"\xff" * (8 << 20))
    return None


def _leave(*_: object) -> object:
    os._exit(0)


def _lie(*_: object) -> object:
    os.write(4, b"\0\0\0\2{}")
    os._exit(100)


DEEDS: dict[str, Callable[[BinaryIO, Context], object]] = {
    "segfault": _segfault,
    "abort": lambda *_: os.abort(),
    "hang": _hang,
    "spin": _spin,
    "eat memory at once": _eat,
    "eat memory bit by bit": _nibble,
    "recurse without end": _recurse,
    "fork": lambda *_: os.fork(),
    "run a program": lambda *_: subprocess.run(["/bin/true"], check=True),
    "exec": lambda *_: os.execv("/bin/true", ["/bin/true"]),
    "open a socket": lambda *_: socket.create_connection(("127.0.0.1", 9)),
    "make a pair of sockets": lambda *_: socket.socketpair(),
    "write a file": lambda *_: Path("/tmp/written-by-a-reader").write_text("x"),
    "make memory files": lambda *_: os.memfd_create("more"),
    "read /etc/passwd": lambda *_: Path("/etc/passwd").read_text()[:4],
    "list a folder": lambda *_: os.listdir("/"),
    "look a file up": lambda *_: os.stat("/etc/passwd"),
    "kill the parent": lambda *_: os.kill(os.getppid(), signal.SIGKILL),
    "signal by a pipe": _signal_by_pipe,
    "raise its limits": _raise_limit,
    "look at its descriptors": _see,
    "read its parent's memory": _other_memory,
    "change the item": _write_source,
    "refuse": _refuse,
    "quote the item": _quote,
    "shout": _shout,
    "leave": _leave,
    "lie": _lie,
    "find no JSON": lambda *_: "\ud800",
    "start a thread": _thread,
    "sleep a little": lambda *_: time.sleep(0.001),
    "work": lambda *_: "worked",
}
