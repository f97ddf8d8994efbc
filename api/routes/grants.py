"""Grants: what one gave, and what one was given."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from api import sharing_schemas as shapes
from api.deps import Caller, Page, Paged, Signed
from api.errors import documented
from api.etags import answer
from ledger.sharing.grants import Grants


def router(grants: Grants, signed: Signed, paged: Paged) -> APIRouter:
    """Return `/v1/grants`.

    Args:
        grants: Knows them.
        signed: Gives the caller.
        paged: Gives the page that is wanted.
    """
    routes = APIRouter(prefix="/v1/grants", tags=["sharing"])

    @routes.get(
        "",
        responses={200: {"model": shapes.GrantPage}, **documented(400, 401, 422, 503)},
        response_class=Response,
    )
    def list_grants(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
        *,
        subject: Annotated[
            str | None, Query(max_length=400, description="only those about this subject")
        ] = None,
        role: Annotated[
            Literal["given", "received"], Query(description="whether your organisation gave them")
        ] = "received",
        state: Annotated[
            Literal["good", "all"], Query(description="`good`: those that give something now")
        ] = "good",
    ) -> Response:
        """List the grants that your organisation gave, or was given, and the approvals that act as such."""
        asked = grants.given if role == "given" else grants.received
        found = asked(
            caller.organisation,
            subject=subject,
            good_only=state == "good",
            after=page.after,
            limit=page.look,
        )
        return answer(request, page.of(found, shapes.grant, lambda one: one.index))

    return routes
