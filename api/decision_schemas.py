"""What decisions look like, for the OpenAPI document (formats, section 24)."""

from typing import Annotated, Literal

from pydantic import Field

from api.custody_schemas import Moment
from api.schemas import Hex, Shape, Uri


class SourceShape(Shape):
    """The system in which a decision was made before it was signed."""

    system: str
    reference: str


class DecisionShape(Shape):
    """One decision; what the caller is not shown of it is null."""

    statement: Hex
    by: Uri
    at: Moment
    subjects: list[Uri]
    delivery: Literal["blocked", "free"]
    decision: Literal["release", "hold", "exam"] | None
    type: Annotated[str | None, Field(description="which hold or examination")]
    reason: str | None
    reference: Annotated[str | None, Field(description="what the authority files it under")]
    source: SourceShape | None
    state: Literal["in-force", "replaced", "reversed", "corrected"]
    stands_for: Annotated[list[Uri], Field(description="subjects for which it is in force")]
    reverses: list[Hex]
    corrects: Hex | None


class DecisionsShape(Shape):
    """What authorities decided on a subject, as far as the caller may see."""

    delivery: Literal["blocked", "free", "none"]
    in_force: Annotated[DecisionShape | None, Field(description="the newest that makes it so")]
    history: list[DecisionShape]
