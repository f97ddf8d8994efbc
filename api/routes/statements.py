"""Registering statements. What authorises a write is the statement's own signature."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.bodies import BODY_SECONDS, body_of, media_type_of
from api.errors import documented
from ledger.domain.errors import NotFoundError, PolicyError
from ledger.domain.statement import FILE_MEDIA_TYPE, MAX_FILE_BYTES, Statement, StatementFile
from ledger.domain.statement_payload import MAX_BYTES
from ledger.log.policy import RegistrationPolicy
from ledger.log.sequencer import Sequencer
from ledger.log.store import LogStore

COSE_MEDIA_TYPES = ("application/scitt-statement+cose", "application/cose")
FILE_MEDIA_TYPES = (FILE_MEDIA_TYPE, "application/json")
_LIMITS = dict.fromkeys(COSE_MEDIA_TYPES, MAX_BYTES) | dict.fromkeys(FILE_MEDIA_TYPES, MAX_FILE_BYTES)

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            **{name: {"schema": {"type": "string", "format": "binary"}} for name in COSE_MEDIA_TYPES},
            **{
                name: {
                    "schema": {
                        "type": "object",
                        "required": ["format", "statement", "disclosures"],
                        "properties": {
                            "format": {"const": "corridor-statement/1"},
                            "statement": {"type": "string", "description": "base64url of the COSE_Sign1"},
                            "disclosures": {"type": "array", "items": {"type": "string"}},
                        },
                        "additionalProperties": False,
                    }
                }
                for name in FILE_MEDIA_TYPES
            },
        },
    }
}


class Registered(BaseModel):
    """Where a statement stands; when this is answered, it is durable."""

    id: Annotated[str, Field(description="statement id, hex")]
    index: Annotated[int, Field(description="index of its entry in the log")]
    duplicate: Annotated[bool, Field(description="whether it was there before")]


def router(
    policy: RegistrationPolicy, sequencer: Sequencer, store: LogStore, *, body_seconds: float = BODY_SECONDS
) -> APIRouter:
    """Return `/v1/statements`.

    Args:
        policy: Who may register what.
        sequencer: Appends what the policy lets through.
        store: The log.
        body_seconds: How long a body may take to arrive.
    """
    routes = APIRouter(prefix="/v1/statements", tags=["statements"])

    def register(data: bytes, media_type: str) -> Registered:
        file = StatementFile(data, ()) if media_type in COSE_MEDIA_TYPES else StatementFile.parse(data)
        try:
            submission = policy.check(file.statement, file.disclosures)
        except PolicyError as refusal:
            return known(file.statement, refusal)
        appended = sequencer.append(submission)
        return Registered(id=appended.id.hex(), index=appended.index, duplicate=appended.duplicate)

    def known(raw: bytes, refusal: PolicyError) -> Registered:
        # It may have been registered before its key ended: then the first answer was lost, and here it is.
        try:
            there = store.statement(Statement.parse(raw).id)
        except NotFoundError:
            raise refusal from None
        return Registered(id=there.id.hex(), index=there.index, duplicate=True)

    @routes.post(
        "",
        status_code=201,
        responses={
            200: {"model": Registered, "description": "It was there before"},
            **documented(400, 403, 408, 413, 415, 422, 503),
        },
        openapi_extra=_BODY,
    )
    async def submit(request: Request, response: Response) -> Registered:
        """Register a signed statement: a statement file, or the bare COSE_Sign1.

        The same statement again answers 200 with the same index: a submission whose answer was lost can be
        repeated.
        """
        data = await body_of(request, _LIMITS, seconds=body_seconds)
        media_type = media_type_of(request)
        registered = await run_in_threadpool(register, data, media_type)
        if registered.duplicate:
            response.status_code = 200
        return registered

    return routes
