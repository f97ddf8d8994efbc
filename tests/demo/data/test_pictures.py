from datetime import UTC, datetime, timedelta
from io import BytesIO

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageDraw, ImageFont

from ledger.demo.data import photo, pictures
from ledger.demo.data.evidence_file import generator
from ledger.demo.data.video import CLOCK_AT, ClipOptions, clip
from ledger.demo.facts import Facts

PICTURES = {each.__name__: each for each in (pictures.gate_lane, pictures.packing_dock, pictures.quay)}
SHORT = ClipOptions(seconds=2.0)


def recorded(
    facts: Facts, options: ClipOptions = SHORT, picture: pictures.Picture = pictures.gate_lane, seed: int = 1
) -> bytes:
    return clip(facts, generator(seed, "clip"), facts.times.gate_in, picture, options)


def frames(data: bytes) -> list[tuple[float, NDArray[np.uint8]]]:
    """Return when each frame is shown, seconds, and its pixels."""
    with av.open(BytesIO(data), "r") as file:
        [stream] = file.streams.video
        assert stream.codec_context.name == "h264"
        return [
            (float(each.time), np.asarray(each.to_ndarray(format="rgb24"), dtype=np.uint8))
            for each in file.decode(stream)
        ]


def clock(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray(pixels[CLOCK_AT[1] - 4 :].mean(axis=2), dtype=np.float64)


def clock_that_shows(at: datetime) -> NDArray[np.float64]:
    """Return the strip under the picture as it should look at that moment."""
    image = Image.new("RGB", pictures.SIZE)
    text = f"{SHORT.camera}   {at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 100_000} UTC{at.isoformat()[-6:]}"
    ImageDraw.Draw(image).text(CLOCK_AT, text, fill="white", font=ImageFont.load_default(15))
    return clock(np.asarray(image))


def likeness(seen: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    return float(np.corrcoef(seen.ravel(), wanted.ravel())[0, 1])


@pytest.mark.parametrize("name", PICTURES)
def test_a_clip_opens_as_h264_and_lasts_as_long_as_it_says(facts: Facts, name: str) -> None:
    seen = frames(recorded(facts, picture=PICTURES[name]))
    assert [round(at * 10) for at, _ in seen] == list(range(20))
    assert {pixels.shape for _, pixels in seen} == {(pictures.SIZE[1], pictures.SIZE[0], 3)}
    assert np.abs(seen[0][1].astype(int) - seen[-1][1]).mean() > 1


@pytest.mark.parametrize("offset_s", [0.0, 417.0, -3600.0])
def test_the_clock_in_the_picture_is_the_recorders(facts: Facts, offset_s: float) -> None:
    data = recorded(facts, ClipOptions(seconds=1.0, clock_offset_s=offset_s))
    shown = facts.times.gate_in + timedelta(seconds=offset_s)
    at, pixels = frames(data)[-1]
    right = likeness(clock(pixels), clock_that_shows(shown + timedelta(seconds=at)))
    wrong = likeness(clock(pixels), clock_that_shows(shown + timedelta(seconds=at + 60)))
    assert right > 0.97
    assert right > wrong
    with av.open(BytesIO(data)) as file:
        made = datetime.fromisoformat(file.metadata["creation_time"])
    assert made == shown.astimezone(UTC)


def test_a_gap_leaves_out_frames_while_the_clock_goes_on(facts: Facts) -> None:
    seen = frames(recorded(facts, ClipOptions(seconds=2.0, gap=(0.5, 1.0))))
    times = [round(at, 3) for at, _ in seen]
    assert times == [round(index / 10, 3) for index in (*range(5), *range(15, 20))]
    after = facts.times.gate_in + timedelta(seconds=1.5)
    assert likeness(clock(seen[5][1]), clock_that_shows(after)) > 0.97


def test_the_number_on_the_box_is_the_one_that_was_seen(facts: Facts) -> None:
    other = facts.changed("identifiers", container="XXXU7654321")
    mine, theirs = (frames(recorded(each))[-1][1].astype(int) for each in (facts, other))
    rows, _ = np.nonzero(np.abs(mine - theirs).mean(axis=2) > 60)
    assert rows.size > 100
    assert np.mean((rows >= 140) & (rows <= 175)) > 0.9


def test_the_same_seed_gives_the_same_clip(facts: Facts) -> None:
    options = ClipOptions(seconds=0.5)
    assert recorded(facts, options) == recorded(facts, options)
    assert recorded(facts, options) != recorded(facts, options, seed=2)


def test_a_photo_says_when_and_where_it_was_taken(facts: Facts) -> None:
    data = photo.seal_photo(facts, generator(1, "seal"), facts.times.gate_in)
    with Image.open(BytesIO(data)) as image:
        assert (image.format, image.size) == ("JPEG", photo.SIZE)
        exif = image.getexif()
    details, position = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    taken = f"{details[ExifTags.Base.DateTimeOriginal]}{details[ExifTags.Base.OffsetTimeOriginal]}"
    assert datetime.strptime(taken, "%Y:%m:%d %H:%M:%S%z") == facts.times.gate_in
    found = []
    for reference, value in (
        (ExifTags.GPS.GPSLatitudeRef, ExifTags.GPS.GPSLatitude),
        (ExifTags.GPS.GPSLongitudeRef, ExifTags.GPS.GPSLongitude),
    ):
        degrees, minutes, seconds = (float(each) for each in position[value])
        sign = -1 if position[reference] in "SW" else 1
        found.append(sign * (degrees + minutes / 60 + seconds / 3600))
    assert found == pytest.approx(facts.route.origin_at, abs=1e-4)


def test_another_seal_makes_another_photo_of_the_same_door(facts: Facts) -> None:
    after = facts.changed("seals", bolt=facts.seals.bolt_after_inspection)
    both = [photo.seal_photo(each, generator(1, "seal"), facts.times.gate_in) for each in (facts, after)]
    mine, theirs = (np.asarray(Image.open(BytesIO(data)), dtype=int) for data in both)
    rows, _ = np.nonzero(np.abs(mine - theirs).max(axis=2) > 100)
    assert rows.min() > 0.6 * photo.SIZE[1]
    assert photo.pallets_photo(facts, generator(1, "x"), facts.times.stuffing_to) not in both
