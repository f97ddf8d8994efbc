"""Reading a log over HTTP, from its tiles (c2sp.org/tlog-tiles). Nothing of what is read is believed here.

Whoever has a checkpoint that the log signed can tell: proofs made from true tiles hold under its root.
"""

from typing import Final

import httpx

from ledger.domain.errors import NotFoundError, UnavailableError, VerificationError
from ledger.domain.genesis import MAX_BYTES as MAX_GENESIS
from ledger.domain.merkle import HASH_SIZE, consistency_proof, fold, inclusion_proof, root
from ledger.domain.note import MAX_NOTE
from ledger.log.entry_source import HttpEntrySource
from ledger.log.http_log import DEFAULT_TIMEOUT
from ledger.log.tile import HEIGHT, WIDTH, TileId, locate
from ledger.log.tile_path import tile_path

_MAX_TILE: Final = WIDTH * HASH_SIZE


class TileReader(HttpEntrySource):
    """A log behind a URL: the arguments are those of `HttpLog`."""

    def __init__(
        self, url: str, *, timeout: float = DEFAULT_TIMEOUT, transport: httpx.BaseTransport | None = None
    ) -> None:
        super().__init__(url, timeout=timeout, transport=transport)
        self._tiles: dict[tuple[TileId, int], bytes] = {}

    def checkpoint(self) -> bytes:
        """Return the note of the newest published checkpoint.

        Raises:
            NotFoundError: None is published yet.
            UnavailableError: It cannot be had now.
        """
        note = self.get("checkpoint", MAX_NOTE)
        if note is None:
            raise NotFoundError("not-published", f"the log at {self.url} has published no checkpoint yet")
        return note

    def genesis(self) -> bytes:
        """Return the genesis document that is served.

        Raises:
            NotFoundError: None is served.
            UnavailableError: It cannot be had now.
        """
        document = self.get("genesis", MAX_GENESIS)
        if document is None:
            raise NotFoundError("no-genesis", f"{self.url} serves no genesis document; is it a log of ours?")
        return document

    def entries(self, start: int, stop: int, size: int) -> list[bytes]:
        """Return entries from one index up to, not including, another.

        Args:
            start: First index.
            stop: Index after the last one.
            size: Of the tree that they are wanted of, at least `stop`.

        Raises:
            UnavailableError: They cannot be had now.
            VerificationError: What is served is no bundle of entries.
        """
        found: list[bytes] = []
        for number in range(start // WIDTH, -(-stop // WIDTH)):
            first = number * WIDTH
            bundle = self.bundle(number, min(WIDTH, size - first))
            found += bundle[max(start - first, 0) : stop - first]
        return found

    def root(self, size: int) -> bytes:
        """Return the root that the tiles give for a size, 32 bytes; raises as `node`."""
        return root(size, lambda level, index: self.node(level, index, size))

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Return the inclusion proof that the tiles give (RFC 9162 section 2.1.3.1); raises as `node`."""
        return inclusion_proof(index, size, lambda level, place: self.node(level, place, size))

    def consistency_proof(self, size1: int, size2: int) -> list[bytes]:
        """Return the consistency proof that the tiles give (RFC 9162 section 2.1.4.1); raises as `node`."""
        return consistency_proof(size1, size2, lambda level, place: self.node(level, place, size2))

    def node(self, level: int, index: int, size: int) -> bytes:
        """Return the hash of a complete subtree `(level, index)`, 32 bytes.

        Args:
            level: 0 for leaves.
            index: Place on the level.
            size: Of a tree that holds it.

        Raises:
            UnavailableError: The tile cannot be had now.
            VerificationError: What is served is no such tile.
        """
        tile, height, place = locate(level, index)
        hashes = self._tile(tile, min(WIDTH, (size >> HEIGHT * tile[0]) - tile[1] * WIDTH))
        nodes = [
            hashes[start : start + HASH_SIZE]
            for start in range(HASH_SIZE * (place << height), HASH_SIZE * (place + 1 << height), HASH_SIZE)
        ]
        while len(nodes) > 1:
            nodes = [fold((right, left)) for left, right in zip(nodes[::2], nodes[1::2], strict=True)]
        return nodes[0]

    def _tile(self, name: TileId, width: int) -> bytes:
        known = self._tiles.get((name, width))
        if known is not None:
            return known
        path = tile_path(*name, width)
        hashes = self.get(f"tile/{path}", _MAX_TILE)
        if hashes is None and width < WIDTH:
            # A log may drop a partial tile once the full one is there.
            hashes = self.get(f"tile/{tile_path(*name)}", _MAX_TILE)
        if hashes is None:
            raise UnavailableError("tile-missing", f"the log does not serve tile {path}; try again")
        if len(hashes) not in (HASH_SIZE * width, _MAX_TILE):
            raise VerificationError("malformed-tile", f"tile {path} of the log has {len(hashes)} bytes")
        self._tiles[name, width] = hashes
        return hashes
