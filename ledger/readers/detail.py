"""A perceptual hash of the fine structure of an X-ray scan.

Two scans of the same kind of load in the same layout look alike: the PDQ hash of the picture itself differs
in no more bits than that of one scan which was made smaller. What differs is the fine structure, how full a
carton is and the noise of the detector, so that this is brought out first: what lies between two scales,
against how much of it there is around. Made smaller, lighter or compressed again a scan keeps it; cut at an
edge it does not.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grid = NDArray[np.float32]

WIDTH: Final = 512
"""Pixels to which a scan is brought, so that its size does not matter."""
FINE, COARSE = 2.5, 6.0
"""Standard deviations in pixels between whose blurs the fine structure lies."""
_FLOOR = 0.2
_GREY, _STEP = 128.0, 40.0
_LEAST_QUALITY = 50


def detail_hash(page: "NDArray[np.integer[Any]]") -> bytes | None:
    """Return the PDQ hash of a scan's fine structure, 32 bytes; None where there is too little of it.

    Args:
        page: One channel of the scan, 8 or 16 bits unsigned.
    """
    import numpy as np
    import pdqhash
    from PIL import Image

    rows, columns = page.shape
    bright = page.astype(np.float32) * np.float32(255 / np.iinfo(page.dtype).max)
    size = (WIDTH, max(1, round(rows * WIDTH / columns)))
    grid = np.asarray(Image.fromarray(bright).resize(size, Image.Resampling.BOX), dtype=np.float32)
    fine = _blurred(grid, FINE) - _blurred(grid, COARSE)
    around = np.sqrt(_blurred(fine * fine, COARSE)) + np.float32(_FLOOR)
    shown = np.clip(_GREY + _STEP * fine / around, 0, 255).astype(np.uint8)
    bits, quality = pdqhash.compute(np.repeat(shown[:, :, None], 3, axis=2))
    return bytes(np.packbits(bits)) if quality >= _LEAST_QUALITY else None


def _blurred(grid: "Grid", deviation: float) -> "Grid":
    height, width = grid.shape
    import numpy as np

    blurred = _weights(height, deviation) @ grid @ _weights(width, deviation).T
    return np.asarray(blurred, dtype=np.float32)


@cache
def _weights(size: int, deviation: float) -> "Grid":
    """Return the matrix that blurs a line of pixels by a Gaussian; at the edges it weighs what there is."""
    import numpy as np

    places = np.arange(size, dtype=np.float32)
    weights = np.exp(-((places[:, None] - places[None, :]) ** 2) / (2 * deviation**2))
    normal: Grid = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return normal
