"""Where sealed bytes are kept: what every store promises, whatever it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredItem:
    """Sealed bytes in a store.

    Args:
        cid: Their CID.
        size: How many there are.
        chunks: Yields them in pieces; see `EvidenceStore.open`.
    """

    cid: str
    size: int
    chunks: Iterator[bytes] = field(repr=False)


class EvidenceStore(Protocol):
    """Keeps sealed bytes under their CIDs; all of an item or nothing."""

    def put(self, pieces: Iterable[bytes], *, expected: str | None = None) -> str:
        """Store bytes and return their CID; when it returns they are durable. The same ones again do no harm.

        Args:
            pieces: The bytes, gone through once. What it raises is raised, and nothing is stored.
            expected: The CID that they must have.

        Raises:
            VerificationError: They have another CID than expected; nothing is stored.
            UnavailableError: There is no room, or the store cannot be reached; nothing is stored.
        """

    def take(self, path: Path, cid: str) -> int:
        """Move the bytes of a file into the store and return how many they are; the file is gone after that.

        Args:
            path: The file. A store in a folder wants it on its own file system, and copies nothing.
            cid: The CID that they must have.

        Raises:
            VerificationError: They have another CID; the file is still there, and nothing is stored.
            UnavailableError: As for `put`.
        """

    def open(self, cid: str, start: int = 0, stop: int | None = None) -> StoredItem:
        """Return stored bytes, or a part of them; no byte is yielded that was not verified against the CID.

        Args:
            cid: Which ones.
            start: First byte, from 0 to the size.
            stop: The byte after the last; the size or more for all.

        Raises:
            NotFoundError: There are none.
            VerificationError: What is kept has rotted; raised before a rotten piece is yielded, that is,
                while iterating too.
            UnavailableError: They cannot be read now.
        """

    def size(self, cid: str) -> int:
        """Return how many bytes there are of this CID; they are not looked at.

        Raises:
            NotFoundError: There are none.
        """

    def has(self, cid: str) -> bool:
        """Return whether there are bytes of this CID."""

    def delete(self, cid: str) -> None:
        """Remove bytes; those that are not there are no error."""

    def cids(self) -> Iterator[str]:
        """Yield the CIDs of all that is there."""
