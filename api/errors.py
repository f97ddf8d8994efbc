"""One table from our errors to RFC 9457 problem+json; nothing else leaves the process."""

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ledger.chain.errors import WrongChainError
from ledger.domain.errors import (
    AccessError,
    ConflictError,
    CorridorError,
    MalformedError,
    NotFoundError,
    PolicyError,
    UnavailableError,
    UsageError,
    VerificationError,
)

PROBLEM = "application/problem+json"
_logger = logging.getLogger(__name__)
_UNAVAILABLE = (503, "Not available now; try again")
_STATUS: dict[type[CorridorError], tuple[int, str]] = {
    MalformedError: (400, "Not in the format"),
    UsageError: (400, "Not a sensible request"),
    AccessError: (401, "Nobody is known to be asking"),
    PolicyError: (403, "May not be said"),
    NotFoundError: (404, "Not found"),
    ConflictError: (409, "Contradicts what is stored"),
    VerificationError: (422, "Does not verify"),
    UnavailableError: _UNAVAILABLE,
    # Whoever submits is not to blame for the node behind this service.
    WrongChainError: _UNAVAILABLE,
}
# What HTTP has a status of its own for.
_STATUS_OF_CODE = {
    "too-slow": (408, "Came too slowly"),
    "erased": (410, "Erased"),
    "too-large": (413, "Too large"),
    "media-type": (415, "Of another media type"),
    "too-many": (429, "Too many at once"),
    "idempotency-key-reused": (422, "Another request with the same key"),
}
_CODE_OF_STATUS = {status: code for code, (status, _) in _STATUS_OF_CODE.items() if status in (408, 413)}
# What is at fault as a whole, where no reader knows a name for it.
_WHOLE = "the body"
_OF_ALL = frozenset(
    {
        *("too-slow", "too-large", "empty", "json-syntax", "json-encoding", "json-depth", "json-number"),
        *("cose-serialisation", "cut-off"),
    }
)
# What time resolves beside what is not available now.
_LATER = frozenset({"not-final", "request-in-progress", "too-many"})


def install(app: FastAPI) -> None:
    """Answer every failure of the application with problem+json."""
    app.add_exception_handler(CorridorError, _corridor_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    status: int,
    title: str,
    code: str,
    detail: str,
    *,
    field: str | None = None,
    retry: bool = False,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return a problem document (RFC 9457).

    Args:
        status: HTTP status.
        title: What kind of problem, for people.
        code: The same for programs; stable.
        detail: What was wrong and what to do about it.
        field: The field at fault.
        retry: Whether the same request may succeed later.
        headers: More headers of the answer.
    """
    content = {"type": f"urn:corridor:problem:{code}", "title": title, "status": status, "detail": detail}
    if field is not None:
        content["field"] = field
    more = dict(headers or {}) | ({"Retry-After": "5"} if retry else {})
    return JSONResponse(content, status, media_type=PROBLEM, headers=more)


def too_many(detail: str, headers: Mapping[str, str] | None) -> JSONResponse:
    """Return the problem of who asks too often.

    Args:
        detail: What to say.
        headers: When to come back.
    """
    return problem(429, "Too many requests", "too-many-requests", detail, headers=headers)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that can end in these statuses, for OpenAPI."""
    titles = dict([*_STATUS.values(), *_STATUS_OF_CODE.values()])
    schema = {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "field": {"type": "string"},
        },
    }
    return {
        status: {"description": titles[status], "content": {PROBLEM: {"schema": schema}}}
        for status in statuses
    }


async def _corridor_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CorridorError)
    status, title = _STATUS_OF_CODE.get(error.code) or next(
        _STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS
    )
    retry = status == 503 or error.code in _LATER
    # RFC 6750 section 3.
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    field = error.field or (_WHOLE if error.code in _OF_ALL else None)
    return problem(status, title, error.code, error.message, field=field, retry=retry, headers=headers)


async def _invalid_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return problem(422, "Not a valid request", "invalid-request", str(first["msg"]), field=where)


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status, detail = error.status_code, str(error.detail)
    if status == 429:
        return too_many(detail, error.headers)
    if status in _CODE_OF_STATUS:
        code = _CODE_OF_STATUS[status]
        return problem(status, _STATUS_OF_CODE[code][1], code, detail, field=_WHOLE, headers=error.headers)
    return problem(status, detail, f"http-{status}", detail, headers=error.headers)


async def _gone(_request: Request, _error: Exception) -> JSONResponse:
    # Nobody reads this.
    return problem(400, "Not in the format", "cut-off", "The connection ended before the request did.")


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    _logger.error("unexpected failure", exc_info=error)
    return problem(
        500, "Failure of the service", "internal", "The service failed; its operator has the details."
    )
