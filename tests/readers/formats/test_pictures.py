"""Pictures and scans: what is found, what people get to see, and what is made of hostile ones."""

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ledger.readers.reading import Reading
from ledger.readers.registry import Expectations
from ledger.readers.run import Readers
from tests.readers.formats.made import (
    CONTAINER,
    archive,
    encoded,
    photo,
    png_of_size,
    tiff,
    tiff_of,
)

TYPES = {b"\x89P": "image/png", b"\xff\xd8": "image/jpeg", b"II": "image/tiff", b"MM": "image/tiff"}
PNG, JPEG = encoded(photo(), "PNG"), encoded(photo(), "JPEG", quality=90)
GREY = np.arange(256 * 256, dtype=np.uint16).reshape(256, 256)


def reading_of(
    readers: Readers, data: bytes, category: str = "photo", expectations: Expectations | None = None
) -> Reading:
    media_type = TYPES[data[:2]]
    return readers.read(BytesIO(data), media_type=media_type, category=category, expectations=expectations)


def codes(reading: Reading) -> list[str]:
    return [each.code for each in reading.complaints]


@pytest.mark.parametrize(("data", "form"), [(PNG, "PNG"), (JPEG, "JPEG")], ids=["PNG", "JPEG"])
def test_a_photograph_is_read_and_shown(readers: Readers, data: bytes, form: str) -> None:
    reading = reading_of(readers, data)
    assert (reading.outcome, reading.format) == ("read", form)
    assert (reading.found["width"], reading.found["height"]) == (320, 180)
    (rendition,) = reading.renditions
    assert Image.open(BytesIO(rendition.data)).size == (320, 180)


def test_time_and_camera_are_found_and_the_rendition_is_without_them(readers: Readers) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Camera Example", "One"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:07 01:40:00"
    reading = reading_of(readers, encoded(photo(), "JPEG", exif=exif))
    said = reading.found["exif"]
    assert (said["make"], said["model"], said["taken"]) == ("Camera Example", "One", "2026:11:07 01:40:00")
    assert b"Camera Example" not in reading.renditions[0].data


def test_a_scan_is_found_with_device_site_time_and_container(readers: Readers) -> None:
    reading = reading_of(readers, tiff(), "scan", Expectations(container=CONTAINER))
    assert (reading.outcome, reading.format) == ("read", "TIFF")
    assert reading.found["scan"]["container"] == CONTAINER
    assert [page["energy"] for page in reading.found["pages"]] == ["low", "high"]
    assert {page["bits"] for page in reading.found["pages"]} == {16}


def test_people_look_at_a_scan_through_several_windows(readers: Readers) -> None:
    renditions = reading_of(readers, tiff(), "scan").renditions
    assert len({each.title for each in renditions}) == 8
    dense = next(each for each in renditions if each.title.startswith("low") and "dense" in each.title)
    whole = next(each for each in renditions if each.title.startswith("low") and "all" in each.title)
    # What lies behind cargo is black when everything is shown, and grey in the window of the dense parts.
    load = np.s_[40:60, 60:200]
    assert np.asarray(Image.open(BytesIO(whole.data)))[load].mean() < 15
    assert np.asarray(Image.open(BytesIO(dense.data)))[load].mean() > 60


def test_a_scan_of_another_container_is_complained_of_without_naming_it(readers: Readers) -> None:
    reading = reading_of(readers, tiff(), "scan", Expectations(container="MSCU1234566"))
    assert codes(reading) == ["other-container"]
    assert CONTAINER not in reading.complaints[0].message


@pytest.mark.parametrize(
    "options", [{}, {"compression": "zlib"}, {"byteorder": ">"}, {"bigtiff": True}], ids=str
)
def test_the_same_pixels_in_another_file_have_the_same_exact_fingerprint(
    readers: Readers, options: dict[str, object]
) -> None:
    from tifffile import imwrite

    other = BytesIO()
    imwrite(other, GREY, **options)  # type: ignore[arg-type]
    png = encoded(Image.fromarray(GREY), "PNG")
    known = {reading_of(readers, each, "scan").fingerprints[0].exact for each in (other.getvalue(), png)}
    assert len(known) == 1


def test_grey_in_three_channels_and_an_opaque_fourth_say_no_more_than_grey(readers: Readers) -> None:
    grey = photo().convert("L")
    files = [encoded(grey.convert(mode), "PNG") for mode in ("L", "RGB", "RGBA", "LA")]
    assert len({reading_of(readers, each).fingerprints for each in files}) == 1


def test_one_pixel_more_or_less_bright_is_another_exact_fingerprint(readers: Readers) -> None:
    other = GREY.copy()
    other[7, 7] += 1
    first, second = (reading_of(readers, tiff_of(page), "scan").fingerprints[0] for page in (GREY, other))
    assert first.exact != second.exact
    assert first.perceptual == second.perceptual


def test_a_picture_of_one_value_has_no_fingerprint_to_be_confused_by(readers: Readers) -> None:
    assert not reading_of(readers, encoded(Image.new("L", (64, 64), 7), "PNG")).fingerprints
    assert not reading_of(readers, tiff_of(np.full((64, 64), 9, np.uint16)), "scan").fingerprints


def test_compressions_that_tifffile_has_not_got_are_read_through_pillow(readers: Readers) -> None:
    data = encoded(photo(), "TIFF", compression="tiff_lzw")
    assert reading_of(readers, data).outcome == "read"
    assert reading_of(readers, data).fingerprints == reading_of(readers, PNG).fingerprints


@pytest.mark.parametrize("name", ["CA.jpg", "cloud.jpg"])
def test_real_photographs_with_credentials_are_read(readers: Readers, foreign: Path, name: str) -> None:
    reading = reading_of(readers, (foreign / "c2pa" / name).read_bytes())
    assert reading.format == "JPEG"
    assert reading.fingerprints
    assert not {"damaged", "truncated", "trailing-data"} & set(codes(reading))


def _tiff_that_claims(width: int, height: int) -> bytes:
    """Return the header and directory of a 16-bit TIFF, without its pixels."""
    entries = [
        (256, width),
        (257, height),
        (258, 16),
        (259, 1),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, height),
        (279, 4),
    ]
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + directory + bytes(4)


LOOP = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 256, 4, 1, 5, 8)
HOSTILE = {
    "PNG cut in half": (PNG[: len(PNG) // 2], "truncated"),
    "JPEG cut in half": (JPEG[: len(JPEG) // 2], "truncated"),
    "TIFF cut in half": (tiff()[: len(tiff()) // 2], "truncated"),
    "TIFF without its last strip": (tiff_of(GREY)[:-1000], "truncated"),
    "PNG of nothing but its head": (PNG[:8], "damaged"),
    "JPEG of nothing but its head": (JPEG[:4], "damaged"),
    "TIFF of nothing but its head": (b"II*\0\x08\0\0\0", "damaged"),
    "TIFF whose directories run in a circle": (LOOP, "damaged"),
    "PNG with a wrong checksum": (PNG[:-30] + b"\0\0\0\0" + PNG[-26:], "damaged"),
    "ZIP behind a PNG": (PNG + archive(), "trailing-data"),
    "ZIP behind a JPEG": (JPEG + archive(), "trailing-data"),
    "PNG of 60,000 by 60,000 pixels": (png_of_size(60_000, 60_000), "image-too-large"),
    "PNG between Pillow's warning and its error": (png_of_size(9_000, 9_000), "image-too-large"),
    "TIFF of 60,000 by 60,000 pixels": (_tiff_that_claims(60_000, 60_000), "image-too-large"),
    "TIFF of floating point": (tiff_of(np.ones((8, 8), np.float64)), "odd-pixels"),
    "TIFF of more pages than are read": (tiff_of(*[GREY[:8]] * 9), "more-pages"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_picture_is_complained_of(readers: Readers, name: str) -> None:
    data, code = HOSTILE[name]
    reading = reading_of(readers, data)
    assert code in codes(reading)
    assert reading.outcome == "complained"


def test_a_zip_in_a_picture_is_named(readers: Readers) -> None:
    (complaint,) = reading_of(readers, PNG + archive()).complaints
    assert complaint.message.endswith("they begin like a ZIP archive")


@pytest.mark.parametrize("data", [PNG, JPEG, tiff()], ids=["PNG", "JPEG", "TIFF"])
def test_credentials_that_should_be_there_are_missed(readers: Readers, data: bytes) -> None:
    reading = reading_of(readers, data, expectations=Expectations(c2pa=True))
    assert reading.found["c2pa"]["state"] == "expected-but-absent"
    assert codes(reading) == ["c2pa-expected-but-absent"]


def test_a_renamed_file_is_read_by_what_it_is_and_complained_of(readers: Readers) -> None:
    reading = readers.read(BytesIO(PNG), media_type="application/pdf", category="paper")
    assert (reading.format, codes(reading)) == ("PNG", ["other-media-type"])


def test_further_pictures_that_a_camera_announces_are_not_hidden_data(readers: Readers) -> None:
    data = encoded(photo(), "MPO", save_all=True, append_images=[photo(seed=2)])
    assert data.count(b"\xff\xd8\xff") > 1
    assert codes(reading_of(readers, data)) == []


def test_a_scan_of_the_largest_size_stays_within_its_memory(readers: Readers) -> None:
    page = np.tile(np.arange(7000, dtype=np.uint16) * 9, (7000, 1))
    page[::2] //= 3
    assert codes(reading_of(readers, tiff_of(page), "scan")) == []
