"""Memberships of streams: by showing the secret, and who else is a member."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from api import shapes
from api.bodies import body_of
from api.deps import Caller, Signed
from api.errors import documented
from api.etags import JSON, answer, encoded
from api.preferences import ONCE
from api.schemas import MemberPage, MembershipShape
from ledger.access import Answer, Repeatable, RepeatableRequests
from ledger.catalogue.catalogue import Catalogue
from ledger.domain import fields, strict_json
from ledger.domain.subject import SECRET_SIZE

_MAX_BODY = 1_024
_ROUTE = "POST /v1/memberships"
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["secret"],
                    "properties": {"secret": {"type": "string", "pattern": "^[0-9a-f]{32}$"}},
                    "additionalProperties": False,
                }
            }
        },
    }
}


def router(catalogue: Catalogue, requests: RepeatableRequests, signed: Signed) -> APIRouter:
    """Return `/v1/memberships` and `/v1/streams/{tag}/members`.

    Args:
        catalogue: Knows the members.
        requests: Requests that may be repeated.
        signed: Gives the caller.
    """
    routes = APIRouter(prefix="/v1", tags=["streams"])

    def join(data: bytes, caller: Caller, key: str | None) -> Answer:
        members = fields.exactly(strict_json.loads(data, max_bytes=_MAX_BODY), ("secret",), "the body")
        secret = fields.from_hex(members["secret"], SECRET_SIZE, "secret")

        def work() -> Answer:
            tag = catalogue.join(secret, caller.organisation)
            return Answer(201, encoded(shapes.membership(catalogue.stream(tag, caller.organisation))))

        if key is None:
            return work()
        return requests.once(Repeatable.of(key, _ROUTE, caller.organisation, secret), work)

    @routes.post(
        "/memberships",
        status_code=201,
        responses={
            201: {"model": MembershipShape},
            **documented(400, 401, 404, 408, 409, 413, 415, 422, 503),
        },
        response_class=Response,
        openapi_extra=_BODY,
    )
    async def post_membership(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key", description=ONCE)] = None,
    ) -> Response:
        """Become a member of the stream whose secret you show."""
        data = await body_of(request, {JSON: _MAX_BODY})
        done = await run_in_threadpool(join, data, caller, idempotency_key)
        return Response(done.content, done.status, media_type=JSON)

    @routes.get(
        "/streams/{tag}/members",
        responses={200: {"model": MemberPage}, **documented(401, 404, 422, 503)},
        response_class=Response,
    )
    def members(
        request: Request,
        tag: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="tag of the stream, hex")],
        caller: Annotated[Caller, Depends(signed)],
    ) -> Response:
        """List who may read and file in a stream, in the order in which they became members."""
        found = catalogue.members(bytes.fromhex(tag), caller.organisation)
        return answer(request, {"items": [shapes.member(one) for one in found], "next": None})

    return routes
