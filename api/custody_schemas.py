"""What lines of custody and links look like, for the OpenAPI document (formats, section 13)."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas import Hex, Shape, Uri

Moment = Annotated[int | float | None, Field(description="POSIX seconds; null where it is not known")]
Since = Annotated[Moment, Field(alias="from")]
Statements = Annotated[list[Hex], Field(description="ids of the statements that say so")]


class SpanShape(Shape):
    """Who held it from when to when."""

    holder: Uri
    from_: Since
    to: Moment


class CustodyHandOver(Shape):
    """A hand-over as far as it is shown."""

    terms: Hex
    level: str
    giver: Uri | None
    taker: Uri | None
    at: Moment
    place: str | None
    remarks: list[str]
    remarked: bool
    statements: Statements


class GapShape(Shape):
    """A time in which nobody is shown to have held it."""

    from_: Since
    to: Moment
    held_by: Uri | None
    given_by: Uri | None
    statements: Statements


class OverlapShape(Shape):
    """A time from which several are said to have held it."""

    from_: Since
    holders: list[Uri]
    statements: Statements


class ContainerShape(Shape):
    """Which container carried it."""

    container: str
    trip: Uri | None
    from_: Since
    to: Moment


class SealShape(Shape):
    """A seal that is on now."""

    number: str
    on: str
    kind: str | None
    standard: str | None
    mark: str | None
    since: Moment
    by: Uri
    statement: Hex
    applied: bool


class SealEventShape(Shape):
    """What became of a seal."""

    at: Moment
    what: str
    number: str
    on: str
    state: str | None
    by: Uri
    statement: Hex


class InspectionShape(Shape):
    """An authority opened it and sealed it again."""

    at: Moment
    by: Uri
    statement: Hex
    reason: str | None
    found: list[str]
    removed: list[str]
    applied: list[str]
    pictured: bool
    accepted_by: Uri | None


class DoorsShape(Shape):
    """The doors were opened."""

    at: Moment
    by: Uri
    kind: str
    statement: Hex
    accounted_for: bool


class CleanShape(Shape):
    """The last state that was shown to be clean, and who held it then."""

    at: Moment
    what: str
    statement: Hex
    holder: Uri | None


class CorrectedShape(Shape):
    """A statement that another one corrects."""

    statement: Hex
    by: Hex


class ProblemShape(Shape):
    """What breaks or holds up the line."""

    code: str
    severity: Literal["problem", "warning"]
    message: str
    statements: Statements


class CustodyShape(Shape):
    """The line of custody of a subject, as far as the caller may see."""

    subject: Uri
    holder: Uri | None
    spans: list[SpanShape]
    hand_overs: list[CustodyHandOver]
    gaps: list[GapShape]
    overlaps: list[OverlapShape]
    containers: list[ContainerShape]
    seals: list[SealShape]
    seal_events: list[SealEventShape]
    inspections: list[InspectionShape]
    doors_opened: list[DoorsShape]
    unobserved_minutes: float | None
    last_clean: CleanShape | None
    corrected: list[CorrectedShape]
    problems: list[ProblemShape]
    at: Annotated[float | None, Field(description="the time asked for; only with `at`")] = None
    holder_at: Annotated[Uri | None, Field(description="who held it then; only with `at`")] = None


class PassageRecordShape(Shape):
    """A record that a gate passage binds."""

    rel: Literal["scan", "radiation", "clip", "seal-check"]
    statement: Hex
    by: Uri
    at: Moment


class PassageShape(Shape):
    """A container passes a gate."""

    trip: Uri
    statement: Hex
    by: Uri
    at: Moment
    place: str | None
    container: str | None
    records: list[PassageRecordShape]
    without: Annotated[list[str], Field(description="what the corridor asks for beside that")]


class ClipShape(Shape):
    """A segment of what a camera recorded."""

    statement: Hex
    by: Uri
    camera: str
    sequence: int
    from_: Since
    to: Moment
    previous: Annotated[Hex | None, Field(description="commitment of the segment before")]


class PassagesShape(Shape):
    """Gate passages and clips, as far as the caller may see."""

    subject: Uri
    passages: list[PassageShape]
    clips: list[ClipShape]
    problems: list[ProblemShape]


class LinkShape(Shape):
    """A link between two subjects and when it stood."""

    rel: Literal["stuffed-in", "booked-as", "carried-in", "carried-on", "replaces"]
    from_: Annotated[Uri, Field(alias="from")]
    to: Uri
    since: Moment
    until: Moment
    by: Uri
    statement: Hex


class LinksShape(Shape):
    """What a subject was linked to."""

    subject: Uri
    links: list[LinkShape]
