"""Arrivals: what is on its way to where, and how it stands."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from api.arrival_schemas import ArrivalPage
from api.deps import DEFAULT_LIMIT, MAX_LIMIT, AtHand, Caller, Signed, page_of
from api.errors import documented
from api.etags import answer_text, encoded
from api.question import parameters_of, question
from ledger.access import Cursors
from ledger.domain.errors import MalformedError
from ledger.domain.fields import timestamp
from ledger.prearrival.arrivals import Arrivals
from ledger.prearrival.asking import Filter

Text = Annotated[str | None, Field(min_length=1, max_length=64)]
Moment = Annotated[str | None, Field(max_length=64, description="RFC 3339")]


class Asked(BaseModel):
    """What is asked for; all of it must hold."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="items a page")] = DEFAULT_LIMIT
    cursor: Annotated[str | None, Field(description="`next` of the page before")] = None
    port: Annotated[
        str | None, Field(pattern="^[A-Za-z]{2}[A-Za-z2-9]{3}$", description="a UN/LOCODE, such as USILG")
    ] = None
    terminal: Text = None
    country: Annotated[
        str | None, Field(pattern="^[A-Za-z]{2}$", description="two letters (ISO 3166-1), of the port")
    ] = None
    eta_from: Moment = None
    eta_to: Moment = None
    vessel: Annotated[str | None, Field(min_length=1, max_length=200, description="IMO number, or name")] = (
        None
    )
    voyage: Text = None
    container: Annotated[str | None, Field(max_length=11, description="ISO 6346 number")] = None
    bill_of_lading: Annotated[
        str | None, Field(max_length=64, description="with the carrier's code before it, or without")
    ] = None
    party: Annotated[str | None, Field(max_length=200, description="URI of an organisation")] = None
    outcome: Literal["clear", "missing", "contradicted"] | None = None
    delivery: Literal["blocked", "free", "none"] | None = None
    ready: bool | None = None
    overdue: Annotated[
        bool | None,
        Field(description="whether its ETA is more than a day ago, and nobody says that it arrived"),
    ] = None


def router(arrivals: Arrivals, signed: Signed, cursors: Cursors, is_at_hand: AtHand) -> APIRouter:
    """Return `/v1/arrivals`.

    Args:
        arrivals: Knows them.
        signed: Gives the caller.
        cursors: Of the service.
        is_at_hand: Tells whether a short read waits for nobody now.
    """
    routes = APIRouter(prefix="/v1/arrivals", tags=["arrivals"])

    @routes.get(
        "",
        responses={200: {"model": ArrivalPage}, **documented(400, 401, 422, 503)},
        response_class=Response,
        openapi_extra=parameters_of(Asked),
    )
    async def list_arrivals(request: Request, caller: Annotated[Caller, Depends(signed)]) -> Response:
        """List the shipments that you may see, by their ETA; all that is asked for must hold."""
        asked = question(request, Asked)
        page = page_of(cursors, request, caller, asked.limit, asked.cursor)
        after = None if page.after is None else (page.after[0], page.after[1])
        who, wanted, most = caller.organisation, _wanted(asked), page.limit
        found = arrivals.at_hand(who, wanted, after=after, limit=most) if is_at_hand() else None
        if found is None:
            found = await run_in_threadpool(arrivals.query, who, wanted, after=after, limit=most)
        following = encoded(page.cursor(found.after)).decode()
        return answer_text(request, f'{{"items":[{",".join(found.items)}],"next":{following}}}'.encode())

    return routes


def _wanted(asked: Asked) -> Filter:
    first, last = _moment(asked.eta_from, "eta_from"), _moment(asked.eta_to, "eta_to")
    if first is not None and last is not None and first >= last:
        message = "eta_from must be before eta_to: shipments are found from the one up to the other"
        raise MalformedError("malformed-field", message, field="eta_from")
    return Filter(
        container=asked.container,
        bill_of_lading=asked.bill_of_lading,
        voyage=asked.voyage,
        vessel=asked.vessel,
        terminal=asked.terminal,
        port=asked.port,
        delivery=asked.delivery,
        outcome=asked.outcome,
        ready=None if asked.ready is None else str(asked.ready).lower(),
        party=asked.party,
        country=asked.country,
        eta_from=first,
        eta_to=last,
        overdue=asked.overdue,
    )


def _moment(text: str | None, field: str) -> int | None:
    return None if text is None else int(timestamp(text, field).timestamp())
