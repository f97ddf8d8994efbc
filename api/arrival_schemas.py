"""What arrivals, to-do lists and assessments look like, for the OpenAPI document (formats, section 21)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.decision_schemas import DecisionShape
from api.schemas import Cursor, Hex, Shape, Uri

Moment = Annotated[int | float, Field(description="POSIX seconds")]
Outcome = Annotated[
    Literal["clear", "missing", "contradicted"],
    Field(description="whether something contradicts it, else whether something is missing"),
]


class VesselShape(Shape):
    """A ship."""

    name: str | None
    imo: str | None


class EtaShape(Shape):
    """The estimated time of arrival that is in force, and who says so."""

    at: Moment
    place: str | None
    terminal: str | None
    source: Uri
    classifier: Literal["PLN", "EST", "ACT"]
    statement: Hex


class CountsShape(Shape):
    """How many findings there are."""

    problem: int
    missing: int
    warning: int


class StandingShape(Shape):
    """How a shipment stands."""

    shipment: Uri
    trips: list[Uri]
    containers: list[str]
    bill_of_lading: str | None
    origin: str | None
    port: str | None
    terminal: str | None
    vessel: VesselShape | None
    voyage: str | None
    eta: EtaShape | None
    arrived_at: Moment | None
    outcome: Outcome
    counts: CountsShape
    ready_at: Annotated[Moment | None, Field(description="when all evidence of the origin was registered")]
    margin_hours: Annotated[
        float | None, Field(description="from then to the estimate of arrival that was in force")
    ]
    delivery: Literal["blocked", "free", "none"]


class ArrivalShape(StandingShape):
    """A shipment on its way, from what nobody conceals, and the decision as far as you are shown it."""

    overdue: Annotated[
        bool, Field(description="whether its ETA is more than a day ago, and nobody says that it arrived")
    ]
    decision: DecisionShape | None
    changed_at: Annotated[int, Field(description="when the log took the newest of it, POSIX seconds")]


class ArrivalPage(Shape):
    """Shipments by their ETA; a page may have fewer than asked for and be followed by others."""

    items: list[ArrivalShape]
    next: Cursor


class TodoShape(Shape):
    """Something that your organisation is to bring."""

    shipment: Uri
    trip: Annotated[Uri | None, Field(description="where each container needs its own")]
    container: str | None
    need: Annotated[str, Field(description="its name in the corridor's profile")]
    title: str
    what: Annotated[str, Field(description="what to do")]
    kind: Annotated[str, Field(description="of the statement to register")]
    documents: Annotated[list[str], Field(description="codes of which its `documents` must name one")]
    owed_by: Annotated[list[str], Field(description="roles that may bring it")]
    due: Annotated[int | None, Field(description="POSIX seconds; null while it is not known")]
    state: Literal["open", "late", "done"]
    hours_left: Annotated[float | None, Field(description="negative after the deadline")]
    leg: str | None


class TodoPage(Shape):
    """What is to be brought, by deadline."""

    items: list[TodoShape]
    next: Cursor


class AssessmentShape(Shape):
    """What the corridor's rules find in a shipment, from what you may see of it."""

    subject: Uri
    profile: Hex
    checks: Annotated[list[dict[str, Any]], Field(description="formats, section 21")]
    clock: Annotated[list[dict[str, Any]], Field(description="times of the milestones")]
    margin: dict[str, Any]
    needs: Annotated[list[dict[str, Any]], Field(description="what is required and applies")]
    arrival: StandingShape
    custody: Annotated[list[dict[str, Any]], Field(description="problems of custody and gate passages")]
