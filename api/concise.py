"""Concise problem details (RFC 9290): what SCRAPI answers in place of problem+json."""

import json
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import PROBLEM
from ledger.domain import strict_cbor

CONCISE = "application/concise-problem-details+cbor"
_TITLE, _DETAIL = -1, -2


def concise(problem: dict[str, Any]) -> bytes:
    """Return a problem document of RFC 9457 as concise problem details in CBOR.

    The problem's type becomes the key of a custom entry (RFC 9290 section 3.2), with its status and field.
    """
    more = {name: problem[name] for name in ("status", "field") if name in problem}
    return strict_cbor.dumps(
        {_TITLE: problem["title"], _DETAIL: problem["detail"], str(problem["type"]): more}
    )


class ConciseProblems:
    """Turns every problem that the application answers below some paths into CBOR, wherever it came from.

    Args:
        app: The application.
        prefixes: Beginnings of the paths.
    """

    def __init__(self, app: ASGIApp, prefixes: tuple[str, ...]) -> None:
        self._app = app
        self._prefixes = prefixes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or not scope["path"].startswith(self._prefixes):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = bytearray()

        async def translated(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_problem(message):
                start = message
                return
            if start is None:
                await send(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                content = concise(json.loads(body))
                headers = MutableHeaders(raw=start["headers"])
                headers["Content-Type"], headers["Content-Length"] = CONCISE, str(len(content))
                await send(start)
                await send({"type": "http.response.body", "body": content})

        await self._app(scope, receive, translated)


def _is_problem(start: Message) -> bool:
    return (b"content-type", PROBLEM.encode()) in start["headers"]
