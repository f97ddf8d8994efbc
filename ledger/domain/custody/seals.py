"""Seals of one container: which are on, and which changes an authority's inspection accounts for."""

from collections.abc import Callable, Iterable, Sequence

from ledger.domain.custody.known_seals import FREED, OFF, ON, KnownSeal, KnownSeals
from ledger.domain.custody.members import BROKEN, INTACT, MISSING, Fact, SealSaid
from ledger.domain.custody.problem import Problem, problem, warning
from ledger.domain.custody.seal_records import Inspection, Seal, SealEvent

INSPECTION = "inspection"
STRIPPING = "stripping"


class Seals:
    """The seals of one container, followed through the facts in their order: `follow` each, then read.

    Args:
        holder_at: Who held the container at a time, POSIX seconds.
        accepted_by: Who took it over next at or after a time, None when nobody did yet.
        pictured: Ids of the statements that have pictures.
        problems: Receives what should not be.
    """

    def __init__(
        self,
        holder_at: Callable[[float], str | None],
        accepted_by: Callable[[float], str | None],
        pictured: frozenset[bytes],
        problems: list[Problem],
    ) -> None:
        self.events: list[SealEvent] = []
        self.inspections: list[Inspection] = []
        self._holder_at = holder_at
        self._accepted_by = accepted_by
        self._pictured = pictured
        self._problems = problems
        self._known = KnownSeals()

    @property
    def on(self) -> tuple[Seal, ...]:
        """The seals that are on, by their numbers."""
        return tuple([_shown(known) for known in self._known.on()])

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

    # What is found.

    def _find(self, fact: Fact, seal: SealSaid, beside: Sequence[SealSaid]) -> None:
        known = self._known.get(seal.number)
        if known is not None and known.state == seal.state != INTACT:
            return
        if known is None or known.state != ON:
            known = self._meet_another(fact, seal, beside)
        self._compare_marks(fact, seal, known)
        if seal.state == BROKEN:
            self._complain("seal-broken", f"{fact.by} found seal {seal.number} broken", fact, known)
            self._known.turn(known, BROKEN)
        elif seal.state == MISSING:
            self._complain("seal-missing", f"{fact.by} did not find seal {seal.number} any more", fact, known)
            self._known.turn(known, MISSING)

    def _meet_another(self, fact: Fact, seal: SealSaid, beside: Sequence[SealSaid]) -> KnownSeal:
        """Complain of a seal that should not be there, and go on with it: one cheat is one complaint."""
        known = self._known.get(seal.number)
        instead = self._known.instead_of(seal, {each.number for each in beside})
        if instead is not None:
            message = f"{fact.by} found seal {seal.number} where seal {instead.said.number} had been put on"
            self._complain("seal-changed", message, fact, instead)
            self._known.turn(instead, OFF)
        elif known is not None:
            message = f"{fact.by} found seal {seal.number} on again, which was {_gone(known)} before"
            self._complain("seal-changed", message, fact, known)
        else:
            message = f"{fact.by} found seal {seal.number}, which nobody says to have put on"
            self._complain("seal-unknown", message, fact)
        return self._known.put_on(seal, fact, applied=False)

    def _compare_marks(self, fact: Fact, seal: SealSaid, known: KnownSeal) -> None:
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
            # A reason that only some are shown is not a missing one.
            if changes and "reason" not in fact.values and not fact.said.withholds:
                message = f"the inspection by {fact.by} changes seals and gives no reason"
                self._complain("inspection-incomplete", message, fact)
            return True
        return fact.kind == STRIPPING and self._holder_at(fact.time) == fact.by

    def _remove(self, fact: Fact, seal: SealSaid, may_open: bool) -> None:
        named = {each.number for each in fact.seals("seals_found")}
        known = self._known.get(seal.number)
        if seal.number not in named:
            if known is None or known.state != ON:
                known = self._meet_another(fact, seal, fact.seals("seals_removed"))
            self._compare_marks(fact, seal, known)
            if fact.kind == INSPECTION:
                message = (
                    f"the inspection by {fact.by} took seal {seal.number} off and does not name it as found"
                )
                self._complain("inspection-incomplete", message, fact)
        assert known is not None
        if not may_open:
            code = "seal-replaced" if fact.seals("seals_applied") else "seal-removed"
            done = "replaced" if code == "seal-replaced" else "took off"
            message = f"{fact.by} {done} seal {seal.number} without an inspection"
            self._complain(code, message, fact, known)
        self._known.turn(known, FREED if may_open and fact.kind == STRIPPING else OFF)

    def _apply(self, fact: Fact, seal: SealSaid) -> None:
        known = self._known.get(seal.number)
        if known is not None and known.state == ON:
            # Two say that they put the same seal on: packer and driver, say.
            self._compare_marks(fact, seal, known)
            return
        if known is not None:
            message = f"{fact.by} put seal {seal.number} on, which was {_gone(known)} before"
            self._complain("seal-cloned", message, fact, known)
        else:
            self._judge_slot(fact, seal)
        self._known.put_on(seal, fact, applied=True)

    def _judge_slot(self, fact: Fact, seal: SealSaid) -> None:
        """Complain of a seal that takes the place of another one without an inspection."""
        still, last = self._known.first_on(seal, but=fact), self._known.last_in(seal, but=fact)
        if still is not None:
            message = f"{fact.by} put seal {seal.number} where seal {still.said.number} was on"
            code = "inspection-incomplete" if fact.kind == INSPECTION else "seal-replaced"
            self._complain(code, message, fact, still)
            self._known.turn(still, OFF)
        elif last is not None and fact.kind != INSPECTION and not fact.seals("seals_removed"):
            message = f"{fact.by} replaced seal {last.said.number} by {seal.number} without an inspection"
            self._complain("seal-replaced", message, fact, last)

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
            pictured=fact.said.statement.id in self._pictured,
            accepted_by=accepted_by,
        )
        self.inspections.append(inspection)
        if not removed and not applied:
            return
        if accepted_by is None:
            message = f"nobody has taken the container over since the inspection by {fact.by} changed seals"
            self._problems.append(warning("inspection-not-yet-accepted", message, fact.said))
        if not inspection.pictured:
            message = f"the inspection by {fact.by} changed seals and no picture shows them"
            self._problems.append(warning("inspection-not-pictured", message, fact.said))
        bare = [on for on in sorted({seal.on for seal in removed}) if not self._known.keeps_shut(on)]
        if bare:
            unsealed = ", ".join(bare)
            message = f"the inspection by {fact.by} took seals off and left the {unsealed} without one"
            self._problems.append(warning("seal-not-renewed", message, fact.said))

    def _complain(self, code: str, message: str, fact: Fact, known: KnownSeal | None = None) -> None:
        said = [fact.said] if known is None or known.fact.said is fact.said else [known.fact.said, fact.said]
        self._problems.append(problem(code, message, *said))


def _shown(known: KnownSeal) -> Seal:
    said, signed = known.said, known.fact.said.statement
    return Seal(
        number=said.number,
        on=said.on,
        kind=said.kind,
        standard=said.standard,
        mark=known.mark,
        since=known.fact.time,
        by=signed.iss,
        statement=signed.id,
        applied=known.applied,
    )


def _gone(known: KnownSeal) -> str:
    return {BROKEN: "broken", MISSING: "missing"}.get(known.state, "off")
