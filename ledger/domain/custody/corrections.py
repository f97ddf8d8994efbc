"""Which statements count after corrections: nothing is deleted, what was corrected stays on record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.domain.custody.problem import Problem, warning
from ledger.domain.custody.rules import Rules
from ledger.domain.custody.said import Said
from ledger.domain.hand_over import HAND_OVER
from ledger.domain.subject import STREAM_OPENED, SUBJECT_OPENED

_NEVER = (SUBJECT_OPENED, STREAM_OPENED)


@dataclass(frozen=True, slots=True)
class Correction:
    """That a statement no longer counts.

    Args:
        statement: Its id, 32 bytes.
        by: Id of the statement that counts in its place, 32 bytes.
    """

    statement: bytes
    by: bytes


def standing(
    about: Sequence[Said], rules: Rules, problems: list[Problem]
) -> tuple[list[Said], tuple[Correction, ...]]:
    """Return the statements that count, in their order, and what became of the others.

    Of several corrections that go back to one statement, the one signed last counts.

    Args:
        about: What was said of one subject.
        rules: Those of the corridor: who besides its signer may correct what.
        problems: Receives what is noticed.
    """
    if all(one.statement.corrects is None for one in about):
        return list(about), ()
    by_id = {one.statement.id: one for one in about}
    origin: dict[bytes, bytes] = {}
    for one in about:
        earlier = by_id.get(one.statement.corrects or b"")
        if earlier is None:
            continue
        if _may_correct(one, earlier, rules):
            origin[one.statement.id] = earlier.statement.id
        else:
            message = (
                f"{one.statement.iss} may not correct the {earlier.statement.kind} of {earlier.statement.iss}"
            )
            problems.append(warning("correction-not-entitled", message, earlier, one))
    families: dict[bytes, list[Said]] = {}
    corrected = set(origin.values())
    first: dict[bytes, bytes] = {}
    for ident in dict.fromkeys([*origin.values(), *origin]):
        families.setdefault(_first(ident, origin, first), []).append(by_id[ident])
    gone: dict[bytes, bytes] = {}
    for family in families.values():
        newest = sorted((one for one in family if one.statement.id not in corrected), key=_signed)
        if len(newest) > 1:
            kind = newest[-1].statement.kind
            message = f"{kind} statements correct the same one in different ways; the last counts"
            problems.append(warning("correction-competing", message, *newest))
        last = newest[-1].statement.id
        gone |= {one.statement.id: last for one in family if one.statement.id != last}
    counting = [one for one in about if one.statement.id not in gone]
    return counting, tuple([Correction(*pair) for pair in sorted(gone.items())])


def _signed(one: Said) -> tuple[int, int]:
    return one.statement.iat, one.index


def _may_correct(one: Said, earlier: Said, rules: Rules) -> bool:
    kind, other = one.statement.kind, earlier.statement.kind
    if other in _NEVER:
        return False
    same = one.statement.iss == earlier.statement.iss
    if HAND_OVER in (kind, other):
        return same and kind == other
    return same or kind in rules.correctors.get(other, ())


def _first(ident: bytes, origin: Mapping[bytes, bytes], first: dict[bytes, bytes]) -> bytes:
    """Return what a statement goes back to; `first` keeps it, so that a long chain is walked once."""
    walked = []
    while ident in origin and ident not in first:
        walked.append(ident)
        ident = origin[ident]
    root = first.get(ident, ident)
    first |= dict.fromkeys(walked, root)
    return root
