"""Where sealed bytes are kept: what every store promises, whatever it is."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from ledger.domain.errors import VerificationError

_CID: Final = re.compile(r"b[a-z2-7]{58}")


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

    def replace(self, cid: str, pieces: Iterable[bytes]) -> None:
        """Store the right bytes again where they have rotted.

        Args:
            cid: Which ones.
            pieces: The bytes. When they break off, nothing of the CID may be left here: it was rotten.

        Raises:
            VerificationError: They have another CID.
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
        """Return whether there are bytes of this CID; they are not looked at.

        Raises:
            UnavailableError: The store cannot be reached.
        """

    def delete(self, cid: str) -> None:
        """Remove bytes; those that are not there are no error."""

    def cids(self) -> Iterator[str]:
        """Yield the CIDs of all that is there."""


def is_cid(text: str) -> bool:
    """Return whether a text looks like the CID of an item: nothing else may become a name in a store."""
    return _CID.fullmatch(text) is not None


def compare_cid(cid: str, expected: str | None) -> None:
    """Compare a CID with the one that bytes must have, if there is one.

    Raises:
        VerificationError: It is another one.
    """
    if expected is not None and cid != expected:
        raise VerificationError(
            "cid-mismatch",
            f"the bytes have the CID {cid} and not {expected}: they were changed on the way; send them again",
        )


def rotten(cid: str) -> VerificationError:
    """Return the error that says that what is kept of a CID is not what was stored."""
    return VerificationError(
        "evidence-rotten",
        f"the bytes kept of {cid} are no longer those that were stored: restore the file from a copy",
    )
