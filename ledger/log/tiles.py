"""The log over HTTP: checkpoint, tiles and entry bundles (C2SP tlog-tiles), and the genesis document.

Tiles are there for every committed entry, published or not: an index cosigner replays them before it signs.
"""

import re
from collections.abc import Sequence

from fastapi import APIRouter, Response

from ledger.domain.errors import NotFoundError
from ledger.log.store import LogStore
from ledger.log.tile import WIDTH

PREFIX = "/log"
TILE_MEDIA_TYPE = "application/octet-stream"
NOTE_MEDIA_TYPE = "text/plain; charset=utf-8"
_MAX_LEVEL = 7
_HASH = 32
# What a full tile or the genesis document holds never changes; a partial tile is superseded soon.
_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
_BRIEF = {"Cache-Control": "public, max-age=60"}
_FRESH = {"Cache-Control": "no-cache"}
_PATH = re.compile(r"(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def parse_tile_path(path: str) -> tuple[int | None, int, int]:
    """Return level (None for an entry bundle), index and width that the path of a tile names.

    Args:
        path: What follows `tile/`, as `0/x001/067` or `entries/000.p/5` (c2sp.org/tlog-tiles).

    Raises:
        NotFoundError: No tile can have this path.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise _no_tile(path)
    level = None if match[1] == "entries" else int(match[1])
    index = int(match[2].replace("x", "").replace("/", ""))
    width = int(match[3] or WIDTH)
    # One path for each tile: no groups of zeroes in front, no full tile by the name of a partial one.
    if tile_path(level, index, width) != path or (level or 0) > _MAX_LEVEL:
        raise _no_tile(path)
    return level, index, width


def tile_path(level: int | None, index: int, width: int = WIDTH) -> str:
    """Return the path of a tile, without the `tile/` before it (c2sp.org/tlog-tiles).

    Args:
        level: 0 and up; None for an entry bundle.
        index: Place of the tile on its level.
        width: 1 to 256; below 256 for a partial tile.
    """
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"{'entries' if level is None else level}/{'/'.join(groups)}{partial}"


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
    raise _no_tile(tile_path(level, index, width))


def tile_router(store: LogStore) -> APIRouter:
    """Return the routes `/log/...`; errors leave them as ours, for the application to answer.

    Args:
        store: The log that they serve.
    """
    router = APIRouter(prefix=PREFIX, tags=["log"])

    @router.get("/checkpoint")
    def checkpoint() -> Response:
        """Return the newest published checkpoint with its cosignatures, a C2SP signed note."""
        published = store.checkpoints.published()
        if published is None:
            raise NotFoundError("not-published", "this log has not published a checkpoint yet")
        note = store.checkpoints.note(published.size)
        return Response(note, media_type=NOTE_MEDIA_TYPE, headers=_FRESH)

    @router.get("/genesis")
    def genesis() -> Response:
        """Return the genesis document, byte for byte."""
        return Response(store.genesis.document, media_type="application/json", headers=_IMMUTABLE)

    @router.get("/tile/{path:path}")
    def tile(path: str) -> Response:
        """Return a hash tile `L/N[.p/W]` or an entry bundle `entries/N[.p/W]`."""
        level, index, width = parse_tile_path(path)
        content = read_tile(store, level, index, width)
        headers = _IMMUTABLE if width == WIDTH else _BRIEF
        return Response(content, media_type=TILE_MEDIA_TYPE, headers=headers)

    return router


def _no_tile(path: str) -> NotFoundError:
    return NotFoundError("tile-unknown", f"this log has no tile {path[:80]}")
