"""What statements tell, when it happened, corrections and links: section 13 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import second_formats as formats
from second_case import Registered
from second_encoding import Refused, array, exactly, h, need, strict_json, text_of, unhex
from second_profile import Profile

RESULTS = "accepted|accepted-with-remarks|refused"
LINKED = {
    ("stuffed-in", "consignment", "trip"),
    ("booked-as", "consignment", "booking"),
    ("carried-in", "booking", "trip"),
    ("carried-on", "trip", "voyage"),
    ("carried-on", "booking", "voyage"),
    ("replaces", "trip", "trip"),
    ("replaces", "voyage", "voyage"),
}
Time = Fraction


# What a statement tells, and when it happened.


def instant(text: Any) -> Time:
    """Return the POSIX seconds of an RFC 3339 time; digits after the sixth are cut off."""
    form = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
    whole = text_of(text, form, "time")
    digits = whole[19:].rstrip("Z").partition("+")[0].partition("-")[0]
    try:
        moment = datetime.fromisoformat(whole[:19] + whole[19 + len(digits) :])
    except ValueError as error:
        raise Refused(f"no such time: {error}") from error
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400 + since.seconds + Fraction("0" + digits[:7])


def shift(value: Any) -> Time:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    need(number and abs(value) <= 31_536_000, "clock_offset_s: no number of seconds")
    return Fraction(str(value))


def seals(value: Any) -> list[dict[str, Any]]:
    found = []
    for each in array(value, "seals", 1, 32):
        seal = exactly(each, "number standard? kind? on? mark? state?", "seal")
        text_of(seal["number"], "(?s).{1,64}", "seal: number")
        for name in ("standard", "kind", "on", "mark"):
            text_of(seal.get(name, "-"), "(?s).{1,200}", f"seal: {name}")
        text_of(seal.get("state", "intact"), "intact|broken|missing", "seal: state")
        found.append({"on": "doors", "kind": None, "mark": None, "state": "intact"} | seal)
    need(len({seal["number"] for seal in found}) == len(found), "seals: a number twice")
    return found


def watched(value: Any) -> tuple[Time, Time]:
    between = exactly(value, "from to", "observed")
    start, end = instant(between["from"]), instant(between["to"])
    need(start <= end, "observed: ends before it begins")
    return start, end


def words(pattern: str) -> Callable[[Any], str]:
    return lambda value: text_of(value, pattern, "member")


MEMBERS: dict[str, Callable[[Any], Any]] = {
    "occurred_at": instant,
    "clock_offset_s": shift,
    "container": words("(?s).{1,64}"),
    "seals_found": seals,
    "seals_applied": seals,
    "seals_removed": seals,
    "doors": words("opened|closed"),
    "observed": watched,
}


def algorithm(value: Any) -> dict[str, Any]:
    program = exactly(value, "name version", "algorithm")
    for name in ("name", "version"):
        text_of(program[name], "(?s).{1,200}", f"algorithm: {name}")
    return program


def region(value: Any) -> list[int]:
    edges = array(value, "region", 4, 4)
    for place, edge in enumerate(edges):
        need(type(edge) is int and place // 2 <= edge <= 1_000_000, "region: no rectangle of pixels")
    return edges


CONCLUSION: dict[str, Callable[[Any], Any]] = {
    "conclusion": words("clear|suspect"),
    "concluded_by": words("person|algorithm"),
}
MORE: dict[str, dict[str, Callable[[Any], Any]]] = {
    "analysis": {
        **CONCLUSION,
        "algorithm": algorithm,
        "region": region,
        "confirmed_by": words("(?s).{1,200}"),
    },
    "inspection": {**CONCLUSION, "reason": words("(?s).{1,2000}")},
}


@dataclass(frozen=True)
class Told:
    """A statement, the members that count, and how many do not."""

    by: Registered
    members: dict[str, Any]
    malformed: int

    @property
    def iss(self) -> str:
        return self.by.statement.iss

    @property
    def kind(self) -> str:
        return self.by.kind

    @property
    def subjects(self) -> list[str]:
        return list(self.by.statement.content["subjects"])

    @property
    def corrects(self) -> str | None:
        return self.by.statement.content.get("corrects")

    @property
    def id(self) -> str:
        return self.by.statement.id.hex()

    @property
    def signed(self) -> tuple[int, int]:
        return self.by.statement.iat, self.by.index

    @property
    def time(self) -> Time:
        if "occurred_at" in self.members:
            return self.right(self.members["occurred_at"])
        if self.kind == "hand-over":
            try:
                agreed = read_hand_over(self).agreed
            except Refused:
                agreed = None
            if agreed is not None:
                return instant(agreed["at"])
        return Fraction(self.by.statement.iat)

    def right(self, time: Time) -> Time:
        """Put a time by the signer's clock right."""
        return Fraction(round(time - self.members.get("clock_offset_s", 0), 6))

    @property
    def order(self) -> tuple[Time, int, int]:
        return self.time, *self.signed


def told(each: Registered) -> Told:
    members, malformed = {}, 0
    for name, read in {**MEMBERS, **MORE.get(each.kind, {})}.items():
        if name in each.body:
            try:
                members[name] = read(each.body[name])
            except Refused:
                malformed += 1
    return Told(each, members, malformed)


# Corrections.


def counting(about: list[Told], profile: Profile, warnings: set[str]) -> list[Told]:
    """Return the statements that count: of each family one."""
    return [one for _, one in families(about, profile, warnings)]


def families(about: list[Told], profile: Profile, warnings: set[str]) -> list[tuple[list[Told], Told]]:
    """Return the families, each with the one of it that counts."""
    by_id = {each.id: each for each in about}
    replaced_by: dict[str, list[Told]] = {}
    for each in about:
        earlier = by_id.get(each.corrects or "")
        if earlier is None:
            continue
        if may_correct(each, earlier, profile):
            replaced_by.setdefault(earlier.id, []).append(each)
        else:
            warnings.add("correction-not-entitled")
    replacing = {each.id for some in replaced_by.values() for each in some}
    found = []
    for each in about:
        if each.id in replacing:
            continue
        family = [each]
        for one in family:
            family += replaced_by.get(one.id, [])
        ends = [one for one in family if one.id not in replaced_by]
        if len(ends) > 1:
            warnings.add("correction-competing")
        found.append((family, max(ends, key=lambda one: one.signed)))
    return found


def may_correct(each: Told, earlier: Told, profile: Profile) -> bool:
    if earlier.kind in ("subject-opened", "stream-opened"):
        return False
    if "hand-over" in (each.kind, earlier.kind):
        return each.kind == earlier.kind and each.iss == earlier.iss
    return each.iss == earlier.iss or profile.may_correct(each.kind, earlier.kind)


# Links.


@dataclass
class Stay:
    """That a consignment is in a trip."""

    trip: str
    since: Time
    until: Time | None = None

    def at(self, time: Time) -> bool:
        return self.since <= time and (self.until is None or time < self.until)


def kind_of(subject: str) -> str:
    return subject.split(":")[2]


def linked(each: Told) -> list[tuple[str, str, str]]:
    """Return the links that a statement begins or ends."""
    if "links" in each.by.body:
        links = []
        for one in array(each.by.body["links"], "links", 1, 64):
            link = exactly(one, "rel from to", "link")
            rel, start, end = (text_of(link[name], "(?s).+", "link") for name in ("rel", "from", "to"))
            need(start in each.subjects and end in each.subjects and start != end, "link: other subjects")
            need((rel, kind_of(start), kind_of(end)) in LINKED, "link: no such one")
            links.append((rel, start, end))
        need(len(set(links)) == len(links), "links: one twice")
        return links
    goods = [one for one in each.subjects if kind_of(one) == "consignment"]
    trips = [one for one in each.subjects if kind_of(one) == "trip"]
    if each.kind in ("stuffing", "stripping") and len(goods) == len(trips) == 1:
        return [("stuffed-in", goods[0], trips[0])]
    return []


def stays(consignment: str, said: list[Told]) -> list[Stay]:
    """Return when a consignment was in which trip."""
    begin, end = ("link", "stuffing"), ("link-ended", "stripping")
    found: list[Stay] = []
    for each in sorted(said, key=lambda one: (one.time, one.kind in end)):
        if each.kind not in begin + end:
            continue
        try:
            links = linked(each)
        except Refused:
            continue
        for rel, start, trip in links:
            if (rel, start) != ("stuffed-in", consignment):
                continue
            there = [stay for stay in found if stay.trip == trip and stay.until is None]
            if each.kind in begin and not there:
                found.append(Stay(trip, each.time))
            elif each.kind in end and there:
                there[0].until = each.time
    return found


# Hand-over terms.


@dataclass(frozen=True)
class Signed:
    """A `hand-over` statement, and the terms if it discloses them."""

    by: Told
    terms: bytes
    role: str
    result: str
    agreed: dict[str, Any] | None


def read_hand_over(each: Told) -> Signed:
    body = each.by.body
    terms = unhex(body.get("terms"), 32, "hand-over: terms")
    role = text_of(body.get("role"), "giver|taker", "hand-over: role")
    result = text_of(body.get("result"), RESULTS, "hand-over: result")
    agreed = None
    if "agreed" in body:
        text = text_of(body["agreed"], "(?s).+", "hand-over: agreed")
        need(h(text.encode()) == terms, "hand-over: other terms than those signed")
        agreed = read_terms(text.encode())
    return Signed(each, terms, role, result, agreed)


def read_terms(data: bytes) -> dict[str, Any]:
    need(len(data) <= 65_536, "terms: over 65,536 bytes")
    names = "format from to subjects place at remarks nonce"
    value = exactly(strict_json(data), names, "terms")
    need(value["format"] == "corridor-terms/1", "terms: another format")
    for name in ("from", "to"):
        text_of(value[name], formats.ORGANISATION, f"terms: {name}")
    subjects = [text_of(each, formats.SUBJECT, "subject") for each in array(value["subjects"], "", 1, 16)]
    need(len(set(subjects)) == len(subjects), "terms: a subject twice")
    text_of(value["place"], "(?s).{1,200}", "terms: place")
    instant(value["at"])
    for remark in array(value["remarks"], "terms: remarks", 0, 64):
        text_of(remark, "(?s).{1,2000}", "terms: remark")
    unhex(value["nonce"], 16, "terms: nonce")
    return value
