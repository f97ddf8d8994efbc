"""Sessions for tests that read over HTTP."""

from typing import Any

import httpx

from api.openapi import STREAM
from ledger.domain.fields import from_b64url
from ledger.domain.login import TYP, sign_login
from tests.builders import a_signer
from tests.integration.stage import Stage


def sign_in(stage: Stage, uri: str, *, key: str | None = None) -> dict[str, str]:
    """Open a session of an organisation with its key, or another one, and return the headers that show it."""
    given = stage.http.post("/v1/challenges").json()["challenge"]
    message = sign_login(
        a_signer(key or uri),
        iss=uri,
        aud=stage.ledger.genesis.audience,
        iat=stage.clock(),
        challenge=from_b64url(given, "challenge"),
    )
    opened = stage.http.post("/v1/sessions", content=message, headers={"Content-Type": TYP})
    assert opened.status_code == 201, opened.text
    return {"Authorization": f"Bearer {opened.json()['token']}"}


def answered(http: httpx.Client, method: str, url: str, **more: Any) -> httpx.Response:
    """Return the answer to a request; of a stream, which has no end, its head alone."""
    with http.stream(method, url, **more) as answer:
        if answer.headers.get("Content-Type", "").startswith(STREAM):
            return httpx.Response(answer.status_code, headers=answer.headers, content=b"")
        answer.read()
        return answer
