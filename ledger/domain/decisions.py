"""Which decisions on a shipment are in force, and whether it may be delivered (formats, section 24).

Each decision stands for the subjects that it names. What blocks delivery stays in force until the same
authority releases what it named, or takes it back by a reference `reverses`; a release with such references
ends those decisions only. What one authority says never ends what another one said.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ledger.domain.custody.said import Said
from ledger.domain.decision import BLOCKED, DECISION, DELIVERY, FREE, REVERSES, WHY, Why, check_body
from ledger.domain.errors import MalformedError
from ledger.domain.moment import happened_at, shown_time

NONE: Final = "none"
"""Nobody has decided, or all that was decided was taken back."""

Binds = Callable[[str, str], bool]
"""Says of an organisation, by its URI, whether its decisions, `blocked` or `free`, bind who delivers."""


class State(StrEnum):
    """What became of a decision."""

    IN_FORCE = "in-force"
    REPLACED = "replaced"
    REVERSED = "reversed"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as far as it is told.

    Args:
        said: The statement.
        delivery: `blocked` or `free`.
        why: What else is told of it; None to those who are not shown it.
        state: What became of it.
        stands_for: URIs of the subjects for which it is in force.
        reverses: Ids of earlier decisions that it takes back, 32 bytes each.
    """

    said: Said
    delivery: str
    why: Why | None
    state: State
    stands_for: tuple[str, ...]
    reverses: tuple[bytes, ...] = ()

    @property
    def by(self) -> str:
        """URI of the authority."""
        return self.said.statement.iss

    @property
    def at(self) -> float:
        """When it was decided, as claimed, POSIX seconds."""
        return happened_at(self.said.statement, self.said.body)

    def to_json(self) -> dict[str, Any]:
        """Return it as the service shows it."""
        statement, why = self.said.statement, self.why
        source = None if why is None or why.source is None else why.source
        return {
            "statement": statement.id.hex(),
            "by": self.by,
            "at": shown_time(self.at),
            "subjects": list(statement.subjects),
            "delivery": self.delivery,
            "decision": None if why is None else why.decision,
            "type": None if why is None else why.type,
            "reason": None if why is None else why.reason,
            "reference": None if why is None else why.reference,
            "source": None if source is None else {"system": source.system, "reference": source.reference},
            "state": self.state.value,
            "stands_for": list(self.stands_for),
            "reverses": [one.hex() for one in self.reverses],
            "corrects": None if statement.corrects is None else statement.corrects.hex(),
        }


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided on a shipment.

    Args:
        delivery: `blocked` while a decision in force of an authority that binds blocks it; else `free` when
            one frees it; else `none`.
        in_force: The newest of the decisions that make it so; without any, of those that do not bind.
        history: All of them, in the order in which they were decided.
    """

    delivery: str
    in_force: Decision | None
    history: tuple[Decision, ...]

    def to_json(self) -> dict[str, Any]:
        """Return them as the service shows them."""
        return {
            "delivery": self.delivery,
            "in_force": None if self.in_force is None else self.in_force.to_json(),
            "history": [one.to_json() for one in self.history],
        }


def every_authority(_organisation: str, _delivery: str) -> bool:
    """Let every authority bind: what is done where nobody knows their roles."""
    return True


def decisions_of(said: Iterable[Said], binds: Binds = every_authority) -> Decisions:
    """Return what was decided, drawn from statements as one reader sees them.

    Of one authority the order is that of signing, then that of the log; a correction stands where the
    decision stands that it corrects.

    Args:
        said: Statements about the shipment, of any kind, in any order.
        binds: Whose decisions bind who delivers.
    """
    by_id = {one.statement.id: one for one in said}
    counting, gone = _standing(by_id)
    reversed_ = {
        earlier
        for one in counting
        for earlier in _reverses(one)
        if (there := by_id.get(earlier)) is not None and _is_earlier(there, one)
    }
    in_force = _in_force(counting, reversed_, by_id)
    history = tuple(
        [
            Decision(
                one,
                one.statement.body[DELIVERY],
                _why(one),
                _state(one.statement.id, in_force, reversed_, gone),
                in_force.get(one.statement.id, ()),
                _reverses(one),
            )
            for one in sorted(filter(_decides, by_id.values()), key=_order)
        ]
    )
    standing = [one for one in history if one.state is State.IN_FORCE]
    binding = [one for one in standing if binds(one.by, one.delivery)]
    for delivery in (BLOCKED, FREE):
        those = [one for one in binding if one.delivery == delivery]
        if those:
            return Decisions(delivery, those[-1], history)
    return Decisions(NONE, standing[-1] if standing else None, history)


def _decides(one: Said) -> bool:
    # By what everybody sees alone: two readers are never told different things to do.
    said = one.statement.body.get(DELIVERY)
    return one.statement.kind == DECISION and isinstance(said, str) and said in (BLOCKED, FREE)


def _order(one: Said) -> tuple[int, int]:
    return one.statement.iat, one.index


def _is_earlier(one: Said, other: Said) -> bool:
    return one.statement.iss == other.statement.iss and _order(one) < _order(other)


def _standing(by_id: dict[bytes, Said]) -> tuple[list[Said], set[bytes]]:
    """Return the decisions that were not corrected, in the order that counts, and the ids of the others."""
    families: dict[bytes, list[Said]] = {}
    for one in by_id.values():
        families.setdefault(_root(one, by_id), []).append(one)
    kept: list[tuple[tuple[int, int], Said]] = []
    gone: set[bytes] = set()
    for root, family in families.items():
        newest = max(family, key=_order)
        gone |= {one.statement.id for one in family if one is not newest}
        # One that was corrected by a statement of another kind, or by no decision, was withdrawn.
        if _decides(newest):
            kept.append((_order(by_id[root]), newest))
    return [one for _, one in sorted(kept, key=lambda pair: pair[0])], gone


def _root(one: Said, by_id: dict[bytes, Said]) -> bytes:
    """Return the id of what a statement goes back to by corrections of one and the same organisation."""
    while one.statement.corrects is not None:
        earlier = by_id.get(one.statement.corrects)
        if earlier is None or earlier.statement.kind != DECISION or not _is_earlier(earlier, one):
            break
        one = earlier
    return one.statement.id


def _reverses(one: Said) -> tuple[bytes, ...]:
    return tuple([ref.id for ref in one.statement.references if ref.rel == REVERSES])


def _in_force(
    counting: Sequence[Said], reversed_: set[bytes], by_id: dict[bytes, Said]
) -> dict[bytes, tuple[str, ...]]:
    """Return for the ids of the decisions in force the subjects for which they are."""
    active: dict[tuple[str, str], list[Said]] = {}
    for one in counting:
        if _root(one, by_id) in reversed_ or one.statement.id in reversed_:
            continue
        ends_all = one.statement.body[DELIVERY] == FREE and not _reverses(one)
        for key in [(one.statement.iss, subject) for subject in one.statement.subjects]:
            before = () if ends_all else active.get(key, ())
            blocks = [other for other in before if other.statement.body[DELIVERY] == BLOCKED]
            active[key] = [*blocks, one]
    stands: dict[bytes, tuple[str, ...]] = {}
    for (_, subject), standing in active.items():
        for one in standing:
            stands[one.statement.id] = (*stands.get(one.statement.id, ()), subject)
    return stands


def _state(
    identifier: bytes, in_force: dict[bytes, tuple[str, ...]], reversed_: set[bytes], gone: set[bytes]
) -> State:
    if identifier in in_force:
        return State.IN_FORCE
    if identifier in gone:
        return State.CORRECTED
    return State.REVERSED if identifier in reversed_ else State.REPLACED


def _why(one: Said) -> Why | None:
    """Return what else is told; what is malformed, or contradicts what everybody reads, is not."""
    try:
        check_body(one.statement, one.body)
    except MalformedError:
        return None
    return Why.parse(one.body[WHY], f"body.{WHY}") if WHY in one.body else None
