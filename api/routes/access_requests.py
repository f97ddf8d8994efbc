"""Requests to be shown something: what one was asked, and what one asked for."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from api import sharing_schemas as shapes
from api.deps import Caller, Page, Paged, Signed
from api.errors import documented
from api.etags import answer
from ledger.sharing.requests import AccessRequests


def router(requests: AccessRequests, signed: Signed, paged: Paged) -> APIRouter:
    """Return `/v1/access-requests`.

    Args:
        requests: Knows them.
        signed: Gives the caller.
        paged: Gives the page that is wanted.
    """
    routes = APIRouter(prefix="/v1/access-requests", tags=["sharing"])

    @routes.get(
        "",
        responses={200: {"model": shapes.AccessRequestPage}, **documented(400, 401, 422, 503)},
        response_class=Response,
    )
    def list_access_requests(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
        role: Annotated[
            Literal["received", "sent"], Query(description="whether your organisation was asked, or asked")
        ] = "received",
        state: Annotated[
            Literal["open", "all"], Query(description="`open`: those that are not answered")
        ] = "open",
    ) -> Response:
        """List the requests to your organisation, or those that it sent, with their answers."""
        asked = requests.sent if role == "sent" else requests.received
        found = asked(caller.organisation, open_only=state == "open", after=page.after, limit=page.look)
        return answer(request, page.of(found, shapes.access_request, lambda one: one.index))

    return routes
