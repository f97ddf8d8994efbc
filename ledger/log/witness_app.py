"""A witness over HTTP: C2SP tlog-witness, one route.

Refusals are one sentence of plain text with the error's code; the statuses are the protocol's.
"""

import asyncio
import logging
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from ledger.domain.errors import (
    CorridorError,
    MalformedError,
    NotFoundError,
    PolicyError,
    UnavailableError,
    VerificationError,
)
from ledger.log.witness import Witness
from ledger.log.witness_protocol import MAX_REQUEST, PATH, SIZE_MEDIA_TYPE, WitnessConflict

BODY_SECONDS: Final = 10.0
_STATUS: Final[dict[type[CorridorError], int]] = {
    MalformedError: 400,
    PolicyError: 403,
    NotFoundError: 404,
    VerificationError: 422,
    UnavailableError: 503,
}
_logger = logging.getLogger(__name__)


def create_app(witness: Witness, *, body_seconds: float = BODY_SECONDS) -> FastAPI:
    """Return the ASGI application of a witness: `POST /add-checkpoint`, and `GET /healthz`.

    Args:
        witness: Who answers.
        body_seconds: How long a request may take to arrive.
    """
    app = FastAPI(title=witness.name, openapi_url=None)

    @app.post(PATH)
    async def add_checkpoint(request: Request) -> Response:
        """Answer with a cosignature line, or with why there is none."""
        try:
            async with asyncio.timeout(body_seconds):
                body = await _body(request)
        except TimeoutError:
            return _refusal("body-timeout", f"the request took longer than {body_seconds:g} s to arrive", 408)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return _refusal("too-large", f"a request has at most {MAX_REQUEST} bytes", 413)
        try:
            line = await run_in_threadpool(witness.add_checkpoint, body)
        except WitnessConflict as conflict:
            _logger.warning("%s: %s", conflict.code, conflict)
            # Set by hand: the framework would add a charset to a text type, and the protocol has none.
            return Response(f"{conflict.size}\n", 409, headers={"Content-Type": SIZE_MEDIA_TYPE})
        except CorridorError as error:
            _logger.warning("%s: %s", error.code, error)
            return _refusal(error.code, str(error), _STATUS.get(type(error), 500))
        return PlainTextResponse(line)

    @app.get("/healthz")
    def healthz() -> Response:
        """Answer that the process is alive."""
        return PlainTextResponse("ok\n")

    return app


async def _body(request: Request) -> bytes | None:
    """Return the request's body, None as soon as it is too long."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_REQUEST:
            return None
    return body


def _refusal(code: str, message: str, status: int) -> Response:
    return PlainTextResponse(f"{message} [{code}]\n", status)
