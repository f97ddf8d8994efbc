"""When the frames of a clip were: length, gaps and jumps, from the frames and never from a header."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from ledger.readers.reading import Complaint

_GAP_SECONDS = 0.5
_GAP_STEPS = 3.0
"""A gap is longer than both: so many seconds, and so many times what usually lies between two frames."""
_JUMP_SECONDS = 1.0
_REORDERED = 16
"""Coders put a frame so many places off its turn at most (ITU-T H.264, A.3.1); behind earlier ones than these
the clock was turned back."""
_FAR_SECONDS = 5.0
"""Frames further apart than this make no film."""
_OFF_SECONDS, _OFF_SHARE = 1.0, 0.02
"""How far the header's length may be from that of the frames: the larger of the two."""
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Timeline:
    """Times of the frames of one clip.

    Args:
        times: Seconds from the first one shown, rising.
        back: How often a frame lies more than a second before one that came earlier in the file.
        claimed: Seconds that the container says it lasts, None when it does not say.
    """

    times: Sequence[float]
    back: int
    claimed: float | None

    @classmethod
    def of(cls, stamps: Sequence[float], claimed: float | None) -> "Timeline":
        """Return the timeline of frames.

        Args:
            stamps: When each frame is shown, seconds, in the order of the file.
            claimed: What the container says it lasts.
        """
        latest, back = float("-inf"), 0
        for stamp, earlier in zip(stamps[_REORDERED:], stamps, strict=False):
            latest = max(latest, earlier)
            back += stamp < latest - _JUMP_SECONDS
        ordered = sorted(stamps)
        return cls([each - ordered[0] for each in ordered], back, claimed)

    @property
    def step(self) -> float:
        """Seconds that usually lie between two frames; 0 with fewer than two."""
        steps = [after - before for before, after in pairwise(self.times)]
        return median(steps) if steps else 0.0

    @property
    def seconds(self) -> float:
        """How long the frames last, the last one as long as is usual."""
        return self.times[-1] + self.step if self.times else 0.0

    @property
    def gaps(self) -> tuple[tuple[float, float], ...]:
        """Return where nothing was recorded, as begin and length in seconds."""
        least = max(_GAP_SECONDS, _GAP_STEPS * self.step)
        return tuple(
            [(before, after - before) for before, after in pairwise(self.times) if after - before > least]
        )

    @property
    def overstated(self) -> bool:
        """Whether the container says another length than its frames have."""
        if self.claimed is None:
            return False
        return abs(self.claimed - self.seconds) > max(_OFF_SECONDS, _OFF_SHARE * self.seconds)

    def found(self) -> dict[str, Any]:
        """Return what was seen, seconds rounded to milliseconds, at most 20 gaps."""
        return {
            "seconds": round(self.seconds, 3),
            "claimed_seconds": None if self.claimed is None else round(self.claimed, 3),
            "frames": len(self.times),
            "frames_per_second": round(1 / self.step, 3) if self.step else None,
            "gaps": [{"at_s": round(at, 3), "seconds": round(long, 3)} for at, long in self.gaps[:_LISTED]],
            "gap_count": len(self.gaps),
            "jumps_back": self.back,
        }

    def complaints(self) -> tuple[Complaint, ...]:
        """Return what of it is wrong."""
        wrong = []
        if self.gaps:
            wrong.append(Complaint("gap", "frames are missing in the middle of the clip"))
        if self.back:
            wrong.append(Complaint("clock-jump", "the clock of the frames jumps back within the clip"))
        if self.step > _FAR_SECONDS:
            message = f"the frames are more than {_FAR_SECONDS:g} seconds apart: this is no film"
            wrong.append(Complaint("frames-far-apart", message))
        if self.overstated:
            message = "the file claims another length than its frames have; the frames count"
            wrong.append(Complaint("duration-claimed", message))
        return tuple(wrong)

    def spread(self, count: int) -> tuple[float, ...]:
        """Return times of at most so many frames, evenly spread over the clip, the first one among them."""
        if not self.times:
            return ()
        wanted = [self.times[-1] * at / max(count - 1, 1) for at in range(count)]
        nearest = [
            self.times[min(bisect_left(self.times, each - 1e-9), len(self.times) - 1)] for each in wanted
        ]
        return tuple(dict.fromkeys(nearest))
