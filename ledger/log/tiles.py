"""The log over HTTP: checkpoint, tiles and entry bundles (C2SP tlog-tiles), and the genesis document.

Tiles are there for every committed entry, published or not: an index cosigner replays them before it signs.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Response

from ledger.domain.errors import NotFoundError
from ledger.log.store import LogStore
from ledger.log.tile import WIDTH
from ledger.log.tile_path import no_tile, parse_tile_path, tile_path

PREFIX = "/log"
TILE_MEDIA_TYPE = "application/octet-stream"
NOTE_MEDIA_TYPE = "text/plain; charset=utf-8"
_HASH = 32
# What a full tile or the genesis document holds never changes; a partial tile is superseded soon.
_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
_BRIEF = {"Cache-Control": "public, max-age=60"}
_FRESH = {"Cache-Control": "no-cache"}


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each entry after its length as u16 (c2sp.org/tlog-tiles)."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def read_tile(store: LogStore, level: int | None, index: int, width: int) -> bytes:
    """Return the bytes of a tile or entry bundle of the committed log.

    Args:
        store: The log.
        level: 0 and up; None for an entry bundle.
        index: Place of the tile on its level.
        width: How many hashes or entries of it are wanted, 1 to 256.

    Raises:
        NotFoundError: The log does not reach that far yet.
    """
    if level is None:
        start = index * WIDTH
        entries = store.entries(start, start + width)
        if len(entries) == width:
            return encode_bundle(entries)
    else:
        tile = store.tree.tile((level, index))
        if tile is not None and tile.width >= width:
            return tile.hashes[: _HASH * width]
    raise no_tile(tile_path(level, index, width))


def tile_router(store: LogStore) -> APIRouter:
    """Return the routes `/log/...`; errors leave them as ours, for the application to answer.

    Args:
        store: The log that they serve.
    """
    router = APIRouter(prefix=PREFIX, tags=["log"])

    @router.get(
        "/checkpoint", response_class=Response, responses=_described("text/plain", "No checkpoint yet")
    )
    def checkpoint() -> Response:
        """Return the newest published checkpoint with its cosignatures, a C2SP signed note."""
        published = store.checkpoints.published()
        if published is None:
            raise NotFoundError("not-published", "this log has not published a checkpoint yet")
        note = store.checkpoints.note(published.size)
        return Response(note, media_type=NOTE_MEDIA_TYPE, headers=_FRESH)

    @router.get("/genesis", response_class=Response, responses=_described("application/json"))
    def genesis() -> Response:
        """Return the genesis document, byte for byte."""
        return Response(store.genesis.document, media_type="application/json", headers=_IMMUTABLE)

    @router.get(
        "/tile/{path:path}", response_class=Response, responses=_described(TILE_MEDIA_TYPE, "No such tile")
    )
    def tile(path: str) -> Response:
        """Return a hash tile `L/N[.p/W]` or an entry bundle `entries/N[.p/W]`."""
        level, index, width = parse_tile_path(path)
        content = read_tile(store, level, index, width)
        headers = _IMMUTABLE if width == WIDTH else _BRIEF
        return Response(content, media_type=TILE_MEDIA_TYPE, headers=headers)

    return router


def _described(media_type: str, missing: str | None = None) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the answers of a route."""
    there: dict[int | str, dict[str, Any]] = {200: {"content": {media_type: {}}}}
    return there if missing is None else there | {404: {"description": missing}}
