"""Hand-overs: which of them the caller's organisation has a part in."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from api import shapes
from api.deps import Caller, Page, Paged, Signed
from api.errors import documented
from api.etags import answer
from api.schemas import HandOverPage
from ledger.catalogue.catalogue import Catalogue


def router(catalogue: Catalogue, signed: Signed, paged: Paged) -> APIRouter:
    """Return `/v1/hand-overs`.

    Args:
        catalogue: What the log says of hand-overs.
        signed: Gives the caller.
        paged: Gives the page that is wanted.
    """
    routes = APIRouter(prefix="/v1/hand-overs", tags=["hand-overs"])

    @routes.get(
        "",
        responses={200: {"model": HandOverPage}, **documented(400, 401, 422, 503)},
        response_class=Response,
    )
    def hand_overs(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
        state: Annotated[
            Literal["open", "all"], Query(description="`open`: one side has signed, the other is to answer")
        ] = "open",
    ) -> Response:
        """List the hand-overs in which your organisation is giver or taker, with their terms."""
        found = catalogue.hand_overs(
            caller.organisation, open_only=state == "open", after=page.after, limit=page.look
        )
        return answer(request, page.of(found, shapes.hand_over, lambda one: one.index))

    return routes
