"""A trip through one gate: its X-ray, its radiation profile, its clips, its seal check, and the passage."""

from dataclasses import dataclass, field
from typing import Any

from ledger.domain.custody import Said
from ledger.domain.evidence import EvidenceItem
from ledger.domain.passage import passages_of
from ledger.domain.passage_record import PassageRules, Passages
from ledger.domain.statement import Reference, SignedStatement
from tests.builders import seeded
from tests.domain.custody_story import C, Story, clock

CAMERA = "gate-3"
BOX = "MSKU1234565"
SECOND = 1 / 3600
GATE = 17.0
"""The hour of the passage."""


def item(name: str) -> EvidenceItem:
    """Return an evidence item that stands for a segment of footage."""
    # What it is called by does not matter here, and making a CID does nothing for the test.
    cid = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
    return EvidenceItem(seeded(name, 32), cid, 1000, "video/mp4", "video", name)


@dataclass
class Gate:
    """A gate and what it records, told statement by statement."""

    story: Story = field(default_factory=lambda: Story().open())
    made: dict[str, SignedStatement] = field(default_factory=dict)

    @property
    def said(self) -> list[Said]:
        """What was said so far."""
        return self.story.said

    def saw(self, name: str, kind: str, hour: float = GATE, *, by: str = C, **body: Any) -> None:
        """Let a machine say what it saw, by which name the passage refers to it."""
        place = {"place": "GTPBR", "container": self.story.trip.uri.split(":")[3]}
        self.made[name] = self.story.saw(by, kind, hour, **{**place, **body})

    def films(
        self,
        name: str,
        sequence: int,
        since: float,
        until: float,
        *,
        previous: str | None = None,
        by: str = C,
        camera: str = CAMERA,
        corrects: str | None = None,
        offset: float = 0,
        claim: str | None = None,
    ) -> None:
        """Let a camera file a segment; `since` and `until` are seconds from the passage on, by its clock."""
        clip: dict[str, Any] = {"camera": camera, "sequence": sequence}
        clip |= {"from": clock(GATE + since * SECOND), "to": clock(GATE + until * SECOND)}
        if previous is not None:
            clip["previous"] = item(previous).commitment.hex()
        body = {
            "occurred_at": clock(GATE + since * SECOND),
            "clip": clip,
            "evidence": [item(claim or name).to_json()],
        }
        changes = {} if corrects is None else {"corrects": self.made[corrects].statement.id}
        offset_said = {"clock_offset_s": offset} if offset else {}
        self.made[name] = self.story.say(by, "video", body | offset_said, **changes)

    def passes(
        self, hour: float = GATE, *, by: str = C, refs: dict[str, str] | None = None, **body: Any
    ) -> None:
        """Let the gate say that the container passes."""
        named = RECORDED if refs is None else refs
        references = [Reference(rel, self.made[name].statement.id) for name, rel in named.items()]
        place = {"occurred_at": clock(hour), "place": "GTPBR", "container": BOX}
        count = sum(name.startswith("passage") for name in self.made) + 1
        self.made[f"passage {count}"] = self.story.say(
            by, "gate-passage", {**place, **body}, references=references
        )

    def passages(self, said: list[Said] | None = None, **rules: Any) -> Passages:
        """Return what is known of the passages of the trip."""
        return passages_of(self.story.trip.uri, self.said if said is None else said, PassageRules(**rules))


RECORDED = {"scan": "scan", "radiation": "radiation", "clip 2": "clip", "seals": "seal-check"}
"""What an honest passage names, and as what."""


def recorded() -> Gate:
    """Return a gate that recorded all that there is to record of one container, in three clips."""
    gate = Gate()
    gate.saw("scan", "scan", GATE + 60 * SECOND)
    gate.saw("radiation", "radiation", GATE + 80 * SECOND)
    gate.saw("seals", "seal-check", GATE + 240 * SECOND)
    gate.films("clip 1", 1, -90, -30)
    gate.films("clip 2", 2, -30, 30, previous="clip 1")
    gate.films("clip 3", 3, 30, 90, previous="clip 2")
    return gate


def honest() -> Gate:
    """Return the same with the passage."""
    gate = recorded()
    gate.passes()
    return gate


def told(found: Passages) -> tuple[list[str], list[str]]:
    """Return the codes of the problems and of the warnings, sorted."""
    return (
        sorted(one.code for one in found.problems if not one.is_warning),
        sorted(one.code for one in found.problems if one.is_warning),
    )
