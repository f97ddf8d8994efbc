"""Paths of tiles and entry bundles (c2sp.org/tlog-tiles), for those who serve them and those who ask."""

import re

from ledger.domain.errors import NotFoundError
from ledger.log.tile import WIDTH

_MAX_LEVEL = 7
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
        raise no_tile(path)
    level = None if match[1] == "entries" else int(match[1])
    index = int(match[2].replace("x", "").replace("/", ""))
    width = int(match[3] or WIDTH)
    # One path for each tile: no groups of zeroes in front, no full tile by the name of a partial one.
    if tile_path(level, index, width) != path or (level or 0) > _MAX_LEVEL:
        raise no_tile(path)
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


def no_tile(path: str) -> NotFoundError:
    """Return the error for a tile that is not there."""
    return NotFoundError("tile-unknown", f"this log has no tile {path[:80]}")
