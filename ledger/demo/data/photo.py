"""Photos of a telephone: JPEG with the time, the device and the place in EXIF 2.32."""

from datetime import datetime
from io import BytesIO

import numpy as np
from PIL import ExifTags, Image

from ledger.demo.data.pictures import pallets_in_the_box, seal_close_up
from ledger.demo.facts import Facts

SIZE = (1600, 1200)
_GRAIN = 6


def seal_photo(facts: Facts, rng: np.random.Generator, at: datetime) -> bytes:
    """Return a close-up of the bolt seal at the gate.

    Args:
        facts: Number of the bolt, place of the gate.
        rng: Noise of the camera.
        at: When it was taken, with its offset.
    """
    image = seal_close_up(facts.seals.bolt, SIZE)
    return _jpeg(image, rng, at, facts.route.origin_at)


def pallets_photo(facts: Facts, rng: np.random.Generator, at: datetime) -> bytes:
    """Return the view through the open doors at the packing house."""
    return _jpeg(pallets_in_the_box(facts.identifiers.container, SIZE), rng, at, facts.route.packing_house_at)


def _jpeg(image: Image.Image, rng: np.random.Generator, at: datetime, place: tuple[float, float]) -> bytes:
    pixels = np.asarray(image, dtype=np.int16)
    grain = rng.integers(-_GRAIN, _GRAIN, pixels.shape, endpoint=True, dtype=np.int16)
    grainy = Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8))
    out = BytesIO()
    grainy.save(out, "JPEG", quality=82, exif=_exif(at, place))
    return out.getvalue()


def _exif(at: datetime, place: tuple[float, float]) -> Image.Exif:
    exif = Image.Exif()
    taken, offset = f"{at:%Y:%m:%d %H:%M:%S}", at.isoformat()[-6:]
    exif[ExifTags.Base.Make] = "Telephone Example"
    exif[ExifTags.Base.Model] = "T-5"
    exif[ExifTags.Base.DateTime] = taken
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = taken
    details[ExifTags.Base.OffsetTimeOriginal] = offset
    position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    latitude, longitude = place
    position[ExifTags.GPS.GPSLatitudeRef] = "N" if latitude >= 0 else "S"
    position[ExifTags.GPS.GPSLatitude] = _sexagesimal(latitude)
    position[ExifTags.GPS.GPSLongitudeRef] = "E" if longitude >= 0 else "W"
    position[ExifTags.GPS.GPSLongitude] = _sexagesimal(longitude)
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    """Return degrees, minutes and seconds without their sign, as EXIF keeps them."""
    seconds = round(abs(degrees) * 3600, 2)
    return float(seconds // 3600), float(seconds % 3600 // 60), round(seconds % 60, 2)
