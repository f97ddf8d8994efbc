"""Registering statements. What authorises a write is the statement's own signature."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from ledger.domain.errors import MalformedError
from ledger.domain.statement import FILE_MEDIA_TYPE, MAX_FILE_BYTES, StatementFile
from ledger.domain.statement_payload import MAX_BYTES
from ledger.log.policy import RegistrationPolicy
from ledger.log.sequencer import Sequencer

COSE_MEDIA_TYPES = ("application/scitt-statement+cose", "application/cose")


class Registered(BaseModel):
    """Where a statement stands; when this is answered, it is durable."""

    id: Annotated[str, Field(description="statement id, hex")]
    index: Annotated[int, Field(description="index of its entry in the log")]
    duplicate: Annotated[bool, Field(description="whether it was there before")]


def router(policy: RegistrationPolicy, sequencer: Sequencer) -> APIRouter:
    """Return `/v1/statements`.

    Args:
        policy: Who may register what.
        sequencer: Appends what the policy lets through.
    """
    routes = APIRouter(prefix="/v1/statements", tags=["statements"])

    def register(data: bytes, media_type: str) -> Registered:
        if media_type in COSE_MEDIA_TYPES:
            submission = policy.check(data)
        else:
            file = StatementFile.parse(data)
            submission = policy.check(file.statement, file.disclosures)
        appended = sequencer.append(submission)
        return Registered(id=appended.id.hex(), index=appended.index, duplicate=appended.duplicate)

    @routes.post("", status_code=201, responses={200: {"model": Registered}})
    async def submit(request: Request, response: Response) -> Registered:
        """Register a signed statement: a statement file, or the bare COSE_Sign1.

        The same statement again answers 200 with the same index: a submission whose answer was lost can be
        repeated.
        """
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in (*COSE_MEDIA_TYPES, FILE_MEDIA_TYPE, "application/json"):
            raise MalformedError(
                "media-type",
                f"send a statement file as {FILE_MEDIA_TYPE}, or a COSE_Sign1 as {COSE_MEDIA_TYPES[0]}",
            )
        limit = MAX_BYTES if media_type in COSE_MEDIA_TYPES else MAX_FILE_BYTES
        registered = await run_in_threadpool(register, await _body(request, limit), media_type)
        if registered.duplicate:
            response.status_code = 200
        return registered

    return routes


async def _body(request: Request, limit: int) -> bytes:
    """Read a body no further than its limit."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise MalformedError("too-large", f"the body has more than {limit} bytes")
    return bytes(data)
