"""Hand-overs: what was said under the same terms, put together (formats, section 13)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.domain.custody.problem import Problem, problem
from ledger.domain.custody.rules import Level
from ledger.domain.custody.said import Said
from ledger.domain.errors import MalformedError
from ledger.domain.hand_over import HAND_OVER, Claim, Result, Role, Terms

MACHINE_KINDS = frozenset(("gate-passage", "scan", "radiation", "video", "loading", "temperature-log"))
"""Kinds that a machine records without a party's word."""


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
        said: What was said, at most one statement of each party, in the order of signing.
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

    @property
    def place(self) -> str | None:
        """Where it was, None where the terms are withheld."""
        return None if self.terms is None else self.terms.place

    def accepted_at(self, least: Level) -> bool:
        """Return whether it moves the line where this is the weakest level that is taken."""
        # One who only says that it gave may have left the box on the road: nobody else is the holder by that.
        one_sided = self.level is Level.ONE and not self.taker_signed
        return self.level is not Level.REFUSED and not one_sided and self.level.reaches(least)


@dataclass(frozen=True, slots=True)
class Doubt:
    """That a hand-over statement does not count.

    Args:
        code: Why, as problems have it.
        message: One sentence for people.
        said: The statement.
        terms_hash: The terms that it signs, 32 bytes; None when it cannot be read.
    """

    code: str
    message: str
    said: Said
    terms_hash: bytes | None = None


def hand_overs_of(
    subject: str, standing: Iterable[Said], doubts: list[Doubt], problems: list[Problem]
) -> list[HandOver]:
    """Return the hand-overs of a subject in the order of their times.

    Args:
        subject: URI of the subject.
        standing: The statements about it that count.
        doubts: Receives the statements that do not count.
        problems: Receives what contradicts itself.
    """
    about = sorted(standing, key=_signed)
    machines = _Machines(one for one in about if one.statement.kind in MACHINE_KINDS)
    groups: dict[bytes, list[tuple[Said, Claim]]] = {}
    for one, claim in _claims(subject, about, doubts):
        groups.setdefault(claim.terms_hash, []).append((one, claim))
    paired = [_pair(group, machines, doubts, problems) for group in groups.values()]
    return sorted((each for each in paired if each is not None), key=_order)


def _signed(one: Said) -> tuple[int, int]:
    return one.statement.iat, one.index


def _order(hand_over: HandOver) -> tuple[float, int, int]:
    return hand_over.at, *_signed(hand_over.said[0])


def _claims(subject: str, about: Sequence[Said], doubts: list[Doubt]) -> list[tuple[Said, Claim]]:
    """Return the hand-over statements that can be read and are about the subject, each with its claim."""
    claims = []
    for one in about:
        if one.statement.kind != HAND_OVER:
            continue
        try:
            claim = Claim.parse(one.body)
        except MalformedError as error:
            message = f"a hand-over by {one.statement.iss} cannot be read: {error}"
            doubts.append(Doubt("handover-malformed", message, one))
            continue
        if claim.terms is not None and subject not in claim.terms.subjects:
            message = f"{one.statement.iss} signed terms that are about other things than {subject}"
            doubts.append(Doubt("handover-other-subject", message, one, claim.terms_hash))
        elif claim.terms is not None and one.statement.iss != _party(claim.terms, claim.role):
            doubts.append(_not_party(one, claim))
        else:
            claims.append((one, claim))
    return claims


def _pair(
    group: list[tuple[Said, Claim]], machines: "_Machines", doubts: list[Doubt], problems: list[Problem]
) -> HandOver | None:
    """Return the hand-over that the claims under one set of terms make."""
    terms = next((claim.terms for _, claim in group if claim.terms is not None), None)
    parties: dict[Role, str | None] = {role: _party(terms, role) if terms else None for role in Role}
    latest: dict[Role, tuple[Said, Claim]] = {}
    for one, claim in group:
        named = parties[claim.role]
        # Whoever withholds the terms can still not sign for one whom the terms do not name.
        if named not in (None, one.statement.iss):
            doubts.append(_not_party(one, claim))
            continue
        parties[claim.role] = one.statement.iss
        before = latest.get(claim.role)
        if before is not None and before[1].result != claim.result:
            message = (
                f"{one.statement.iss} said first {before[1].result} and then {claim.result} of the same terms"
            )
            problems.append(problem("handover-contradicted", message, before[0], one))
        latest[claim.role] = (one, claim)
    if not latest:
        return None
    said = tuple(sorted((one for one, _ in latest.values()), key=_signed))
    results = [claim.result for _, claim in latest.values()]
    return HandOver(
        terms_hash=group[0][1].terms_hash,
        terms=terms,
        level=_level(said, results, machines),
        giver=parties[Role.GIVER],
        taker=parties[Role.TAKER],
        at=terms.at.timestamp() if terms else float(said[0].statement.iat),
        remarked=Result.ACCEPTED_WITH_REMARKS in results,
        said=said,
    )


class _Machines:
    """What machines recorded, ready to be asked for each hand-over."""

    def __init__(self, records: Iterable[Said]) -> None:
        self._owner: dict[bytes, str] = {}
        self._naming: dict[bytes, set[str]] = {}
        for record in records:
            statement = record.statement
            self._owner[statement.id] = statement.iss
            for reference in statement.references:
                self._naming.setdefault(reference.id, set()).add(statement.iss)

    def show(self, one: Said) -> bool:
        """Return whether a machine of another organisation shows what a statement says."""
        statement = one.statement
        owners = {self._owner.get(reference.id, statement.iss) for reference in statement.references}
        # A machine of the one who signed says no more than its owner does.
        return bool((owners | self._naming.get(statement.id, set())) - {statement.iss})


def _level(said: Sequence[Said], results: Sequence[Result], machines: _Machines) -> Level:
    if Result.REFUSED in results:
        return Level.REFUSED
    if len(said) == len(Role):
        return Level.BOTH
    return Level.ONE_AND_MACHINE if machines.show(said[0]) else Level.ONE


def _party(terms: Terms, role: Role) -> str:
    return terms.giver if role is Role.GIVER else terms.taker


def _not_party(one: Said, claim: Claim) -> Doubt:
    message = f"{one.statement.iss} signed as {claim.role} of terms between others"
    return Doubt("handover-not-party", message, one, claim.terms_hash)
