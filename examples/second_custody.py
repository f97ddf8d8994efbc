"""The checks of evidence and custody: sections 12, 13 and 15 of `docs/formats.md`.

Sixth part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import second_formats as formats
from second_box import Box, follow_box
from second_case import Case, Finding, Findings, Registered, failed, missing, not_checked
from second_dossier import check_cid, cid_of
from second_encoding import Refused, array, exactly, text_of, uint, unhex
from second_erasure import erased
from second_line import Doubt, HandOver, Line, follow, hand_overs
from second_profile import Profile, read_profile
from second_told import Stay, Time, Told, counting, kind_of, stays, told

TOKEN = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"


# (12) Evidence.


def claimed_items(each: Registered) -> list[dict[str, Any]]:
    """Return the evidence items that a statement reveals."""
    items = array(each.body.get("evidence", []), "evidence")
    for item in items:
        exactly(item, "commitment cid size media_type category name?", "evidence item")
        unhex(item["commitment"], 32, "evidence: commitment")
        uint(item["size"], "evidence: size")
        text_of(item["media_type"], f"{TOKEN}/{TOKEN}", "evidence: media type")
        text_of(item["category"], "[a-z][a-z0-9-]{0,63}", "evidence: category")
        check_cid(item["cid"])
        text_of(item.get("name", "-"), "(?s).{1,200}", "evidence: name")
    return items


def check_evidence(case: Case) -> Findings:
    said: list[tuple[Registered, dict[str, Any]]] = []
    for each in case.statements:
        try:
            claimed = claimed_items(each)
        except Refused as error:
            yield failed("evidence-broken", f"{each}: {error}")
            continue
        said += [(each, item) for item in claimed]
    items = [item for _, item in said]
    claims = {(each.statement.iss, item["commitment"], item["cid"]) for each, item in said}
    gone = set(erased(case.statements, said))
    cids, commitments = {item["cid"] for item in items}, {item["commitment"] for item in items}
    for cid, stored in case.dossier.evidence.items():
        if cid not in cids:
            yield failed("unclaimed-evidence", f"evidence/{cid}: no statement claims it")
        if cid_of(stored) != cid:
            yield failed("cid-mismatch", f"evidence/{cid}: other bytes than its name says")
    if any(commitment.hex() not in commitments for commitment in case.dossier.wrapped):
        yield failed("unclaimed-evidence", "evidence.cbor has a secret for an item that no statement claims")
    for claim in sorted(claims):
        if claim in gone:
            yield not_checked("erased", f"{claim[0]} erased evidence/{claim[2]}")
        elif claim[2] not in case.dossier.evidence:
            yield missing("withheld", f"evidence/{claim[2]} is not in the file")
        else:
            yield not_checked("sealed", "this verifier opens no age files, so commitments stay unopened")
    if not items:
        yield Finding("passed", "none-claimed", "no statement claims evidence")


# (13) Custody (15).


def opens_subject(each: Registered) -> bool:
    """Tell whether a statement opens its subject: by its creator, with its one custody tag (section 4)."""
    if each.kind != "subject-opened" or len(each.statement.tags) != 1:
        return False
    _, _, subject_type, key, _ = each.statement.sub.split(":")
    made = formats.subject_uri(subject_type, key, each.statement.iss, each.statement.tags[0])
    return made == each.statement.sub


def check_custody(case: Case) -> Findings:
    if "signature" not in case.passed:
        yield not_checked("needs-signature", "a statement is not what its signer signed")
        return
    profile = read_profile(case.dossier.profile)
    once = {each.statement.id: each for each in reversed(case.statements)}
    said = [told(each) for each in reversed(once.values())]
    covered = [one["subject"] for one in case.dossier.manifest["streams"] if one["name"] == "custody"]
    applied: dict[str, str] = {}
    corrected: set[bytes] = set()
    for subject in dict.fromkeys([case.dossier.manifest["shipment"], *covered]):
        about = [each for each in said if subject in each.subjects]
        counts = {each.by.statement.id for each in counting(about, profile, set())}
        corrected |= {each.by.statement.id for each in about} - counts
        custody = custody_of(subject, said, profile)
        yield from custody.found
        for number in custody.box.applied if custody.box else ():
            if applied.setdefault(number, subject) != subject:
                yield failed("seal-cloned", f"seal {number} was put on two containers")
    known = {each.statement.id.hex() for each in case.statements}
    for each in case.statements:
        content = each.statement.content
        # A request lies in a stream of whoever asked: nobody else has it.
        private = {"answers"} if each.kind == "access-answer" else set()
        named = [one["id"] for one in content["references"] if one["rel"] not in private]
        named.append(content.get("corrects"))
        gone = each.statement.id in corrected
        if not gone and any(one is not None and one not in known for one in named):
            yield missing("reference-missing", f"{each} refers to a statement that is not there")


@dataclass
class Custody:
    """The custody of a subject: who held it since when, and what its containers tell."""

    line: Line = field(default_factory=Line)
    found: list[Finding] = field(default_factory=list)
    warnings: set[str] = field(default_factory=set)
    box: Box | None = None
    stays: list[Stay] = field(default_factory=list)
    boxes: dict[str, Box] = field(default_factory=dict)

    @property
    def seals(self) -> list[str]:
        """The numbers of the seals that are on."""
        if self.box is not None:
            return self.box.on
        there = {stay.trip for stay in self.stays if stay.until is None}
        return sorted(number for trip, box in self.boxes.items() if trip in there for number in box.on)

    @property
    def unobserved(self) -> int | None:
        some = [self.box] if self.box else list(self.boxes.values())
        return max((box.unobserved for box in some if box.unobserved is not None), default=None)

    @property
    def clean(self) -> tuple[Told, str | None] | None:
        """The last state proven clean, and who held the container then."""
        if self.box is not None:
            return self._clean(self.box)
        seen = [
            pair
            for stay in self.stays
            if stay.trip in self.boxes
            and (pair := self._clean(self.boxes[stay.trip])) is not None
            and stay.at(pair[0].time)
        ]
        return max(seen, key=lambda pair: pair[0].time, default=None)

    def _clean(self, box: Box) -> tuple[Told, str | None] | None:
        return None if box.clean is None else (box.clean, box.line.holder_at(box.clean.time))


def custody_of(subject: str, said: list[Told], profile: Profile) -> Custody:
    """Draw the line of custody of a subject, and follow its container or its containers."""
    custody = Custody()
    about = [each for each in said if subject in each.subjects]
    opening = next(
        (each for each in about if each.by.statement.sub == subject and opens_subject(each.by)), None
    )
    if opening is None:
        custody.found.append(missing("subject-not-opened", f"nothing says who first held {subject}"))
    else:
        custody.line.holders.append((opening.iss, opening.time))
    said_of_it = counting(about, profile, custody.warnings)
    doubts: list[Doubt] = []
    steps = hand_overs(subject, said_of_it, doubts, custody.found)
    if kind_of(subject) == "consignment":
        custody.stays = stays(subject, said_of_it)
        carry(custody, steps, said, profile)
    else:
        step_on = follow(custody.line, steps, profile, custody.found)
        for step in steps:
            step_on(step)
    for doubt in doubts:
        if doubt.breaks(steps, custody.line):
            custody.found.append(failed(doubt.reason, doubt.message))
        else:
            custody.warnings.add(doubt.reason)
    if kind_of(subject) == "trip":
        custody.box = follow_box(subject, said_of_it, custody.line, profile, custody.found)
        custody.warnings |= custody.box.warnings
    return custody


def carry(custody: Custody, steps: list[HandOver], said: list[Told], profile: Profile) -> None:
    """Let a consignment go where its containers go."""
    lines: dict[str, Line] = {}
    for trip in dict.fromkeys(stay.trip for stay in custody.stays):
        if not any(each.by.statement.sub == trip and opens_subject(each.by) for each in said):
            custody.found.append(missing("linked-trip-not-covered", f"nothing is shown of {trip}"))
            continue
        inner = custody_of(trip, said, profile)
        lines[trip] = inner.line
        custody.found += inner.found
        custody.warnings |= inner.warnings
        if inner.box is not None:
            custody.boxes[trip] = inner.box

    def alone(time: Time) -> str | None:
        trips = {stay.trip for stay in custody.stays if stay.at(time)}
        return trips.pop() if len(trips) == 1 else None

    own = []
    for step in steps:
        named = step.agreed["subjects"] if step.agreed else step.first.by.subjects
        within = alone(step.time)
        if within not in lines or within not in named:
            own.append(step)
    events: list[tuple[Time, int, Any]] = [(step.time, 0, step) for step in own]
    changes = sorted(
        {time for stay in custody.stays for time in (stay.since, stay.until) if time is not None}
    )
    before = None
    for number, start in enumerate(changes):
        within = alone(start)
        if within in lines and within is not None:
            end = changes[number + 1] if number + 1 < len(changes) else None
            if within != before:
                events.append((start, 1, (lines[within].holder_at(start), True)))
            events += [
                (since, 1, (who, False))
                for who, since in lines[within].holders
                if since is not None and since > start and (end is None or since < end)
            ]
        before = within
    step_on = follow(custody.line, own, profile, custody.found)
    for time, carried, event in sorted(events, key=lambda one: one[:2]):
        if not carried:
            step_on(event)
            continue
        who, joins = event
        holder = custody.line.holders[-1][0] if custody.line.holders else None
        if who is not None and who != holder:
            if joins and holder is not None:
                custody.warnings.add("stuffed-elsewhere")
            custody.line.move(who, time)
