"""The check of gate passages and clips: sections 15 and 19 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from second_case import Case, Finding, Findings, failed, missing, not_checked
from second_custody import claimed_items
from second_encoding import Refused, exactly, need, text_of, uint, unhex
from second_profile import RECORDS, Profile, read_profile
from second_told import Time, Told, families, instant, kind_of, stays, told

KINDS = {"scan": "scan", "radiation": "radiation", "clip": "video", "seal-check": "seal-check"}
LOCODE = re.compile("[A-Z]{2}[A-Z2-9]{3}")


@dataclass(frozen=True)
class Clip:
    """A segment of what a camera recorded, its times put right."""

    by: Told
    camera: tuple[str, str]
    sequence: int
    start: Time
    end: Time
    previous: str | None

    @property
    def order(self) -> tuple[Time, Time, int, str]:
        return self.start, self.end, self.sequence, self.by.id

    @property
    def same(self) -> tuple[Time, Time, int]:
        return self.order[:3]


@dataclass
class Gates:
    """What is found of one trip."""

    passages: list[tuple[Told, list[tuple[str, Told]], list[str]]] = field(default_factory=list)
    clips: list[Clip] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    warnings: set[str] = field(default_factory=set)


def check_passages(case: Case) -> Findings:
    if "signature" not in case.passed:
        yield not_checked("needs-signature", "a statement is not what its signer signed")
        return
    profile = read_profile(case.dossier.profile)
    once = {each.statement.id: each for each in reversed(case.statements)}
    said = [told(each) for each in reversed(once.values())]
    covered = [one["subject"] for one in case.dossier.manifest["streams"] if one["name"] == "custody"]
    passages = 0
    for subject in dict.fromkeys([case.dossier.manifest["shipment"], *covered]):
        for gates in passages_of(subject, said, profile):
            passages += len(gates.passages)
            yield from gates.found
    if not passages:
        yield not_checked("no-passage", "no statement tells of a gate passage")


def passages_of(subject: str, said: list[Told], profile: Profile) -> Iterator[Gates]:
    """Look at the gates that a trip passed, or the trips that a consignment was stuffed in."""
    trips = [subject] if kind_of(subject) == "trip" else []
    if kind_of(subject) == "consignment":
        about = [each for each in said if subject in each.subjects]
        counts = [one for _, one in families(about, profile, set())]
        trips = sorted({stay.trip for stay in stays(subject, counts)})
    for trip in trips:
        yield Trip(trip, said, profile).gates


class Trip:
    """The statements about one trip, and what its gates made of them."""

    def __init__(self, trip: str, said: list[Told], profile: Profile) -> None:
        self.trip, self.key, self.profile = trip, trip.split(":")[3], profile
        self.everything = {each.id: each for each in said}
        self.counts_for: dict[str, Told] = {}
        counts = []
        for members, one in families([each for each in said if trip in each.subjects], profile, set()):
            counts.append(one)
            self.counts_for |= {member.id: one for member in members}
        self.gates = Gates()
        self.gates.clips = sorted(self._clips(counts), key=lambda clip: (clip.camera, clip.order))
        self.claimed_by: dict[str, set[str]] = {}
        for ident, one in self.counts_for.items():
            for commitment in commitments(self.everything[ident]):
                self.claimed_by.setdefault(commitment, set()).add(one.id)
        for _, of_camera in groupby(self.gates.clips, key=lambda clip: clip.camera):
            self._follow(list(of_camera))
        gates = [each for each in counts if each.kind == "gate-passage" and self._passes(each)]
        for gate in sorted(gates, key=lambda each: (each.time, each.id)):
            self._bind(gate)
        self._once()

    # Clips.

    def _clips(self, counts: list[Told]) -> Iterator[Clip]:
        for each in counts:
            if each.kind == "video" and "clip" in each.by.body:
                try:
                    yield read_clip(each)
                except Refused:
                    self.gates.warnings.add("clip-malformed")

    def _follow(self, clips: list[Clip]) -> None:
        jump, found = self.profile.jump, self.gates.found
        reach: Time | None = None
        for place, clip in enumerate(clips):
            just_before = clips[place - 1] if place else None
            if just_before is not None and just_before.same == clip.same:
                if not commitments(clip.by) & commitments(just_before.by):
                    self.gates.warnings.add("clip-twice")
                continue
            before = self._before(clip, just_before, clips) if clip.sequence > 1 else None
            if (reach is not None and reach - clip.start > jump) or (
                before is not None and before.end - clip.start > jump
            ):
                found.append(failed("clip-overlap", "two segments show one time"))
            if before is not None and clip.start - before.end > jump:
                found.append(missing("clip-jump", "a segment begins after the end of the one before"))
            if clip.sequence == 1 and clip.previous is not None:
                found.append(failed("clip-wrong-previous", "a first segment names one before it"))
            elif (
                clip.sequence == 1 and reach is not None and jump < clip.start - reach <= self.profile.within
            ):
                self.gates.warnings.add("clip-restarted")
            reach = clip.end if reach is None else max(reach, clip.end)

    def _before(self, clip: Clip, just_before: Clip | None, clips: list[Clip]) -> Clip | None:
        """Return the segment before one, or note that it is not there or another."""
        if clip.previous is None:
            if just_before is not None and just_before.sequence == clip.sequence - 1:
                return just_before
            self.gates.found.append(missing("clip-missing", "the clip just before is not the one before"))
            return None
        claimed = self.claimed_by.get(clip.previous, set())
        for one in clips:
            if one.by.id in claimed and one.sequence == clip.sequence - 1:
                return one
        if claimed:
            self.gates.found.append(failed("clip-wrong-previous", "what is claimed so is not the one before"))
        else:
            self.gates.found.append(missing("clip-missing", "nothing claims the segment before"))
        return None

    # Passages.

    def _passes(self, gate: Told) -> bool:
        keys = {one.split(":")[3] for one in gate.subjects}
        seen = gate.members.get("container")
        return seen not in keys or seen == self.key

    def _bind(self, gate: Told) -> None:
        place = place_of(gate)
        needs = self.profile.needs if place is None else self.profile.needs_at.get(place, self.profile.needs)
        bound: list[tuple[str, Told]] = []
        lacks = []
        for rel in RECORDS:
            names = [one["id"] for one in gate.by.statement.content["references"] if one["rel"] == rel]
            read = [self._record(gate, rel, name) for name in dict.fromkeys(names)]
            records = list({each.id: each for each in read if each is not None}.values())
            bound += [(rel, each) for each in records]
            if rel in needs and not names:
                self.gates.found.append(missing("passage-incomplete", f"a passage names no {rel}"))
            if rel in needs and not records:
                lacks.append(rel)
        self._on_clip(gate, [each for rel, each in bound if rel == "clip"])
        self.gates.passages.append((gate, bound, lacks))

    def _record(self, gate: Told, rel: str, name: str) -> Told | None:
        found = self.gates.found
        if name not in self.everything:
            found.append(missing("passage-record-missing", f"the {rel} of a passage is not there"))
            return None
        if name not in self.counts_for:
            found.append(failed("passage-other-container", f"the {rel} of a passage is of another trip"))
            return None
        record = self.counts_for[name]
        if record.kind != KINDS[rel]:
            found.append(missing("passage-incomplete", f"the {rel} of a passage is a {record.kind}"))
            return None
        if record.members.get("container", self.key) != self.key:
            found.append(failed("passage-other-container", f"the {rel} is of another container"))
        if self._away(gate, rel, record) > self.profile.within:
            found.append(failed("passage-apart", f"the {rel} is of another time"))
        here, there = place_of(gate), place_of(record)
        if here is not None and there is not None and here != there:
            if LOCODE.fullmatch(here) and LOCODE.fullmatch(there):
                found.append(failed("passage-other-place", f"the {rel} was made elsewhere"))
            elif here.casefold().split() != there.casefold().split():
                self.gates.warnings.add("passage-place-differs")
        return record

    def _away(self, gate: Told, rel: str, record: Told) -> Time:
        start, end = self._shows(record) if rel == "clip" else (record.time, record.time)
        return max(start - gate.time, gate.time - end, Time(0))

    def _shows(self, record: Told) -> tuple[Time, Time]:
        for clip in self.gates.clips:
            if clip.by.id == record.id:
                return clip.start, clip.end
        if "observed" in record.members:
            start, end = record.members["observed"]
            return record.right(start), record.right(end)
        return record.time, record.time

    def _on_clip(self, gate: Told, clips: list[Told]) -> None:
        away = [self._away(gate, "clip", each) for each in clips]
        near = [distance for distance in away if distance <= self.profile.within]
        if near and min(near) > self.profile.jump:
            self.gates.found.append(missing("passage-not-on-clip", "no clip shows the moment of a passage"))

    def _once(self) -> None:
        bound = [one for _, some, _ in self.gates.passages for one in some if one[0] != "clip"]
        for (rel, _), times in Counter((rel, each.id) for rel, each in bound).items():
            if times > 1:
                self.gates.found.append(failed("passage-record-twice", f"one {rel} of {times} passages"))


def read_clip(each: Told) -> Clip:
    clip = exactly(each.by.body["clip"], "camera sequence from to previous?", "clip")
    start, end = instant(clip["from"]), instant(clip["to"])
    need(start <= end, "clip: ends before it begins")
    need(uint(clip["sequence"], "clip: sequence") > 0, "clip: sequence counts from 1")
    if "previous" in clip:
        unhex(clip["previous"], 32, "clip: previous")
    camera = text_of(clip["camera"], "(?s).{1,64}", "clip: camera")
    start, end = each.right(start), each.right(end)
    return Clip(each, (each.iss, camera), clip["sequence"], start, end, clip.get("previous"))


def commitments(each: Told) -> set[str]:
    try:
        return {item["commitment"] for item in claimed_items(each.by)}
    except Refused:
        return set()


def place_of(each: Told) -> str | None:
    place: Any = each.by.body.get("place")
    return place if isinstance(place, str) and 1 <= len(place) <= 200 else None
