"""What was recorded of a shipment's containers, and what was concluded from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from math import inf
from typing import Any, Final

from ledger.assessment.case import Case
from ledger.corridors.rules import CorridorRules
from ledger.domain.custody.members import ALGORITHM, CLEAR, PERSON, Fact
from ledger.domain.custody.watch import ANALYSIS, OF, weight
from ledger.domain.identifiers import is_unlocode
from ledger.domain.papers import MAX_ROWS
from ledger.domain.subject import Subject
from ledger.domain.words import Words

INSPECTION: Final = "inspection"
READING: Final = "reading"
ANSWERS: Final = "answers"
CONCLUDING: Final = frozenset({ANALYSIS, INSPECTION})
"""Kinds of statements that conclude something."""

_TRANSIT = "transit-customs"
_REFERRING = frozenset({OF, ANSWERS})


@dataclass(frozen=True, slots=True)
class Record:
    """A statement about one container trip.

    Args:
        fact: What it tells.
        trip: URI of the trip.
    """

    fact: Fact
    trip: str

    @property
    def box(self) -> str:
        """Number of the container that the trip is of."""
        return box_of(self.trip)

    @property
    def place(self) -> str | None:
        """Where it happened, as said."""
        return place_of(self.fact)


@dataclass(frozen=True, slots=True)
class Concluded:
    """What was concluded from a record.

    Args:
        words: The conclusions, the one that counts last.
        withheld: Whether somebody concludes something that is not shown here.
        answers: All that refers to it, with a conclusion or without, in the order in which it happened.
    """

    words: tuple[Fact, ...]
    withheld: bool
    answers: tuple[Fact, ...]

    @property
    def clear(self) -> bool | None:
        """Whether the word that counts is `clear`; None where there is none."""
        return self.words[-1].values["conclusion"] == CLEAR if self.words else None

    @property
    def by_person(self) -> bool:
        """Whether a person concluded or agreed."""
        return any(
            word.values.get("concluded_by", ALGORITHM) == PERSON or "confirmed_by" in word.values
            for word in self.words
        )


def box_of(trip: str) -> str:
    """Return the number of the container that a trip is of."""
    return Subject.parse(trip).key


def place_of(fact: Fact) -> str | None:
    """Return where something happened, as said, None where it is not."""
    place = fact.said.body.get("place")
    return place if isinstance(place, str) and 1 <= len(place) <= 200 else None


def code_of(fact: Fact) -> str | None:
    """Return where something happened, None where that is not the code of a place (UN/LOCODE)."""
    place = place_of(fact)
    return place if place is not None and is_unlocode(place) else None


def is_timed(fact: Fact) -> bool:
    """Return whether its time is told: where `occurred_at` may be among what is withheld, it is not."""
    return "occurred_at" in fact.values or not fact.said.withholds


def at_place(place: str | None) -> Words:
    """Return where something happened as it stands in the middle of a sentence, with a blank before it."""
    return Words("", "", "") if place is None else Words(f" at {place}", f" en {place}", f" à {place}")


def records(case: Case, *kinds: str) -> Sequence[Record]:
    """Return the statements of some kinds for each trip of the shipment that they tell of, in order."""
    kept = case.once(_kept)
    if len(kinds) == 1:
        return [one for _, one in kept.by_kind.get(kinds[0], ())]
    each = (kept.by_kind.get(kind, ()) for kind in dict.fromkeys(kinds))
    return [one for _, one in merge(*each, key=lambda pair: pair[0])]


def tells_of(fact: Fact, trip: str) -> bool:
    """Return whether a statement tells of a trip, and not of another one that it names as well."""
    subjects = fact.said.statement.subjects
    if trip not in subjects:
        return False
    seen = fact.values.get("container")
    if seen is None or seen == box_of(trip):
        return True
    return seen not in {Subject.parse(uri).key for uri in subjects if uri != trip}


def concluded(case: Case, record: Record) -> Concluded:
    """Return what analyses and inspections conclude from a record, and what it concludes itself."""
    return concluded_by(case, record, CONCLUDING)


def concluded_by(case: Case, record: Record, kinds: frozenset[str]) -> Concluded:
    """Return what statements of some kinds that refer to a record (`of`, `answers`) conclude from it."""
    answers = [fact for fact in _referring(case, record) if fact.kind in kinds]
    words = [fact for fact in answers if "conclusion" in fact.values]
    if record.fact.kind == INSPECTION:
        words += [record.fact] if "conclusion" in record.fact.values else []
    withheld = any("conclusion" not in fact.values and fact.said.withholds for fact in answers)
    return Concluded(_counting_last(case, words), withheld, tuple(answers))


def _counting_last(case: Case, words: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return conclusions with the one that counts last.

    Of each organisation that is the word that weighs most. Where an authority says something nobody else's
    counts, and a suspicion stands beside whatever others say: only who has it takes it back, or somebody
    looks inside. Where roles are not known, the word that weighs most of all counts.
    """
    by_weight = sorted(words, key=weight)
    if case.roles_of is not None:
        last = {word.by: word for word in by_weight}
        deciding = [word for word in last.values() if is_authority(case, word.by)] or [*last.values()]
        suspect = [word for word in deciding if word.values["conclusion"] != CLEAR]
        counts = max(suspect or deciding, key=weight, default=None)
        by_weight.sort(key=lambda word: word is counts)
    return tuple(by_weight)


def is_authority(case: Case, organisation: str) -> bool:
    """Return whether an organisation is known to be an authority: one that may open a container and look."""
    roles = () if case.roles_of is None else case.roles_of(organisation)
    return not case.profile.roles_for(INSPECTION).isdisjoint(roles)


def answers_itself(case: Case, record: Record, word: Concluded) -> bool:
    """Return whether nobody but the signer of a record concludes anything from it, who is no authority."""
    own = record.fact.by
    if case.roles_of is None or word.withheld or is_authority(case, own):
        return False
    return all(each.by == own for each in word.words)


def settled(case: Case, record: Record) -> bool | None:
    """Return whether a later inspection of the trip found it clear; None where that is not shown."""
    clear, withheld = case.once(_inspected).get(record.trip, (-inf, -inf))
    if clear >= record.fact.time:
        return True
    return None if withheld >= record.fact.time else False


def read_from(case: Case, record: Record) -> Iterator[tuple[Fact, Mapping[str, Any]]]:
    """Yield what readers found in the evidence of a record, as far as it could be opened."""
    for fact in _referring(case, record):
        if fact.kind == READING:
            found = case.opened.get(fact.said.statement.id)
            if isinstance(found, Mapping):
                yield fact, found


def boxes_in(found: Mapping[str, Any]) -> frozenset[str]:
    """Return the numbers of containers that a reader found in an item, of very many the first ones."""
    paper = found.get("paper")
    named = [found.get("container"), *_listed(found.get("containers"))]
    if isinstance(paper, Mapping):
        named += _listed(paper.get("containers"))
    numbers = [one.get("number") if isinstance(one, Mapping) else one for one in named]
    return frozenset(one for one in numbers if isinstance(one, str) and one)


def _listed(value: object) -> list[Any]:
    return value[:MAX_ROWS] if isinstance(value, list) else []


def _referring(case: Case, record: Record) -> Sequence[Fact]:
    return case.once(_kept).referring.get(record.fact.said.statement.id, ())


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is looked for again and again: once for all checks, however much was said.

    Args:
        by_kind: Records by kind, each with its place among all of them.
        referring: By id, what refers to a statement or to one that it corrects.
    """

    by_kind: Mapping[str, Sequence[tuple[int, Record]]]
    referring: Mapping[bytes, Sequence[Fact]]


def _kept(case: Case) -> _Kept:
    by_kind: dict[str, list[tuple[int, Record]]] = {}
    referring: dict[bytes, list[Fact]] = {}
    place = 0
    for fact in case.facts:
        for trip in case.trips:
            if tells_of(fact, trip):
                by_kind.setdefault(fact.kind, []).append((place, Record(fact, trip)))
                place += 1
        named = (one.id for one in fact.said.statement.references if one.rel in _REFERRING)
        for ident in dict.fromkeys(case.instead.get(one, one) for one in named):
            referring.setdefault(ident, []).append(fact)
    return _Kept(by_kind, referring)


def _inspected(case: Case) -> Mapping[str, tuple[float, float]]:
    """Return, by trip, when an inspection last found it clear, and when one last may have: POSIX seconds."""
    found: dict[str, tuple[float, float]] = {}
    for one in records(case, INSPECTION):
        clear, withheld = found.get(one.trip, (-inf, -inf))
        word = concluded(case, one)
        if word.clear:
            clear = max(clear, one.fact.time)
        elif word.withheld or (not word.words and one.fact.said.withholds):
            withheld = max(withheld, one.fact.time)
        found[one.trip] = clear, withheld
    return found


def authority_at(case: Case, place: str | None) -> str | None:
    """Return the role of the customs that a place belongs to, None where the corridor has no such role.

    At no place of either that is the customs of transit, where the corridor has one; where no code says the
    place, that of the origin.
    """
    rules = case.profile.rules or CorridorRules()
    role = "origin-customs"
    if place in rules.destinations:
        role = "destination-customs"
    elif place not in rules.origins and _TRANSIT in case.profile.roles and is_unlocode(place or ""):
        role = _TRANSIT
    return role if role in case.profile.roles else None
