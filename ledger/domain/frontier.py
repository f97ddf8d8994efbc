"""The growing edge of a Merkle tree: appends in bulk without reading the tree."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple, Self

from ledger.domain.merkle import EMPTY_ROOT, GetNode, fold, subtrees


class Run(NamedTuple):
    """Complete subtrees of one level that an append made, side by side from index `start` on."""

    level: int
    start: int
    hashes: list[bytes]


class Frontier(NamedTuple):
    """What an append needs of a tree: its size and its largest complete subtrees, left to right.

    Values are never changed: an append returns a new frontier, so that a batch which fails to commit leaves
    nothing to undo.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @classmethod
    def load(cls, size: int, get: GetNode) -> Self:
        """Return the frontier of a stored tree.

        Args:
            size: Number of leaves.
            get: Returns the hash of the complete subtree `(level, index)`.
        """
        return cls(size, tuple(get(level, place) for level, place in subtrees(0, size)))

    def root(self) -> bytes:
        """Return the root of this tree (RFC 9162 section 2.1.1)."""
        return fold(self.peaks[::-1]) if self.peaks else EMPTY_ROOT

    def append(self, leaf_hashes: Sequence[bytes]) -> "tuple[Frontier, list[Run]]":
        """Return the frontier after an append, and each subtree it completed, level by level from the leaves.

        Args:
            leaf_hashes: 32 bytes each, as `merkle.leaf_hash` returns, in log order.
        """
        waiting = {level: peak for (level, _), peak in zip(subtrees(0, self.size), self.peaks, strict=True)}
        runs: list[Run] = []
        level = 0
        start = self.size
        row = list(leaf_hashes)
        while row:
            runs.append(Run(level, start, row))
            # A row that starts at an odd place completes the pair of the peak that waits on its level.
            pairs = [waiting.pop(level), *row] if start & 1 else row
            if len(pairs) & 1:
                waiting[level] = pairs[-1]
            start >>= 1
            level += 1
            row = [
                sha256(b"\x01" + left + right).digest()
                for left, right in zip(pairs[::2], pairs[1::2], strict=False)
            ]
        peaks = tuple(waiting[level] for level in sorted(waiting, reverse=True))
        return Frontier(self.size + len(leaf_hashes), peaks), runs


def each_node(runs: Sequence[Run]) -> Iterator[tuple[int, int, bytes]]:
    """Yield `(level, index, hash)` of every subtree in the runs."""
    for level, start, hashes in runs:
        for offset, value in enumerate(hashes):
            yield level, start + offset, value
