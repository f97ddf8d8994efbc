"""What is kept too long, and what was erased."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import Caller, Page, Paged, Signed
from api.errors import documented
from api.etags import answer
from api.keeping_schemas import DuePage, ErasedPage
from api.routes.subjects import SubjectUri
from ledger.domain.fields import timestamp
from ledger.sharing.retention import DueItem, ErasedItem, Retention


def router(retention: Retention, signed: Signed, paged: Paged) -> APIRouter:
    """Return `/v1/retention` and `/v1/subjects/{uri}/erasures`.

    Args:
        retention: Knows both.
        signed: Gives the caller.
        paged: Gives the page that is wanted.
    """
    routes = APIRouter(prefix="/v1", tags=["evidence"])

    @routes.get(
        "/retention",
        responses={200: {"model": DuePage}, **documented(400, 401, 404, 422, 503)},
        response_class=Response,
    )
    def get_retention(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
        *,
        subject: Annotated[
            str | None, Query(max_length=400, description="only what is claimed about this subject")
        ] = None,
        at: Annotated[
            str | None, Query(max_length=40, description="time of RFC 3339 for which it is asked; now")
        ] = None,
    ) -> Response:
        """List the items of your organisation that were kept as long as the corridor agreed.

        The time of a category counts from when what the item shows happened. Nothing is erased by itself: say
        so with a statement `erasure`.
        """
        then = None if at is None else int(timestamp(at, "at").timestamp())
        found = retention.due(
            caller.organisation, subject=subject, at=then, after=_place(page), limit=page.look
        )
        return answer(request, page.of(found, _due, lambda one: list(one.place)))

    @routes.get(
        "/subjects/{uri}/erasures",
        responses={200: {"model": ErasedPage}, **documented(400, 401, 404, 422, 503)},
        response_class=Response,
    )
    def get_erasures(
        request: Request,
        uri: SubjectUri,
        caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
    ) -> Response:
        """List what was erased of a subject, and whether this ledger has destroyed what it kept of it."""
        found = retention.erased(uri, caller.organisation, after=_place(page), limit=page.look)
        return answer(request, page.of(found, _erased, lambda one: list(one.place)))

    return routes


def _place(page: Page) -> tuple[int, str] | None:
    return None if page.after is None else (page.after[0], page.after[1])


def _due(one: DueItem) -> dict[str, Any]:
    return {
        "commitment": one.commitment.hex(),
        "cid": one.cid,
        "category": one.category,
        "subject": one.subject,
        "streams": [tag.hex() for tag in one.streams],
        "occurred_at": one.occurred_at,
        "due_at": one.due_at,
        "index": one.index,
    }


def _erased(one: ErasedItem) -> dict[str, Any]:
    return {
        "cid": one.cid,
        "organisation": one.organisation,
        "at": one.at,
        "because": one.because,
        "state": one.state,
        "done_at": one.done_at,
        "index": one.index,
    }
