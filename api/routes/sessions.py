"""Sessions: a challenge, its signature, a token."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.bodies import body_of
from api.deps import Caller, Signed, token_of
from api.errors import documented
from ledger.access import Access
from ledger.domain.fields import b64url
from ledger.domain.login import MAX_BYTES, TYP, Login

_BODY = {
    "requestBody": {
        "required": True,
        "content": {TYP: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Challenge(BaseModel):
    """What a login signs."""

    challenge: Annotated[str, Field(description="base64url, no padding; the payload of the login message")]
    expires_at: Annotated[int, Field(description="POSIX seconds")]


class Who(BaseModel):
    """Whose session it is."""

    organisation: Annotated[str, Field(description="URI")]
    kid: Annotated[str, Field(description="thumbprint of the key that opened the session, hex")]
    roles: Annotated[list[str], Field(description="the organisation's roles now")]
    expires_at: Annotated[int, Field(description="POSIX seconds; earlier when the key ends")]


class Session(Who):
    """A session, as it is handed over once."""

    token: Annotated[str, Field(description="send it as `Authorization: Bearer TOKEN`")]


def router(access: Access, signed: Signed) -> APIRouter:
    """Return `/v1/challenges` and `/v1/sessions`.

    Args:
        access: Of the service.
        signed: Gives the caller.
    """
    routes = APIRouter(prefix="/v1", tags=["sessions"])

    @routes.post("/challenges", status_code=201, responses=documented(503))
    async def challenge() -> Challenge:
        """Give out a challenge: good once, for two minutes."""
        given = access.challenges.give()
        return Challenge(challenge=b64url(given.value), expires_at=given.expires_at)

    @routes.post(
        "/sessions",
        status_code=201,
        responses=documented(400, 401, 408, 413, 415, 422, 503),
        openapi_extra=_BODY,
    )
    async def open_session(request: Request, response: Response) -> Session:
        """Open a session with a signed challenge: a login message (formats, section 16)."""
        login = Login.parse(await body_of(request, {TYP: MAX_BYTES}))
        opened = await run_in_threadpool(access.sessions.open, login)
        response.headers["Cache-Control"] = "no-store"
        return Session(token=opened.token, **_who(opened.caller))

    @routes.get("/sessions/current", responses=documented(401, 503))
    def current(caller: Annotated[Caller, Depends(signed)]) -> Who:
        """Say whose session this is."""
        return Who(**_who(caller))

    @routes.delete("/sessions/current", status_code=204, responses=documented(401, 503))
    def close_session(
        token: Annotated[str, Depends(token_of)], _caller: Annotated[Caller, Depends(signed)]
    ) -> None:
        """End this session."""
        access.sessions.close(token)

    return routes


def _who(caller: Caller) -> dict[str, Any]:
    return {
        "organisation": caller.organisation,
        "kid": caller.kid.hex(),
        "roles": sorted(caller.roles),
        "expires_at": caller.expires_at,
    }
