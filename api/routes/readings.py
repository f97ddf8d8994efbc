"""The operator's readings: an item is opened to its readers, and nothing of it is kept."""

from base64 import b64encode
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.bodies import body_of
from api.deps import Caller, Signed
from api.errors import documented
from api.routes.evidence import Cid, MayRead, ReceivedModel
from ledger.domain import fields, strict_json
from ledger.domain.errors import NotFoundError
from ledger.evidence.disk import no_evidence
from ledger.log.store import StoredStatement
from ledger.sharing.operator_readings import OperatorReading, OperatorReadings

JSON = "application/json"
MaySee = Callable[[StoredStatement, Caller], bool]
"""Tells whether somebody may read a statement."""
_MAX_BODY = 65_536
_MOST_RECIPIENTS = 64
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["secret", "statement", "recipients"],
                    "properties": {
                        "secret": {"type": "string", "description": "the item's own age identity"},
                        "statement": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                        "recipients": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                    },
                    "additionalProperties": False,
                }
            }
        },
    }
}


class ReadingModel(BaseModel):
    """What came of reading an item: the operator's signed statement, and what was made of the item."""

    id: Annotated[str, Field(description="id of the statement, hex")]
    statement: Annotated[str, Field(description="the statement file, base64")]
    index: Annotated[int | None, Field(description="place in the log; null when it was not filed")]
    reason: Annotated[str | None, Field(description="code of why it was not filed")]
    outcome: Annotated[str, Field(description="`read`, `complained` or `not-understood`")]
    renditions: list[ReceivedModel]


def router(
    readings: OperatorReadings,
    statement: Callable[[bytes], StoredStatement],
    may_see: MaySee,
    may_read: MayRead,
    signed: Signed,
) -> APIRouter:
    """Return `/v1/evidence/{cid}/readings`.

    Args:
        readings: The operator's.
        statement: Gives a statement by its id.
        may_see: Tells who may read a statement.
        may_read: Tells who may fetch an item.
        signed: Gives the caller.
    """
    routes = APIRouter(prefix="/v1/evidence", tags=["evidence"])

    def work(data: bytes, cid: str, caller: Caller) -> OperatorReading:
        members = fields.exactly(
            strict_json.loads(data, max_bytes=_MAX_BODY), ("secret", "statement", "recipients"), "the body"
        )
        identifier = fields.from_hex(members["statement"], 32, "statement")
        recipients = [
            fields.text(one, "recipients", longest=2000)
            for one in fields.array(members["recipients"], "recipients")
        ][: _MOST_RECIPIENTS + 1]
        secret = fields.text(members["secret"], "secret", longest=200).encode("utf-8", "replace")
        if not may_read(cid, caller):
            raise no_evidence(cid)
        try:
            claim = statement(identifier)
        except NotFoundError:
            raise no_evidence(cid) from None
        if not may_see(claim, caller):
            raise no_evidence(cid)
        return readings.read(claim, cid, secret, recipients)

    @routes.post(
        "/{cid}/readings",
        status_code=201,
        responses={
            201: {"model": ReadingModel},
            **documented(400, 401, 404, 408, 410, 413, 415, 422, 503),
        },
        response_class=JSONResponse,
        openapi_extra=_BODY,
    )
    async def read(request: Request, cid: Cid, caller: Annotated[Caller, Depends(signed)]) -> JSONResponse:
        """Open an item to the operator's readers, and get what they find as the operator's signed statement.

        The item and its secret are in memory while it is read, and are kept nowhere. Whoever would not show
        them to the operator reads the item on its own machine. The statement is filed when the operator may
        say it in the streams of the claim.
        """
        done = await run_in_threadpool(work, await body_of(request, {JSON: _MAX_BODY}), cid, caller)
        return JSONResponse(_shown(done), 201)

    return routes


def _shown(done: OperatorReading) -> dict[str, Any]:
    return {
        "id": done.id.hex(),
        "statement": b64encode(done.file.encode()).decode("ascii"),
        "index": done.index,
        "reason": done.reason,
        "outcome": done.outcome,
        "renditions": [
            {"item": one.item.to_json(), "secrets": b64encode(one.wrapped).decode("ascii")}
            for one in done.renditions
        ],
    }
