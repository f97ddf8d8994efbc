"""Registering statements. What authorises a write is the statement's own signature."""

from concurrent.futures import Future
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api import shapes
from api.bodies import BODY_SECONDS, body_of, media_type_of
from api.errors import documented
from api.etags import JSON, encoded
from api.preferences import APPLIED, ONCE, PARAMETER, is_lenient
from api.schemas import RegisteredShape
from ledger.access import Answer, Repeatable, RepeatableRequests
from ledger.catalogue.registrar import Registered, Registrar
from ledger.domain.statement import FILE_MEDIA_TYPE, MAX_FILE_BYTES, Statement, StatementFile
from ledger.domain.statement_payload import MAX_BYTES
from ledger.log.intake import Intake

COSE_MEDIA_TYPES = ("application/scitt-statement+cose", "application/cose")
FILE_MEDIA_TYPES = (FILE_MEDIA_TYPE, "application/json")
_LIMITS = dict.fromkeys(COSE_MEDIA_TYPES, MAX_BYTES) | dict.fromkeys(FILE_MEDIA_TYPES, MAX_FILE_BYTES)
_ROUTE = "POST /v1/statements"
_FILE = {
    "type": "object",
    "required": ["format", "statement", "disclosures"],
    "properties": {
        "format": {"const": "corridor-statement/1"},
        "statement": {"type": "string", "description": "base64url of the COSE_Sign1"},
        "disclosures": {"type": "array", "items": {"type": "string"}},
    },
    "additionalProperties": False,
}
# Read by hand below: what a framework does for each header of each request is a good part of its time.
_DESCRIPTION: dict[str, Any] = {
    "parameters": [
        PARAMETER,
        {
            "in": "header",
            "name": "Idempotency-Key",
            "schema": {"type": "string", "maxLength": 130},
            "description": ONCE,
        },
    ],
    "requestBody": {
        "required": True,
        "content": {
            **{name: {"schema": {"type": "string", "format": "binary"}} for name in COSE_MEDIA_TYPES},
            **{name: {"schema": _FILE} for name in FILE_MEDIA_TYPES},
        },
    },
}


def router(
    registrar: Registrar,
    intake: Intake,
    requests: RepeatableRequests,
    *,
    body_seconds: float = BODY_SECONDS,
) -> APIRouter:
    """Return `POST /v1/statements`.

    Args:
        registrar: The way by which statements come into the log.
        intake: Checks them in threads.
        requests: Requests that may be repeated.
        body_seconds: How long a body may take to arrive.
    """
    routes = APIRouter(prefix="/v1/statements", tags=["statements"])

    def begin(media_type: str, data: bytes, lenient: bool) -> "Future[Registered]":
        file = _file(media_type, data)
        return registrar.submit(file.statement, file.disclosures, lenient=lenient)

    def once(key: str, media_type: str, data: bytes, lenient: bool) -> Answer:
        file = _file(media_type, data)
        # Who does not hold the key is told nothing of what it was used with; and who holds only an old
        # statement of its, as every reader does, neither asks for other requests nor uses up a word.
        known = registrar.known(file.statement)
        asked = (media_type.encode(), b"lenient" if lenient else b"", data)
        request = Repeatable.of(key, _ROUTE, Statement.parse(file.statement).kid, *asked)
        if known is not None:
            return requests.answer_of(request) or _answer(known)
        return requests.once(request, lambda: _answer(begin(media_type, data, lenient).result()))

    @routes.post(
        "",
        status_code=201,
        response_class=Response,
        responses={
            200: {"model": RegisteredShape, "description": "It was there before"},
            201: {"model": RegisteredShape, "description": "It is on record"},
            **documented(400, 403, 408, 409, 413, 415, 422, 503),
        },
        openapi_extra=_DESCRIPTION,
    )
    async def submit(request: Request) -> Response:
        """Register a signed statement: a statement file, or the bare COSE_Sign1.

        When it is answered, it is durable. The same statement again answers 200 with the same index: a
        submission whose answer was lost can be repeated.
        """
        data = await body_of(request, _LIMITS, seconds=body_seconds)
        media_type, lenient = media_type_of(request), is_lenient(request)
        key = request.headers.get("idempotency-key")
        if key is not None:
            done = await run_in_threadpool(once, key, media_type, data, lenient)
        else:
            # Read and checked in a thread; while the log is written, no thread waits.
            done = _answer(await intake.result(lambda: begin(media_type, data, lenient)))
        return Response(done.content, done.status, media_type=JSON, headers=APPLIED if lenient else None)

    return routes


def _file(media_type: str, data: bytes) -> StatementFile:
    return StatementFile(data, ()) if media_type in COSE_MEDIA_TYPES else StatementFile.parse(data)


def _answer(registered: Registered) -> Answer:
    return Answer(200 if registered.duplicate else 201, encoded(shapes.registered(registered)))
