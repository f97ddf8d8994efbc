"""Clips in MP4 and QuickTime: what their frames say, against what their header says."""

from functools import cache
from importlib.metadata import version as version_of
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from ledger.domain.errors import MalformedError
from ledger.readers import claims
from ledger.readers.formats import boxes, c2pa_manifest, film, stills
from ledger.readers.formats.timeline import Timeline
from ledger.readers.reading import Complaint, Fingerprint, Reading, Rendition
from ledger.readers.registry import Context

if TYPE_CHECKING:
    from PIL.Image import Image

NAME = "video/PyAV"
FORMAT = "MP4"

_SHOTS = 12
_POSTER_WIDTH = 1280
_MAX_TAG = 200


@cache
def version() -> str:
    """Return the version of this reader and of PyAV."""
    return f"1/{version_of('av')}"


def prepare() -> None:
    """Load decoders, C2PA and what pictures are made with, by reading a tiny clip."""
    import av

    out = BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(2):
            file.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        file.mux(stream.encode())
    for name in sorted(film.CODECS):
        av.codec.Codec(name, "r")
    stills.prepare()
    c2pa_manifest.prepare()
    read(out, Context(len(out.getvalue()), "video/mp4", "video"))


def accepts(head: bytes, size: int) -> bool:
    """Return whether an item begins as MP4 or QuickTime does."""
    return size > 8 and boxes.looks_like(head)


def read(source: BinaryIO, context: Context) -> Reading:
    """Return what a clip shows of itself, a poster, a contact sheet and its fingerprints.

    Raises:
        MalformedError: No frame of it can be reached.
    """
    boxed = boxes.walk(source, context.size)
    credentials, complaints = c2pa_manifest.look(source, context.expectations)
    try:
        clip = film.look_through(source)
    except MalformedError as error:
        if boxed.truncated and error.code == "film-not-readable":
            raise MalformedError("truncated", "the file was cut off before the index of its film") from None
        raise
    claimed = [each for each in (boxed.claimed, clip.claimed) if each is not None]
    timeline = Timeline.of(clip.stamps, max(claimed, default=None))
    shots, broken = film.shots(source, clip, timeline.spread(_SHOTS))
    found: dict[str, Any] = {
        "codec": clip.codec,
        "width": clip.size[0],
        "height": clip.size[1],
        "sound": clip.sound,
        "created_at": clip.tags.get("creation_time", "")[:_MAX_TAG] or None,
        "title": clip.tags.get("title", "")[:_MAX_TAG] or None,
        "key_frames": clip.keys,
        "undecodable": broken,
        "timeline": timeline.found(),
        "media_signing": clip.signing.found(),
        "c2pa": credentials,
    }
    named = claims.media_type(context, ("video/mp4", "video/quicktime"))
    wrong = (*named, *_incomplete(boxed, clip, broken), *timeline.complaints(), *complaints)
    name = "QuickTime" if boxed.brand in {b"", b"qt  "} else "MP4"
    return Reading(NAME, version(), name, found, wrong, _renditions(shots), _fingerprints(clip))


def _incomplete(boxed: boxes.Boxes, clip: film.Film, broken: int) -> tuple[Complaint, ...]:
    wrong = []
    if boxed.truncated or not clip.stamps or (clip.whole and clip.promised > clip.packets):
        wrong.append(
            Complaint("truncated", "the file was cut off: frames that its index names are not there")
        )
    if boxed.trailing:
        message = "something follows the film in the file that is no part of it"
        wrong.append(Complaint("trailing-data", message))
    if not clip.whole:
        message = f"the clip has more than {film.MAX_PACKETS} frames; the rest was not looked at"
        wrong.append(Complaint("not-read-whole", message))
    if broken:
        wrong.append(Complaint("frames-damaged", "some frames cannot be decoded"))
    return tuple(wrong)


def _renditions(shots: list[tuple[float, "Image"]]) -> tuple[Rendition, ...]:
    if not shots:
        return ()
    poster = stills.jpeg(shots[len(shots) // 2][1], widest=_POSTER_WIDTH)
    sheet = stills.contact_sheet([(image, f"{at:.1f} s") for at, image in shots])
    return Rendition("poster", "image/jpeg", poster), Rendition("contact sheet", "image/jpeg", sheet)


def _fingerprints(clip: film.Film) -> tuple[Fingerprint, ...]:
    """Return that of all coded frames, and those of single ones, by which a piece of the clip is found again.

    None is perceptual: two passages before one camera look more alike than one that was coded anew.
    """
    if not clip.stamps:
        return ()
    return tuple([Fingerprint("clip", each) for each in dict.fromkeys((clip.digest, *clip.key_digests))])
