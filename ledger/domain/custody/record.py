"""All that is known of the custody of one subject, and how it is shown (formats, section 13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ledger.domain.custody.boxes import Box, Carried
from ledger.domain.custody.corrections import Correction
from ledger.domain.custody.hand_overs import HandOver
from ledger.domain.custody.line import Gap, Line, Overlap, Span
from ledger.domain.custody.problem import Problem
from ledger.domain.custody.seal_records import Inspection, Seal, SealEvent
from ledger.domain.custody.watch import Clean, DoorsOpened
from ledger.domain.moment import shown_time


@dataclass(frozen=True, slots=True)
class Custody:
    """Who held one subject when, in which containers under which seals.

    Args:
        subject: URI of the subject.
        line: Who held it when.
        hand_overs: In the order of their times; of a consignment also those of the container that it was in.
        containers: The containers that it is or was in; of a trip, its own.
        box: What is known of these containers.
        corrected: Which statements no longer count, and what took their place.
        problems: What breaks or holds up the line, and what is worth a look; empty when there is neither.
    """

    subject: str
    line: Line
    hand_overs: tuple[HandOver, ...]
    containers: tuple[Carried, ...]
    box: Box
    corrected: tuple[Correction, ...]
    problems: tuple[Problem, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """Who held it when, the opener first."""
        return self.line.spans

    @property
    def holders(self) -> tuple[str, ...]:
        """Who held it, the opener first, the present holder last; empty when nobody opened it."""
        return tuple([span.holder for span in self.line.spans])

    @property
    def holder(self) -> str | None:
        """The present holder, None when it is not known."""
        return self.line.holder_at()

    def holder_at(self, time: float | None = None) -> str | None:
        """Return who held it at a time (POSIX seconds), or who holds it; None when that is not known."""
        return self.line.holder_at(time)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Where a hand-over does not come from the holder."""
        return self.line.gaps

    @property
    def overlaps(self) -> tuple[Overlap, ...]:
        """Where two are said to hold it."""
        return self.line.overlaps

    @property
    def seals(self) -> tuple[Seal, ...]:
        """The seals that are on now."""
        return self.box.seals

    @property
    def seal_events(self) -> tuple[SealEvent, ...]:
        """What was said of each seal."""
        return self.box.seal_events

    @property
    def inspections(self) -> tuple[Inspection, ...]:
        """The authorities' inspections."""
        return self.box.inspections

    @property
    def doors_opened(self) -> tuple[DoorsOpened, ...]:
        """When the doors were opened."""
        return self.box.doors_opened

    @property
    def unobserved_minutes(self) -> int | None:
        """How long nobody looked between the last clean state before lading and lading."""
        return self.box.unobserved_minutes

    @property
    def last_clean(self) -> Clean | None:
        """The last state proven clean, and who held the container then."""
        return self.box.last_clean

    def to_json(self) -> dict[str, Any]:
        """Return the members of section 13: times in POSIX seconds, ids in hex."""
        return {
            "subject": self.subject,
            "holder": self.holder,
            "spans": [_span(span) for span in self.spans],
            "hand_overs": [_hand_over(each) for each in self.hand_overs],
            "gaps": [_gap(gap) for gap in self.gaps],
            "overlaps": [
                {"from": shown_time(one.since), "holders": [*one.holders], "statements": _ids(one.statements)}
                for one in self.overlaps
            ],
            "containers": [
                {
                    "container": one.container,
                    "trip": one.trip,
                    "from": shown_time(one.since),
                    "to": shown_time(one.until),
                }
                for one in self.containers
            ],
            "seals": [_seal(seal) for seal in self.seals],
            "seal_events": [_seal_event(event) for event in self.seal_events],
            "inspections": [_inspection(one) for one in self.inspections],
            "doors_opened": [
                {
                    "at": shown_time(one.time),
                    "by": one.by,
                    "kind": one.kind,
                    "statement": one.statement.hex(),
                    "accounted_for": one.accounted_for,
                }
                for one in self.doors_opened
            ],
            "unobserved_minutes": self.unobserved_minutes,
            "last_clean": None if self.last_clean is None else _clean(self.last_clean),
            "corrected": [{"statement": one.statement.hex(), "by": one.by.hex()} for one in self.corrected],
            "problems": [one.to_json() for one in self.problems],
        }


def _ids(ids: Iterable[bytes]) -> list[str]:
    return [one.hex() for one in ids]


def _span(span: Span) -> dict[str, Any]:
    return {"holder": span.holder, "from": shown_time(span.since), "to": shown_time(span.until)}


def _hand_over(one: HandOver) -> dict[str, Any]:
    return {
        "terms": one.terms_hash.hex(),
        "level": one.level.value,
        "giver": one.giver,
        "taker": one.taker,
        "at": shown_time(one.at),
        "place": one.place,
        "remarks": [] if one.terms is None else [*one.terms.remarks],
        "remarked": one.remarked,
        "statements": _ids(said.statement.id for said in one.said),
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "from": shown_time(gap.since),
        "to": shown_time(gap.until),
        "held_by": gap.held_by,
        "given_by": gap.given_by,
        "statements": _ids(gap.statements),
    }


def _seal(seal: Seal) -> dict[str, Any]:
    return {
        "number": seal.number,
        "on": seal.on,
        "kind": seal.kind,
        "standard": seal.standard,
        "mark": seal.mark,
        "since": shown_time(seal.since),
        "by": seal.by,
        "statement": seal.statement.hex(),
        "applied": seal.applied,
    }


def _seal_event(event: SealEvent) -> dict[str, Any]:
    return {
        "at": shown_time(event.time),
        "what": event.what,
        "number": event.seal.number,
        "on": event.seal.on,
        "state": event.seal.state if event.what == "found" else None,
        "by": event.by,
        "statement": event.statement.hex(),
    }


def _inspection(one: Inspection) -> dict[str, Any]:
    return {
        "at": shown_time(one.time),
        "by": one.by,
        "statement": one.statement.hex(),
        "reason": one.reason,
        "found": [*one.found],
        "removed": [*one.removed],
        "applied": [*one.applied],
        "pictured": one.pictured,
        "accepted_by": one.accepted_by,
    }


def _clean(clean: Clean) -> dict[str, Any]:
    return {
        "at": shown_time(clean.time),
        "what": clean.what,
        "statement": clean.statement.hex(),
        "holder": clean.holder,
    }
