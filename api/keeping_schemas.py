"""What answers about erasure, retention and re-used contents look like, for the OpenAPI document."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas import Cursor, Hex, Shape, Time, Uri

Cid = Annotated[str, Field(description="CID of the sealed bytes")]


class ErasedShape(Shape):
    """An item that an organisation has erased."""

    cid: Cid
    organisation: Annotated[Uri, Field(description="who erased it")]
    at: Annotated[Time, Field(description="when, as it says")]
    because: Literal["retention", "request", "order"]
    state: Annotated[
        Literal["due", "done", "held"],
        Field(
            description="`due` until the ledger has destroyed what it kept; `held`: a hold stood against it"
        ),
    ]
    done_at: Time | None
    index: Annotated[int, Field(description="of the erasure in the log")]


class ErasedPage(Shape):
    """A page of erasures."""

    items: list[ErasedShape]
    next: Cursor


class DueShape(Shape):
    """An item that was kept as long as was agreed."""

    commitment: Hex
    cid: Cid
    category: str
    subject: Uri
    streams: Annotated[list[Hex], Field(description="in which it is claimed")]
    occurred_at: Time
    due_at: Time
    index: Annotated[int, Field(description="of the claim in the log")]


class DuePage(Shape):
    """A page of items whose time is over."""

    items: list[DueShape]
    next: Cursor


class AlarmShape(Shape):
    """A content that was offered for two trips."""

    id: Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="the same for everybody who is told")]
    kind: str
    how: Annotated[Literal["same", "alike"], Field(description="the same content, or one that looks alike")]
    distance: Annotated[int | None, Field(description="bits in which the perceptual hashes differ")]
    raised_at: Time
    subject: Annotated[Uri, Field(description="the trip that you may see")]
    cid: Annotated[str, Field(description="of the item in that trip")]
    other: Annotated[Uri | None, Field(description="the other trip; null when you may not see it")]


class MatchesShape(Shape):
    """What came of offering a fingerprint."""

    matches: list[AlarmShape]


class AlarmPage(Shape):
    """A page of alarms."""

    items: list[AlarmShape]
    next: Cursor
