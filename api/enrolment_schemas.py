"""What applications to take part look like, for the OpenAPI document."""

from typing import Annotated, Any

from pydantic import Field

from api.schemas import Cursor, Hex, Shape, Time, Uri
from ledger.enrolment import State

Proposal = Annotated[str, Field(pattern="^0x[0-9a-f]{64}$")]
Account = Annotated[str, Field(pattern="^0x[0-9a-f]{40}$")]


class EnrolmentShape(Shape):
    """What the applicant is told."""

    id: Hex
    organisation: Uri
    state: Annotated[State, Field(description="`proposed` while a second organisation has to agree")]
    received_at: Time
    roles: Annotated[list[str], Field(description="that it asks for")]
    roles_given: Annotated[list[str], Field(description="that its organisation has now")]
    key_registered: Annotated[bool, Field(description="whether the key that signed it may sign now")]
    reason: Annotated[str | None, Field(description="why it was refused, if it was")]


class AppliedShape(EnrolmentShape):
    """The acknowledgement of an application: it is durable."""

    duplicate: Annotated[bool, Field(description="whether it was there before")]


class ApplicationShape(EnrolmentShape):
    """What governors decide by."""

    admin: Annotated[Account, Field(description="address of its admin account")]
    key: Annotated[Hex, Field(description="thumbprint of the key that signed it")]
    onboarding: Annotated[dict[str, Any], Field(description="who it says it is (formats, section 13)")]
    proposals: Annotated[list[Proposal], Field(description="open proposals to enrol it")]
    refused_by: Uri | None
    refused_at: Time | None
    application: Annotated[str, Field(description="base64url of the signed bytes")]


class ApplicationPage(Shape):
    """A page of applications."""

    items: list[ApplicationShape]
    next: Cursor
