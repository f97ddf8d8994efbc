"""The dual-energy X-ray scan, as a scanner stores it: two 16-bit pages of one TIFF, low energy first."""

import json
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import numpy as np
import tifffile
from numpy.typing import NDArray

from ledger.demo.data.attenuation import transmission
from ledger.demo.data.scene import Parcel, scene
from ledger.demo.facts import Facts

OPEN_BEAM = 60_000
"""The value of a pixel whose beam met nothing."""


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """What a scan shows other than the true load.

    Args:
        empty: The box has no load.
        parcel: Something is hidden.
        scale: Size of the image against the scanner's own, above 0 up to 1.
    """

    empty: bool = False
    parcel: Parcel | None = None
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Scan:
    """What the scanner measured.

    Args:
        low: Counts at the low energy, `OPEN_BEAM` where the beam met nothing.
        high: The same at the high energy.
        about: What the device writes beside the pixels.
    """

    low: NDArray[np.uint16]
    high: NDArray[np.uint16]
    about: dict[str, object]


def measure(facts: Facts, rng: np.random.Generator, at: datetime, options: ScanOptions) -> Scan:
    """Return one passage of the truck through the scanner.

    Args:
        facts: Energies, photons in a pixel, the load, and the number that the scanner's operator types in.
        rng: How full the cartons are, and the noise of counting photons.
        at: When the passage began, with its offset.
        options: What differs from the story's own scan.
    """
    width, height = (max(round(size * options.scale), 1) for size in facts.xray.pixels)
    layers = scene(facts, rng, (height, width), empty=options.empty, parcel=options.parcel)
    low, high = (
        _counted(transmission(layers, energy), photons, rng)
        for energy, photons in zip(facts.xray.effective_mev, facts.xray.open_beam_counts, strict=True)
    )
    return Scan(low, high, _about(facts, at, (width, height)))


def to_tiff(scan: Scan) -> bytes:
    """Return a scan as TIFF 6.0: each page names its energy, the first one says all about the scan."""
    out = BytesIO()
    about = scan.about
    taken = datetime.fromisoformat(str(about["time"]))
    with tifffile.TiffWriter(out) as writer:
        for energy, page in (("low", scan.low), ("high", scan.high)):
            writer.write(
                page,
                photometric="minisblack",
                metadata=None,
                description=json.dumps(about | {"page": energy}, sort_keys=True),
                datetime=taken.replace(tzinfo=None),
                software="drive-through acquisition 4.2",
                extratags=[(271, "s", 0, "Scanner Example", True), (272, "s", 0, str(about["device"]), True)],
            )
    return out.getvalue()


def _counted(passed: NDArray[np.float32], photons: float, rng: np.random.Generator) -> NDArray[np.uint16]:
    values = np.rint(rng.poisson(passed * photons) * (OPEN_BEAM / photons))
    return np.asarray(np.clip(values, 0, 65_535), dtype=np.uint16)


def _about(facts: Facts, at: datetime, pixels: tuple[int, int]) -> dict[str, object]:
    return {
        "container": facts.identifiers.container,
        "device": facts.xray.device,
        "endpoints_mev": list(facts.xray.endpoints_mev),
        "field_m": list(facts.xray.field_m),
        "open_beam": OPEN_BEAM,
        "pixels": list(pixels),
        "site": facts.xray.site,
        "time": at.isoformat(),
    }
