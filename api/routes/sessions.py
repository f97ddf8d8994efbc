"""Sessions: a challenge, what was signed for it by a key or by an identity provider, a token."""

import logging
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.bodies import body_of
from api.deps import Caller, Signed, token_of
from api.errors import documented
from api.etags import JSON
from ledger.access import Access
from ledger.access.id_token import MAX_BYTES as MAX_TOKEN
from ledger.access.sessions import Opened
from ledger.domain import fields, strict_json
from ledger.domain.fields import b64url
from ledger.domain.login import MAX_BYTES, TYP, Login

_logger = logging.getLogger(__name__)
_BODY = {
    "requestBody": {
        "required": True,
        "content": {TYP: {"schema": {"type": "string", "format": "binary"}}},
    }
}


_OFFICER_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["token"],
                    "properties": {
                        "token": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": MAX_TOKEN,
                            "description": "ID token (OpenID Connect) whose `nonce` is a challenge",
                        }
                    },
                    "additionalProperties": False,
                }
            }
        },
    }
}
_MAX_OFFICER_BODY = MAX_TOKEN + 1_024


class Challenge(BaseModel):
    """What a login signs."""

    challenge: Annotated[str, Field(description="base64url, no padding; the payload of the login message")]
    expires_at: Annotated[int, Field(description="POSIX seconds")]


class Who(BaseModel):
    """Whose session it is."""

    organisation: Annotated[str, Field(description="URI")]
    kid: Annotated[
        str | None,
        Field(
            description="thumbprint of the key that opened the session, hex; null when an officer signed in"
        ),
    ]
    officer: Annotated[
        str | None,
        Field(description="pseudonym of the officer who signed in, hex; null when a key opened the session"),
    ]
    roles: Annotated[list[str], Field(description="the organisation's roles now")]
    expires_at: Annotated[
        int, Field(description="POSIX seconds; earlier when the key or the organisation ends")
    ]


class Session(Who):
    """A session, as it is handed over once."""

    token: Annotated[str, Field(description="send it as `Authorization: Bearer TOKEN`")]


def router(access: Access, signed: Signed, leaving: Signed) -> APIRouter:
    """Return `/v1/challenges` and `/v1/sessions`.

    Args:
        access: Of the service.
        signed: Gives the caller.
        leaving: Gives the caller who ends the session, whoever it is.
    """
    routes = APIRouter(prefix="/v1", tags=["sessions"])

    @routes.post("/challenges", status_code=201, responses=documented(429, 503))
    async def challenge() -> Challenge:
        """Give out a challenge: good once, for a short while."""
        given = access.challenges.give()
        return Challenge(challenge=b64url(given.value), expires_at=given.expires_at)

    @routes.post(
        "/sessions",
        status_code=201,
        responses=documented(400, 401, 408, 413, 415, 422, 429, 503),
        openapi_extra=_BODY,
    )
    async def open_session(request: Request, response: Response) -> Session:
        """Open a session with a signed challenge: a login message (formats, section 16)."""
        login = Login.parse(await body_of(request, {TYP: MAX_BYTES}))
        opened = await run_in_threadpool(access.sessions.open, login)
        response.headers["Cache-Control"] = "no-store"
        return _told(opened)

    @routes.post(
        "/sessions/oidc",
        status_code=201,
        responses=documented(400, 401, 408, 413, 415, 422, 429, 503),
        openapi_extra=_OFFICER_BODY,
    )
    async def open_session_for_officer(request: Request, response: Response) -> Session:
        """Open a session with an ID token of the organisation's identity provider. It reads, and no more."""
        data = await body_of(request, {JSON: _MAX_OFFICER_BODY})
        members = fields.exactly(strict_json.loads(data, max_bytes=_MAX_OFFICER_BODY), ("token",), "the body")
        token = fields.text(members["token"], "token", longest=MAX_TOKEN)
        opened = await run_in_threadpool(access.sessions.open_for_officer, token)
        response.headers["Cache-Control"] = "no-store"
        return _told(opened)

    @routes.get("/sessions/current", responses=documented(401, 503))
    def current(caller: Annotated[Caller, Depends(signed)]) -> Who:
        """Say whose session this is."""
        return Who(**_who(caller))

    @routes.delete("/sessions/current", status_code=204, responses=documented(401, 503))
    def close_session(
        token: Annotated[str, Depends(token_of)], _caller: Annotated[Caller, Depends(leaving)]
    ) -> None:
        """End this session."""
        access.sessions.close(token)

    return routes


def _told(opened: Opened) -> Session:
    caller = opened.caller
    who = {"organisation": caller.organisation} | (
        {"kid": caller.kid.hex()} if caller.kid else {"officer": (caller.officer or b"").hex()}
    )
    _logger.info("session opened", extra={"fields": who})
    return Session(token=opened.token, **_who(caller))


def _who(caller: Caller) -> dict[str, Any]:
    return {
        "organisation": caller.organisation,
        "kid": caller.kid.hex() if caller.kid else None,
        "officer": caller.officer.hex() if caller.officer else None,
        "roles": sorted(caller.roles),
        "expires_at": caller.expires_at,
    }
