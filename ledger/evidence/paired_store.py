"""Two stores at once: what is acknowledged is in both, and one heals the other."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from ledger.domain.errors import NotFoundError, UnavailableError, VerificationError
from ledger.evidence.disk import translated
from ledger.evidence.pipes import Pipe
from ledger.evidence.store import EvidenceStore, StoredItem

_PIECE = 1 << 20


class PairedStore(EvidenceStore):
    """Evidence in two stores.

    Both have an item before it is acknowledged: whoever asked for two copies has two. When one store fails,
    nothing is acknowledged; bytes that the other one has by then are nobody's, and are swept away later.

    Args:
        first: Is read from first.
        second: The other one.
    """

    def __init__(self, first: EvidenceStore, second: EvidenceStore) -> None:
        self._first = first
        self._second = second

    def put(self, pieces: Iterable[bytes], *, expected: str | None = None) -> str:
        """Store bytes in both; see `EvidenceStore.put`."""
        pipe = Pipe()
        with ThreadPoolExecutor(1) as beside:
            second = beside.submit(self._second_put, pipe, expected)
            try:
                return self._first.put(_both(pieces, pipe, second), expected=expected)
            finally:
                # When the first one failed before the end, the second one must not have an end either.
                pipe.end(UnavailableError("evidence-store", "the other store of the item failed"))

    def take(self, path: Path, cid: str) -> int:
        """Copy a file into the second store and move it into the first; see `EvidenceStore.take`."""
        with translated(), path.open("rb") as file:
            self._second.put(iter(lambda: file.read(_PIECE), b""), expected=cid)
        return self._first.take(path, cid)

    def replace(self, cid: str, pieces: Iterable[bytes]) -> None:
        """Store the right bytes in both; see `EvidenceStore.replace`."""
        self._second.replace(cid, pieces)
        self._first.replace(cid, self._second.open(cid).chunks)

    def open(self, cid: str, start: int = 0, stop: int | None = None) -> StoredItem:
        """Return stored bytes or a part of them, of the first store that has them right.

        When one store turns out to be rotten or breaks off, the other one goes on at the same byte. A rotten
        one is healed once all was read. See `EvidenceStore.open`.
        """
        try:
            item = self._first.open(cid, start, stop)
        except (NotFoundError, UnavailableError):
            return self._second.open(cid, start, stop)
        except VerificationError:
            other = self._second.open(cid, start, stop)
            return StoredItem(cid, other.size, self._healing(cid, other.chunks))
        return StoredItem(cid, item.size, self._continued(item, start, stop))

    def size(self, cid: str) -> int:
        """Return how many bytes there are of this CID; see `EvidenceStore.size`."""
        try:
            return self._first.size(cid)
        except (NotFoundError, UnavailableError):
            return self._second.size(cid)

    def has(self, cid: str) -> bool:
        """Return whether one of them has bytes of this CID."""
        try:
            if self._first.has(cid):
                return True
        except UnavailableError:
            return self._second.has(cid)
        return self._second.has(cid)

    def delete(self, cid: str) -> None:
        """Remove bytes from both: from the other one too when one of them fails."""
        try:
            self._first.delete(cid)
        finally:
            self._second.delete(cid)

    def cids(self) -> Iterator[str]:
        """Yield the CIDs of all that is in one of them or in both."""
        first = set(self._first.cids())
        yield from sorted(first | set(self._second.cids()))

    def _second_put(self, pipe: Pipe, expected: str | None) -> str:
        try:
            return self._second.put(pipe, expected=expected)
        finally:
            pipe.close()

    def _continued(self, item: StoredItem, start: int, stop: int | None) -> Iterator[bytes]:
        """Yield the bytes of the first store, and from the second one what the first one has not."""
        at = start
        try:
            for piece in item.chunks:
                at += len(piece)
                yield piece
        except (NotFoundError, UnavailableError, VerificationError) as error:
            try:
                rest = self._second.open(item.cid, at, stop).chunks
            except NotFoundError:
                # What is wrong with the only copy says more than that there is no other.
                raise error from None
            yield from self._healing(item.cid, rest) if isinstance(error, VerificationError) else rest

    def _healing(self, cid: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the bytes of the second store, and bring the first one into order afterwards."""
        yield from chunks
        with suppress(NotFoundError, UnavailableError, VerificationError):
            # Who reads has what was asked for; a scrub says what could not be healed.
            self._first.replace(cid, self._second.open(cid).chunks)


def _both(pieces: Iterable[bytes], pipe: Pipe, second: "Future[str]") -> Iterator[bytes]:
    """Yield pieces that go into a pipe as well, and end only when the second store has all of them."""
    try:
        for piece in pieces:
            try:
                pipe.write(piece)
            except BrokenPipeError:
                # It failed: that is what went wrong.
                second.result()
                raise
            yield piece
    except BaseException as error:
        pipe.end(error)
        raise
    pipe.end()
    # What it raises is raised, and then the first one stores nothing.
    second.result()
