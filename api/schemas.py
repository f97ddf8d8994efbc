"""What answers look like, for the OpenAPI document; `shapes` makes them.

The models describe and are never run over an answer. A test holds the answers to them.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Hex = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Uri = Annotated[str, Field(max_length=400)]
Time = Annotated[int, Field(ge=0, description="POSIX seconds")]
Cursor = Annotated[str | None, Field(description="`cursor` of the next page; null on the last one")]


class Shape(BaseModel):
    """Something in an answer; it has no other members."""

    model_config = ConfigDict(extra="forbid")


class WarningShape(Shape):
    """What speaks against a statement that was put on record nonetheless."""

    code: str
    message: str
    field: str


class RegisteredShape(Shape):
    """Where a statement stands; when this is answered, it is durable."""

    id: Hex
    index: Annotated[int, Field(description="of its entry in the log")]
    duplicate: Annotated[bool, Field(description="whether it was there before")]
    warnings: list[WarningShape]


class CheckpointShape(Shape):
    """The first published checkpoint that an entry is in."""

    size: int
    published_at: Time


class AnchorShape(Shape):
    """The first anchor on the chain that covers an entry."""

    size: int
    block: int
    time: Annotated[int, Field(description="of the block, POSIX seconds")]
    state: Literal["mined", "final"]


class ReferenceShape(Shape):
    """Another statement that one names."""

    rel: str
    id: Hex


class SeenShape(Shape):
    """The newest checkpoint that the signer held."""

    size: int
    root: Hex


class StatementShape(Shape):
    """A statement on record and how far it has come."""

    id: Hex
    index: Annotated[int, Field(description="of its entry in the log")]
    kind: str
    iss: Uri
    kid: Hex
    iat: Annotated[int, Field(description="time of signing as claimed, POSIX seconds")]
    received_at: Time
    subjects: list[Uri]
    streams: list[Hex]
    references: list[ReferenceShape]
    corrects: Hex | None
    seen: SeenShape
    body: Annotated[dict[str, Any], Field(description="with what the disclosures that came along say")]
    state: Literal["logged", "published", "anchored", "final"]
    checkpoint: CheckpointShape | None
    anchor: AnchorShape | None


class StatementPage(Shape):
    """A page of statements."""

    items: list[StatementShape]
    next: Cursor


class StreamShape(Shape):
    """A stream that the caller is a member of."""

    name: str
    tag: Hex


class SubjectShape(Shape):
    """A subject, as far as the caller may know it."""

    uri: Uri
    type: Literal["trip", "consignment", "booking", "voyage", "organisation"]
    key: str
    opened_by: Uri
    opened_at: Annotated[int, Field(description="when the opening was signed, POSIX seconds")]
    streams: list[StreamShape]


class SubjectPage(Shape):
    """A page of subjects."""

    items: list[SubjectShape]
    next: Cursor


class TermsShape(Shape):
    """What giver and taker agree on (formats, section 13)."""

    document: Annotated[str, Field(description="the terms, whose UTF-8 bytes have `terms_hash`")]
    giver: Uri
    taker: Uri
    subjects: list[Uri]
    place: str
    at: Annotated[str, Field(description="RFC 3339")]
    remarks: list[str]


class HandOverSaidShape(Shape):
    """What one side said."""

    id: Hex
    index: int
    organisation: Uri
    role: Literal["giver", "taker"]
    result: Literal["accepted", "accepted-with-remarks", "refused"]


class HandOverShape(Shape):
    """A hand-over of the caller's organisation."""

    terms_hash: Hex
    terms: TermsShape | None
    giver: Uri | None
    taker: Uri | None
    open: Annotated[bool, Field(description="whether the other side is still to answer")]
    said: list[HandOverSaidShape]


class HandOverPage(Shape):
    """A page of hand-overs."""

    items: list[HandOverShape]
    next: Cursor


class MembershipShape(Shape):
    """A stream that the caller has become a member of."""

    stream: Hex
    subject: Uri
    name: str


class MemberShape(Shape):
    """A member of a stream."""

    organisation: Uri
    reason: Literal["opened", "granted", "hand-over", "secret"]
    index: Annotated[int, Field(description="log entry that made it one; of `secret` the log's size then")]


class MemberPage(Shape):
    """All members of a stream."""

    items: list[MemberShape]
    next: Cursor


class RoleShape(Shape):
    """A role, and from which block to which an organisation has it."""

    name: str
    from_: Annotated[int, Field(alias="from")]
    ended: int | None


class OrganisationShape(Shape):
    """An organisation of the registry; numbers are those of blocks."""

    uri: Uri
    admin: Annotated[str, Field(description="address of its admin account")]
    from_: Annotated[int, Field(alias="from")]
    ended: int | None
    roles: list[RoleShape]


class OrganisationPage(Shape):
    """A page of organisations."""

    items: list[OrganisationShape]
    next: Cursor


class KeyShape(Shape):
    """A key of an organisation; numbers are those of blocks."""

    thumbprint: Hex
    cose_key: Annotated[str, Field(description="COSE_Key, base64url")]
    use: Annotated[int, Field(description="1 signs statements, 2 is a device's")]
    from_: Annotated[int, Field(alias="from")]
    ended: int | None
    suspect_since: int | None


class OrganisationDetail(OrganisationShape):
    """An organisation with its keys."""

    keys: list[KeyShape]


class CheckShape(Shape):
    """One check of a verdict (formats, section 15)."""

    name: str
    status: Literal["passed", "failed", "missing", "not-checked"]
    reason: str | None
    message: str


class VerdictShape(Shape):
    """The operator's own verdict of a dossier."""

    outcome: Literal["accepted", "rejected", "incomplete"]
    shipment: Uri
    checks: list[CheckShape]
    by: Annotated[str, Field(description="origin of the log whose operator says so")]
    note: str
