"""Clips of one camera, each going on where the last one ended: what is missing or jumps (formats, 19)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain import fields
from ledger.domain.custody.members import fact_of
from ledger.domain.custody.problem import Problem, problem, warning
from ledger.domain.custody.said import Said
from ledger.domain.errors import MalformedError
from ledger.domain.evidence import COMMITMENT_SIZE, items
from ledger.domain.moment import in_utc, in_words, put_right

VIDEO: Final = "video"
CLIP: Final = "clip"
_MEMBERS = ("camera", "sequence", "from", "to")


@dataclass(frozen=True, slots=True)
class ClipSaid:
    """The member `clip` of a video: a segment of a recording, by the camera's own clock.

    Args:
        camera: What its organisation calls the camera.
        sequence: Place in the recording, 1 for the first segment.
        since: When it begins, POSIX seconds.
        until: When it ends, POSIX seconds.
        previous: Commitment of the segment before, 32 bytes; None where it is not said.
    """

    camera: str
    sequence: int
    since: float
    until: float
    previous: bytes | None


def read_clip(value: object, where: str) -> ClipSaid:
    """Read the member `clip`.

    Raises:
        MalformedError: Other members, no time, an end before the beginning, or a sequence of 0.
    """
    read = fields.exactly_at(value, _MEMBERS, where, optional=("previous",))
    since, until = (fields.timestamp(read[name], f"{where}.{name}").timestamp() for name in ("from", "to"))
    if until < since:
        raise MalformedError("malformed-field", f"{where} must not end before it begins", field=where)
    sequence = fields.natural(read["sequence"], f"{where}.sequence")
    if sequence == 0:
        field = f"{where}.sequence"
        raise MalformedError("malformed-field", f"{field} must count from 1 on", field=field)
    previous = (
        fields.from_hex(read["previous"], COMMITMENT_SIZE, f"{where}.previous")
        if "previous" in read
        else None
    )
    return ClipSaid(
        fields.text(read["camera"], f"{where}.camera", longest=64), sequence, since, until, previous
    )


@dataclass(frozen=True, slots=True)
class Clip:
    """A segment of what a camera recorded of a trip.

    Args:
        said: The statement.
        camera: What its organisation calls the camera.
        sequence: Place in the recording, 1 for the first segment.
        since: When it begins, POSIX seconds, put right by what the camera's clock was off.
        until: When it ends, in the same way.
        previous: Commitment of the segment before, 32 bytes; None where it is not said.
        items: Commitments of the evidence that the statement claims.
    """

    said: Said
    camera: str
    sequence: int
    since: float
    until: float
    previous: bytes | None
    items: frozenset[bytes]

    @property
    def by(self) -> str:
        """URI of the organisation whose camera it is."""
        return self.said.statement.iss

    @property
    def id(self) -> bytes:
        """Id of the statement, 32 bytes."""
        return self.said.statement.id

    @property
    def shown(self) -> str:
        """How to name it to people."""
        return f"segment {self.sequence} of camera {self.camera} ({self.by})"

    @property
    def order(self) -> tuple[float, float, int, bytes]:
        """Sorts clips of one camera, whatever the order in which they arrived."""
        return self.since, self.until, self.sequence, self.id


def clips_of(counting: Iterable[Said], problems: list[Problem]) -> list[Clip]:
    """Return the clips that statements tell of, by organisation and camera, in order.

    Args:
        counting: The statements about one trip that count.
        problems: Receives what cannot be read.
    """
    found = []
    for one in counting:
        if one.statement.kind != VIDEO or CLIP not in one.body:
            continue
        try:
            read = read_clip(one.body[CLIP], "body.clip")
        except MalformedError as error:
            text = f"the clip of {one.statement.iss} counts as not said: {error.message}"
            problems.append(warning("clip-malformed", text, one))
            continue
        offset = fact_of(one).values.get("clock_offset_s", 0.0)
        since, until = put_right(read.since, offset), put_right(read.until, offset)
        claimed = commitments(one.body)
        found.append(Clip(one, read.camera, read.sequence, since, until, read.previous, claimed))
    return sorted(found, key=lambda clip: (clip.by, clip.camera, *clip.order))


def commitments(body: Mapping[str, Any]) -> frozenset[bytes]:
    """Return the commitments of the evidence that a revealed body claims; none where it is malformed."""
    try:
        return frozenset(item.commitment for item in items(body))
    except MalformedError:
        return frozenset()


def check_chains(
    clips: Iterable[Clip],
    claims: Mapping[bytes, Collection[bytes]],
    *,
    jump_seconds: float,
    within_seconds: float,
    problems: list[Problem],
) -> None:
    """Complain of what is missing, doubled or jumps in the recordings of each camera.

    Args:
        clips: Those of one trip, as `clips_of` returns them.
        claims: For a commitment, ids of the statements that count and claim it, or correct one that did.
        jump_seconds: From how many seconds on two segments do not meet.
        within_seconds: How soon after another one a recording is one that was broken off.
        problems: Receives the complaints.
    """
    cameras: dict[tuple[str, str], list[Clip]] = {}
    for clip in clips:
        cameras.setdefault((clip.by, clip.camera), []).append(clip)
    for recorded in cameras.values():
        chain = _Chain(recorded, claims, jump_seconds, within_seconds, problems)
        for clip in recorded:
            chain.follow(clip)


class _Chain:
    """What one camera recorded, segment by segment."""

    def __init__(
        self,
        clips: Sequence[Clip],
        claims: Mapping[bytes, Collection[bytes]],
        jump: float,
        within: float,
        problems: list[Problem],
    ) -> None:
        self._claims = claims
        self._jump, self._within = jump, within
        self._problems = problems
        self._by_id = {clip.id: clip for clip in clips}
        self._furthest: Clip | None = None
        self._last: Clip | None = None

    def follow(self, clip: Clip) -> None:
        """Complain of a segment that does not go on from those before it."""
        last, furthest = self._last, self._furthest
        self._last = clip
        if last is not None and last.order[:3] == clip.order[:3]:
            self._told_twice(last, clip)
            return
        if furthest is not None and furthest.until - clip.since > self._jump:
            self._overlap(furthest, clip)
        if clip.sequence > 1:
            self._joins(clip, self._named(clip) if clip.previous else self._counted(clip, last), furthest)
        elif clip.previous is not None:
            text = f"{clip.shown} is the first of its recording, and names one before it"
            self._problems.append(problem("clip-wrong-previous", text, clip.said))
        elif furthest is not None and self._jump < clip.since - furthest.until <= self._within:
            text = (
                f"camera {clip.camera} ({clip.by}) stopped at {in_utc(furthest.until)} and began anew "
                f"{in_words(clip.since - furthest.until)} later"
            )
            self._problems.append(warning("clip-restarted", text, furthest.said, clip.said))
        if furthest is None or clip.until > furthest.until:
            self._furthest = clip

    def _told_twice(self, first: Clip, again: Clip) -> None:
        """Point out a segment that was filed twice, unless it is plainly the same item."""
        if not first.items & again.items:
            text = f"{again.shown} is told twice; whether it is the same footage only the bytes tell"
            self._problems.append(warning("clip-twice", text, first.said, again.said))

    def _joins(self, clip: Clip, before: Clip | None, furthest: Clip | None) -> None:
        """Complain when a segment does not begin where the one before it ends."""
        if before is None:
            return
        hole = clip.since - before.until
        if hole > self._jump:
            text = (
                f"nothing shows the {in_words(hole)} from {in_utc(before.until)} on, between the "
                f"segments {before.sequence} and {clip.sequence} of camera {clip.camera} ({clip.by})"
            )
            self._problems.append(problem("clip-jump", text, before.said, clip.said))
        elif -hole > self._jump and before is not furthest:
            self._overlap(before, clip)

    def _named(self, clip: Clip) -> Clip | None:
        """Return the segment that a segment names as the one before it."""
        claimed = self._claims.get(clip.previous or b"")
        if not claimed:
            self._missing(clip)
            return None
        own = sorted((self._by_id[ident] for ident in claimed if ident in self._by_id), key=_order)
        for one in own:
            if one.sequence == clip.sequence - 1:
                return one
        said = f"names {own[0].shown}" if own else "names what is no segment of this camera"
        text = f"{clip.shown} {said} as the one before it"
        self._problems.append(problem("clip-wrong-previous", text, clip.said, *(one.said for one in own[:1])))
        return None

    def _counted(self, clip: Clip, before: Clip | None) -> Clip | None:
        """Return the segment just before, when it is the one before by its number."""
        if before is not None and before.sequence == clip.sequence - 1:
            return before
        self._missing(clip)
        return None

    def _missing(self, clip: Clip) -> None:
        text = (
            f"segment {clip.sequence - 1} of camera {clip.camera} ({clip.by}) is not there: it was to come "
            f"before the one of {in_utc(clip.since)}"
        )
        self._problems.append(problem("clip-missing", text, clip.said))

    def _overlap(self, earlier: Clip, clip: Clip) -> None:
        text = (
            f"the segments {earlier.sequence} and {clip.sequence} of camera {clip.camera} ({clip.by}) both "
            f"claim to show {in_utc(max(earlier.since, clip.since))}: one is not what it says, or its clock "
            "was set back"
        )
        self._problems.append(problem("clip-overlap", text, earlier.said, clip.said))


def _order(clip: Clip) -> tuple[float, float, int, bytes]:
    return clip.order
