"""The line of holders, drawn hand-over by hand-over.

Its order is that of the agreed times, not that of the log: a gate without a network reports late.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ledger.domain.custody.hand_overs import HandOver
from ledger.domain.custody.problem import Problem, problem, warning
from ledger.domain.custody.rules import Level, Rules

_SHOWN_BY = {
    Level.BOTH: "both sides",
    Level.ONE_AND_MACHINE: "one side and a machine's record",
    Level.ONE: "one side",
}


@dataclass(frozen=True, slots=True)
class Span:
    """That one organisation held a subject for a while.

    Args:
        holder: URI of the organisation.
        since: POSIX seconds, None when it is not known.
        until: POSIX seconds, None for the present holder; at this moment the next one holds it.
    """

    holder: str
    since: float | None
    until: float | None


@dataclass(frozen=True, slots=True)
class Gap:
    """That a subject came from its holder to another organisation, and nobody says how.

    Args:
        since: Since when the last holder had it, POSIX seconds; None when nobody is known to have had it.
        until: When the other one handed it over.
        held_by: URI of the last holder, None when nobody is known to have held it.
        given_by: URI of the organisation that handed it over without holding it, None when it is withheld.
        statements: Ids of the statements that say so.
    """

    since: float | None
    until: float
    held_by: str | None
    given_by: str | None
    statements: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """That two organisations are said to hold a subject at the same time.

    Args:
        since: From when on, POSIX seconds.
        holders: The holder in the line, and who else is said to have it.
        statements: Ids of the statements that say so.
    """

    since: float
    holders: tuple[str, str | None]
    statements: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """That the line moved on.

    Args:
        at: POSIX seconds.
        taker: URI of the organisation that took over.
        joins: Whether the subject came into the container then, and was not handed over with it.
    """

    at: float
    taker: str
    joins: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Who held a subject when.

    Args:
        spans: The opener first, the present holder last.
        moves: The hand-overs by which it moved on, without what it was carried along with.
        gaps: Where a hand-over does not come from the holder.
        overlaps: Where two are said to hold it.
    """

    spans: tuple[Span, ...]
    moves: tuple[Move, ...]
    gaps: tuple[Gap, ...]
    overlaps: tuple[Overlap, ...]

    def holder_at(self, time: float | None = None) -> str | None:
        """Return who held it at a time (POSIX seconds), or who holds it; None when that is not known."""
        if time is None:
            return self.spans[-1].holder if self.spans else None
        spans = reversed(self.spans)
        return next((span.holder for span in spans if span.since is None or span.since <= time), None)


def draw(
    opened: tuple[str, float] | None,
    hand_overs: Sequence[HandOver],
    carried: Iterable[Move],
    rules: Rules,
    problems: list[Problem],
) -> Line:
    """Draw the line.

    It moves on from the present holder and from nobody else, whatever two others agree on. What hangs loose
    is complained of once, where it begins.

    Args:
        opened: Who opened the subject, and when; None when nobody did.
        hand_overs: Its hand-overs in the order of their times.
        carried: Moves of what it is carried along in.
        rules: Those of the corridor.
        problems: Receives what breaks or holds up the line.
    """
    drawing = _Drawing(opened, rules, problems, hand_overs)
    # At the same moment what it is in comes after what was agreed on it.
    steps: list[HandOver | Move] = [*hand_overs, *carried]
    for step in sorted(steps, key=lambda step: (step.at, isinstance(step, Move))):
        if isinstance(step, Move):
            drawing.pass_to(step)
        else:
            drawing.follow(step)
    return Line(tuple(drawing.spans), tuple(drawing.moves), tuple(drawing.gaps), tuple(drawing.overlaps))


class _Drawing:
    """A line that is being drawn."""

    def __init__(
        self,
        opened: tuple[str, float] | None,
        rules: Rules,
        problems: list[Problem],
        hand_overs: Sequence[HandOver],
    ) -> None:
        self.spans = [] if opened is None else [Span(opened[0], opened[1], None)]
        self.moves: list[Move] = []
        self.gaps: list[Gap] = []
        self.overlaps: list[Overlap] = []
        self._rules = rules
        self._problems = problems
        self._loose: set[str | None] = set()
        self._moved: dict[str, HandOver] = {}
        self._accepted = [each for each in hand_overs if each.accepted_at(self._least(each))]

    @property
    def _holder(self) -> str | None:
        return self.spans[-1].holder if self.spans else None

    def _least(self, hand_over: HandOver) -> Level:
        return self._rules.least_of(hand_over.place)

    def follow(self, hand_over: HandOver) -> None:
        giver, taker, least = hand_over.giver, hand_over.taker, self._least(hand_over)
        shown = f"the hand-over from {giver or 'somebody'} to {taker or 'somebody'}"
        if hand_over.level is Level.REFUSED:
            self._complain("handover-refused", f"{shown} was refused", hand_over)
        elif giver is not None and giver == taker:
            self._complain("handover-to-self", f"{giver} handed over to itself", hand_over)
        elif not hand_over.accepted_at(least):
            asked = _SHOWN_BY[least]
            message = f"{shown} is shown by {_SHOWN_BY[hand_over.level]}; the corridor asks for {asked}"
            self._complain("handover-unaccepted", message, hand_over)
        else:
            self._move(giver, taker, shown, hand_over)

    def pass_to(self, move: Move) -> None:
        """Let the subject be where what it is in is."""
        holder = self._holder
        if move.taker == holder:
            return
        if move.joins and holder is not None:
            message = f"{holder} held the goods when they came into a container that {move.taker} held"
            self._problems.append(warning("stuffed-elsewhere", message))
        self._end_span(move.at)
        self.spans.append(Span(move.taker, move.at, None))

    def _move(self, giver: str | None, taker: str | None, shown: str, hand_over: HandOver) -> None:
        if not self.spans and giver is not None:
            self.spans.append(Span(giver, None, None))
        if giver is not None and taker is not None and giver == self._holder:
            self._end_span(hand_over.at)
            self.spans.append(Span(taker, hand_over.at, None))
            self.moves.append(Move(hand_over.at, taker))
            self._moved[giver] = hand_over
            return
        if giver is None or giver not in self._loose:
            self._hang_loose(giver, taker, shown, hand_over)
        self._loose.discard(giver)
        self._loose.add(taker)

    def _hang_loose(self, giver: str | None, taker: str | None, shown: str, hand_over: HandOver) -> None:
        holder = self._holder
        held = "nobody is known to have held it" if holder is None else f"{holder} held it"
        about = [hand_over]
        if any(span.holder == giver for span in self.spans):
            # Which of the two is the honest one, the agreed times do not tell: both are named.
            earlier = self._moved.get(giver or "")
            about = [hand_over] if earlier is None else [earlier, hand_over]
            message = f"{shown} comes after {giver} had handed over to {self._next_after(giver)}; {held}"
            self._complain("handover-competing", message, *about)
        elif any(
            each.giver == holder and each.taker == giver and each.at > hand_over.at for each in self._accepted
        ):
            message = f"{shown} comes before {giver} had taken it over; {held}"
            self._complain("handover-overlap", message, hand_over)
        else:
            self._complain("handover-gap", f"{shown} does not come from the holder; {held}", hand_over)
            since = self.spans[-1].since if self.spans else None
            self.gaps.append(Gap(since, hand_over.at, holder, giver, _ids(about)))
            return
        if holder is not None:
            self.overlaps.append(Overlap(hand_over.at, (holder, taker), _ids(about)))

    def _next_after(self, giver: str | None) -> str:
        """Return who has had it since a former holder last had."""
        places = [place for place, span in enumerate(self.spans) if span.holder == giver]
        after = self.spans[places[-1] + 1 :]
        return after[0].holder if after else "somebody"

    def _end_span(self, at: float) -> None:
        if self.spans:
            last = self.spans[-1]
            # Who opened it late, held it before.
            since = last.since if last.since is None else min(last.since, at)
            self.spans[-1] = replace(last, since=since, until=at)

    def _complain(self, code: str, message: str, *about: HandOver) -> None:
        self._problems.append(problem(code, message, *(one for each in about for one in each.said)))


def _ids(about: Iterable[HandOver]) -> tuple[bytes, ...]:
    return tuple([one.statement.id for each in about for one in each.said])
