"""What a statement of kind `disclosure-record` says when evidence is handed on: to whom, and which items
(formats, section 18).
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger.domain import fields
from ledger.domain.errors import MalformedError
from ledger.domain.evidence import COMMITMENT_SIZE

DISCLOSURE_RECORD: Final = "disclosure-record"
"""Kind of the statement."""
MAX_ITEMS: Final = 3_500
"""Items of one record: 67 bytes each leave the largest statement room for everything else in it."""

_ANY_KIND = ("occurred_at", "remarks")


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What a record says.

    Args:
        to: URI of the organisation that the items were made readable for.
        items: Their commitments, 32 bytes each.
        purpose: What for, None if that is not said.
    """

    to: str
    items: frozenset[bytes]
    purpose: str | None = None

    @classmethod
    def parse(cls, body: object, where: str = "body") -> "Disclosed":
        """Read a body.

        Args:
            body: As revealed; all of it has to be there.
            where: What to call it in a complaint.

        Raises:
            MalformedError: A member that is missing, unknown or of another form, or an item twice. `field`
                says which member.
        """
        said = fields.exactly_at(body, ("to", "items"), where, optional=("purpose", *_ANY_KIND))
        purpose = fields.text(said["purpose"], f"{where}.purpose", longest=500) if "purpose" in said else None
        return cls(
            fields.organisation(said["to"], f"{where}.to"), _items(said["items"], f"{where}.items"), purpose
        )

    def to_json(self) -> dict[str, Any]:
        """Return the members of a body."""
        said = {"to": self.to, "items": sorted(one.hex() for one in self.items)}
        return said if self.purpose is None else said | {"purpose": self.purpose}


def _items(value: object, field: str) -> frozenset[bytes]:
    listed = fields.array(value, field)
    if not 1 <= len(listed) <= MAX_ITEMS:
        raise MalformedError("malformed-field", f"{field} must be 1 to {MAX_ITEMS} commitments", field=field)
    found = [fields.from_hex(one, COMMITMENT_SIZE, f"{field}.{place}") for place, one in enumerate(listed)]
    if len(set(found)) != len(found):
        raise MalformedError("malformed-field", f"{field} names one item twice", field=field)
    return frozenset(found)
