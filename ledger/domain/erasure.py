"""What a statement of kind `erasure` says: which items an organisation has destroyed its secrets of, and why.

The statement comes first and the destruction follows it, so that what is gone is always on record
(formats, section 18).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain import fields
from ledger.domain.errors import MalformedError
from ledger.domain.evidence import COMMITMENT_SIZE, checked_cid

ERASURE: Final = "erasure"
"""Kind of the statement."""
RETENTION, REQUEST, ORDER = "retention", "request", "order"
CAUSES: Final = (RETENTION, REQUEST, ORDER)
"""Why something is erased: its time is over, somebody asked for it, an authority or a court ordered it."""
MAX_ERASED: Final = 1000
"""Items of one statement."""

_ANY_KIND = ("occurred_at", "evidence", "remarks")


@dataclass(frozen=True, slots=True, order=True)
class Erased:
    """An item that its organisation has erased.

    Args:
        commitment: As in the statement that claims it, 32 bytes.
        cid: Of its sealed bytes, as there.
    """

    commitment: bytes
    cid: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """What the body of an erasure says.

    Args:
        items: What is erased, at least one, none twice.
        because: One of `CAUSES`.
        note: For people, None if nothing is said.
    """

    items: tuple[Erased, ...]
    because: str
    note: str | None = None

    @classmethod
    def parse(cls, body: object, where: str = "body") -> "Erasure":
        """Read a body.

        Args:
            body: As revealed; all of it has to be there, for the ledger acts upon it.
            where: What to call it in a complaint.

        Raises:
            MalformedError: A member that is missing, unknown or of another form, or an item twice. `field`
                says which member.
        """
        said = fields.exactly_at(body, ("items", "because"), where, optional=("note", *_ANY_KIND))
        because = said["because"]
        if because not in CAUSES:
            field = f"{where}.because"
            raise MalformedError(
                "malformed-field", f"{field} must be one of {', '.join(CAUSES)}", field=field
            )
        note = fields.text(said["note"], f"{where}.note", longest=500) if "note" in said else None
        return cls(_items(said["items"], f"{where}.items"), because, note)

    def to_json(self) -> dict[str, Any]:
        """Return the members of a body."""
        items = [{"commitment": one.commitment.hex(), "cid": one.cid} for one in self.items]
        noted = {} if self.note is None else {"note": self.note}
        return {"items": items, "because": self.because} | noted


def erased(body: Mapping[str, Any]) -> tuple[Erased, ...]:
    """Return what the revealed body of an erasure names.

    Raises:
        MalformedError: As `Erasure.parse`.
    """
    return Erasure.parse(body).items


def _items(value: object, where: str) -> tuple[Erased, ...]:
    listed = fields.array(value, where)
    if not 1 <= len(listed) <= MAX_ERASED:
        message = f"{where} must be 1 to {MAX_ERASED} items; say the others in another statement"
        raise MalformedError("malformed-field", message, field=where)
    read = tuple([_item(one, f"{where}.{place}") for place, one in enumerate(listed)])
    if len(set(read)) != len(read):
        raise MalformedError("malformed-field", f"{where} names an item twice", field=where)
    return read


def _item(value: object, where: str) -> Erased:
    members = fields.exactly_at(value, ("commitment", "cid"), where)
    commitment = fields.from_hex(members["commitment"], COMMITMENT_SIZE, f"{where}.commitment")
    try:
        return Erased(commitment, checked_cid(members["cid"]))
    except MalformedError as error:
        raise MalformedError(error.code, error.message, field=f"{where}.cid") from None
