"""What answers about grants and requests look like, for the OpenAPI document, and how they are made."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas import Cursor, Hex, Shape, Time, Uri
from ledger.domain.sharing import APPROVED, REFUSED
from ledger.sharing.grants import GrantRecord
from ledger.sharing.requests import RequestRecord

Categories = Annotated[
    list[str], Field(description="names of the corridor's categories, or * for all of them")
]


class GrantShape(Shape):
    """A grant, or an approval that acts as one."""

    id: Hex
    index: Annotated[int, Field(description="of its entry in the log")]
    kind: Literal["grant", "access-answer"]
    by: Uri
    to: list[Uri]
    subjects: list[Uri]
    streams: Annotated[list[Hex], Field(description="tags of the streams that it lets into")]
    categories: Categories
    purpose: str | None
    since: Annotated[int, Field(description="POSIX seconds; 0 from its registration on")]
    until: Annotated[int | None, Field(description="POSIX seconds; null without an end of its own")]
    state: Literal["good", "pending", "expired", "ended"]
    ended: Annotated[int | None, Field(description="index of the entry that ended it")]


class GrantPage(Shape):
    """Grants, in the order of the log."""

    items: list[GrantShape]
    next: Cursor


class AnswerShape(Shape):
    """How a request was answered."""

    id: Hex
    index: Annotated[int, Field(description="of its entry in the log")]
    reason: str | None


class AccessRequestShape(Shape):
    """A request to be shown something."""

    id: Hex
    index: Annotated[int, Field(description="of its entry in the log")]
    by: Uri
    to: Uri
    about: list[Uri]
    categories: Categories
    purpose: str
    until: Annotated[int | None, Field(description="until when it asks, POSIX seconds")]
    signed_at: Time
    state: Literal["open", "approved", "refused"]
    answer: AnswerShape | None


class AccessRequestPage(Shape):
    """Requests, in the order of the log."""

    items: list[AccessRequestShape]
    next: Cursor


def grant(record: GrantRecord) -> dict[str, Any]:
    """Return a grant as JSON."""
    return {
        "id": record.id.hex(),
        "index": record.index,
        "kind": record.kind,
        "by": record.by,
        "to": list(record.grant.to),
        "subjects": list(record.subjects),
        "streams": [tag.hex() for tag in record.streams],
        "categories": sorted(record.grant.categories),
        "purpose": record.grant.purpose,
        "since": record.grant.since,
        "until": record.grant.until,
        "state": record.state.value,
        "ended": record.ended,
    }


def access_request(record: RequestRecord) -> dict[str, Any]:
    """Return a request as JSON."""
    answered, state = record.answered, "open"
    if answered is not None:
        state = REFUSED if answered.answer.grant is None else APPROVED
    return {
        "id": record.id.hex(),
        "index": record.index,
        "by": record.by,
        "to": record.request.to,
        "about": list(record.request.about),
        "categories": sorted(record.request.categories),
        "purpose": record.request.purpose,
        "until": record.request.until,
        "signed_at": record.signed_at,
        "state": state,
        "answer": None
        if answered is None
        else {"id": answered.id.hex(), "index": answered.index, "reason": answered.answer.reason},
    }
