"""Fingerprints of contents, and the alarms when one is offered for two trips."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from api.bodies import body_of
from api.deps import Caller, Page, Paged, Signed
from api.errors import documented
from api.etags import JSON, answer
from api.keeping_schemas import AlarmPage, MatchesShape
from ledger.domain import strict_json
from ledger.domain.fingerprint import Offer
from ledger.sharing.fingerprints import Alarm, Fingerprints

_MAX_BODY = 2_048
_HEX = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["cid", "subject", "kind", "exact"],
                    "properties": {
                        "cid": {"type": "string"},
                        "subject": {"type": "string", "description": "URI of the trip"},
                        "kind": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,15}$"},
                        "exact": _HEX | {"description": "SHA-256 of the content without its wrapping"},
                        "perceptual": _HEX | {"description": "PDQ hash of an image"},
                    },
                    "additionalProperties": False,
                }
            }
        },
    }
}


def router(fingerprints: Fingerprints, signed: Signed, device_or_signed: Signed, paged: Paged) -> APIRouter:
    """Return `/v1/fingerprints` and `/v1/alarms`.

    Args:
        fingerprints: Of the ledger.
        signed: Gives the caller.
        device_or_signed: Gives the caller, who may be a device.
        paged: Gives the page that is wanted.
    """
    routes = APIRouter(prefix="/v1", tags=["evidence"])

    def offer(data: bytes, caller: Caller) -> list[Alarm]:
        read = Offer.parse(strict_json.loads(data, max_bytes=_MAX_BODY))
        found = fingerprints.offer(caller.organisation, read)
        # A device is easily stolen: it is told that there is an alarm, and of no other trip.
        return [replace(one, other=None) for one in found] if caller.is_device else found

    @routes.post(
        "/fingerprints",
        responses={
            200: {"model": MatchesShape},
            **documented(400, 401, 403, 404, 408, 410, 413, 415, 503),
        },
        response_class=Response,
        openapi_extra=_BODY,
    )
    async def post_fingerprint(
        request: Request, caller: Annotated[Caller, Depends(device_or_signed)]
    ) -> Response:
        """Offer the fingerprint of an item that your organisation claims of a trip; again it does no harm.

        It is compared with those of other trips, and kept under a key of the operator. Of a trip that you may
        not see you learn that it has the same content, and no more.
        """
        found = await run_in_threadpool(offer, await body_of(request, {JSON: _MAX_BODY}), caller)
        return answer(request, {"matches": [_shown(one) for one in found]})

    @routes.get(
        "/alarms",
        responses={200: {"model": AlarmPage}, **documented(400, 401, 422, 503)},
        response_class=Response,
    )
    def get_alarms(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
    ) -> Response:
        """List contents that were offered for two trips of which you may see one, oldest first."""
        after = None if page.after is None else (page.after[0], page.after[1])
        found = fingerprints.raised(caller.organisation, after=after, limit=page.look)
        return answer(request, page.of(found, _shown, lambda one: list(one.place)))

    return routes


def _shown(one: Alarm) -> dict[str, Any]:
    return {
        "id": one.id.hex(),
        "kind": one.kind,
        "how": "same" if one.distance is None else "alike",
        "distance": one.distance,
        "raised_at": one.raised_at,
        "subject": one.subject,
        "cid": one.cid,
        "other": one.other,
    }
