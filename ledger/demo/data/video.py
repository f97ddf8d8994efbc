"""Clips of the cameras: H.264 in MP4, the recorder's clock burnt into every frame."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ledger.demo.data.pictures import SIZE, Picture
from ledger.demo.facts import Facts

CLOCK_AT = (6, 338)
_GRAIN = 5
"""Most by which a pixel is off, of 255: cameras see noise, at night most."""


@dataclass(frozen=True, slots=True)
class ClipOptions:
    """How a clip was recorded.

    Args:
        camera: Name that stands beside the clock.
        seconds: Its length.
        fps: Frames a second.
        clock_offset_s: How far the recorder's clock was ahead of the true time; negative when behind.
        gap: Begin and length of a stretch without frames, seconds; the recorder's clock goes on.
    """

    camera: str = "cam-gate-3"
    seconds: float = 8.0
    fps: int = 10
    clock_offset_s: float = 0.0
    gap: tuple[float, float] | None = None


def clip(
    facts: Facts,
    rng: np.random.Generator,
    at: datetime,
    picture: Picture,
    options: ClipOptions,
) -> bytes:
    """Return what one camera recorded.

    Args:
        facts: The container's number.
        rng: Noise of the camera.
        at: True time of the first frame, with its offset.
        picture: What there was to see.
        options: How it was recorded.
    """
    shown = at + timedelta(seconds=options.clock_offset_s)
    out = BytesIO()
    moment = Fraction(1, options.fps)
    with av.open(out, "w", format="mp4", options={"fflags": "+bitexact"}) as file:
        file.metadata["creation_time"] = shown.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        file.metadata["title"] = options.camera
        stream = file.add_stream("h264", rate=options.fps, options={"crf": "30", "preset": "veryfast"})
        # Several threads would make other bytes on another machine.
        stream.thread_count = 1
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = moment
        total = round(options.seconds * options.fps)
        for index in _recorded(total, options):
            image = picture(facts.identifiers.container, index / total)
            _burn(image, options.camera, shown + timedelta(seconds=index / options.fps))
            frame = av.VideoFrame.from_ndarray(_grainy(image, rng), format="rgb24")
            frame.pts = index
            frame.time_base = moment
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return out.getvalue()


def _recorded(total: int, options: ClipOptions) -> list[int]:
    if options.gap is None:
        return list(range(total))
    start, length = (round(each * options.fps) for each in options.gap)
    return [index for index in range(total) if not start <= index < start + length]


def _burn(image: Image.Image, camera: str, shown: datetime) -> None:
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, CLOCK_AT[1] - 4, SIZE[0], SIZE[1]), fill="black")
    text = f"{camera}   {shown:%Y-%m-%d %H:%M:%S}.{shown.microsecond // 100_000} UTC{shown.isoformat()[-6:]}"
    draw.text(CLOCK_AT, text, fill="white", font=ImageFont.load_default(15))


def _grainy(image: Image.Image, rng: np.random.Generator) -> NDArray[np.uint8]:
    pixels = np.asarray(image, dtype=np.int16)
    grain = rng.integers(-_GRAIN, _GRAIN, pixels.shape[:2], endpoint=True, dtype=np.int16)[..., None]
    return np.asarray(np.clip(pixels + grain, 0, 255), dtype=np.uint8)
