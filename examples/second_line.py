"""Hand-overs and the line of holders: section 13 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from second_case import Finding, failed, missing
from second_encoding import Refused
from second_profile import Profile
from second_told import Signed, Time, Told, instant, read_hand_over

MACHINES = ("gate-passage", "scan", "radiation", "video", "loading", "temperature-log")
STRENGTH = {"both": 3, "one-and-machine": 2, "one": 1, "refused": 0}
SIDES = {"giver": "from", "taker": "to"}


@dataclass(frozen=True)
class HandOver:
    """What counts of all that was signed with the same terms, by role."""

    sides: dict[str, Signed]
    agreed: dict[str, Any] | None
    level: str

    @property
    def giver(self) -> str | None:
        return self._party("giver", "from")

    @property
    def taker(self) -> str | None:
        return self._party("taker", "to")

    def _party(self, role: str, name: str) -> str | None:
        if self.agreed is not None:
            return str(self.agreed[name])
        return self.sides[role].by.iss if role in self.sides else None

    @property
    def terms(self) -> bytes:
        return self.first.terms

    @property
    def first(self) -> Signed:
        return min(self.sides.values(), key=lambda each: each.by.signed)

    @property
    def time(self) -> Time:
        return instant(self.agreed["at"]) if self.agreed else Fraction(self.first.by.by.statement.iat)

    @property
    def order(self) -> tuple[Time, int, int]:
        return self.time, *self.first.by.signed

    def moves(self, profile: Profile) -> bool:
        """Tell whether it is shown well enough to move the line."""
        place = self.agreed["place"] if self.agreed else None
        least = profile.places.get(place, profile.least) if place else profile.least
        if self.level == "refused" or (self.level == "one" and "taker" not in self.sides):
            return False
        return STRENGTH[self.level] >= STRENGTH[least]


@dataclass(frozen=True)
class Doubt:
    """A statement that does not count; whose it is decides what it does to the line."""

    reason: str
    by: Told
    message: str
    terms: bytes | None = None

    def breaks(self, steps: list[HandOver], line: Line) -> bool:
        """Tell whether it is a party's, or under terms that are withheld."""
        parties = {who for who, _ in line.holders} | {
            who for step in steps for who in (step.giver, step.taker)
        }
        return self.by.iss in parties or any(
            step.agreed is None and step.terms == self.terms for step in steps
        )


def hand_overs(subject: str, said: list[Told], doubts: list[Doubt], found: list[Finding]) -> list[HandOver]:
    groups: dict[bytes, list[Signed]] = {}
    for each in sorted(said, key=lambda one: one.signed):
        if each.kind != "hand-over":
            continue
        try:
            signed = read_hand_over(each)
        except Refused as error:
            doubts.append(Doubt("handover-malformed", each, f"{each.by}: {error}"))
            continue
        if signed.agreed is not None and subject not in signed.agreed["subjects"]:
            about = f"{each.by}: its terms are about other subjects"
            doubts.append(Doubt("handover-other-subject", each, about, signed.terms))
        elif signed.agreed is not None and each.iss != signed.agreed[SIDES[signed.role]]:
            doubts.append(not_party(signed))
        else:
            groups.setdefault(signed.terms, []).append(signed)
    made = [one for group in groups.values() if (one := hand_over(group, said, doubts, found)) is not None]
    return sorted(made, key=lambda one: one.order)


def not_party(each: Signed) -> Doubt:
    return Doubt("handover-not-party", each.by, f"{each.by.iss} signed as {each.role}", each.terms)


def hand_over(
    group: list[Signed], said: list[Told], doubts: list[Doubt], found: list[Finding]
) -> HandOver | None:
    agreed = next((each.agreed for each in group if each.agreed is not None), None)
    sides: dict[str, Signed] = {}
    for each in group:
        party = agreed[SIDES[each.role]] if agreed else None
        before = sides.get(each.role)
        if each.by.iss != (party or (before.by.iss if before else each.by.iss)):
            doubts.append(not_party(each))
            continue
        if before is not None and before.result != each.result:
            found.append(failed("handover-contradicted", f"{each.by.iss} said two things of the same terms"))
        sides[each.role] = each
    return HandOver(sides, agreed, level(list(sides.values()), said)) if sides else None


def level(sides: list[Signed], said: Iterable[Told]) -> str:
    if any(each.result == "refused" for each in sides):
        return "refused"
    if len(sides) == 2:
        return "both"
    alone = sides[0].by
    named = {one["id"] for one in alone.by.statement.content["references"]}
    for each in said:
        back = {one["id"] for one in each.by.statement.content["references"]}
        if each.kind in MACHINES and each.iss != alone.iss and (each.id in named or alone.id in back):
            return "one-and-machine"
    return "one"


# The line of holders.


@dataclass
class Line:
    """Who held a subject since when, and by which hand-overs that changed."""

    holders: list[tuple[str, Time | None]] = field(default_factory=list)
    moved: list[tuple[Time, str]] = field(default_factory=list)

    def holder_at(self, time: Time) -> str | None:
        return next((who for who, since in reversed(self.holders) if since is None or since <= time), None)

    def move(self, taker: str, time: Time) -> None:
        if self.holders:
            who, since = self.holders[-1]
            self.holders[-1] = (who, None if since is None else min(since, time))
        self.holders.append((taker, time))


def follow(
    line: Line, steps: list[HandOver], profile: Profile, found: list[Finding]
) -> Callable[[HandOver], None]:
    """Return what takes one hand-over after the other into a line."""
    loose: set[str | None] = set()

    def one(step: HandOver) -> None:
        giver, taker = step.giver, step.taker
        if step.level == "refused":
            found.append(missing("handover-refused", "a hand-over was refused"))
        elif giver is not None and giver == taker:
            found.append(failed("handover-to-self", f"{giver} gave to itself"))
        elif not step.moves(profile):
            found.append(missing("handover-unaccepted", f"a hand-over is shown by {step.level} only"))
        else:
            if not line.holders and giver is not None:
                line.holders.append((giver, None))
            holder = line.holders[-1][0] if line.holders else None
            if None not in (giver, taker) and giver == holder:
                line.move(str(taker), step.time)
                line.moved.append((step.time, str(taker)))
                return
            if giver is None or giver not in loose:
                reason = why(step, holder)
                next_holder = f" and {after(giver)}" if reason == "handover-competing" else ""
                found.append(failed(reason, f"{giver} gave to {taker}{next_holder} what {holder} held"))
            loose.discard(giver)
            loose.add(taker)

    def after(giver: str | None) -> str | None:
        who = [who for who, _ in line.holders]
        places = [place for place, each in enumerate(who[:-1]) if each == giver]
        return who[places[-1] + 1] if places else None

    def why(step: HandOver, holder: str | None) -> str:
        if any(who == step.giver for who, _ in line.holders):
            return "handover-competing"
        taking = (other for other in steps if other.time > step.time and other.moves(profile))
        if any((other.giver, other.taker) == (holder, step.giver) for other in taking):
            return "handover-overlap"
        return "handover-gap"

    return one
