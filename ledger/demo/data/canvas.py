"""A field of areal densities, built up shape by shape."""

import numpy as np
from numpy.typing import NDArray

from ledger.demo.data.attenuation import MATERIALS

Span = tuple[float, float]
"""From, to: metres from the left edge of the field, or above the ground."""
Density = float | NDArray[np.float32]


class Canvas:
    """Adds up what a beam meets on its way to each pixel.

    Args:
        shape: Rows and columns.
        field_m: Width and height of the field, metres.
    """

    def __init__(self, shape: tuple[int, int], field_m: tuple[float, float]) -> None:
        self._shape = shape
        self._height = field_m[1]
        self._per_x = shape[1] / field_m[0]
        self._per_h = shape[0] / field_m[1]
        self.layers = {material: np.zeros(shape, dtype=np.float32) for material in MATERIALS}

    def window(self, x: Span, h: Span) -> tuple[slice, slice]:
        """Return the rows and columns of a rectangle: at least one each way, none outside the field."""
        left, right = (round(at * self._per_x) for at in x)
        top, bottom = (round((self._height - at) * self._per_h) for at in (h[1], h[0]))
        rows = slice(max(top, 0), min(max(bottom, top + 1), self._shape[0]))
        return rows, slice(max(left, 0), min(max(right, left + 1), self._shape[1]))

    def points(self, x: Span, h: Span) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return where the pixels of a rectangle lie: `x` as a row, `h` as a column."""
        rows, columns = self.window(x, h)
        along = (np.arange(columns.start, columns.stop) + 0.5) / self._per_x
        above = self._height - (np.arange(rows.start, rows.stop) + 0.5) / self._per_h
        return along.astype(np.float32), above.astype(np.float32)[:, None]

    def add(self, material: str, x: Span, h: Span, g_cm2: Density) -> None:
        """Put a rectangle of matter into the beam."""
        self.layers[material][self.window(x, h)] += np.asarray(g_cm2, dtype=np.float32)

    def add_ellipsoid(self, material: str, centre: Span, radii: Span, g_cm2: float) -> None:
        """Put a round body into the beam: `g_cm2` through its middle, less towards its rim."""
        x, h = ((at - radius, at + radius) for at, radius in zip(centre, radii, strict=True))
        along, above = self.points(x, h)
        reach = 1 - ((along - centre[0]) / radii[0]) ** 2 - ((above - centre[1]) / radii[1]) ** 2
        self.add(material, x, h, g_cm2 * np.sqrt(np.clip(reach, 0, None)))

    def add_ring(self, material: str, centre: Span, radii: Span, g_cm2: float) -> None:
        """Put a ring into the beam, between two radii."""
        x, h = ((at - radii[1], at + radii[1]) for at in centre)
        along, above = self.points(x, h)
        distance = np.hypot(along - centre[0], above - centre[1])
        self.add(material, x, h, g_cm2 * ((distance >= radii[0]) & (distance <= radii[1])))
