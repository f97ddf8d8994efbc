"""Officers for tests that read over HTTP: a provider played by the tests' own clock, and served."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ledger.access.oidc_setting import OidcSetting
from ledger.log.http_server import listen, serving, url_of
from tests.access.provider import AUDIENCE, Played, claims_at, signed
from tests.integration.stage import Stage


@dataclass(frozen=True)
class Officers:
    """A provider that is served, and knows everybody.

    Args:
        played: What it answers.
    """

    played: Played

    def setting(self, organisation: str) -> OidcSetting:
        """Return what a ledger's settings say of it."""
        return OidcSetting(issuer=self.played.issuer, audience=AUDIENCE, organisation=organisation)

    def sign_in(self, stage: Stage, sub: str = "officer-7") -> dict[str, str]:
        """Open an officer's session and return the headers that show it."""
        opened = self.knock(stage, sub=sub)
        assert opened.status_code == 201, opened.text
        return {"Authorization": f"Bearer {opened.json()['token']}"}

    def knock(self, stage: Stage, **changes: object) -> httpx.Response:
        """Show a token with a fresh challenge and these claims."""
        given = stage.http.post("/v1/challenges").json()["challenge"]
        said = {"iss": self.played.issuer, "nonce": given, "exp": stage.clock() + 86_400} | changes
        return stage.http.post("/v1/sessions/oidc", json={"token": signed(claims_at(stage.clock(), **said))})


@contextmanager
def officers() -> Iterator[Officers]:
    """Serve a provider while a block runs."""
    played = Played()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = Request(scope).url.path
        await Response(played(played.issuer + path), media_type="application/json")(scope, receive, send)

    with listen(0) as listener:
        played.issuer = url_of(listener)
        with serving(app, listener):
            yield Officers(played)
