"""A clip is what its frames say: headers are compared with them, and never believed."""

from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from ledger.domain.errors import CorridorError
from ledger.readers.formats import media_signing, video
from ledger.readers.formats.timeline import Timeline
from tests.readers.clips import TEN_HOURS, claiming, clip, encoded, index_first, remuxed
from tests.readers.items import codes, foreign, read


def test_a_clip_tells_its_length_its_clock_and_its_codec_and_gives_pictures() -> None:
    reading = read(video, clip(), media_type="video/mp4")
    assert (reading.format, reading.outcome) == ("MP4", "read")
    found = reading.found
    assert (found["codec"], found["width"], found["height"]) == ("h264", 640, 360)
    assert (found["created_at"], found["title"]) == ("2026-11-07T07:40:00.000000Z", "cam-gate-3")
    assert (found["timeline"]["seconds"], found["timeline"]["frames"]) == (3.0, 30)
    poster, sheet = reading.renditions
    assert (poster.title, sheet.title) == ("poster", "contact sheet")
    assert Image.open(BytesIO(poster.data)).size == (640, 360)
    assert Image.open(BytesIO(sheet.data)).width == 4 * 320


def test_a_clip_that_claims_ten_hours_lasts_as_long_as_its_frames() -> None:
    reading = read(video, claiming(clip(), TEN_HOURS))
    assert codes(reading) == ["duration-claimed"]
    assert reading.found["timeline"]["claimed_seconds"] == TEN_HOURS
    assert reading.found["timeline"]["seconds"] == 3.0
    assert len(reading.renditions) == 2


def test_frames_that_are_stretched_over_ten_hours_are_no_film() -> None:
    data = bytearray(clip())
    at = data.index(b"stts") + 8
    # One entry says how long each frame stays.
    assert int.from_bytes(data[at : at + 4]) == 1
    scale = int.from_bytes(data[data.index(b"mdhd") + 16 :][:4])
    data[at + 8 : at + 12] = (TEN_HOURS * scale // 30).to_bytes(4)
    reading = read(video, bytes(data))
    assert "frames-far-apart" in codes(reading)
    assert reading.found["timeline"]["seconds"] == pytest.approx(TEN_HOURS, abs=1)


def test_a_stretch_without_frames_is_a_gap() -> None:
    reading = read(video, clip(4.0, (1.0, 1.5)))
    assert codes(reading) == ["gap"]
    assert reading.found["timeline"]["gaps"] == [{"at_s": 0.9, "seconds": 1.6}]


@pytest.mark.parametrize(
    ("stamps", "claimed", "wrong"),
    [
        ([0.0, 0.1, 0.2, 0.3], 0.4, []),
        ([0.0, 0.3, 0.1, 0.2], 0.4, []),
        ([100.0, 100.1, 100.2], 0.3, []),
        ([0.0, 0.1, 5.1, 5.2], None, ["gap"]),
        ([*(each / 10 for each in range(60)), *(each / 10 for each in range(10, 50))], None, ["clock-jump"]),
        ([0.0, 0.1], 3600.0, ["duration-claimed"]),
        ([0.0, 4.0, 8.0, 12.0], None, []),
        ([0.0, 30.0, 60.0, 90.0], None, ["frames-far-apart"]),
        ([0.0], 0.0, []),
        ([], 36_000.0, ["duration-claimed"]),
    ],
    ids=[
        "even", "coded out of order", "not from zero", "gap", "clock turned back", "claims an hour",
        "slow camera", "no film", "one frame", "no frame",
    ],
)  # fmt: skip
def test_times_of_frames_are_judged(stamps: list[float], claimed: float | None, wrong: list[str]) -> None:
    assert [each.code for each in Timeline.of(stamps, claimed).complaints()] == wrong


def test_a_clip_that_was_cut_off_says_so_and_shows_what_is_left() -> None:
    first = index_first(clip())
    assert codes(read(video, first)) == []
    reading = read(video, first[: len(first) * 2 // 3])
    assert "truncated" in codes(reading)
    assert 0 < reading.found["timeline"]["frames"] < 30
    assert reading.renditions


def test_a_clip_that_was_cut_off_before_its_index_is_refused() -> None:
    with pytest.raises(CorridorError) as caught:
        read(video, clip()[: len(clip()) // 2])
    assert caught.value.code == "truncated"


def test_something_after_the_film_is_complained_of() -> None:
    assert codes(read(video, clip() + b"PK\x03\x04\x14\0\0\0 a ZIP")) == ["trailing-data"]


def test_a_clip_renamed_to_a_picture_is_read_as_a_clip_and_complained_of() -> None:
    reading = read(video, clip(), media_type="image/jpeg")
    assert (reading.format, codes(reading)) == ("MP4", ["other-media-type"])


def test_the_same_frames_in_another_container_have_the_same_fingerprint() -> None:
    one, other = read(video, clip()), read(video, remuxed(clip(), "mov"))
    assert (one.format, other.format) == ("MP4", "QuickTime")
    assert one.fingerprints[0].exact == other.fingerprints[0].exact
    assert one.fingerprints[0].exact != read(video, clip(2.0)).fingerprints[0].exact


def test_a_piece_of_a_clip_is_found_by_its_key_frames() -> None:
    whole, piece = read(video, clip()), read(video, remuxed(clip(), "mp4", frames=12))
    assert whole.fingerprints[0] != piece.fingerprints[0]
    shared = {each.exact for each in whole.fingerprints} & {each.exact for each in piece.fingerprints}
    assert len(shared) == 1


def test_two_clips_of_one_camera_share_no_fingerprint() -> None:
    one, other = read(video, clip()), read(video, clip(2.0, seed=2))
    assert not {each.exact for each in one.fingerprints} & {each.exact for each in other.fingerprints}


def test_a_codec_that_no_camera_records_is_refused() -> None:
    with pytest.raises(CorridorError) as caught:
        read(video, encoded(clip(), "mpeg2video", "mov"))
    assert caught.value.code == "codec-unknown"


def test_a_file_without_video_is_refused() -> None:
    out = BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("aac", rate=48_000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.rate = 48_000
        file.mux(stream.encode(silence))
        file.mux(stream.encode())
    with pytest.raises(CorridorError) as caught:
        read(video, out.getvalue())
    assert caught.value.code == "no-video"


@pytest.mark.parametrize("brand", [b"heic", b"avif", b"mif1"])
def test_a_boxed_picture_is_not_taken_for_a_film(brand: bytes) -> None:
    assert not video.accepts(b"\0\0\0\x18ftyp" + brand + bytes(100), 112)


def test_media_signing_is_seen_and_said_not_to_be_verified() -> None:
    signed = read(video, foreign("video-onvif/test_signed_h264.mp4"))
    plain = read(video, foreign("video-onvif/test_h264.mp4"))
    assert signed.found["media_signing"] == {"state": "present-not-verified", "messages": 5, "key_frames": 5}
    assert plain.found["media_signing"] == {"state": "absent"}
    assert (signed.outcome, plain.outcome) == ("read", "read")


def _unit(kind: int, payload: bytes) -> bytes:
    unit = bytes([kind]) + payload
    return len(unit).to_bytes(4) + unit


@pytest.mark.parametrize(
    ("unit", "messages"),
    [
        (_unit(6, bytes([5, 20]) + media_signing.UUID + b"abcd"), 1),
        (_unit(6, bytes([5, 255, 255, 9]) + media_signing.UUID + b"a" * 503), 1),
        (_unit(6, bytes([4, 20]) + media_signing.UUID + b"abcd"), 0),
        (_unit(6, bytes([5, 20]) + bytes(16) + b"abcd"), 0),
        (_unit(1, bytes([5, 20]) + media_signing.UUID + b"abcd"), 0),
        (b"\xff\xff\xff\xff\x06\x05", 0),
        (b"\0\0\0\0" * 3, 0),
        (b"", 0),
    ],
    ids=[
        "signed",
        "long",
        "another message",
        "another UUID",
        "a picture",
        "cut off",
        "empty units",
        "nothing",
    ],
)
def test_signing_messages_are_told_from_others(unit: bytes, messages: int) -> None:
    signing = media_signing.Signing.of("h264", b"\x01\x64\x00\x29\xff")
    signing.add(unit, key_frame=False)
    assert signing.messages == messages
