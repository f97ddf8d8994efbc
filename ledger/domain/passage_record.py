"""What is known of gate passages, what a corridor asks of them, and how they are shown (formats, 19)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from ledger.domain.clips import VIDEO, Clip
from ledger.domain.custody import Problem, Rules
from ledger.domain.moment import shown_time

GATE_PASSAGE: Final = "gate-passage"
RECORDS: Final = ("scan", "radiation", "clip", "seal-check")
"""How a gate passage refers to the records that it binds, in the order in which they are shown."""
KIND_OF: Final[Mapping[str, str]] = {
    "scan": "scan",
    "radiation": "radiation",
    "clip": VIDEO,
    "seal-check": "seal-check",
}
"""The kind of statement that each of them is."""
NAME_OF: Final[Mapping[str, str]] = {
    "scan": "X-ray scan",
    "radiation": "radiation profile",
    "clip": "clip",
    "seal-check": "seal check",
}
"""What to call them before people."""


@dataclass(frozen=True, slots=True)
class PassageRules:
    """What a corridor asks of gate passages and clips.

    Args:
        custody: Its rules for lines of custody, for who may correct what.
        within_seconds: How far apart the records of one passage may lie.
        jump_seconds: From how many seconds on two consecutive clips do not meet.
        needs: The records that a passage has to bind.
        needs_at: The same for single places, by the place that the passage names.
    """

    custody: Rules = field(default_factory=Rules)
    within_seconds: int = 900
    jump_seconds: int = 2
    needs: frozenset[str] = frozenset(RECORDS)
    needs_at: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    def needs_of(self, place: str | None) -> frozenset[str]:
        """Return the records that a passage at a place has to bind; None where the place is withheld."""
        return self.needs if place is None else self.needs_at.get(place, self.needs)


@dataclass(frozen=True, slots=True)
class Bound:
    """A record that a passage binds.

    Args:
        rel: One of `RECORDS`.
        statement: Id of the statement that counts for it, 32 bytes.
        by: URI of the organisation that says it.
        time: When it was made, POSIX seconds.
    """

    rel: str
    statement: bytes
    by: str
    time: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A container passes a gate.

    Args:
        trip: URI of the container trip.
        statement: Id of the statement, 32 bytes.
        by: URI of the organisation that says it.
        time: When, POSIX seconds, put right by what its clock was off.
        place: Where, as said.
        container: Number of the container as seen.
        records: What it binds.
        without: What the corridor asks for beside that.
    """

    trip: str
    statement: bytes
    by: str
    time: float
    place: str | None
    container: str | None
    records: tuple[Bound, ...]
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passages:
    """The gate passages of one subject, and the clips of its trips.

    Args:
        subject: URI of the subject.
        passages: In the order of their times; of a consignment trip by trip.
        clips: By trip, organisation and camera, in the order of their times.
        problems: What does not hold together, and what is worth a look.
    """

    subject: str
    passages: tuple[Passage, ...]
    clips: tuple[Clip, ...]
    problems: tuple[Problem, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON (formats, section 19)."""
        return {
            "subject": self.subject,
            "passages": [_passage(one) for one in self.passages],
            "clips": [_clip(one) for one in self.clips],
            "problems": [one.to_json() for one in self.problems],
        }


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "trip": passage.trip,
        "statement": passage.statement.hex(),
        "by": passage.by,
        "at": shown_time(passage.time),
        "place": passage.place,
        "container": passage.container,
        "records": [
            {"rel": one.rel, "statement": one.statement.hex(), "by": one.by, "at": shown_time(one.time)}
            for one in passage.records
        ],
        "without": list(passage.without),
    }


def _clip(clip: Clip) -> dict[str, Any]:
    return {
        "statement": clip.id.hex(),
        "by": clip.by,
        "camera": clip.camera,
        "sequence": clip.sequence,
        "from": shown_time(clip.since),
        "to": shown_time(clip.until),
        "previous": None if clip.previous is None else clip.previous.hex(),
    }
