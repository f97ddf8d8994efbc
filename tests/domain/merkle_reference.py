"""RFC 9162 section 2.1 written down word for word: slow, obvious, and compared with the fast code."""

from hashlib import sha256

from ledger.domain.errors import NotFoundError


def split(size: int) -> int:
    """Return the largest power of two smaller than size."""
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def tree_hash(entries: list[bytes]) -> bytes:
    """MTH of section 2.1.1."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return sha256(b"\x01" + tree_hash(entries[:k]) + tree_hash(entries[k:])).digest()


def path(index: int, entries: list[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if index < k:
        return [*path(index, entries[:k]), tree_hash(entries[k:])]
    return [*path(index - k, entries[k:]), tree_hash(entries[:k])]


def proof(size1: int, entries: list[bytes]) -> list[bytes]:
    """PROOF of section 2.1.4.1."""
    return subproof(size1, entries, complete=True)


def subproof(size1: int, entries: list[bytes], *, complete: bool) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if size1 == len(entries):
        return [] if complete else [tree_hash(entries)]
    k = split(len(entries))
    if size1 <= k:
        return [*subproof(size1, entries[:k], complete=complete), tree_hash(entries[k:])]
    return [*subproof(size1 - k, entries[k:], complete=False), tree_hash(entries[:k])]


class StoredNodes:
    """Every complete subtree of a list of entries, and nothing else: asking for another one fails."""

    def __init__(self, entries: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        for level in range(len(entries).bit_length()):
            for index in range(len(entries) >> level):
                part = entries[index << level : (index + 1) << level]
                self.nodes[level, index] = tree_hash(part)

    def get(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree."""
        if (level, index) not in self.nodes:
            raise NotFoundError("no-node", f"({level}, {index}) is not a complete subtree")
        return self.nodes[level, index]
