"""Who tells what time of which milestone, as far as it concerns the shipment and the teller may say it.

A statement tells of milestones by its `schedule`; without one, by its kind: that what the kind stands for
happened at the statement's own time and place (formats, section 21).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from ledger.assessment.case import Case
from ledger.assessment.reach import Reach
from ledger.assessment.route import destination_of
from ledger.corridors.rules import CorridorRules, Milestone
from ledger.domain.custody import Said
from ledger.domain.moment import shown_time
from ledger.domain.schedule import ACTUAL, ESTIMATED, KINDS, SCHEDULE, Entry, schedule_of

CLOCKS_DIFFER: Final = 300
"""Seconds by which honest clocks may differ."""


@dataclass(frozen=True, slots=True)
class Told:
    """A time of a milestone, as somebody says it.

    Args:
        milestone: Its name.
        classifier: `PLN`, `EST` or `ACT`.
        at: POSIX seconds.
        place: UN/LOCODE where one is said, else as the statement names its place.
        terminal: Terminal or berth there.
        heard_from: Where the signer has it from.
        said: The statement.
        rank: Place of the signer's role among the milestone's sources, the most trusted 0.
        registered: By when the statement was registered, POSIX seconds, None where no clock tells.
        until: When it ceased to concern the shipment, as claimed: it left that voyage; infinity while it
            does.
        named: Whether the statement's schedule says it; else its kind does.
        ahead: Whether it is said to have happened, at a time that was still to come when it was signed: it
            counts as estimated.
    """

    milestone: str
    classifier: str
    at: float
    place: str | None
    terminal: str | None
    heard_from: str | None
    said: Said
    rank: int
    registered: float | None
    until: float
    named: bool
    ahead: bool = False

    @property
    def source(self) -> str:
        """URI of the organisation that says it."""
        return self.said.statement.iss

    @property
    def known(self) -> float:
        """From when on it was known: registered, or signed where no clock tells; POSIX seconds."""
        return self.said.statement.iat if self.registered is None else self.registered

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON: times in POSIX seconds, the statement's id in hex."""
        return {
            "at": shown_time(self.at),
            "place": self.place,
            "terminal": self.terminal,
            "source": self.source,
            "classifier": self.classifier,
            "statement": self.said.statement.id.hex(),
            "heard_from": self.heard_from,
            "registered": shown_time(self.registered),
        }


class Teller:
    """Takes what statements tell of milestones, as far as it concerns the shipment and may be said.

    Args:
        case: The shipment.
        rules: Its corridor's.
        reach: What concerns it.
    """

    def __init__(self, case: Case, rules: CorridorRules, reach: Reach) -> None:
        self._case = case
        self._rules = rules
        self._reach = reach
        self._of_kind: dict[str, list[str]] = {}
        for name, milestone in rules.milestones.items():
            for kind in milestone.kinds:
                self._of_kind.setdefault(kind, []).append(name)

    def tell(self) -> Iterable[Told]:
        """Yield what counts, in the order in which it happened."""
        for one in self._case.counting:
            kind = one.statement.kind
            if kind not in KINDS and kind not in self._of_kind:
                continue
            until = self._reach.of(one)
            if until is not None:
                yield from self._of(one, until)

    def _of(self, one: Said, until: float) -> Iterable[Told]:
        by_kind = SCHEDULE not in one.body
        for entry in self._by_kind(one) if by_kind else schedule_of(one.body):
            milestone = self._rules.milestones.get(entry.milestone)
            rank = None if milestone is None else self._rank(one, milestone)
            if milestone is None or rank is None:
                continue
            if not by_kind and entry.place is not None and not is_at(milestone, entry.place):
                continue
            told = self._told(entry, one, until, rank, named=not by_kind)
            # What happened once the shipment had left the voyage is no concern of it.
            if told.classifier != ACTUAL or told.at <= until:
                yield told

    def _told(self, entry: Entry, one: Said, until: float, rank: int, *, named: bool) -> Told:
        ahead = entry.classifier == ACTUAL and entry.at > one.statement.iat + CLOCKS_DIFFER
        return Told(
            entry.milestone,
            ESTIMATED if ahead else entry.classifier,
            entry.at,
            entry.place,
            entry.terminal,
            entry.source,
            one,
            rank,
            self._case.registered_by(one),
            until,
            named,
            ahead,
        )

    def _by_kind(self, one: Said) -> Iterable[Entry]:
        names = self._of_kind.get(one.statement.kind, ())
        said = one.body.get("place")
        place = said if isinstance(said, str) else None
        for name in names:
            milestone = self._rules.milestones[name]
            at = self._case.time_of(one)
            if place is None:
                # Without a place it says which milestone it means only where there is no other.
                if len(names) == 1:
                    yield Entry(name, ACTUAL, at)
            elif is_at(milestone, place) and self._is_destined(name, place):
                yield Entry(name, ACTUAL, at, place)

    def _is_destined(self, name: str, place: str) -> bool:
        """Return whether a place is not just a port of call, where the destination is known."""
        destination = destination_of(self._case) if name == self._rules.arrival else None
        return destination is None or place == destination or place not in self._rules.destinations

    def _rank(self, one: Said, milestone: Milestone) -> int | None:
        """Return how trusted a signer is, None where its word on the milestone does not count."""
        if not milestone.sources:
            return 0
        if self._case.roles_of is None:
            may = self._case.profile.roles_for(one.statement.kind)
            return None if may.isdisjoint(milestone.sources) else 0
        roles = self._case.roles_of(one.statement.iss)
        return next((place for place, role in enumerate(milestone.sources) if role in roles), None)


def is_at(milestone: Milestone, place: str) -> bool:
    """Return whether a place (UN/LOCODE) is one of a milestone's."""
    return not milestone.places or place in milestone.places or place[:2] in milestone.places
