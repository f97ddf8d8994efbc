"""Seals of one container: which are on, and which changes an authority's inspection accounts for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ledger.domain.custody.members import BROKEN, INTACT, MISSING, Fact, SealSaid
from ledger.domain.custody.problem import Problem, problem, warning

INSPECTION = "inspection"
STRIPPING = "stripping"

# Where a seal was taken off to empty the box, the next one is a first one.
_ON, _OFF, _FREED = "on", "off", "freed"


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal that is on.

    Args:
        number: The number on it.
        on: What it keeps shut.
        kind: `bolt`, `marchamo`, `sticker` and so on, None when nobody said.
        standard: What it conforms to, None when nobody said.
        mark: What cannot be copied, None when nobody said.
        since: When it was put on, or first seen, POSIX seconds.
        by: URI of the organisation that says so.
        statement: Id of the statement, 32 bytes.
        applied: Whether somebody says to have put it on; else it was only found there.
    """

    number: str
    on: str
    kind: str | None
    standard: str | None
    mark: str | None
    since: float
    by: str
    statement: bytes
    applied: bool


@dataclass(frozen=True, slots=True)
class SealEvent:
    """What a statement says of one seal.

    Args:
        time: POSIX seconds.
        what: `found`, `removed` or `applied`.
        seal: The seal as it is named.
        by: URI of the organisation that says so.
        statement: Id of the statement, 32 bytes.
    """

    time: float
    what: str
    seal: SealSaid
    by: str
    statement: bytes


@dataclass(frozen=True, slots=True)
class Inspection:
    """An authority's inspection.

    Args:
        time: POSIX seconds.
        by: URI of the organisation that inspected.
        statement: Id of the statement, 32 bytes.
        reason: Why, None when it does not say.
        found: Numbers of the seals that it found.
        removed: Numbers of the seals that it took off.
        applied: Numbers of the seals that it put on.
        accepted_by: URI of the organisation that took the container over next, None while nobody did.
    """

    time: float
    by: str
    statement: bytes
    reason: str | None
    found: tuple[str, ...]
    removed: tuple[str, ...]
    applied: tuple[str, ...]
    accepted_by: str | None


@dataclass(slots=True)
class _Known:
    """A seal that was heard of."""

    said: SealSaid
    state: str
    mark: str | None
    fact: Fact
    applied: bool

    @property
    def slot(self) -> tuple[str, str | None]:
        return self.said.on, self.said.kind

    def may_be_instead_of(self, other: SealSaid) -> bool:
        """Return whether another seal would sit where this one does: a kind that is left out may be any."""
        return self.said.on == other.on and (
            self.said.kind is None or other.kind is None or self.said.kind == other.kind
        )

    def shown(self) -> Seal:
        said, signed = self.said, self.fact.said.statement
        return Seal(
            number=said.number,
            on=said.on,
            kind=said.kind,
            standard=said.standard,
            mark=self.mark,
            since=self.fact.time,
            by=signed.iss,
            statement=signed.id,
            applied=self.applied,
        )


class Seals:
    """The seals of one container, followed through the facts in their order: `follow` each, then read.

    Args:
        holder_at: Who held the container at a time, POSIX seconds.
        accepted_by: Who took it over next at or after a time, None when nobody did yet.
        problems: Receives what should not be.
    """

    def __init__(
        self,
        holder_at: Callable[[float], str | None],
        accepted_by: Callable[[float], str | None],
        problems: list[Problem],
    ) -> None:
        self.events: list[SealEvent] = []
        self.inspections: list[Inspection] = []
        self._holder_at = holder_at
        self._accepted_by = accepted_by
        self._problems = problems
        self._known: dict[str, _Known] = {}

    @property
    def on(self) -> tuple[Seal, ...]:
        """The seals that are on, by their numbers."""
        return tuple([self._known[number].shown() for number in sorted(self._known) if self._is_on(number)])

    def follow(self, fact: Fact) -> None:
        """Take in what one statement says: what it found, then what it took off, then what it put on."""
        found, removed, applied = map(fact.seals, ("seals_found", "seals_removed", "seals_applied"))
        if fact.kind != INSPECTION and not (found or removed or applied):
            return
        for what, named in (("found", found), ("removed", removed), ("applied", applied)):
            self.events += [
                SealEvent(fact.time, what, seal, fact.by, fact.said.statement.id) for seal in named
            ]
        for seal in found:
            self._find(fact, seal, found)
        may_open = self._may_open(fact, bool(removed or applied))
        for seal in removed:
            self._remove(fact, seal, may_open)
        for seal in applied:
            self._apply(fact, seal)
        if fact.kind == INSPECTION:
            self._note_inspection(fact, found, removed, applied)

    def _is_on(self, number: str) -> bool:
        known = self._known.get(number)
        return known is not None and known.state == _ON

    # What is found.

    def _find(self, fact: Fact, seal: SealSaid, beside: Sequence[SealSaid]) -> None:
        known = self._known.get(seal.number)
        if known is not None and known.state == seal.state != INTACT:
            return
        if known is None or known.state != _ON:
            known = self._meet_another(fact, seal, beside)
        self._compare_marks(fact, seal, known)
        if seal.state == BROKEN:
            self._complain("seal-broken", f"{fact.by} found seal {seal.number} broken", fact, known)
            known.state = BROKEN
        elif seal.state == MISSING:
            self._complain("seal-missing", f"{fact.by} did not find seal {seal.number} any more", fact, known)
            known.state = MISSING

    def _meet_another(self, fact: Fact, seal: SealSaid, beside: Sequence[SealSaid]) -> _Known:
        """Complain of a seal that should not be there, and go on with it: one cheat is one complaint."""
        known = self._known.get(seal.number)
        named = {each.number for each in beside}
        instead = [
            self._known[number]
            for number in sorted(self._known)
            if self._is_on(number) and number not in named and self._known[number].may_be_instead_of(seal)
        ]
        if instead:
            message = (
                f"{fact.by} found seal {seal.number} where seal {instead[0].said.number} had been put on"
            )
            self._complain("seal-changed", message, fact, instead[0])
            instead[0].state = _OFF
        elif known is not None:
            message = f"{fact.by} found seal {seal.number} on again, which was {_gone(known)} before"
            self._complain("seal-changed", message, fact, known)
        else:
            message = f"{fact.by} found seal {seal.number}, which nobody says to have put on"
            self._complain("seal-unknown", message, fact)
        return self._put_on(fact, seal, applied=False)

    def _compare_marks(self, fact: Fact, seal: SealSaid, known: _Known) -> None:
        if seal.mark is not None and known.mark not in (None, seal.mark):
            message = (
                f"{fact.by} found seal {seal.number} with the mark {seal.mark}, and the one that was put on "
                f"has {known.mark}: the number is copied"
            )
            self._complain("seal-cloned", message, fact, known)
        known.mark = known.mark or seal.mark

    # What is taken off and put on.

    def _may_open(self, fact: Fact, changes: bool) -> bool:
        """Return whether a statement may take seals off; complain of one that says too little."""
        if fact.kind == INSPECTION:
            if changes and "reason" not in fact.values:
                message = f"the inspection by {fact.by} changes seals and gives no reason"
                self._complain("inspection-incomplete", message, fact)
            return True
        return fact.kind == STRIPPING and self._holder_at(fact.time) == fact.by

    def _remove(self, fact: Fact, seal: SealSaid, may_open: bool) -> None:
        named = {each.number for each in fact.seals("seals_found")}
        known = self._known.get(seal.number)
        if seal.number not in named:
            if known is None or known.state != _ON:
                known = self._meet_another(fact, seal, fact.seals("seals_removed"))
            self._compare_marks(fact, seal, known)
            if fact.kind == INSPECTION:
                message = (
                    f"the inspection by {fact.by} took seal {seal.number} off and does not name it as found"
                )
                self._complain("inspection-incomplete", message, fact)
        known = self._known[seal.number]
        if not may_open:
            code = "seal-replaced" if fact.seals("seals_applied") else "seal-removed"
            done = "replaced" if code == "seal-replaced" else "took off"
            message = f"{fact.by} {done} seal {seal.number} without an inspection"
            self._complain(code, message, fact, known)
        known.state = _FREED if may_open and fact.kind == STRIPPING else _OFF

    def _apply(self, fact: Fact, seal: SealSaid) -> None:
        known = self._known.get(seal.number)
        if known is not None and known.state == _ON:
            # Two say that they put the same seal on: packer and driver, say.
            self._compare_marks(fact, seal, known)
            return
        if known is not None:
            message = f"{fact.by} put seal {seal.number} on, which was {_gone(known)} before"
            self._complain("seal-cloned", message, fact, known)
        else:
            self._judge_slot(fact, seal)
        self._put_on(fact, seal, applied=True)

    def _judge_slot(self, fact: Fact, seal: SealSaid) -> None:
        """Complain of a seal that takes the place of another one without an inspection."""
        before = [
            known
            for known in self._known.values()
            if known.slot == (seal.on, seal.kind) and known.state != _FREED and known.fact is not fact
        ]
        still = [known for known in before if known.state == _ON]
        removed = {each.number for each in fact.seals("seals_removed")}
        if still:
            message = f"{fact.by} put seal {seal.number} where seal {still[0].said.number} was on"
            code = "inspection-incomplete" if fact.kind == INSPECTION else "seal-replaced"
            self._complain(code, message, fact, still[0])
            still[0].state = _OFF
        elif before and fact.kind != INSPECTION and not removed:
            last = before[-1]
            message = f"{fact.by} replaced seal {last.said.number} by {seal.number} without an inspection"
            self._complain("seal-replaced", message, fact, last)

    def _put_on(self, fact: Fact, seal: SealSaid, *, applied: bool) -> _Known:
        known = _Known(seal, _ON, seal.mark, fact, applied)
        self._known[seal.number] = known
        return known

    # What an inspection leaves behind.

    def _note_inspection(
        self, fact: Fact, found: Iterable[SealSaid], removed: Sequence[SealSaid], applied: Sequence[SealSaid]
    ) -> None:
        accepted_by = self._accepted_by(fact.time)
        inspection = Inspection(
            time=fact.time,
            by=fact.by,
            statement=fact.said.statement.id,
            reason=fact.values.get("reason"),
            found=tuple([seal.number for seal in found]),
            removed=tuple([seal.number for seal in removed]),
            applied=tuple([seal.number for seal in applied]),
            accepted_by=accepted_by,
        )
        self.inspections.append(inspection)
        if not removed and not applied:
            return
        if accepted_by is None:
            message = f"nobody has taken the container over since the inspection by {fact.by} changed seals"
            self._problems.append(warning("inspection-not-yet-accepted", message, fact.said))
        places = {seal.on for seal in removed}
        sealed = {known.said.on for known in self._known.values() if known.state == _ON}
        if places - sealed:
            unsealed = ", ".join(sorted(places - sealed))
            message = f"the inspection by {fact.by} took seals off and left the {unsealed} without one"
            self._problems.append(warning("seal-not-renewed", message, fact.said))

    def _complain(self, code: str, message: str, fact: Fact, known: _Known | None = None) -> None:
        said = [fact.said] if known is None or known.fact.said is fact.said else [known.fact.said, fact.said]
        self._problems.append(problem(code, message, *said))


def _gone(known: _Known) -> str:
    return {BROKEN: "broken", MISSING: "missing"}.get(known.state, "off")


def copied(boxes: Iterable[tuple[str, Iterable[SealEvent]]]) -> list[Problem]:
    """Return the seals that were put on two containers.

    Args:
        boxes: URI of each trip, and what was said of its seals.
    """
    first: dict[str, tuple[str, SealEvent]] = {}
    found = []
    for trip, events in boxes:
        for event in events:
            if event.what != "applied":
                continue
            other, before = first.setdefault(event.seal.number, (trip, event))
            if other != trip:
                message = f"seal {event.seal.number} was put on {other} and on {trip}"
                found.append(Problem("seal-cloned", message, (before.statement, event.statement)))
    return found
