"""The store in a folder: a file for each item, named by its CID, and beside it the hashes of its leaves.

    <folder>/items/<last 2 characters of the CID>/<CID>           the sealed bytes as they are
    <folder>/items/<last 2 characters of the CID>/<CID>.leaves    SHA-256 of each 262,144 bytes of them
    <folder>/incoming/                                            what is being written; emptied at start

A file has its name only when all of it is on the disk. The hashes allow any part to be verified alone: they
are believed when together they give the CID, and made again from the bytes when they do not.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from hashlib import sha256
from io import FileIO
from pathlib import Path

from ledger.domain.cid import CHUNK, CidBuilder, cid_of_leaves, leaf_count
from ledger.domain.evidence import checked_cid
from ledger.evidence.disk import SYNC_EVERY, no_evidence, read_full, sync_folder, translated, write_all
from ledger.evidence.store import EvidenceStore, StoredItem, compare_cid, is_cid, rotten
from ledger.storage.faults import Fault, no_fault

_LEAVES = ".leaves"
_DIGEST = 32


class LocalStore(EvidenceStore):
    """Evidence in a folder of this machine.

    Args:
        folder: Where; it is made when it is not there.
        fault: Called at each step of a write; for tests.
    """

    def __init__(self, folder: Path, *, fault: Fault = no_fault) -> None:
        self._items = folder / "items"
        self._incoming = folder / "incoming"
        self._fault = fault
        with translated():
            for path in (folder, self._items, self._incoming):
                path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def clean(self) -> None:
        """Remove what writes left behind that never ended; no other process may be writing."""
        with translated():
            for leftover in self._incoming.iterdir():
                leftover.unlink(missing_ok=True)

    def put(self, pieces: Iterable[bytes], *, expected: str | None = None) -> str:
        """Store bytes; see `EvidenceStore.put`."""
        temporary = self._incoming / secrets.token_hex(16)
        leaves: list[bytes] = []
        builder = CidBuilder(leaves.append)
        try:
            with _created(temporary) as file:
                unsynced = 0
                # What the pieces raise is not the store's failure, and goes through as it is.
                for piece in pieces:
                    builder.update(piece)
                    unsynced += len(piece)
                    with translated():
                        write_all(file, piece)
                        if unsynced >= SYNC_EVERY:
                            # So that the end of a large item need not wait for all of it.
                            os.fdatasync(file.fileno())
                            unsynced = 0
                with translated():
                    self._fault("put.written")
                    os.fsync(file.fileno())
                    self._fault("put.synced")
            cid = builder.cid()
            compare_cid(cid, expected)
            self._settle(temporary, cid, leaves)
        finally:
            temporary.unlink(missing_ok=True)
        return cid

    def take(self, path: Path, cid: str) -> int:
        """Move a file into the store; see `EvidenceStore.take`."""
        leaves: list[bytes] = []
        builder = CidBuilder(leaves.append)
        with translated(), path.open("rb", buffering=0) as file:
            os.fsync(file.fileno())
            for chunk in iter(lambda: file.read(CHUNK), b""):
                builder.update(chunk)
        size = builder.size
        compare_cid(builder.cid(), cid)
        self._fault("take.verified")
        self._settle(path, cid, leaves)
        return size

    def replace(self, cid: str, pieces: Iterable[bytes]) -> None:
        """Store the right bytes where others are; see `EvidenceStore.replace`."""
        self.put(pieces, expected=cid)

    def open(self, cid: str, start: int = 0, stop: int | None = None) -> StoredItem:
        """Return stored bytes or a part of them; see `EvidenceStore.open`."""
        with translated(missing=cid):
            size = self.size(cid)
            leaves = self._leaves(cid, size)
        end = size if stop is None else min(stop, size)
        return StoredItem(cid, size, self._verified(cid, leaves, start, end))

    def size(self, cid: str) -> int:
        """Return how many bytes there are of this CID; see `EvidenceStore.size`."""
        if not is_cid(cid):
            raise no_evidence(cid)
        with translated(missing=cid):
            return self._path(cid).stat().st_size

    def has(self, cid: str) -> bool:
        """Return whether there are bytes of this CID."""
        return is_cid(cid) and self._path(cid).is_file()

    def delete(self, cid: str) -> None:
        """Remove bytes; those that are not there are no error."""
        path = self._path(checked_cid(cid))
        with translated():
            path.unlink(missing_ok=True)
            path.with_name(cid + _LEAVES).unlink(missing_ok=True)

    def cids(self) -> Iterator[str]:
        """Yield the CIDs of all that is there."""
        for path in sorted(self._items.glob("*/b*")):
            if is_cid(path.name):
                yield path.name

    def _path(self, cid: str) -> Path:
        # The last characters, for all CIDs begin alike.
        return self._items / cid[-2:] / cid

    def _settle(self, temporary: Path, cid: str, leaves: list[bytes]) -> None:
        """Give a file that is on the disk its name. Before it come the hashes: alone they mean nothing."""
        path = self._path(cid)
        with translated():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            self._write_leaves(cid, leaves)
            self._fault("settle.leaves")
            temporary.replace(path)
            self._fault("settle.renamed")
            for folder in (path.parent, self._items):
                sync_folder(folder)
            self._fault("settle.done")

    def _write_leaves(self, cid: str, leaves: list[bytes]) -> None:
        temporary = self._incoming / secrets.token_hex(16)
        try:
            with temporary.open("xb") as file:
                file.write(b"".join(leaves))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path(cid).with_name(cid + _LEAVES))
        finally:
            temporary.unlink(missing_ok=True)

    def _leaves(self, cid: str, size: int) -> list[bytes]:
        """Return the hashes of an item's leaves, which are right: together they give its CID."""
        path = self._path(cid)
        try:
            kept = path.with_name(cid + _LEAVES).read_bytes()
        except FileNotFoundError:
            kept = b""
        leaves = [kept[at : at + _DIGEST] for at in range(0, len(kept), _DIGEST)]
        if len(kept) == leaf_count(size) * _DIGEST and cid_of_leaves(leaves, size) == cid:
            return leaves
        leaves = []
        builder = CidBuilder(leaves.append)
        with path.open("rb", buffering=0) as file:
            for chunk in iter(lambda: file.read(CHUNK), b""):
                builder.update(chunk)
        if builder.cid() != cid:
            raise rotten(cid)
        self._write_leaves(cid, leaves)
        return leaves

    def _verified(self, cid: str, leaves: list[bytes], start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from `start` to `stop`, each leaf after its hash was compared."""
        if start >= stop:
            return
        with translated(missing=cid), self._path(cid).open("rb", buffering=0) as file:
            first = start // CHUNK
            file.seek(first * CHUNK)
            for place in range(first, leaf_count(stop)):
                leaf = read_full(file, CHUNK)
                if sha256(leaf).digest() != leaves[place]:
                    raise rotten(cid)
                at = place * CHUNK
                yield leaf[max(start - at, 0) : stop - at]


def _created(path: Path) -> FileIO:
    with translated():
        return path.open("xb", buffering=0)
