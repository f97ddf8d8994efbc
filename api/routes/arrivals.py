"""Arrivals: what is on its way to where, and how it stands."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.arrival_schemas import ArrivalPage
from api.deps import DEFAULT_LIMIT, Cursor, Limit, Signed, page_of, token_of
from api.errors import documented
from api.etags import answer_text, encoded
from ledger.access import Cursors
from ledger.domain.errors import MalformedError
from ledger.domain.fields import timestamp
from ledger.prearrival.arrivals import Arrivals
from ledger.prearrival.asking import Filter

Port = Annotated[str | None, Query(pattern="^[A-Za-z]{2}[A-Za-z2-9]{3}$", description="UN/LOCODE")]
Text = Annotated[str | None, Query(min_length=1, max_length=64)]
Moment = Annotated[str | None, Query(max_length=64, description="RFC 3339")]


def router(arrivals: Arrivals, signed: Signed, cursors: Cursors, is_at_hand: Callable[[], bool]) -> APIRouter:
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
    )
    async def list_arrivals(
        request: Request,
        token: Annotated[str, Depends(token_of)],
        *,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        port: Port = None,
        terminal: Text = None,
        country: Annotated[
            str | None, Query(pattern="^[A-Za-z]{2}$", description="of the port, ISO 3166-1")
        ] = None,
        eta_from: Moment = None,
        eta_to: Moment = None,
        vessel: Annotated[
            str | None, Query(min_length=1, max_length=200, description="IMO number, or name")
        ] = None,
        voyage: Text = None,
        container: Annotated[str | None, Query(max_length=11, description="ISO 6346 number")] = None,
        bill_of_lading: Annotated[
            str | None, Query(max_length=64, description="with the carrier's code before it, or without")
        ] = None,
        party: Annotated[str | None, Query(max_length=200, description="URI of an organisation")] = None,
        outcome: Literal["clear", "missing", "contradicted"] | None = None,
        delivery: Literal["blocked", "free", "none"] | None = None,
        ready: bool | None = None,
    ) -> Response:
        """List the shipments that you may see, by their ETA; all that is asked for must hold."""
        first, last = _moment(eta_from, "eta_from"), _moment(eta_to, "eta_to")
        if first is not None and last is not None and first >= last:
            message = "eta_from must be before eta_to: shipments are found from the one up to the other"
            raise MalformedError("malformed-field", message, field="eta_from")
        wanted = Filter(
            container=container,
            bill_of_lading=bill_of_lading,
            voyage=voyage,
            vessel=vessel,
            terminal=terminal,
            port=port,
            delivery=delivery,
            outcome=outcome,
            ready=None if ready is None else str(ready).lower(),
            party=party,
            country=country,
            eta_from=first,
            eta_to=last,
        )

        # Handing a question to a thread takes longer than answering it: only what may wait is handed over.
        if is_at_hand():
            caller = signed(request, token)
        else:
            caller = await run_in_threadpool(signed, request, token)
        page = page_of(cursors, request, caller, limit, cursor)
        after = None if page.after is None else (page.after[0], page.after[1])
        who, most = caller.organisation, page.limit
        found = arrivals.at_hand(who, wanted, after=after, limit=most) if is_at_hand() else None
        if found is None:
            found = await run_in_threadpool(arrivals.query, who, wanted, after=after, limit=most)
        following = encoded(page.cursor(found.after)).decode()
        return answer_text(request, f'{{"items":[{",".join(found.items)}],"next":{following}}}'.encode())

    return routes


def _moment(text: str | None, field: str) -> int | None:
    return None if text is None else int(timestamp(text, field).timestamp())
