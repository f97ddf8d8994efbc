"""What answers about subscriptions look like, for the OpenAPI document, and how they are made."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas import Cursor, Shape, Time, Uri
from ledger.notices.deliveries import Delivery
from ledger.notices.subscriptions import Subscription

Id = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
Kind = Literal["dossier.ready", "dossier.changed", "evidence.missing", "decision.made"]


class FilterShape(Shape):
    """Shipments to which all of it applies; null leaves a member open."""

    organisation: Annotated[Uri | None, Field(description="a party of the shipment")]
    country: Annotated[str | None, Field(description="of the port, ISO 3166-1, two letters")]
    port: Annotated[str | None, Field(description="where it is discharged, UN/LOCODE")]
    terminal: str | None


class SubscriptionShape(Shape):
    """What your organisation wants to be told."""

    id: Id
    name: str
    events: list[Kind]
    filter: FilterShape
    url: Annotated[str | None, Field(description="where webhooks go; null for none")]
    state: Annotated[
        Literal["active", "gone"], Field(description="`gone`: the receiver answered 410; replay to go on")
    ]
    created_at: Time
    secret_since: Annotated[int, Field(description="when the secret was made, POSIX seconds")]


class SecretShape(SubscriptionShape):
    """A subscription with its secret, which is shown this once."""

    secret: Annotated[str | None, Field(description="of Standard Webhooks, `whsec_...`; null without a URL")]


class SubscriptionPage(Shape):
    """Subscriptions, the oldest first."""

    items: list[SubscriptionShape]
    next: Cursor


class DeliveryShape(Shape):
    """An event that is sent to your receiver, or was."""

    id: Annotated[str, Field(description="`webhook-id` of the message, the same at each attempt")]
    seq: Annotated[int, Field(description="number of the event, as the stream of events has it")]
    type: Kind
    happened_at: Time
    state: Literal["pending", "delivered", "dead"]
    attempts: int
    next_at: Annotated[int | None, Field(description="of the next attempt, POSIX seconds; null when over")]
    status: Annotated[int | None, Field(description="HTTP status of the last answer")]
    problem: Annotated[str | None, Field(description="why the last attempt failed")]
    ended_at: Annotated[int | None, Field(description="POSIX seconds")]


class DeliveryPage(Shape):
    """Deliveries, the newest event first."""

    items: list[DeliveryShape]
    next: Cursor


class ReplayShape(Shape):
    """How many deliveries are sent anew."""

    replayed: int


def subscription(one: Subscription) -> dict[str, Any]:
    """Return a subscription as JSON, without its secret."""
    return {
        "id": one.id,
        "name": one.name,
        **one.wanted.to_json(),
        "url": one.url,
        "state": one.state,
        "created_at": one.created_at,
        "secret_since": one.secret_since,
    }


def delivery(one: Delivery) -> dict[str, Any]:
    """Return a delivery as JSON; which shipment it is about is for the message to say."""
    return {
        "id": one.id,
        "seq": one.seq,
        "type": one.kind,
        "happened_at": one.happened_at,
        "state": one.state,
        "attempts": one.attempts,
        "next_at": one.next_at if one.state == "pending" else None,
        "status": one.status,
        "problem": one.problem,
        "ended_at": one.ended_at,
    }
