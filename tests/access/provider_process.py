"""The program that `real_provider` runs: oidc-provider-mock, taught public clients and PKCE (RFC 7636).

By itself it wants a secret of every client, and forgets the state of who declines (RFC 6749 section 4.1.2.1).
A client without a secret shows what only it knows about its code.
"""

from typing import Any

import authlib.oauth2.rfc6749
import flask
from authlib.oauth2.rfc7636 import CodeChallenge
from oidc_provider_mock import _app
from oidc_provider_mock.__main__ import run


class _Challenge(CodeChallenge):  # type: ignore[misc]  # its base has no types
    """Demands of public clients the verifier whose SHA-256 the code was asked for with."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def get_authorization_code_challenge(self, authorization_code: Any) -> str | None:
        return _asked[authorization_code.code].get("code_challenge")

    def get_authorization_code_challenge_method(self, authorization_code: Any) -> str | None:
        return _asked[authorization_code.code].get("code_challenge_method")


class _Grant(_app.AuthorizationCodeGrant):  # type: ignore[misc]  # its base has no types
    TOKEN_ENDPOINT_AUTH_METHODS = ("none", "client_secret_basic")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        _Challenge(required=True)(self)

    def save_authorization_code(self, code: str, request: Any) -> None:
        super().save_authorization_code(code, request)
        _asked[code] = dict(request.payload.data)


class _Denied(authlib.oauth2.rfc6749.AccessDeniedError):  # type: ignore[misc]  # its base has no types
    def __init__(self, **more: Any) -> None:
        super().__init__(state=flask.request.args.get("state"), **more)


_asked: dict[str, dict[str, str]] = {}

if __name__ == "__main__":
    _app.AuthorizationCodeGrant = _Grant
    authlib.oauth2.rfc6749.AccessDeniedError = _Denied
    run()
