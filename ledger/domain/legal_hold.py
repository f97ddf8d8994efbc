"""Legal holds: an authority forbids the erasure of evidence until it lifts that (formats, section 18)."""

from dataclasses import dataclass
from typing import Any, Final, Self

from ledger.domain import fields
from ledger.domain.errors import MalformedError
from ledger.domain.evidence import COMMITMENT_SIZE
from ledger.domain.statement import Statement

LEGAL_HOLD: Final = "legal-hold"
"""Kind of the statement that forbids erasure."""
LEGAL_HOLD_ENDED: Final = "legal-hold-ended"
"""Kind of the statement that allows it again."""
LIFTS: Final = "lifts"
"""Relation from the end of a hold to the hold."""
MAX_HELD: Final = 1000
"""Items that one hold names."""

_ANY_KIND = ("occurred_at", "evidence", "remarks")


@dataclass(frozen=True, slots=True)
class Hold:
    """What the body of a legal hold says.

    Args:
        items: Commitments of the items that it covers, 32 bytes each; None when it covers everything that is
            claimed about its subjects, at any time.
        reason: In words; None when it is not told.
    """

    items: frozenset[bytes] | None
    reason: str | None = None

    @classmethod
    def parse(cls, body: object, where: str = "body") -> Self:
        """Read a body.

        Args:
            body: As revealed. What it covers has to be there, the reason need not.
            where: What to call it in a complaint.

        Raises:
            MalformedError: It has both or neither of `items` and `all`, or another member is wrong.
        """
        said = fields.exactly_at(body, (), where, optional=("items", "all", "reason", *_ANY_KIND))
        if ("items" in said) == ("all" in said):
            message = f'{where} must have either "items" or "all": true, in the clear'
            raise MalformedError("malformed-field", message, field=f"{where}.items")
        if "all" in said and said["all"] is not True:
            raise MalformedError("malformed-field", f"{where}.all must be true", field=f"{where}.all")
        reason = fields.text(said["reason"], f"{where}.reason", longest=500) if "reason" in said else None
        return cls(_items(said["items"], f"{where}.items") if "items" in said else None, reason)

    def covers(self, commitment: bytes) -> bool:
        """Return whether an item that is claimed about one of its subjects may not be erased."""
        return self.items is None or commitment in self.items

    def to_json(self) -> dict[str, Any]:
        """Return the members of a body."""
        told = {} if self.reason is None else {"reason": self.reason}
        if self.items is None:
            return {"all": True} | told
        return {"items": sorted(one.hex() for one in self.items)} | told


@dataclass(frozen=True, slots=True)
class Lift:
    """That a hold is over.

    Args:
        hold: Id of the statement that placed it, 32 bytes.
    """

    hold: bytes


def lifted(statement: Statement) -> Lift:
    """Return which hold a statement lifts.

    Raises:
        MalformedError: It refers to none, or to several.
    """
    named = [one.id for one in statement.references if one.rel == LIFTS]
    if len(named) != 1:
        message = f'a {LEGAL_HOLD_ENDED} must refer with "{LIFTS}" to the one hold that it lifts'
        raise MalformedError("malformed-field", message, field="references")
    return Lift(named[0])


def _items(value: object, where: str) -> frozenset[bytes]:
    listed = fields.array(value, where)
    if not 1 <= len(listed) <= MAX_HELD:
        message = f"{where} must be 1 to {MAX_HELD} commitments; hold the others by another statement"
        raise MalformedError("malformed-field", message, field=where)
    read = [fields.from_hex(one, COMMITMENT_SIZE, f"{where}.{place}") for place, one in enumerate(listed)]
    if len(set(read)) != len(read):
        raise MalformedError("malformed-field", f"{where} names an item twice", field=where)
    return frozenset(read)
