"""Wrapped secrets of evidence: handed over by those whose it is, fetched by those who may open it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.bodies import body_of
from api.deps import Caller, Page, Paged, Signed
from api.errors import documented
from api.etags import JSON, answer
from api.secret_schemas import SecretPage, StoredShape
from ledger.domain import strict_json
from ledger.domain.errors import PolicyError, UsageError
from ledger.domain.wrapped import MAX_AT_ONCE, Batch
from ledger.sharing.secrets import Kept, Secrets

MAX_BODY = 6 * 1_048_576
_SECRET = {
    "type": "object",
    "required": ["commitment", "cid", "wrapped"],
    "properties": {
        "commitment": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "cid": {"type": "string"},
        "wrapped": {"type": "string", "description": "age file (binary) with the item's secret, base64"},
    },
    "additionalProperties": False,
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["record", "for", "secrets"],
                    "properties": {
                        "record": {
                            "type": ["string", "null"],
                            "pattern": "^[0-9a-f]{64}$",
                            "description": "id of your statement `disclosure-record`; null for your own",
                        },
                        "for": {"type": "string", "description": "URI of the organisation"},
                        "secrets": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": MAX_AT_ONCE,
                            "items": _SECRET,
                        },
                    },
                    "additionalProperties": False,
                }
            }
        },
    }
}


def router(secrets: Secrets, signed: Signed, device_or_signed: Signed, paged: Paged) -> APIRouter:
    """Return `/v1/evidence/secrets`.

    Args:
        secrets: In the ledger's keeping.
        signed: Gives the caller.
        device_or_signed: Gives the caller, who may be a device.
        paged: Gives the page that is wanted.
    """
    routes = APIRouter(prefix="/v1/evidence", tags=["evidence"])

    def keep(data: bytes, caller: Caller) -> dict[str, int]:
        batch = Batch.parse(strict_json.loads(data, max_bytes=MAX_BODY))
        if caller.is_device and batch.for_ != caller.organisation:
            message = "a device hands secrets to its own organisation only; ask with a key for statements"
            raise PolicyError("device-session", message, field="for")
        # A device is easily stolen: what it brings adds to what there is, and takes the place of nothing.
        waiting = secrets.keep(caller.organisation, batch, replace=not caller.is_device)
        return {"stored": len(batch.secrets), "waiting": waiting}

    @routes.post(
        "/secrets",
        responses={200: {"model": StoredShape}, **documented(400, 401, 403, 404, 408, 413, 415, 503)},
        response_class=Response,
        openapi_extra=_BODY,
    )
    async def post_secrets(
        request: Request, caller: Annotated[Caller, Depends(device_or_signed)]
    ) -> Response:
        """Hand over secrets of items that are yours, wrapped for one organisation's keys; all or none.

        For another organisation your statement `disclosure-record` has to be on record first. The same again
        replaces what was there. The ledger cannot open them. It keeps also what the organisation may not
        see yet (`waiting`), and gives that out once it may. A device hands over to its own organisation
        alone, and replaces nothing.
        """
        return answer(
            request, await run_in_threadpool(keep, await body_of(request, {JSON: MAX_BODY}), caller)
        )

    @routes.get(
        "/secrets",
        responses={200: {"model": SecretPage}, **documented(400, 401, 404, 422, 503)},
        response_class=Response,
    )
    def get_secrets(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
        *,
        subject: Annotated[
            str | None, Query(max_length=400, description="only of items that are claimed about this subject")
        ] = None,
        commitment: Annotated[
            str | None, Query(pattern="^[0-9a-f]{64}$", description="only of this item, hex")
        ] = None,
        role: Annotated[
            Literal["received", "given"], Query(description="what you were given, or gave to another")
        ] = "received",
        to: Annotated[
            str | None, Query(max_length=200, description="with `given`: URI of the other organisation")
        ] = None,
    ) -> Response:
        """List the secrets that you may open now, by commitment; or what you gave to somebody.

        You are given what was wrapped for your organisation, as long as you may see the item.
        """
        if (role == "given") != (to is not None) or (to is not None and commitment is not None):
            message = "`role=given` needs `to`, the organisation that you gave it to, and no `commitment`"
            raise UsageError("given-to", message, field="to")
        me, limit = caller.organisation, page.look
        if to is None:
            one = None if commitment is None else bytes.fromhex(commitment)
            found = secrets.received(me, subject=subject, commitment=one, after=page.after, limit=limit)
        else:
            found = secrets.given(me, to, subject=subject, after=page.after, limit=limit)
        return answer(request, page.of(found, _shown, lambda one: list(one.place)))

    return routes


def _shown(one: Kept) -> dict[str, Any]:
    record = None if one.record is None else one.record.hex()
    return one.secret.to_json() | {
        "category": one.category,
        "from": one.giver,
        "for": one.for_,
        "record": record,
    }
