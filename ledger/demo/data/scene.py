"""What stands in the beam of the drive-through scanner: a reefer on its truck, machinery end first.

Lengths are metres from the left edge of the field and above the ground, areal densities g/cm² along the beam.
What the story needs comes from the facts; the rest is the common build of a 40-foot high-cube reefer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ledger.demo.data.attenuation import Layers
from ledger.demo.data.canvas import Canvas, Span
from ledger.demo.facts import Facts

MACHINERY = 0
"""The place of a parcel behind the panel of the machinery, where others are numbers of pallets."""

BOX: Span = (1.2, 1.2 + 12.192)
DECK, ROOF = 1.22, 1.22 + 2.896
FLOOR = DECK + 0.20
MACHINERY_END = BOX[0] + 0.45
LOAD_X = BOX[0] + 0.62
PALLET_HEIGHT, CARTON_HEIGHT = 0.144, 0.15
ROWS = ((9, 1.2, 1.0), (11, 1.0, 1.2))
"""The two rows of pallets: how many, their length along the box, their depth along the beam."""
PARCEL_IN_MACHINERY = ((BOX[0] + 0.10, BOX[0] + 0.40), (DECK + 1.52, DECK + 1.86))


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something that should not be there.

    Args:
        pallet: The pallet in which it is hidden, from 1; `MACHINERY` for the space behind the panel.
        g_cm2: Its areal density.
    """

    pallet: int
    g_cm2: float


def pallet_spans() -> Sequence[tuple[Span, float]]:
    """Return where each pallet stands along the box and its share of the depth; pallet 1 is the first."""
    depth = sum(across for _, _, across in ROWS)
    spans = [
        ((start, start + along), across / depth)
        for count, along, across in ROWS
        for start in (LOAD_X + place * (along + 0.01) for place in range(count))
    ]
    return sorted(spans)


def parcel_window(parcel: Parcel) -> tuple[Span, Span]:
    """Return where a parcel lies: along the box, above the ground.

    Raises:
        ValueError: There is no such pallet.
    """
    if parcel.pallet == MACHINERY:
        return PARCEL_IN_MACHINERY
    spans = pallet_spans()
    if not 1 <= parcel.pallet <= len(spans):
        raise ValueError(
            f"there is no pallet {parcel.pallet}; choose 1 to {len(spans)}, or 0 for the machinery"
        )
    (left, right), _ = spans[parcel.pallet - 1]
    middle = (left + right) / 2
    return (middle - 0.2, middle + 0.2), (FLOOR + 1.1, FLOOR + 1.4)


def scene(
    facts: Facts,
    rng: np.random.Generator,
    shape: tuple[int, int],
    *,
    empty: bool = False,
    parcel: Parcel | None = None,
) -> Layers:
    """Return what the beam goes through.

    Args:
        facts: Areal densities of fruit and cartons, the field and the load.
        rng: How full each carton is.
        shape: Rows and columns of the image.
        empty: A box without its load.
        parcel: Something hidden, if anything is.
    """
    canvas = Canvas(shape, facts.xray.field_m)
    _truck(canvas)
    _box(canvas)
    _machinery(canvas)
    if not empty:
        _load(canvas, facts, rng)
    if parcel is not None:
        canvas.add("cellulose", *parcel_window(parcel), parcel.g_cm2)
    return canvas.layers


def _truck(canvas: Canvas) -> None:
    canvas.add("iron", (0.0, 14.0), (0.86, 1.10), 12.6)
    for flange in (0.84, 1.10):
        canvas.add("iron", (0.0, 14.0), (flange, flange + 0.02), 110.0)
    canvas.add("iron", (4.3, 4.45), (0.25, 0.86), 22.0)
    for axle in (1.9, 3.2, 10.2, 11.5, 12.8):
        canvas.add_ring("polyethylene", (axle, 0.5), (0.29, 0.50), 34.0)
        canvas.add_ring("iron", (axle, 0.5), (0.10, 0.29), 16.0)
        canvas.add_ring("iron", (axle, 0.5), (0.0, 0.10), 130.0)


def _box(canvas: Canvas) -> None:
    left, right = BOX
    # Both side walls: outer skin, foam, inner lining; every 0.6 m a stiffener.
    canvas.add("iron", BOX, (DECK, ROOF), 1.2)
    canvas.add("polyethylene", BOX, (DECK, ROOF), 0.6)
    for rib in np.arange(left + 0.9, right - 0.3, 0.6):
        canvas.add("iron", (float(rib), float(rib) + 0.03), (FLOOR, ROOF), 1.1)
    # Roof and floor: foam seen along 2.4 m, skins edge on, T-shaped rails on cross-members.
    canvas.add("polyethylene", BOX, (ROOF - 0.10, ROOF), 11.0)
    canvas.add("iron", BOX, (ROOF - 0.008, ROOF), 60.0)
    canvas.add("polyethylene", BOX, (DECK + 0.05, FLOOR - 0.063), 11.0)
    canvas.add("aluminium", (MACHINERY_END, right - 0.1), (FLOOR - 0.063, FLOOR - 0.012), 14.0)
    canvas.add("aluminium", (MACHINERY_END, right - 0.1), (FLOOR - 0.012, FLOOR), 70.0)
    for member in np.arange(left + 0.2, right, 0.4):
        canvas.add("iron", (float(member), float(member) + 0.01), (DECK, DECK + 0.12), 120.0)
    # The frame: rails, posts, doors with their locking gear, and eight corner castings of 178 by 118 mm.
    for rail in ((DECK, DECK + 0.10), (ROOF - 0.08, ROOF)):
        canvas.add("iron", BOX, rail, 7.0)
    for post in ((left, left + 0.10), (right - 0.12, right)):
        canvas.add("iron", post, (DECK, ROOF), 19.0)
    canvas.add("polyethylene", (right - 0.12, right - 0.02), (DECK, ROOF), 10.0)
    for x in ((left, left + 0.178), (right - 0.178, right)):
        for h in ((DECK, DECK + 0.118), (ROOF - 0.118, ROOF)):
            canvas.add("iron", x, h, 85.0)


def _machinery(canvas: Canvas) -> None:
    left = BOX[0]
    canvas.add("aluminium", (left + 0.02, left + 0.05), (FLOOR, ROOF), 26.0)
    canvas.add("polyethylene", (MACHINERY_END - 0.09, MACHINERY_END), (DECK, ROOF), 10.0)
    canvas.add("aluminium", (MACHINERY_END - 0.01, MACHINERY_END), (DECK, ROOF), 30.0)
    # From the bottom: compressor and its motor, control box, condenser coil with its fan, evaporator.
    canvas.add_ellipsoid("iron", (left + 0.20, DECK + 0.42), (0.15, 0.20), 105.0)
    canvas.add_ellipsoid("iron", (left + 0.20, DECK + 0.74), (0.11, 0.10), 60.0)
    canvas.add("aluminium", (left + 0.08, left + 0.30), (DECK + 0.92, DECK + 1.06), 9.0)
    for fin in range(14):
        x = left + 0.08 + fin * 0.018
        canvas.add("aluminium", (x, x + 0.009), (DECK + 1.12, DECK + 1.46), 24.0)
    canvas.add_ellipsoid("iron", (left + 0.22, DECK + 1.29), (0.06, 0.06), 45.0)
    for fin in range(10):
        h = DECK + 1.95 + fin * 0.034
        canvas.add("aluminium", (left + 0.08, left + 0.34), (h, h + 0.017), 20.0)
    for fan in (0.14, 0.29):
        canvas.add_ellipsoid("iron", (left + fan, DECK + 2.48), (0.06, 0.10), 40.0)


def _load(canvas: Canvas, facts: Facts, rng: np.random.Generator) -> None:
    layers = round(facts.load.cartons_per_pallet / 5)
    for span, share in pallet_spans():
        _pallet(canvas, span, share)
        width = (span[1] - span[0]) / 2
        for layer in range(layers):
            bottom = FLOOR + PALLET_HEIGHT + layer * CARTON_HEIGHT
            for column in range(2):
                left = span[0] + column * width
                x, h = (left, left + width), (bottom, bottom + CARTON_HEIGHT)
                full = rng.normal(1.0, 0.03) * share
                along, above = canvas.points(x, h)
                # Crowns and gaps leave less fruit at the top of a carton and where two meet.
                lie = 1 + 0.12 * np.cos(2 * np.pi * (above - bottom) / CARTON_HEIGHT - 0.8 * np.pi)
                lie = lie * (1 + 0.08 * np.cos(2 * np.pi * (along - left) / (width / 3) + np.pi))
                canvas.add("water", x, h, facts.xray.fruit_g_cm2 * full * lie)
                canvas.add("cellulose", x, h, facts.xray.carton_g_cm2 * share)


def _pallet(canvas: Canvas, span: Span, share: float) -> None:
    bottom = FLOOR
    for deck in ((bottom, bottom + 0.022), (bottom + PALLET_HEIGHT - 0.022, bottom + PALLET_HEIGHT)):
        canvas.add("cellulose", span, deck, 95.0 * share)
    middle = (span[0] + span[1]) / 2
    for block in (span[0], middle - 0.05, span[1] - 0.10):
        canvas.add(
            "cellulose", (block, block + 0.10), (bottom + 0.022, bottom + PALLET_HEIGHT - 0.022), 20.0 * share
        )
