"""What was seen of one container: doors, the last state proven clean, and how long nobody looked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.domain.custody.hand_overs import MACHINE_KINDS
from ledger.domain.custody.members import ALGORITHM, CLEAR, OPENED, PERSON, Fact
from ledger.domain.custody.problem import Problem, problem, warning
from ledger.domain.custody.seals import INSPECTION, STRIPPING
from ledger.domain.moment import put_right

STUFFING = "stuffing"
SCAN = "scan"
ANALYSIS = "analysis"
LOADING = "loading"
PICTURES = ("photo", "video")
OF = "of"
"""How an analysis refers to the scan or inspection that it draws its conclusion from."""

_RECORD_SECONDS = 60


@dataclass(frozen=True, slots=True)
class DoorsOpened:
    """That the doors were opened.

    Args:
        time: POSIX seconds.
        by: URI of the organisation that says so.
        kind: Kind of its statement.
        statement: Its id, 32 bytes.
        accounted_for: Whether it was an inspection, a stuffing or a stripping, or the box was empty.
    """

    time: float
    by: str
    kind: str
    statement: bytes
    accounted_for: bool


@dataclass(frozen=True, slots=True)
class Clean:
    """The last state proven clean.

    Args:
        time: POSIX seconds.
        what: `scan` or `inspection`.
        statement: Id of its statement, 32 bytes.
        holder: URI of the organisation that held the container then, None when it is not known.
    """

    time: float
    what: str
    statement: bytes
    holder: str | None


def doors_opened(facts: Sequence[Fact], problems: list[Problem]) -> tuple[DoorsOpened, ...]:
    """Return when the doors were opened, and complain of what no inspection, stuffing or stripping explains.

    Args:
        facts: What was said of the container, in order.
        problems: Receives the complaints.
    """
    opened = []
    # Before anything was put in there must be something to come, or else nobody says when it was filled.
    empty = any(map(_fills, facts))
    for fact in facts:
        fills = _fills(fact)
        if fact.values.get("doors") == OPENED:
            explained = fact.kind in (INSPECTION, STUFFING, STRIPPING)
            accounted_for = explained or (empty and not fills)
            signed = fact.said.statement
            opened.append(DoorsOpened(fact.time, signed.iss, signed.kind, signed.id, accounted_for))
            if not accounted_for:
                message = f"the doors were opened, by a {fact.kind} of {fact.by}, and no inspection says why"
                problems.append(problem("doors-opened", message, fact.said))
        if fact.kind == STRIPPING:
            empty = True
        elif fills:
            empty = False
    return tuple(opened)


def _fills(fact: Fact) -> bool:
    return fact.kind == STUFFING or "seals_applied" in fact.values


def pictured(facts: Iterable[Fact]) -> frozenset[bytes]:
    """Return the ids of the statements that bring evidence, or that a photo or video names or is named by."""
    shown, pictures, naming = set(), set(), {}
    for fact in facts:
        statement = fact.said.statement
        if fact.said.body.get("evidence"):
            shown.add(statement.id)
        if fact.kind in PICTURES:
            pictures.add(statement.id)
            shown.update(reference.id for reference in statement.references)
        elif fact.kind == INSPECTION:
            naming[statement.id] = {reference.id for reference in statement.references}
    return frozenset(shown | {ident for ident, named in naming.items() if named & pictures})


def clean_facts(facts: Iterable[Fact]) -> list[Fact]:
    """Return the scans and inspections that are concluded to be clear, in order.

    What a person concludes outweighs what an algorithm does; of each of them the last word counts.
    """
    targets: dict[bytes, Fact] = {}
    words: dict[bytes, list[Fact]] = {}
    for fact in facts:
        ident = fact.said.statement.id
        if fact.kind in (SCAN, INSPECTION):
            targets[ident] = fact
        if "conclusion" not in fact.values:
            continue
        if fact.kind == INSPECTION:
            words.setdefault(ident, []).append(fact)
        for reference in fact.said.statement.references:
            if fact.kind == ANALYSIS and reference.rel == OF:
                words.setdefault(reference.id, []).append(fact)
    return [
        target
        for ident, target in targets.items()
        if ident in words and max(words[ident], key=weight).values["conclusion"] == CLEAR
    ]


def weight(word: Fact) -> tuple[bool, tuple[float, int, int]]:
    """Return what sorts words on one thing: those of persons outweigh, then later ones."""
    return word.values.get("concluded_by", ALGORITHM) == PERSON, word.order


def unobserved_minutes(facts: Sequence[Fact], clean: Sequence[Fact]) -> tuple[int | None, Fact | None]:
    """Return how long nobody looked between the last clean state before lading and lading, and the lading.

    An instant of a machine's record stands for the minute that begins with it.

    Args:
        facts: What was said of the container, in order.
        clean: Those of a clean state, in order.

    Returns:
        Whole minutes, rounded down, None without lading or without a clean state before it; the last lading.
    """
    lading = next((fact for fact in reversed(facts) if fact.kind == LOADING), None)
    if lading is None:
        return None, None
    start = max((fact.time for fact in clean if fact.time <= lading.time), default=None)
    if start is None:
        return None, lading
    unseen, seen_until = 0.0, start
    for first, last in sorted(_looks(facts)):
        unseen += max(0.0, min(first, lading.time) - seen_until)
        seen_until = max(seen_until, min(last, lading.time))
    unseen += lading.time - seen_until
    return int(unseen // 60), lading


def _looks(facts: Iterable[Fact]) -> Iterable[tuple[float, float]]:
    for fact in facts:
        if "observed" in fact.values:
            offset = fact.values.get("clock_offset_s", 0.0)
            first, last = (put_right(time, offset) for time in fact.values["observed"])
            yield first, last
        elif fact.kind in MACHINE_KINDS:
            yield fact.time, fact.time + _RECORD_SECONDS


def too_long(minutes: int | None, limit: int | None, lading: Fact | None) -> list[Problem]:
    """Return the warning that nobody looked for longer than a corridor likes, if that is so."""
    if minutes is None or limit is None or lading is None or minutes <= limit:
        return []
    message = (
        f"for {minutes} minutes between the last clean state and lading nobody looked; {limit} are taken"
    )
    return [warning("unobserved", message, lading.said)]
