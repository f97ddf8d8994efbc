"""Looking for known plaintext in all that a run left: as it is, encoded, packed, in files and processes."""

import base64
import os
import random
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DEPTH = 3
"""How often what was compressed is unpacked: a picture in an archive in an archive."""
MOST = 64 << 20
"""Most bytes that one compressed stream is unpacked to."""
NEEDLE = 24
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_GZIP, _ZIP = b"\x1f\x8b\x08", b"PK\x03\x04"


def forms(secret: bytes) -> Mapping[str, bytes]:
    """Return how a secret may be written, by the name of the form.

    Args:
        secret: At least 16 bytes, else its base64 would be found by chance.
    """
    assert len(secret) >= 16
    found = {
        "itself": secret,
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
        "backwards": secret[::-1],
        "UTF-16 LE": secret.decode("latin-1").encode("utf-16-le"),
        "UTF-16 BE": secret.decode("latin-1").encode("utf-16-be"),
        "percent": "".join(f"%{one:02X}" for one in secret).encode(),
    }
    for shift in range(3):
        # What stands before it decides how it falls into groups of three bytes; whole groups of its own stay.
        whole = secret[(3 - shift) % 3 :]
        whole = whole[: len(whole) // 3 * 3]
        found[f"base64, {shift}"] = base64.b64encode(whole)
        found[f"base64url, {shift}"] = base64.urlsafe_b64encode(whole)
    return found


def needles(data: bytes, seed: object, count: int = 12) -> list[bytes]:
    """Return pieces of a file that are found nowhere by chance, from all over it.

    Args:
        data: The file.
        seed: Chooses them.
        count: How many, at most.
    """
    rng, chosen = random.Random(repr(seed)), []
    for _ in range(count * 20):
        at = rng.randrange(max(1, len(data) - NEEDLE))
        piece = data[at : at + NEEDLE]
        if len(set(piece)) >= 14 and len(piece) == NEEDLE:
            chosen.append(piece)
    return chosen[:count]


@dataclass(frozen=True)
class Found:
    """A secret that is where it should not be.

    Args:
        secret: Its name.
        form: How it is written there.
        where: The file, process or table, and what it was unpacked from.
    """

    secret: str
    form: str
    where: str


class Search:
    """A search for secrets.

    Args:
        secrets: Each with its name.
    """

    def __init__(self, secrets: Mapping[str, Iterable[bytes]]) -> None:
        self._by_head: dict[bytes, list[tuple[str, str, bytes]]] = {}
        self._heads = np.zeros(1 << 24, dtype=bool)
        for name, several in secrets.items():
            for one in several:
                for form, pattern in forms(one).items():
                    self._by_head.setdefault(pattern[:3], []).append((name, form, pattern))
                    self._heads[int.from_bytes(pattern[:3])] = True
        assert self._by_head
        self.searched = 0
        """Bytes that were looked at, unpacked ones as well."""

    def data(self, data: bytes, where: str, depth: int = DEPTH) -> Iterator[Found]:
        """Search bytes, and what can be unpacked from them anywhere."""
        self.searched += len(data)
        yield from self._within(data, where)
        if depth:
            for at, unpacked in _unpacked(data):
                yield from self.data(unpacked, f"{where} > {at}", depth - 1)

    def _within(self, data: bytes, where: str) -> Iterator[Found]:
        """Look at the places where a pattern's first three bytes are: there are thousands of patterns."""
        each = np.frombuffer(data, dtype=np.uint8).astype(np.uint32)
        begins = self._heads[each[:-2] << 16 | each[1:-1] << 8 | each[2:]] if len(each) > 2 else each[:0]
        found = {
            Found(name, form, where)
            for at in np.flatnonzero(begins)
            for name, form, pattern in self._by_head[data[at : at + 3]]
            if data.startswith(pattern, at)
        }
        yield from sorted(found, key=repr)

    def folder(self, folder: Path, but: Iterable[Path] = ()) -> Iterator[Found]:
        """Search the names and bytes of all files below a folder, and the rows of its databases.

        Args:
            folder: Where.
            but: Files and folders that are not looked at.
        """
        passed = [path.resolve() for path in but]
        for path in sorted(folder.rglob("*")):
            if any(path.resolve().is_relative_to(one) for one in passed):
                continue
            yield from self.data(os.fsencode(str(path.relative_to(folder))), f"the name of {path}", 0)
            if path.is_file() and not path.is_symlink():
                data = path.read_bytes()
                yield from self.data(data, str(path))
                if data.startswith(b"SQLite format 3\0"):
                    yield from self._database(path)

    def _database(self, path: Path) -> Iterator[Found]:
        """Search the values of a database: long ones are torn into pages in its file."""
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            tables = [
                name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for table in tables:
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    for value in row:
                        data = value.encode() if isinstance(value, str) else value
                        if isinstance(data, bytes):
                            yield from self.data(data, f"{path}, table {table}")

    def process(self, pid: int) -> Iterator[Found]:
        """Search what everybody on the machine may see of a process and its children: words and variables."""
        for one in (pid, *descendants(pid)):
            for name in ("cmdline", "environ"):
                yield from self.data(Path(f"/proc/{one}/{name}").read_bytes(), f"{name} of a process")


def descendants(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [each for child in map(int, children) for each in (child, *descendants(child))]


def _unpacked(data: bytes) -> Iterator[tuple[int, bytes]]:
    for magic in (*_ZLIB, _GZIP, _ZIP):
        at = data.find(magic)
        while at >= 0:
            start, bits = at, zlib.MAX_WBITS | 32
            if magic == _ZIP:
                # APPNOTE 4.3.7: 30 bytes, then name and extra field, then raw deflate.
                lengths = data[at + 26 : at + 30]
                start = (
                    at + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
                )
                bits = -zlib.MAX_WBITS
            try:
                unpacked = zlib.decompressobj(bits).decompress(data[start:], MOST)
            except zlib.error:
                unpacked = b""
            if len(unpacked) >= NEEDLE // 2:
                yield at, unpacked
            at = data.find(magic, at + 1)
