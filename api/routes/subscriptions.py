"""Subscriptions to events: each organisation has its own, and what was sent for them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api import notice_schemas as shapes
from api.bodies import body_of
from api.deps import Caller, Page, Paged, Signed
from api.errors import documented
from api.etags import JSON, answer, encoded
from api.preferences import ONCE
from ledger.access import Answer, Repeatable, RepeatableRequests
from ledger.domain import fields, strict_json
from ledger.notices.deliveries import State
from ledger.notices.notices import Notices
from ledger.notices.subscriptions import MAX_NAME, Subscription
from ledger.notices.wanted import FILTER, KINDS, MAX_TERMINAL

_MAX_BODY = 16_384
_ROUTE = "POST /v1/subscriptions"
_STRING_OR_NULL = {"type": ["string", "null"]}
_FILTER = {
    "type": ["object", "null"],
    "properties": dict.fromkeys(FILTER, _STRING_OR_NULL)
    | {"terminal": _STRING_OR_NULL | {"maxLength": MAX_TERMINAL}},
    "additionalProperties": False,
}
_NEW: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": MAX_NAME},
        "events": {
            "type": ["array", "null"],
            "minItems": 1,
            "items": {"enum": list(KINDS)},
            "uniqueItems": True,
        },
        "filter": _FILTER,
        "url": {"type": ["string", "null"], "maxLength": 2_000},
    },
    "additionalProperties": False,
}
_REPLAY: dict[str, Any] = {
    "type": "object",
    "properties": {"since": {"type": ["string", "null"], "format": "date-time"}},
    "additionalProperties": False,
}
_Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="id of the subscription")]


def _taking(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


def router(notices: Notices, requests: RepeatableRequests, signed: Signed, paged: Paged) -> APIRouter:
    """Return `/v1/subscriptions`.

    Args:
        notices: Who is told what.
        requests: Requests that may be repeated.
        signed: Gives the caller.
        paged: Gives the page that is wanted.
    """
    routes = APIRouter(prefix="/v1/subscriptions", tags=["notices"])
    subscriptions, deliveries = notices.subscriptions, notices.deliveries

    def shown_once(one: Subscription) -> dict[str, Any]:
        secret = None if one.url is None else subscriptions.secret(one)
        return shapes.subscription(one) | {"secret": secret}

    def add(data: bytes, organisation: str, key: str | None) -> dict[str, Any]:
        said = strict_json.loads(data, max_bytes=_MAX_BODY)

        def work() -> Answer:
            # What is kept of the answer holds no secret.
            return Answer(201, subscriptions.add(organisation, said).id.encode())

        asked = None if key is None else Repeatable.of(key, _ROUTE, organisation, data)
        done = work() if asked is None else requests.once(asked, work)
        return shown_once(subscriptions.get(organisation, done.content.decode()))

    @routes.post(
        "",
        status_code=201,
        responses={
            201: {"model": shapes.SecretShape},
            **documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503),
        },
        response_class=Response,
        openapi_extra=_taking(_NEW),
    )
    async def post_subscription(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key", description=ONCE)] = None,
    ) -> Response:
        """Say what your organisation wants to be told, and where; the secret is shown this once.

        Each webhook is signed as Standard Webhooks says, and tells what your organisation may see when it is
        sent. `webhook-id` stays the same when one is sent again.
        """
        data = await body_of(request, {JSON: _MAX_BODY})
        made = await run_in_threadpool(add, data, caller.organisation, idempotency_key)
        headers = {"Location": f"/v1/subscriptions/{made['id']}", "Cache-Control": "no-store"}
        return Response(encoded(made), 201, media_type=JSON, headers=headers)

    @routes.get(
        "",
        responses={200: {"model": shapes.SubscriptionPage}, **documented(400, 401, 422, 503)},
        response_class=Response,
    )
    def list_subscriptions(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
    ) -> Response:
        """List the subscriptions of your organisation."""
        after = None if page.after is None else (int(page.after[0]), str(page.after[1]))
        found = subscriptions.list(caller.organisation, after, page.look)
        return answer(request, page.of(found, shapes.subscription, lambda one: [one.created_at, one.id]))

    @routes.get(
        "/{identifier}",
        responses={200: {"model": shapes.SubscriptionShape}, **documented(401, 404, 422, 503)},
        response_class=Response,
    )
    def get_subscription(
        request: Request, identifier: _Id, caller: Annotated[Caller, Depends(signed)]
    ) -> Response:
        """Show a subscription of your organisation."""
        return answer(request, shapes.subscription(subscriptions.get(caller.organisation, identifier)))

    @routes.delete(
        "/{identifier}",
        status_code=204,
        responses=documented(401, 404, 422, 503),
        response_class=Response,
    )
    def end_subscription(identifier: _Id, caller: Annotated[Caller, Depends(signed)]) -> Response:
        """End a subscription; what was still to be sent for it is not."""
        subscriptions.end(caller.organisation, identifier)
        return Response(status_code=204)

    @routes.post(
        "/{identifier}/secret",
        responses={200: {"model": shapes.SecretShape}, **documented(401, 404, 422, 503)},
        response_class=Response,
    )
    def change_secret(identifier: _Id, caller: Annotated[Caller, Depends(signed)]) -> Response:
        """Make a new secret, shown this once; for a day, webhooks are signed with the old one as well."""
        changed = subscriptions.change_secret(caller.organisation, identifier)
        headers = {"Cache-Control": "no-store"}
        return Response(encoded(shown_once(changed)), media_type=JSON, headers=headers)

    @routes.get(
        "/{identifier}/deliveries",
        responses={200: {"model": shapes.DeliveryPage}, **documented(400, 401, 404, 422, 503)},
        response_class=Response,
    )
    def list_deliveries(
        request: Request,
        identifier: _Id,
        caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
        *,
        state: Annotated[State | None, Query(description="only those that are so far")] = None,
    ) -> Response:
        """List what was sent for a subscription, is to be sent, or could not be (`dead`)."""
        one = subscriptions.get(caller.organisation, identifier)
        found = deliveries.list(one.id, state, page.after, page.look)
        return answer(request, page.of(found, shapes.delivery, lambda delivery: delivery.seq))

    @routes.post(
        "/{identifier}/replay",
        responses={
            200: {"model": shapes.ReplayShape},
            **documented(400, 401, 404, 408, 413, 415, 422, 503),
        },
        response_class=Response,
        openapi_extra=_taking(_REPLAY),
    )
    async def replay(
        request: Request, identifier: _Id, caller: Annotated[Caller, Depends(signed)]
    ) -> Response:
        """Send again what is dead, or everything about events since a time, under the same ids."""
        data = await body_of(request, {JSON: _MAX_BODY})
        said = strict_json.loads(data, max_bytes=_MAX_BODY)
        since = fields.exactly(said, (), "the body", optional=("since",)).get("since")
        moment = None if since is None else int(fields.timestamp(since, "since").timestamp())

        def again() -> int:
            return deliveries.replay(subscriptions.get(caller.organisation, identifier).id, moment)

        return answer(request, {"replayed": await run_in_threadpool(again)})

    return routes
