"""An identity provider that does what it should, or not, each under a name of its own."""

import gzip
import json
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ledger.client.provider import DISCOVERY, MAX_ANSWER

ID_TOKEN = "aGVhZA.Ym9keQ.c2ln"
_Reply = Callable[[], Response]


class Site:
    """Providers behind one address: `URL/NAME` is an issuer.

    Attributes:
        url: Where it is.
        asked: Paths that were asked for.
        forms: What was sent to token endpoints.
        go_on: Ends the answers that never end.
    """

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.go_on = Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.asked.append(request.url.path)
        name, _, place = request.url.path.removeprefix("/").partition("/")
        if f"/{place}" == DISCOVERY:
            answer = self._metadata(name)
        elif place == "token" and request.method == "POST":
            self.forms.append(dict(parse_qsl((await request.body()).decode(), strict_parsing=True)))
            answer = self._tokens(name)
        else:
            answer = Response(status_code=404)
        await answer(scope, receive, send)

    def _metadata(self, name: str) -> Response:
        issuer = f"{self.url}/{name}"
        said: dict[str, Any] = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize?tenant=7",
            "token_endpoint": f"{issuer}/token",
            "code_challenge_methods_supported": ["plain", "S256"],
        }
        changes: dict[str, dict[str, Any]] = {
            "another-issuer": {"issuer": f"{self.url}/good"},
            "no-issuer": {"issuer": None},
            "page-over-http": {"authorization_endpoint": "http://login.customs.example/authorize"},
            "tokens-over-http": {"token_endpoint": "http://login.customs.example/token"},
            "tokens-at-no-port": {"token_endpoint": "http://127.0.0.1:99999/token"},
            "page-of-script": {"authorization_endpoint": "javascript:alert(1)"},
            "page-of-file": {"authorization_endpoint": "file:///etc/passwd"},
            "page-with-password": {"authorization_endpoint": "https://user:word@login.customs.example/"},
            "page-not-ascii": {"authorization_endpoint": "https://login.customs.example/\u202e"},
            "no-page": {"authorization_endpoint": None},
            "no-tokens": {"token_endpoint": 7},
            "no-pkce": {"code_challenge_methods_supported": ["plain"]},
            "pkce-in-words": {"code_challenge_methods_supported": "S256"},
            "named": {"authorization_response_iss_parameter_supported": True},
        }
        said |= changes.get(name, {})
        return self._faulty(name.removesuffix("-metadata"), said, name.endswith("-metadata"))

    def _tokens(self, name: str) -> Response:
        said: dict[str, Any] = {"access_token": "not for us", "token_type": "Bearer", "id_token": ID_TOKEN}
        changes: dict[str, dict[str, Any]] = {
            "tokens-without-id": {"id_token": None},
            "id-is-number": {"id_token": 7},
            "id-of-two-parts": {"id_token": "a.b"},
            "id-of-five-parts": {"id_token": "a.b.c.d.e"},
            "id-with-line": {"id_token": "a.b.c\n"},
            "id-too-long": {"id_token": "a" * 17_000 + ".b.c"},
            "odd-expiry": {"expires_in": "soon"},
            "endless-expiry": {"expires_at": [1]},
        }
        errors: dict[str, _Reply] = {
            "invalid-grant": lambda: _json({"error": "invalid_grant"}, 400),
            "in-spanish": lambda: _json({"error": "invalid_client", "error_description": "¡Atención!"}, 401),
            "nameless": lambda: _json({"error": {"of": "no kind"}}, 400),
            "hostile": lambda: _json({"error": "\u001b[31mcall this number"}, 400),
            "error-with-success": lambda: _json(said | {"error": "access_denied"}, 200),
            "teapot": lambda: _json(said, 418),
        }
        if name in errors:
            return errors[name]()
        said |= changes.get(name, {})
        return self._faulty(name.removesuffix("-tokens"), said, name.endswith("-tokens"))

    def _faulty(self, fault: str, said: dict[str, Any], here: bool) -> Response:
        faults: dict[str, _Reply] = {
            "moved": lambda: RedirectResponse(f"{self.url}/good/elsewhere", 307),
            "failing": lambda: _json(said, 500),
            "missing": lambda: Response(status_code=404),
            "huge": lambda: Response(json.dumps(said) + " " * MAX_ANSWER),
            "endless": lambda: StreamingResponse(self._pour()),
            "slow": lambda: StreamingResponse(self._drip()),
            "packed": lambda: Response(
                gzip.compress(json.dumps(said).encode()), headers={"Content-Encoding": "gzip"}
            ),
            "empty": lambda: Response(b""),
            "array": lambda: Response(b"[]"),
            "deep": lambda: Response(b"[" * 100_000),
            "page": lambda: Response(b"<html>sign in</html>"),
            "twice": lambda: Response(b'{"issuer": "a", "issuer": "b", "id_token": "a.b.c"}'),
        }
        return faults[fault]() if here else _json(said)

    def _drip(self) -> Iterator[bytes]:
        # One byte at a time: no single wait is long.
        while not self.go_on.wait(0.02):
            yield b" "

    def _pour(self) -> Iterator[bytes]:
        while not self.go_on.is_set():
            yield b" " * 65_536


def _json(value: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value), status, media_type="application/json")
