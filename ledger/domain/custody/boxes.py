"""What is said of one container on its trip, and of all the containers of a consignment."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.domain.custody.line import Line
from ledger.domain.custody.members import Fact, fact_of
from ledger.domain.custody.problem import Problem, problem, warning
from ledger.domain.custody.rules import Rules
from ledger.domain.custody.said import Said
from ledger.domain.custody.seal_records import Inspection, Seal, SealEvent
from ledger.domain.custody.seals import Seals
from ledger.domain.custody.watch import (
    Clean,
    DoorsOpened,
    clean_facts,
    doors_opened,
    pictured,
    too_long,
    unobserved_minutes,
)
from ledger.domain.subject import Subject

TRIP = "trip"
CONSIGNMENT = "consignment"
_TRIPS = "urn:corridor:trip:"


@dataclass(frozen=True, slots=True)
class Carried:
    """That a subject is in a container.

    Args:
        trip: URI of the container trip.
        since: POSIX seconds; None for the container's own trip.
        until: POSIX seconds, None while it is in.
    """

    trip: str
    since: float | None
    until: float | None

    @property
    def container(self) -> str:
        """Number of the container."""
        return Subject.parse(self.trip).key

    def holds_at(self, time: float) -> bool:
        """Return whether the subject is in it at a time, POSIX seconds."""
        return (self.since is None or self.since <= time) and (self.until is None or time < self.until)


@dataclass(frozen=True, slots=True)
class Box:
    """What is known of a container, or of all the containers that a subject is or was in.

    Args:
        seals: Those that are on.
        seal_events: What was said of each seal, in order.
        inspections: In order.
        doors_opened: In order.
        unobserved_minutes: Between the last clean state before lading and lading, the longest of all
            containers; None when there was none of the two.
        last_clean: The last state proven clean, None when there is none.
    """

    seals: tuple[Seal, ...] = ()
    seal_events: tuple[SealEvent, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    doors_opened: tuple[DoorsOpened, ...] = ()
    unobserved_minutes: int | None = None
    last_clean: Clean | None = None


def box_of(trip: Subject, standing: Iterable[Said], line: Line, rules: Rules, problems: list[Problem]) -> Box:
    """Follow one container through its trip.

    Args:
        trip: The trip.
        standing: The statements about it that count.
        line: Who held it when.
        rules: Those of the corridor.
        problems: Receives what should not be.
    """
    facts = _facts(trip, standing, problems)
    seals = Seals(line.holder_at, lambda time: _next_taker(line, time), pictured(facts), problems)
    for fact in facts:
        seals.follow(fact)
    doors = doors_opened(facts, problems)
    clean = clean_facts(facts)
    minutes, lading = unobserved_minutes(facts, clean)
    problems += too_long(minutes, rules.unobserved_minutes, lading)
    return Box(
        seals=seals.on,
        seal_events=tuple(seals.events),
        inspections=tuple(seals.inspections),
        doors_opened=doors,
        unobserved_minutes=minutes,
        last_clean=_last_clean(clean, line),
    )


def boxes_of(carried: Sequence[Carried], boxes: dict[str, Box]) -> Box:
    """Put together what is known of the containers of a consignment, of the times when it was in them.

    Args:
        carried: When it was in which.
        boxes: What is known of each, by URI of the trip; those that are not known are left out.
    """
    known = [(one, boxes[one.trip]) for one in carried if one.trip in boxes]
    clean = [box.last_clean for one, box in known if box.last_clean and one.holds_at(box.last_clean.time)]
    minutes = [box.unobserved_minutes for _, box in known if box.unobserved_minutes is not None]
    return Box(
        seals=tuple([seal for one, box in known if one.until is None for seal in box.seals]),
        seal_events=tuple([e for one, box in known for e in box.seal_events if one.holds_at(e.time)]),
        inspections=tuple([e for one, box in known for e in box.inspections if one.holds_at(e.time)]),
        doors_opened=tuple([e for one, box in known for e in box.doors_opened if one.holds_at(e.time)]),
        unobserved_minutes=max(minutes, default=None),
        last_clean=max(clean, key=lambda one: one.time, default=None),
    )


def _facts(trip: Subject, standing: Iterable[Said], problems: list[Problem]) -> list[Fact]:
    """Return what is said of the container, in order; complain of other containers that were seen."""
    facts = []
    for one in standing:
        fact = fact_of(one)
        for message in fact.malformed:
            text = f"a member of the {fact.kind} by {fact.by} counts as not said: {message}"
            problems.append(warning("body-malformed", text, one))
        keys = [uri.split(":")[3] for uri in one.statement.subjects if uri.startswith(_TRIPS)]
        seen = fact.values.get("container")
        if seen is not None and seen not in keys:
            message = f"{fact.by} saw container {seen} where {trip.key} should be"
            problems.append(problem("container-mismatch", message, one))
        # Of several containers in one statement it tells of the one that it names.
        if len(keys) == 1 or seen == trip.key:
            facts.append(fact)
    return sorted(facts, key=lambda fact: fact.order)


def _next_taker(line: Line, time: float) -> str | None:
    place = bisect_left(line.moves, time, key=lambda move: move.at)
    return line.moves[place].taker if place < len(line.moves) else None


def _last_clean(clean: Sequence[Fact], line: Line) -> Clean | None:
    if not clean:
        return None
    last = clean[-1]
    return Clean(last.time, last.kind, last.said.statement.id, line.holder_at(last.time))
