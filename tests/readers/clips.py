"""Clips for the readers' tests: small, of the demo's cameras, and what becomes of them."""

from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Any

import av
import numpy as np

from ledger.demo.data import pictures
from ledger.demo.data.video import ClipOptions
from ledger.demo.data.video import clip as recorded
from ledger.demo.facts import Facts

AT = datetime(2026, 11, 7, 7, 40, tzinfo=UTC)
TEN_HOURS = 36_000


@cache
def clip(seconds: float = 3.0, gap: tuple[float, float] | None = None, seed: int = 1) -> bytes:
    """Return what a camera at the gate recorded."""
    options = ClipOptions(seconds=seconds, gap=gap)
    return recorded(Facts.default(), np.random.default_rng(seed), AT, pictures.gate_lane, options)


def remuxed(data: bytes, form: str, *, frames: int | None = None) -> bytes:
    """Return the same coded frames in another container, or the first of them."""
    out = BytesIO()
    with av.open(BytesIO(data), "r") as source, av.open(out, "w", format=form) as file:
        stream = file.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(source.streams.video[0])):
            if packet.size and (frames is None or number < frames):
                packet.stream = stream
                file.mux(packet)
    return out.getvalue()


def encoded(data: bytes, codec: str, form: str = "mp4", **options: str) -> bytes:
    """Return the same pictures, coded anew."""
    out = BytesIO()
    with av.open(BytesIO(data), "r") as source, av.open(out, "w", format=form) as file:
        first = source.streams.video[0]
        stream: Any = file.add_stream(codec, rate=10, options=options)
        stream.thread_count = 1
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, "yuv420p"
        for frame in source.decode(first):
            frame.pict_type = 0
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return out.getvalue()


def index_first(data: bytes) -> bytes:
    """Return a clip with its index before its frames, as it is put on the web."""
    at = data.index(b"moov") - 4
    index, first = bytearray(data[at:]), data.index(b"mdat") - 4
    offsets = index.index(b"stco") + 8
    for number in range(int.from_bytes(index[offsets : offsets + 4])):
        place = offsets + 4 + 4 * number
        moved = int.from_bytes(index[place : place + 4]) + len(index)
        index[place : place + 4] = moved.to_bytes(4)
    return data[:first] + bytes(index) + data[first:at]


def claiming(data: bytes, seconds: int) -> bytes:
    """Return a clip whose headers say that it lasts so long; its frames stay."""
    changed = bytearray(data)
    for kind in (b"mvhd", b"mdhd"):
        at = data.index(kind) + 4
        scale = int.from_bytes(data[at + 12 : at + 16])
        changed[at + 16 : at + 20] = (seconds * scale).to_bytes(4)
    return bytes(changed)
