"""Draws the custody of a subject from what was said of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ledger.domain.custody.boxes import CONSIGNMENT, TRIP, Box, Carried, box_of, boxes_of
from ledger.domain.custody.corrections import standing
from ledger.domain.custody.doubts import judged
from ledger.domain.custody.hand_overs import Doubt, HandOver, hand_overs_of
from ledger.domain.custody.line import Move, draw
from ledger.domain.custody.members import time_of
from ledger.domain.custody.problem import Problem, problem
from ledger.domain.custody.record import Custody
from ledger.domain.custody.rules import Rules
from ledger.domain.custody.said import Said
from ledger.domain.links import STUFFED_IN, LinkSet
from ledger.domain.subject import SUBJECT_OPENED, Subject

_NO_RULES = Rules()


def custody_of(subject: str, said: Iterable[Said], rules: Rules = _NO_RULES) -> Custody:
    """Draw the custody of one subject from what was said of it.

    The order in which statements arrive does not matter, but where two happened and were signed at one time.

    Args:
        subject: URI of the subject.
        said: Logged statements, revealed as far as the reader may see, each once; for a consignment also
            those about the trips that it was stuffed in. Those of other subjects do not count.
        rules: Those of the corridor.
    """
    everything = list(said)
    about = [one for one in everything if subject in one.statement.subjects]
    problems: list[Problem] = []
    opening = _opening(subject, about)
    if opening is None:
        message = f"no statement opens {subject}: its first holder is not known"
        problems.append(problem("subject-not-opened", message))
    opened = None if opening is None else (opening.statement.iss, time_of(opening))
    counting, corrected = standing(about, rules, problems)
    doubts: list[Doubt] = []
    hand_overs = signed = hand_overs_of(subject, counting, doubts, problems)
    name = Subject.parse(subject)
    if name.type == CONSIGNMENT:
        carried = _carried(subject, counting)
        trips = {
            trip: custody_of(trip, everything, rules) for trip in _covered(carried, everything, problems)
        }
        own = [each for each in hand_overs if not _is_carried(each, carried, trips)]
        line = draw(opened, own, _moves(carried, trips), rules, problems)
        box = boxes_of(carried, {trip: custody.box for trip, custody in trips.items()})
        shared = [
            each for each in _of_trips(carried, trips) if each.terms_hash not in {o.terms_hash for o in own}
        ]
        hand_overs = sorted([*own, *shared], key=lambda each: each.at)
        problems += [one for custody in trips.values() for one in custody.problems]
    else:
        carried = (Carried(subject, None, None),) if name.type == TRIP else ()
        line = draw(opened, hand_overs, (), rules, problems)
        box = box_of(name, counting, line, rules, problems) if name.type == TRIP else Box()
    problems += judged(doubts, signed, {span.holder for span in line.spans})
    return Custody(
        subject=subject,
        line=line,
        hand_overs=tuple(hand_overs),
        containers=carried,
        box=box,
        corrected=corrected,
        problems=tuple(dict.fromkeys(problems)),
    )


def _opening(subject: str, said: Iterable[Said]) -> Said | None:
    name = Subject.parse(subject)
    for one in said:
        opening = one.statement
        opens = opening.kind == SUBJECT_OPENED and opening.sub == subject and len(opening.streams) == 1
        if opens and name.opened_by(opening.iss, opening.streams[0]):
            return one
    return None


# A consignment follows the containers that it is stuffed in.


def _carried(consignment: str, counting: Iterable[Said]) -> tuple[Carried, ...]:
    return tuple(
        [
            Carried(span.link.to, span.since, span.until)
            for span in LinkSet.of(counting).spans
            if span.link.rel == STUFFED_IN and span.link.from_ == consignment
        ]
    )


def _covered(
    carried: Iterable[Carried], everything: Sequence[Said], problems: list[Problem]
) -> Iterator[str]:
    """Return the trips that the statements at hand open; of the others nothing is known."""
    for trip in dict.fromkeys(one.trip for one in carried):
        if _opening(trip, everything) is not None:
            yield trip
        else:
            message = f"the goods were stuffed into {trip}, whose custody stream is not among what is shown"
            problems.append(problem("linked-trip-not-covered", message))


def _alone_in(carried: Iterable[Carried], time: float) -> str | None:
    """Return the one trip that a consignment is in at a time, None when it is in none or in several."""
    trips = {one.trip for one in carried if one.holds_at(time)}
    return trips.pop() if len(trips) == 1 else None


def _is_carried(hand_over: HandOver, carried: Sequence[Carried], trips: Mapping[str, Custody]) -> bool:
    """Return whether a hand-over is also one of the container that the consignment is in."""
    trip = _alone_in(carried, hand_over.at)
    subjects = hand_over.said[0].statement.subjects if hand_over.terms is None else hand_over.terms.subjects
    return trip in trips and trip in subjects


def _moves(carried: Sequence[Carried], trips: Mapping[str, Custody]) -> Iterator[Move]:
    """Return how the line moves with the container that the consignment is in, while it is in one only."""
    changes = sorted({time for one in carried for time in (one.since, one.until) if time is not None})
    before = None
    for start, end in zip(changes, [*changes, None][1:], strict=True):
        trip = _alone_in(carried, start)
        if trip is not None and trip in trips:
            line = trips[trip].line
            holder = line.holder_at(start)
            if trip != before and holder is not None:
                yield Move(start, holder, joins=True)
            for span in line.spans:
                if span.since is not None and start < span.since and (end is None or span.since < end):
                    yield Move(span.since, span.holder)
        before = trip


def _of_trips(carried: Sequence[Carried], trips: Mapping[str, Custody]) -> Iterator[HandOver]:
    for trip, custody in trips.items():
        for hand_over in custody.hand_overs:
            if _alone_in(carried, hand_over.at) == trip:
                yield hand_over
