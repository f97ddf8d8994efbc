"""How fast 2 GiB are sealed on their way into the store, beside bare age encryption, and in how much memory.

Each runs in a process of its own, and in turns. What is sealed is written and brought to the disk; age
encrypts once into a file that is brought there too, and once into nothing, which is the harder floor.
"""

import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import pyrage

from ledger.domain.evidence import Label
from ledger.evidence.local_store import LocalStore
from ledger.evidence.sealing import seal
from tests.builders import seeded

SIZE = 2 << 30
REPEATS = 3
MEMORY = 250.0
_PIECE = 1 << 20
_LABEL = Label("video/mp4", "cctv")


def rows() -> list[dict[str, object]]:
    """Return the figures."""
    build = Path("build")
    build.mkdir(exist_ok=True)
    sealed, written, bare, memory = [], [], [], 0.0
    with TemporaryDirectory(dir=build) as folder:
        for _ in range(REPEATS):
            seconds, mebibytes = measured(sealed_into_a_store, Path(folder))
            sealed.append(seconds)
            memory = max(memory, mebibytes)
            written.append(measured(encrypted_into_a_file, Path(folder))[0])
            bare.append(measured(encrypted_into_nothing, Path(folder))[0])
    rate, to_disk, alone = (SIZE / min(times) / 1e6 for times in (sealed, written, bare))
    return [
        {
            "name": "2 GiB sealed on its way in, beside bare age into a file",
            "value": rate,
            "unit": "MB/s",
            "floor": to_disk,
            "ratio": rate / to_disk,
            "target": "at least 0.5 of bare age encryption of the same bytes into a file",
            "met": rate >= 0.5 * to_disk,
        },
        {
            "name": "2 GiB sealed on its way in, beside age that writes nothing",
            "value": rate,
            "unit": "MB/s",
            "floor": alone,
            "ratio": rate / alone,
            # What writes nothing is no floor for what is on the disk when it returns.
            "target": "none",
            "met": True,
        },
        {
            "name": "memory that sealing 2 GiB takes, the interpreter included",
            "value": memory,
            "unit": "MB",
            "floor": MEMORY,
            "ratio": memory / MEMORY,
            "target": f"below {MEMORY:g} MB",
            "met": memory < MEMORY,
        },
    ]


def sealed_into_a_store(folder: Path) -> None:
    """Seal into a local store, as intake does."""
    store = LocalStore(folder / "store")
    store.delete(seal(content(), _LABEL, store.put).item.cid)


def encrypted_into_a_file(folder: Path, size: int = SIZE) -> None:
    """Encrypt so many bytes with nothing but age, into a file."""
    path = folder / "bare.age"
    identity = pyrage.x25519.Identity.generate()
    with path.open("wb", buffering=0) as file:
        pyrage.encrypt_io(_Content(size), file, [identity.to_public()])
        os.fsync(file.fileno())
    path.unlink()


def encrypted_into_nothing(_folder: Path) -> None:
    """Encrypt with nothing but age, and keep nothing."""
    with Path(os.devnull).open("wb", buffering=0) as file:
        pyrage.encrypt_io(_Content(), file, [pyrage.x25519.Identity.generate().to_public()])


def content(size: int = SIZE) -> Iterator[bytes]:
    """Yield so many bytes, which are sealed."""
    piece = seeded("content", _PIECE)
    for _ in range(size // _PIECE):
        yield piece


class _Content:
    """The same bytes as a file."""

    def __init__(self, size: int = SIZE) -> None:
        self._pieces = content(size)
        self._rest = memoryview(b"")

    def read(self, size: int) -> bytes:
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        part, self._rest = self._rest[:size], self._rest[size:]
        return bytes(part)


def measured(work: Callable[[Path], None], folder: Path) -> tuple[float, float]:
    """Return the seconds that work takes in a process of its own, and the most megabytes that it held."""
    # A process that begins anew, so that nothing of this one counts as its memory.
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(work, folder, there))
    process.start()
    seconds, mebibytes = here.recv()
    process.join()
    return seconds, mebibytes


def _child(work: Callable[[Path], None], folder: Path, told: Connection) -> None:
    start = time.perf_counter()
    work(folder)
    seconds = time.perf_counter() - start
    told.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6))
