"""Structured logs: a JSON line, or a line of text, for everything that is logged in the process.

No line holds a token, a body, or a path as it was asked for, and from which address somebody asked is told of
refusals only. A failure is told by its type and
where it came from, without its text, which may quote what somebody sent; errors of our own tree are made to
be told, and keep theirs.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from ledger.domain.errors import CorridorError

LogFormat = Literal["json", "text"]
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Id of the request that is being answered, told with every line that is logged for it."""

_MAX_FRAMES = 20
QUIET = ("httpx", "httpcore", "alembic", "uvicorn", "web3")
"""Libraries that would log a line, addresses included, for every request that they make or serve."""


def configure(log_format: LogFormat, level: str, stream: TextIO | None = None) -> None:
    """Send everything that is logged in this process to one stream, in one form.

    Args:
        log_format: `json`: one object a line; `text`: for people.
        level: The least that is logged: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
        stream: Where to; standard error if None.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter(log_format))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def formatter(log_format: LogFormat) -> logging.Formatter:
    """Return a formatter of records, ours and those of libraries."""
    render: Processor = structlog.processors.JSONRenderer(_json) if log_format == "json" else _text
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(("fields",)),
        ],
        processors=[
            _flat,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _failure,
            render,
        ],
    )


def _json(value: object, **_options: object) -> str:
    return json.dumps(value, separators=(",", ":"), default=str)


def _flat(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Put what a request or a record says of itself beside the event."""
    del event["_record"], event["_from_structlog"]
    event.update(event.pop("fields", {}))
    asked = request_id.get()
    if asked is not None:
        event.setdefault("request", asked)
    return event


def _failure(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    exc_info: ExcInfo | None = event.pop("exc_info", None)
    if exc_info and exc_info[1] is not None:
        event["failure"] = [_told(one) for one in _chain(exc_info[1])]
    return event


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from, the outermost first."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


def _told(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-_MAX_FRAMES:]
    told: dict[str, Any] = {"type": type(error).__qualname__}
    if isinstance(error, CorridorError):
        told |= {"code": error.code, "message": error.message}
    return told | {"at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}


def _text(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
    time, level, name = (event.pop(key, "") for key in ("time", "level", "logger"))
    failure = event.pop("failure", [])
    said = event.pop("event", "")
    rest = "".join(f" {key}={value}" for key, value in event.items())
    lines = [_one_line(f"{time} {str(level).upper()} {name}: {said}{rest}")]
    for one in failure:
        message = f": {one['message']}" if "message" in one else ""
        lines += [_one_line(f"  {one['type']}{message}"), *(f"    at {place}" for place in one["at"])]
    return "\n".join(lines)


def _one_line(text: str) -> str:
    """Return a text with all that is not printable as escapes: nothing sent makes a line."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "backslashreplace").decode()
        for char in text
    )
