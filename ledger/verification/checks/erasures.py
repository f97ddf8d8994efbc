"""Which items were erased, as far as a dossier tells: an erasure under a legal hold erased nothing.

The log's order decides between both, as it does for whoever keeps evidence for others (formats, section 18).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledger.domain.erasure import ERASURE, Erased, erased
from ledger.domain.errors import CorridorError, MalformedError
from ledger.domain.evidence import items
from ledger.domain.legal_hold import LEGAL_HOLD, LEGAL_HOLD_ENDED, Hold, lifted
from ledger.domain.moment import happened_at
from ledger.verification.facts import Said


@dataclass(frozen=True, slots=True)
class Erasure:
    """When an organisation erased an item, POSIX seconds."""

    by: str
    time: float


@dataclass(frozen=True, slots=True)
class _Claim:
    index: int
    subjects: frozenset[str]
    commitment: bytes


@dataclass(frozen=True, slots=True)
class _InForce:
    """A hold, from behind its index to before that of its end, None when nobody lifted it."""

    hold: Hold
    subjects: frozenset[str]
    index: int
    ended: int | None

    def holds(self, claims: Sequence[_Claim], index: int) -> bool:
        """Return whether it forbids to erase, at an index, what these claims claim."""
        if not self.index < index or (self.ended is not None and self.ended < index):
            return False
        about = any(not self.subjects.isdisjoint(one.subjects) for one in claims)
        return about and any(self.hold.covers(one.commitment) for one in claims)


def erasures(said: Sequence[Said]) -> dict[tuple[str, Erased], Erasure]:
    """Return the first erasure of each item by each organisation that was not void.

    Args:
        said: The statements, as far as the reader may know them.
    """
    claims, holds = _claims(said), list(_holds(said))
    found: dict[tuple[str, Erased], Erasure] = {}
    for one in sorted(said, key=lambda one: one.index):
        for item in _named(one):
            before = [claim for claim in claims.get(item.cid, ()) if claim.index < one.index]
            if not any(hold.holds(before, one.index) for hold in holds):
                time = happened_at(one.statement, one.body)
                found.setdefault((one.statement.iss, item), Erasure(one.statement.iss, time))
    return found


def _named(one: Said) -> tuple[Erased, ...]:
    if one.statement.kind != ERASURE:
        return ()
    try:
        return erased(one.body)
    except MalformedError:
        # What cannot be read erased nothing.
        return ()


def _claims(said: Sequence[Said]) -> Mapping[str, list[_Claim]]:
    """Return the claims of each CID, whoever makes them."""
    found: dict[str, list[_Claim]] = {}
    for one in said:
        try:
            claimed = items(one.body)
        except CorridorError:
            # The check says so for itself.
            continue
        for item in claimed:
            claim = _Claim(one.index, frozenset(one.statement.subjects), item.commitment)
            found.setdefault(item.cid, []).append(claim)
    return found


def _holds(said: Sequence[Said]) -> Iterator[_InForce]:
    ends = {(one.statement.iss, hold): one.index for one, hold in sorted(_lifts(said), key=_latest_first)}
    for one in said:
        if one.statement.kind != LEGAL_HOLD:
            continue
        try:
            hold = Hold.parse(one.body)
        except MalformedError:
            continue
        ended = ends.get((one.statement.iss, one.statement.id))
        yield _InForce(hold, frozenset(one.statement.subjects), one.index, ended)


def _lifts(said: Sequence[Said]) -> Iterator[tuple[Said, bytes]]:
    for one in said:
        if one.statement.kind == LEGAL_HOLD_ENDED:
            try:
                yield one, lifted(one.statement).hold
            except MalformedError:
                continue


def _latest_first(lift: tuple[Said, bytes]) -> int:
    return -lift[0].index
