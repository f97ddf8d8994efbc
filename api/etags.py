"""JSON answers that a client may keep and ask about again (RFC 9110 sections 8.8.3 and 13.1.2)."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from fastapi import Request, Response

from ledger.domain.fields import b64url

JSON = "application/json"
_OWN = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}


def encoded(value: Any) -> bytes:
    """Return a value as compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def entity_tag(data: bytes, *, weak: bool = False) -> str:
    """Return the entity tag of a representation.

    Args:
        data: Its bytes, or what it follows from.
        weak: Whether two representations under this tag may differ in their bytes.
    """
    return f'{"W/" * weak}"{b64url(sha256(data).digest()[:18])}"'


def is_known(request: Request, tag: str) -> bool:
    """Return whether a request says that its client holds the representation with this entity tag.

    Only a GET or HEAD can be answered by what a client holds; any other method wants something done.
    """
    if request.method not in ("GET", "HEAD"):
        return False
    # If-None-Match compares weakly: the mark of a weak tag does not matter.
    held = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    return "*" in held or tag.removeprefix("W/") in held


def answer(
    request: Request, value: Any, *, headers: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """Return a value as JSON with its entity tag, or 304 when the client holds it.

    Args:
        request: The request.
        value: What `json` writes.
        headers: More headers.
        status: HTTP status.
    """
    return answer_text(request, encoded(value), headers=headers, status=status)


def answer_text(
    request: Request, content: bytes, *, headers: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """Return what is written as JSON already; see `answer`."""
    tag = entity_tag(content)
    more = {**_OWN, "ETag": tag, **(headers or {})}
    if is_known(request, tag):
        return Response(status_code=304, headers=more)
    return Response(content, status, media_type=JSON, headers=more)


def as_file(request: Request, content: bytes, media_type: str, name: str) -> Response:
    """Return a file with its entity tag, or 304 when the client holds it.

    Args:
        request: The request.
        content: Its bytes.
        media_type: What they are.
        name: What to call the file; ASCII without quotation marks.
    """
    headers = {
        **_OWN,
        "ETag": entity_tag(content),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
