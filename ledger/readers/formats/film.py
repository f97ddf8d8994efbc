"""The frames of a clip: once all packets as they lie in the file, once some pictures out of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO

from ledger.domain.errors import MalformedError
from ledger.readers.formats.media_signing import Signing

if TYPE_CHECKING:
    from PIL.Image import Image

CODECS = frozenset({"h264", "hevc", "mpeg4", "mjpeg", "av1", "vp9"})
"""What cameras record; other decoders are not let near an item."""
MAX_PIXELS = 8192 * 4352
MAX_PACKETS = 1_000_000
_KEY_DIGESTS = 16
_SHOWS_BYTES = 2048
"""A coded frame of fewer bytes shows next to nothing, and may well be the same in two clips: a black one."""
_DECODED_PIXELS = 1_500_000_000
"""With more pixels than these in all frames, only frames are decoded that need no others before them."""


@dataclass(frozen=True, slots=True)
class Film:
    """What lies in the file.

    Args:
        codec: Name, such as `h264`.
        size: Width and height, pixels.
        promised: Frames that the header counts, 0 where it does not.
        claimed: Seconds that the header says, None where it does not.
        packets: How many there are; some hold no picture.
        stamps: When each frame is shown, seconds, in the order of the file.
        keys: How many frames need no others.
        digest: SHA-256 of all coded frames.
        key_digests: SHA-256 of the first coded frames that need no others and show something.
        signing: Signs of ONVIF media signing.
        tags: What the header says about itself.
        sound: Whether there is a sound track.
        whole: Whether all packets were looked at.
    """

    codec: str
    size: tuple[int, int]
    promised: int
    claimed: float | None
    packets: int
    stamps: Sequence[float]
    keys: int
    digest: bytes
    key_digests: Sequence[bytes]
    signing: Signing
    tags: dict[str, str]
    sound: bool
    whole: bool


def look_through(source: BinaryIO) -> Film:
    """Return what lies in a file, without decoding a frame.

    Args:
        source: The file.

    Raises:
        MalformedError: No film in it, or one too large or of a codec that is not read.
    """
    with _opened(source) as (file, stream):
        codec = stream.codec_context
        name, size = codec.name, (int(codec.width or 0), int(codec.height or 0))
        if name not in CODECS:
            raise MalformedError("codec-unknown", "the video is of a codec that is not read")
        if not 0 < size[0] * size[1] <= MAX_PIXELS:
            raise MalformedError("picture-too-large", f"the frames must have 1 to {MAX_PIXELS} pixels")
        digest, signing = sha256(), Signing.of(name, bytes(codec.extradata or b""))
        stamps: list[float] = []
        key_digests: list[bytes] = []
        packets, keys, whole = 0, 0, True
        for packet in _packets(file, stream):
            if packets >= MAX_PACKETS:
                whole = False
                break
            packets += 1
            data = bytes(packet)
            digest.update(len(data).to_bytes(8))
            digest.update(data)
            keys += packet.is_keyframe
            if packet.is_keyframe and len(data) >= _SHOWS_BYTES and len(key_digests) < _KEY_DIGESTS:
                key_digests.append(sha256(data).digest())
            if not signing.add(data, key_frame=packet.is_keyframe):
                continue
            stamp = packet.dts if packet.pts is None else packet.pts
            stamps.append(float((stamp or 0) * packet.time_base))
        return Film(
            codec=name,
            size=size,
            promised=int(stream.frames or 0),
            claimed=_claimed(file, stream),
            packets=packets,
            stamps=stamps,
            keys=keys,
            digest=digest.digest(),
            key_digests=key_digests,
            signing=signing,
            tags={**stream.metadata, **file.metadata},
            sound=bool(file.streams.audio),
            whole=whole,
        )


def shots(source: BinaryIO, film: Film, times: Sequence[float]) -> tuple[list[tuple[float, "Image"]], int]:
    """Return pictures of a film, and how many packets could not be decoded.

    Args:
        source: The file.
        film: What lies in it.
        times: Seconds from its beginning; a picture is the first at or after each.
    """
    start = min(film.stamps, default=0.0)
    wanted, shown, broken = list(times), [], 0
    sparse = len(film.stamps) * film.size[0] * film.size[1] > _DECODED_PIXELS
    with _opened(source) as (file, stream):
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        stream.codec_context.skip_frame = "NONKEY" if sparse else "DEFAULT"
        latest: tuple[float, Any] | None = None
        signing = Signing.of(film.codec, bytes(stream.codec_context.extradata or b""))
        for frames in _decoded(file, stream, signing):
            if frames is None:
                broken += 1
                continue
            for frame in frames:
                if frame.width * frame.height > MAX_PIXELS:
                    raise MalformedError("picture-too-large", f"a frame has more than {MAX_PIXELS} pixels")
                at = float(frame.time or 0.0) - start
                latest = (at, frame)
                if wanted and at >= wanted[0] - 1e-6:
                    shown.append((at, frame.to_image()))
                    while wanted and at >= wanted[0] - 1e-6:
                        wanted.pop(0)
        if wanted and latest is not None and (not shown or shown[-1][0] < latest[0]):
            shown.append((latest[0], latest[1].to_image()))
    return shown, broken


def _packets(file: Any, stream: Any) -> Iterator[Any]:
    """Return the packets of a stream; what cannot be read any more ends them."""
    import av

    try:
        # The last one is empty: it only tells decoders to hand out what they hold.
        yield from (packet for packet in file.demux(stream) if packet.size)
    except av.FFmpegError:
        return


def _decoded(file: Any, stream: Any, signing: Signing) -> Iterator[list[Any] | None]:
    """Return the frames of each packet, None for one with a picture that cannot be decoded."""
    import av

    packets = file.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return
        if packet is None:
            return
        try:
            yield stream.codec_context.decode(packet if packet.size else None)
        except av.EOFError:
            return
        except av.FFmpegError:
            if signing.add(bytes(packet), key_frame=False):
                yield None


def _claimed(file: Any, stream: Any) -> float | None:
    lengths = [file.duration / 1_000_000] if file.duration else []
    if stream.duration and stream.time_base:
        lengths.append(float(stream.duration * stream.time_base))
    return max(lengths, default=None)


@contextmanager
def _opened(source: BinaryIO) -> Iterator[tuple[Any, Any]]:
    """Open a film for its first video stream; nothing else that it may name is opened."""
    import av

    source.seek(0)
    try:
        with av.open(source, "r", format="mov", io_open=_refuse, options={"enable_drefs": "0"}) as file:
            if not file.streams.video:
                raise MalformedError("no-video", "the file holds no video")
            yield file, file.streams.video[0]
    except (av.FFmpegError, ValueError, EOFError) as error:
        message = "the film cannot be opened: its index is damaged or missing, or it was cut off"
        raise MalformedError("film-not-readable", message) from error


def _refuse(*_: object) -> Any:
    raise PermissionError
