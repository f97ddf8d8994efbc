"""To-do lists: what an organisation still has to bring, and by when."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from api.arrival_schemas import TodoPage
from api.deps import Caller, Page, Paged, Signed
from api.errors import documented
from api.etags import answer
from api.routes.assessments import Language
from ledger.prearrival.arrivals import Arrivals


def router(arrivals: Arrivals, signed: Signed, paged: Paged) -> APIRouter:
    """Return `/v1/todo`.

    Args:
        arrivals: Knows what is required.
        signed: Gives the caller.
        paged: Gives the page that is wanted.
    """
    routes = APIRouter(prefix="/v1/todo", tags=["arrivals"])

    @routes.get(
        "",
        responses={200: {"model": TodoPage}, **documented(400, 401, 422, 503)},
        response_class=Response,
    )
    def list_todo(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
        *,
        state: Annotated[
            Literal["owed", "open", "late", "done", "all"],
            Query(description="`owed`: not brought yet, `open` with time left or `late`"),
        ] = "owed",
        lang: Language = "en",
    ) -> Response:
        """List what your organisation's roles owe in the shipments that you may see, by deadline."""
        after = None if page.after is None else (page.after[0], page.after[1])
        found = arrivals.todo(caller.organisation, state=state, language=lang, after=after, limit=page.limit)
        return answer(request, {"items": list(found.items), "next": page.cursor(found.after)})

    return routes
