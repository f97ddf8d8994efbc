"""Who held a subject when: hand-overs paired by their terms, and the line of holders (formats, section 13).

The order of a line is that of the agreed times, not that of the log: a gate without a network reports late.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.domain.custody.problem import Problem, problem
from ledger.domain.custody.rules import Level, Rules
from ledger.domain.custody.said import Said
from ledger.domain.errors import MalformedError
from ledger.domain.hand_over import HAND_OVER, Claim, Result, Role, Terms
from ledger.domain.subject import SUBJECT_OPENED, Subject

MACHINE_KINDS = frozenset(("gate-passage", "scan", "radiation", "video", "loading", "temperature-log"))
"""Kinds that a machine records without either party's word."""
_NO_RULES = Rules()


@dataclass(frozen=True, slots=True)
class HandOver:
    """All that was said under one set of terms.

    Args:
        terms_hash: Hash of the terms, 32 bytes.
        terms: The terms, None when every statement withholds them.
        level: How well it is shown.
        giver: URI of the organisation that gives, None when nobody disclosed it.
        taker: URI of the organisation that takes, None when nobody disclosed it.
        at: When it was, POSIX seconds: as agreed, or as signed where the terms are withheld.
        remarked: Whether a party accepted with remarks.
        said: What was said, at most one statement of each party, in the order of the log.
    """

    terms_hash: bytes
    terms: Terms | None
    level: Level
    giver: str | None
    taker: str | None
    at: float
    remarked: bool
    said: tuple[Said, ...]

    @property
    def taker_signed(self) -> bool:
        """Whether the taker is among those who signed."""
        return any(one.body["role"] == Role.TAKER for one in self.said)


@dataclass(frozen=True, slots=True)
class Custody:
    """The line of holders of one subject.

    Args:
        subject: URI of the subject.
        holders: Who held it, the opener first, the present holder last; empty when nobody opened it.
        hand_overs: In the order of their times.
        problems: Empty for an unbroken line.
    """

    subject: str
    holders: tuple[str, ...]
    hand_overs: tuple[HandOver, ...]
    problems: tuple[Problem, ...]

    @property
    def holder(self) -> str | None:
        """The present holder, None when it is not known."""
        return self.holders[-1] if self.holders else None


def custody_of(subject: str, said: Iterable[Said], rules: Rules = _NO_RULES) -> Custody:
    """Draw the line of custody of one subject from what was said of it.

    Args:
        subject: URI of the subject.
        said: Logged statements, revealed as far as the reader may see; those of other subjects do not count.
        rules: Those of the corridor.
    """
    about = sorted((one for one in said if subject in one.statement.subjects), key=lambda one: one.index)
    problems: list[Problem] = []
    claims = _claims(subject, about, problems)
    machine = [one for one in about if one.statement.kind in MACHINE_KINDS]
    groups: dict[bytes, list[tuple[Said, Claim]]] = {}
    for one, claim in claims:
        groups.setdefault(claim.terms_hash, []).append((one, claim))
    hand_overs = sorted((_pair(group, machine, problems) for group in groups.values()), key=_order)
    line = _Line(_opener(subject, about, problems), rules, problems)
    for hand_over in hand_overs:
        line.follow(hand_over)
    return Custody(subject, tuple(line.holders), tuple(hand_overs), tuple(problems))


def _opener(subject: str, about: Sequence[Said], problems: list[Problem]) -> str | None:
    name = Subject.parse(subject)
    for one in about:
        opening = one.statement
        opens = opening.kind == SUBJECT_OPENED and opening.sub == subject and len(opening.streams) == 1
        if opens and name.opened_by(opening.iss, opening.streams[0]):
            return opening.iss
    problems.append(
        problem("subject-not-opened", f"no statement opens {subject}: its first holder is not known")
    )
    return None


def _claims(subject: str, about: Sequence[Said], problems: list[Problem]) -> list[tuple[Said, Claim]]:
    """Return the hand-over statements that count, each with what it claims."""
    hand_overs = [one for one in about if one.statement.kind == HAND_OVER]
    by_id = {one.statement.id: one for one in hand_overs}
    corrected = set()
    for one in hand_overs:
        earlier = by_id.get(one.statement.corrects or b"")
        if earlier is not None and earlier.statement.iss == one.statement.iss:
            corrected.add(earlier.statement.id)
    claims = []
    for one in hand_overs:
        if one.statement.id in corrected:
            continue
        try:
            claim = Claim.parse(one.body)
        except MalformedError as error:
            problems.append(problem("handover-malformed", f"a hand-over cannot be read: {error}", one))
            continue
        if claim.terms is not None and subject not in claim.terms.subjects:
            message = f"{one.statement.iss} signed terms that are about other things than {subject}"
            problems.append(problem("handover-other-subject", message, one))
        elif claim.terms is not None and one.statement.iss != _party(claim.terms, claim.role):
            message = f"{one.statement.iss} signed as {claim.role} of terms between others"
            problems.append(problem("handover-not-party", message, one))
        else:
            claims.append((one, claim))
    return claims


def _pair(group: list[tuple[Said, Claim]], machine: Sequence[Said], problems: list[Problem]) -> HandOver:
    """Return the hand-over that the claims under one set of terms make."""
    terms = next((claim.terms for _, claim in group if claim.terms is not None), None)
    parties: dict[Role, str | None] = {role: _party(terms, role) if terms else None for role in Role}
    latest: dict[Role, tuple[Said, Claim]] = {}
    for one, claim in group:
        named = parties[claim.role]
        # Whoever withholds the terms can still not sign for one whom the terms do not name.
        if named not in (None, one.statement.iss):
            message = f"{one.statement.iss} signed as {claim.role} of terms between others"
            problems.append(problem("handover-not-party", message, one))
            continue
        parties[claim.role] = one.statement.iss
        before = latest.get(claim.role)
        if before is not None and before[1].result != claim.result:
            message = (
                f"{one.statement.iss} said first {before[1].result} and then {claim.result} of the same terms"
            )
            problems.append(problem("handover-contradicted", message, before[0], one))
        latest[claim.role] = (one, claim)
    said = tuple(sorted((one for one, _ in latest.values()), key=lambda one: one.index))
    results = [claim.result for _, claim in latest.values()]
    return HandOver(
        terms_hash=group[0][1].terms_hash,
        terms=terms,
        level=_level(said, results, machine),
        giver=parties[Role.GIVER],
        taker=parties[Role.TAKER],
        at=terms.at.timestamp() if terms else float(min(one.statement.iat for one, _ in group)),
        remarked=Result.ACCEPTED_WITH_REMARKS in results,
        said=said,
    )


def _level(said: Sequence[Said], results: Sequence[Result], machine: Sequence[Said]) -> Level:
    if Result.REFUSED in results:
        return Level.REFUSED
    if len(said) == len(Role):
        return Level.BOTH
    ids = {one.statement.id for one in said}
    named = {reference.id for one in said for reference in one.statement.references}
    for record in machine:
        if record.statement.id in named or any(r.id in ids for r in record.statement.references):
            return Level.ONE_AND_MACHINE
    return Level.ONE


class _Line:
    """The line of holders, drawn hand-over by hand-over.

    It moves on from the present holder and from nobody else, whatever two others agree on. What hangs loose
    is complained of once, where it begins.
    """

    def __init__(self, opener: str | None, rules: Rules, problems: list[Problem]) -> None:
        self.holders = [] if opener is None else [opener]
        self._rules = rules
        self._problems = problems
        self._loose: set[str | None] = set()

    def follow(self, hand_over: HandOver) -> None:
        giver, taker = hand_over.giver, hand_over.taker
        shown = f"the hand-over from {giver or 'somebody'} to {taker or 'somebody'}"
        if hand_over.level is Level.REFUSED:
            self._complain("handover-refused", f"{shown} was refused", hand_over)
        elif giver is not None and giver == taker:
            self._complain("handover-to-self", f"{giver} handed over to itself", hand_over)
        elif not self._is_accepted(hand_over):
            least = self._least_of(hand_over)
            message = f"{shown} is shown by {hand_over.level} only; the least that is taken is {least}"
            self._complain("handover-unaccepted", message, hand_over)
        else:
            self._move(giver, taker, shown, hand_over)

    def _is_accepted(self, hand_over: HandOver) -> bool:
        # One who only says that it gave may have left the box on the road: nobody else is the holder by that.
        one_sided = hand_over.level is Level.ONE and not hand_over.taker_signed
        return not one_sided and hand_over.level.reaches(self._least_of(hand_over))

    def _least_of(self, hand_over: HandOver) -> Level:
        return self._rules.least_of(hand_over.terms.place if hand_over.terms else None)

    def _move(self, giver: str | None, taker: str | None, shown: str, hand_over: HandOver) -> None:
        if not self.holders and giver is not None:
            self.holders = [giver]
        if giver is not None and taker is not None and giver == self.holders[-1]:
            self.holders.append(taker)
            return
        if giver is None or giver not in self._loose:
            held = f"{self.holders[-1]} held it" if self.holders else "nobody is known to have held it"
            if giver in self.holders:
                self._complain(
                    "handover-competing", f"{shown} comes after {giver} had handed over; {held}", hand_over
                )
            else:
                self._complain("handover-gap", f"{shown} does not come from the holder; {held}", hand_over)
        self._loose.discard(giver)
        self._loose.add(taker)

    def _complain(self, code: str, message: str, hand_over: HandOver) -> None:
        self._problems.append(problem(code, message, *hand_over.said))


def _party(terms: Terms, role: Role) -> str:
    return terms.giver if role is Role.GIVER else terms.taker


def _order(hand_over: HandOver) -> tuple[float, int]:
    return hand_over.at, hand_over.said[0].index
