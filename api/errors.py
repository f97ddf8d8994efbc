"""One table from our errors to RFC 9457 problem+json; nothing else leaves the process."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ledger.domain.errors import (
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
_STATUS: dict[type[CorridorError], tuple[int, str]] = {
    MalformedError: (400, "Not in the format"),
    UsageError: (400, "Not a sensible request"),
    PolicyError: (403, "May not be said"),
    NotFoundError: (404, "Not found"),
    ConflictError: (409, "Contradicts what is stored"),
    VerificationError: (422, "Does not verify"),
    UnavailableError: (503, "Not available now; try again"),
}


def install(app: FastAPI) -> None:
    """Answer every failure of the application with problem+json."""
    app.add_exception_handler(CorridorError, _corridor_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    status: int, title: str, code: str, detail: str, *, field: str | None = None, retry: bool = False
) -> JSONResponse:
    """Return a problem document (RFC 9457).

    Args:
        status: HTTP status.
        title: What kind of problem, for people.
        code: The same for programs; stable.
        detail: What was wrong and what to do about it.
        field: The field at fault.
        retry: Whether the same request may succeed later.
    """
    content = {"type": f"urn:corridor:problem:{code}", "title": title, "status": status, "detail": detail}
    if field is not None:
        content["field"] = field
    headers = {"Retry-After": "5"} if retry else None
    return JSONResponse(content, status, media_type=PROBLEM, headers=headers)


async def _corridor_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CorridorError)
    status, title = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    return problem(status, title, error.code, error.message, field=error.field, retry=status == 503)


async def _invalid_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return problem(422, "Not a valid request", "invalid-request", str(first["msg"]), field=where)


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), "http", str(error.detail))


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    _logger.error("unexpected failure", exc_info=error)
    return problem(
        500, "Failure of the service", "internal", "The service failed; its operator has the details."
    )
