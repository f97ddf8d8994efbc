"""Applications to take part: sent by strangers, looked at by governors, decided on the chain."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.bodies import body_of
from api.deps import Caller, Page, Paged, Signed
from api.enrolment_schemas import ApplicationPage, ApplicationShape, AppliedShape, EnrolmentShape
from api.errors import documented
from api.etags import JSON, answer
from ledger.domain import fields, strict_json
from ledger.domain.enrolment import MAX_BYTES, TYP
from ledger.domain.errors import PolicyError
from ledger.enrolment import Enrolment, Enrolments, Received, State

GOVERNOR = "governor"
_MAX_REFUSAL = 4_096
_BINARY = {
    "requestBody": {"required": True, "content": {TYP: {"schema": {"type": "string", "format": "binary"}}}}
}
_REFUSAL = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["reason"],
                    "properties": {"reason": {"type": "string", "minLength": 1, "maxLength": 500}},
                    "additionalProperties": False,
                },
                "example": {"reason": "the agreement is not signed yet"},
            }
        },
    }
}
_Id = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="id of the application, hex")]


def router(enrolments: Enrolments, signed: Signed, paged: Paged) -> APIRouter:
    """Return `/v1/enrolments`.

    Args:
        enrolments: The applications.
        signed: Gives the caller.
        paged: Gives the page that is wanted.
    """
    routes = APIRouter(prefix="/v1/enrolments", tags=["enrolments"])

    def governor(caller: Annotated[Caller, Depends(signed)]) -> Caller:
        if GOVERNOR not in caller.roles:
            message = f"only organisations with the role {GOVERNOR} look at applications"
            raise PolicyError("governors-only", message)
        return caller

    @routes.post(
        "",
        status_code=201,
        responses={
            200: {"model": AppliedShape, "description": "It was there before"},
            201: {"model": AppliedShape, "description": "It waits for the governors"},
            **documented(400, 403, 408, 409, 413, 415, 422, 429, 503),
        },
        response_class=Response,
        openapi_extra=_BINARY,
    )
    async def apply(request: Request) -> Response:
        """Apply to take part, with an application that its own new key signed; no session is needed.

        The same application again answers 200 and says how far it is. Keep the id: it is how to ask.
        """
        data = await body_of(request, {TYP: MAX_BYTES})
        received = await run_in_threadpool(enrolments.apply, data)
        return _answered(request, received)

    @routes.get(
        "",
        responses={200: {"model": ApplicationPage}, **documented(400, 401, 403, 422, 503)},
        response_class=Response,
    )
    def applications(
        request: Request,
        _governor: Annotated[Caller, Depends(governor)],
        page: Annotated[Page, Depends(paged)],
        state: Annotated[State | None, Query(description="only those that are so far")] = None,
    ) -> Response:
        """List applications for governors, the oldest first."""
        after = None if page.after is None else (int(page.after[0]), bytes.fromhex(page.after[1]))
        found = enrolments.list(state, after, page.look)
        return answer(request, page.of(found, Enrolment.to_json, _place))

    @routes.get(
        "/{identifier}",
        responses={200: {"model": EnrolmentShape}, **documented(404, 422, 503)},
        response_class=Response,
    )
    def progress(request: Request, identifier: _Id) -> Response:
        """Say how far an application is. Its id is known to the applicant and to governors only."""
        return answer(request, enrolments.get(bytes.fromhex(identifier)).status())

    @routes.get(
        "/{identifier}/application",
        responses={200: {"model": ApplicationShape}, **documented(401, 403, 404, 422, 503)},
        response_class=Response,
    )
    def application(
        request: Request, identifier: _Id, _governor: Annotated[Caller, Depends(governor)]
    ) -> Response:
        """Show governors a whole application."""
        return answer(request, enrolments.get(bytes.fromhex(identifier)).to_json())

    @routes.post(
        "/{identifier}/refusal",
        responses={
            200: {"model": ApplicationShape},
            **documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 503),
        },
        response_class=Response,
        openapi_extra=_REFUSAL,
    )
    async def refuse(
        request: Request, identifier: _Id, caller: Annotated[Caller, Depends(governor)]
    ) -> Response:
        """Turn an application down, and tell the applicant why. The same refusal again changes nothing."""
        data = await body_of(request, {JSON: _MAX_REFUSAL})
        said = fields.exactly(strict_json.loads(data, max_bytes=_MAX_REFUSAL), ("reason",), "the body")
        refused = await run_in_threadpool(
            enrolments.refuse, bytes.fromhex(identifier), caller.organisation, said["reason"]
        )
        return answer(request, refused.to_json())

    return routes


def _answered(request: Request, received: Received) -> Response:
    status = received.enrolment.status()
    return answer(
        request,
        status | {"duplicate": received.duplicate},
        headers={"Location": f"/v1/enrolments/{status['id']}"},
        status=200 if received.duplicate else 201,
    )


def _place(one: Enrolment) -> list[int | str]:
    return [one.received_at, one.application.id.hex()]
