"""The store in an IPFS node: added, pinned, fetched and unpinned through its API, under the same CIDs.

The node is asked for what it has itself, never for what it would have to look for. Its pins carry a name of
ours, so that what else it keeps is neither listed nor removed.
"""

import io
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from ledger.domain.cid import CHUNK, CidBuilder, cid_of, leaf_count
from ledger.domain.errors import NotFoundError, UnavailableError, UsageError, VerificationError
from ledger.domain.evidence import checked_cid
from ledger.domain.pieces import PieceReader
from ledger.evidence.disk import no_evidence, translated
from ledger.evidence.ipfs_node import SECONDS, IpfsNode
from ledger.evidence.ipfs_tree import Tree, leaf_cid, read_tree
from ledger.evidence.store import EvidenceStore, StoredItem, compare_cid, is_cid, rotten

_PIECE: Final = 1 << 20
_AT_ONCE: Final = 64
"""Leaves of one answer: 16 MiB, for an answer in one piece is held in memory."""


class IpfsStore(EvidenceStore):
    """Evidence in an IPFS node.

    Args:
        api: Multiaddr of the node's API, such as `/ip4/127.0.0.1/tcp/5001`.
        announce: Whether the node may tell the world which CIDs it has.
        seconds: How long the node may keep silent.

    Raises:
        UsageError: The address is none.
    """

    def __init__(self, api: str, *, announce: bool = False, seconds: float = SECONDS) -> None:
        self._node = IpfsNode(api, seconds=seconds)
        self._announce = announce

    def check(self) -> None:
        """See that the node is there, and does not announce what it has unless that is wanted.

        Raises:
            UsageError: It would announce.
            UnavailableError: It cannot be asked now.
        """
        if not self._announce and announces(self._node.settings()):
            raise UsageError(
                "ipfs-announces",
                "the IPFS node would tell the world which CIDs it has: set its Provide.Enabled to false, or "
                "its Routing.Type to none, and start it again; or set ipfs_announce if that is wanted",
                field="ipfs_announce",
            )

    def put(self, pieces: Iterable[bytes], *, expected: str | None = None) -> str:
        """Store bytes; see `EvidenceStore.put`. They are pinned once all of them have the right CID."""
        try:
            self.check()
        except UsageError as error:
            # Who sends the bytes is not to blame.
            raise UnavailableError(error.code, error.message) from None
        leaves: list[bytes] = []
        builder = CidBuilder(leaves.append)
        reader = PieceReader(_counted(pieces, builder))
        try:
            called = self._node.add(io.BufferedReader(reader, _PIECE))
            cid = builder.cid()
            compare_cid(cid, expected)
            if called != cid:
                message = f"the IPFS node calls the bytes {called[:80]!r}, and they are {cid}: it is broken"
                raise UnavailableError("ipfs-other-cid", message)
            self._node.pin(cid)
            if not self._node.is_pinned(cid):
                raise UnavailableError("ipfs-other-cid", f"the IPFS node did not keep {cid}: it is broken")
        except BaseException as error:  # noqa: BLE001 - what the pieces raised is raised again, whatever it is
            # Nothing pins what came so far, so the node would drop it some day; but why wait.
            with suppress(UnavailableError):
                self._node.remove(leaf_cid(leaf) for leaf in leaves)
            raise reader.error or error from None
        return cid

    def take(self, path: Path, cid: str) -> int:
        """Move a file into the store; see `EvidenceStore.take`."""
        with translated():
            size = path.stat().st_size
            compare_cid(cid_of(_pieces_of(path)), cid)
        self.put(_pieces_of(path), expected=cid)
        with translated():
            path.unlink()
        return size

    def replace(self, cid: str, pieces: Iterable[bytes]) -> None:
        """Store the right bytes where others are; see `EvidenceStore.replace`."""
        # A node keeps the block that it has under a name, whatever is in it.
        self.delete(cid)
        self.put(pieces, expected=cid)

    def open(self, cid: str, start: int = 0, stop: int | None = None) -> StoredItem:
        """Return stored bytes or a part of them; see `EvidenceStore.open`."""
        tree = self._tree(cid)
        end = tree.size if stop is None else min(stop, tree.size)
        return StoredItem(cid, tree.size, self._verified(cid, tree, start, end))

    def size(self, cid: str) -> int:
        """Return how many bytes there are of this CID; see `EvidenceStore.size`."""
        if not self.has(cid):
            raise no_evidence(cid)
        return self._node.size(cid)

    def has(self, cid: str) -> bool:
        """Return whether there are bytes of this CID; see `EvidenceStore.has`."""
        return is_cid(cid) and self._node.is_pinned(cid)

    def delete(self, cid: str) -> None:
        """Remove bytes; those that are not there are no error."""
        blocks: Iterable[str] | None
        try:
            blocks = read_tree(checked_cid(cid), self._node.block).blocks()
        except NotFoundError:
            blocks = ()
        except VerificationError:
            # Which blocks there are cannot be known any more.
            blocks = None
        self._node.unpin(cid)
        if blocks is None:
            self._node.collect()
        else:
            self._node.remove(blocks)

    def cids(self) -> Iterator[str]:
        """Yield the CIDs of all that is there, and that a store of ours pinned."""
        yield from (cid for cid in self._node.pinned() if is_cid(cid))

    def close(self) -> None:
        """Let go of the connections to the node."""
        self._node.close()

    def _tree(self, cid: str) -> Tree:
        if not self.has(cid):
            raise no_evidence(cid)
        try:
            return read_tree(cid, self._node.block)
        except NotFoundError:
            # It is pinned, and yet a part of it is gone.
            raise rotten(cid) from None

    def _verified(self, cid: str, tree: Tree, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from `start` to `stop`, each leaf after it was compared with its CID."""
        if start >= stop:
            return
        behind = leaf_count(stop)
        for first in range(start // CHUNK, behind, _AT_ONCE):
            after = min(first + _AT_ONCE, behind)
            length = min(after * CHUNK, tree.size) - first * CHUNK
            # Closed in any case, also when nobody wants the rest: the connection hangs on it.
            with closing(self._node.read(cid, first * CHUNK, length)) as pieces:
                file = io.BufferedReader(PieceReader(pieces), CHUNK)
                for place in range(first, after):
                    leaf = self._leaf(file, tree.leaves[place])
                    if leaf is None:
                        raise rotten(cid)
                    at = place * CHUNK
                    yield leaf[max(start - at, 0) : stop - at]

    def _leaf(self, file: "io.BufferedReader[PieceReader]", digest: bytes) -> bytes | None:
        """Return the next leaf; None when the node has another one or none."""
        try:
            leaf = file.read(CHUNK)
        except (UnavailableError, NotFoundError):
            # A node breaks off when a block is missing; one that is merely gone is another matter.
            try:
                leaf = self._node.block(leaf_cid(digest))
            except NotFoundError:
                return None
            if sha256(leaf).digest() != digest:
                return None
            raise
        return leaf if sha256(leaf).digest() == digest else None


def announces(settings: dict[str, Any]) -> bool:
    """Return whether a node tells others what it has, by what it says of its settings.

    Args:
        settings: As `ipfs config show` prints them (Kubo, docs/config.md).
    """
    provide, routing = settings.get("Provide"), settings.get("Routing")
    off = isinstance(provide, dict) and provide.get("Enabled") is False
    alone = isinstance(routing, dict) and routing.get("Type") == "none"
    return not (off or alone)


def _counted(pieces: Iterable[bytes], builder: CidBuilder) -> Iterator[bytes]:
    for piece in pieces:
        builder.update(piece)
        yield piece


def _pieces_of(path: Path) -> Iterator[bytes]:
    with translated(), path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            yield piece
