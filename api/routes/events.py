"""The stream of events (server-sent events, WHATWG HTML section 9.2), for whoever keeps a connection open."""

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.deps import Caller, Signed, token_of
from api.errors import documented
from ledger.domain.errors import MalformedError, UsageError
from ledger.notices.events import MAX_SEQ
from ledger.notices.hub import Listener
from ledger.notices.notices import Notices
from ledger.notices.wanted import Wanted

_RETRY_MS = 2_000
_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)


def router(notices: Notices, signed: Signed) -> APIRouter:
    """Return `/v1/events`.

    Args:
        notices: Who is told what.
        signed: Gives the caller.
    """
    routes = APIRouter(prefix="/v1", tags=["notices"])
    hub = notices.hub

    def wanted(
        caller: Annotated[Caller, Depends(signed)],
        *,
        subscription: Annotated[
            str | None,
            Query(pattern="^[0-9a-f]{32}$", description="a subscription of yours that says what is wanted"),
        ] = None,
        events: Annotated[
            str | None, Query(max_length=200, description="kinds of events, with commas between them")
        ] = None,
        organisation: Annotated[
            str | None, Query(max_length=200, description="a party of the shipment")
        ] = None,
        country: Annotated[str | None, Query(max_length=2, description="of the port, ISO 3166-1")] = None,
        port: Annotated[str | None, Query(max_length=5, description="of discharge, UN/LOCODE")] = None,
        terminal: Annotated[str | None, Query(max_length=64, description="at that port")] = None,
    ) -> Wanted:
        where = {"organisation": organisation, "country": country, "port": port, "terminal": terminal}
        if subscription is None:
            return Wanted.of(None if events is None else events.split(","), where)
        if events is not None or any(value is not None for value in where.values()):
            raise UsageError("subscription-or-filter", "name a subscription, or say what is wanted; not both")
        return notices.subscriptions.get(caller.organisation, subscription).wanted

    async def listener(
        caller: Annotated[Caller, Depends(signed)],
        token: Annotated[str, Depends(token_of)],
        wanted: Annotated[Wanted, Depends(wanted)],
        last_event_id: Annotated[
            str | None,
            Header(alias="Last-Event-ID", description="number of the event that you have; go on behind it"),
        ] = None,
    ) -> AsyncIterator[Listener]:
        newest = await hub.newest()
        after = newest if last_event_id is None else min(_number(last_event_id), newest)
        joining = Listener(caller.organisation, token, caller.expires_at, wanted, after)
        with hub.joined(joining):
            yield joining

    @routes.get(
        "/events",
        responses=documented(400, 401, 404, 422, 429, 503),
        response_class=EventSourceResponse,
    )
    async def follow(listener: Annotated[Listener, Depends(listener)]) -> AsyncIterator[ServerSentEvent]:
        """Follow what happens to the shipments that your organisation may see, from now on.

        Each event has its number as `id`: come back with it as `Last-Event-ID`, and nothing is missed. The
        stream ends with the session. A comment comes at least every 15 seconds.
        """
        # With a number from the beginning: whoever loses the connection before the first event misses none.
        yield ServerSentEvent(comment="events", id=str(listener.after), retry=_RETRY_MS)
        async for told in hub.listen(listener):
            yield ServerSentEvent(raw_data=told.text, event=told.kind, id=str(told.seq))

    return routes


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > MAX_SEQ:
        raise MalformedError(
            "malformed-field",
            "Last-Event-ID must be the `id` of an event of this stream, a number",
            field="Last-Event-ID",
        )
    return int(text)
