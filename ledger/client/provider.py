"""An officer's identity provider, as a program on the officer's own machine asks it.

OpenID Connect Discovery 1.0 section 4, and the authorization code flow of OpenID Connect Core 1.0 section 3.1
with PKCE (RFC 7636). Who the provider is, is the officer's own word; nothing that a ledger says leads to one.
"""

import asyncio
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from authlib.oauth2 import ClientAuth, OAuth2Client

from ledger.client.http import is_private
from ledger.domain import strict_json
from ledger.domain.errors import AccessError, MalformedError, UnavailableError, UsageError, VerificationError

DISCOVERY: Final = "/.well-known/openid-configuration"
DEADLINE_SECONDS: Final = 20.0
MAX_ANSWER: Final = 262_144
_MAX_CLIENT_ID: Final = 255
_MAX_URL: Final = 2_048
_MAX_TOKEN: Final = 16_384
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}")
_ERROR: Final = re.compile(r"[a-z_]{1,64}")
# RFC 6749 section 4.1.2.1 and OpenID Connect Core 1.0 section 3.1.2.6, as far as an officer can do something.
_ERRORS: Final = {
    "access_denied": "the identity provider did not let you in, or you declined",
    "unauthorized_client": "the identity provider does not let this client id sign people in like this",
    "invalid_client": "the identity provider does not know this client id, or wants a secret of it; it has "
    "to be a public client",
    "invalid_scope": "the identity provider does not let this client id ask for `openid`",
    "invalid_grant": "the identity provider does not take its own code; start again",
    "server_error": "the identity provider has a fault; start again later",
    "temporarily_unavailable": "the identity provider has too much to do; start again later",
}


class ProviderHttp:
    """Asks a provider over HTTP: an answer comes whole and in time, or not at all; none leads elsewhere.

    It is the session that authlib's `OAuth2Client` makes requests with.

    Args:
        deadline: Seconds for all of an answer.
    """

    def __init__(self, deadline: float = DEADLINE_SECONDS) -> None:
        self._deadline = deadline

    def get(self, url: str) -> dict[str, Any]:
        """Return the JSON object that lies at a URL.

        Raises:
            UnavailableError: It cannot be had now.
            VerificationError: What lies there is none.
        """
        status, body = self._ask("GET", url, None, {"Accept": "application/json"})
        if status != httpx.codes.OK:
            raise _unavailable(f"answers with the status {status}")
        return _object(body)

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: ClientAuth) -> Any:
        """Return the answer to a request for tokens; raises as `get`.

        Args:
            url: The token endpoint.
            data: The form.
            headers: Of the request.
            auth: Adds who the client is.

        Raises:
            AccessError: The provider refuses.
        """
        url, sent, form = auth.prepare("POST", url, dict(headers), urlencode(data))
        status, body = self._ask("POST", url, form.encode(), sent)
        if status >= 500:
            raise _unavailable(f"answers with the status {status}")
        answer = _object(body)
        if "error" in answer or status != httpx.codes.OK:
            raise refused(answer.get("error"))
        return httpx.Response(status, json=answer)

    def _ask(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        try:
            # A socket's timeouts begin anew with every byte; a deadline does not.
            return asyncio.run(self._whole(method, url, content, headers))
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise _unavailable(f"cannot be asked ({type(error).__name__})") from None

    async def _whole(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        asked = {**headers, "Accept-Encoding": "identity"}
        # A proxy of the environment is not on the way to this machine itself.
        direct = httpx.URL(url).scheme == "http"
        async with (
            asyncio.timeout(self._deadline),
            httpx.AsyncClient(timeout=self._deadline, follow_redirects=False, trust_env=not direct) as client,
            client.stream(method, url, content=content, headers=asked) as answer,
        ):
            body = b""
            # As it comes: what was packed although nobody asked for it could be any size.
            async for part in answer.aiter_raw():
                body += part
                if len(body) > MAX_ANSWER:
                    raise _unavailable(f"answers with more than {MAX_ANSWER} bytes")
            return answer.status_code, body


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider and what it knows this officer's ledger under.

    Args:
        issuer: Its URL, to the letter.
        client_id: Of a public client.
        authorization_endpoint: Where the browser goes.
        token_endpoint: Where a code becomes tokens.
        names_itself: Whether its redirects always say whose they are (RFC 9207).
    """

    issuer: str
    client_id: str
    authorization_endpoint: str
    token_endpoint: str
    names_itself: bool

    @classmethod
    def discover(cls, issuer: str, client_id: str, http: ProviderHttp) -> "Provider":
        """Ask a provider what it says of itself.

        Args:
            issuer: As the officer's organisation says it, to the letter.
            client_id: As well.
            http: Asks.

        Raises:
            UsageError: They cannot be an issuer and a client id.
            UnavailableError: The provider cannot be asked now.
            VerificationError: Code `wrong-provider`: it is another one, or sends people over plain http.
        """
        if not _is_endpoint(issuer) or "?" in issuer:
            raise UsageError(
                "bad-issuer",
                "an issuer is an https URL without a query; http only on this machine itself",
                field="--issuer",
            )
        if not 1 <= len(client_id) <= _MAX_CLIENT_ID or not client_id.isprintable():
            raise UsageError(
                "bad-client-id", f"a client id is 1 to {_MAX_CLIENT_ID} characters", field="--client-id"
            )
        said = http.get(issuer.rstrip("/") + DISCOVERY)
        if said.get("issuer") != issuer:
            raise _wrong(
                "calls itself by another name; write the issuer as it does, if that is the one you mean"
            )
        local = httpx.URL(issuer).scheme == "http"
        places = [said.get(name) for name in ("authorization_endpoint", "token_endpoint")]
        for place in places:
            if not _is_endpoint(place) or (str(place).startswith("http:") and not local):
                raise _wrong("does not say over https where to sign in")
        methods = said.get("code_challenge_methods_supported", ["S256"])
        if not isinstance(methods, list) or "S256" not in methods:
            raise _wrong("does not protect the code on its way (PKCE, S256)")
        names_itself = said.get("authorization_response_iss_parameter_supported") is True
        return cls(issuer, client_id, str(places[0]), str(places[1]), names_itself)


class CodeFlow:
    """One authorization code flow with PKCE.

    Args:
        provider: Whom to ask.
        redirect_uri: Where the browser comes back to.
        state: What the redirect carries.
        nonce: What the ID token carries.
        http: Asks the provider.

    Attributes:
        url: Where the browser goes.
    """

    def __init__(
        self, provider: Provider, *, redirect_uri: str, state: str, nonce: str, http: ProviderHttp
    ) -> None:
        self._provider = provider
        self._client = OAuth2Client(
            http,
            client_id=provider.client_id,
            scope="openid",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="none",  # noqa: S106 - it says that there is no secret
        )
        self._verifier = secrets.token_urlsafe(48)
        self.url, _state = self._client.create_authorization_url(
            provider.authorization_endpoint, state=state, code_verifier=self._verifier, nonce=nonce
        )

    def id_token(self, redirected: Mapping[str, str]) -> str:
        """Return the ID token, unread: who is asked to believe it is the one who checks it.

        Args:
            redirected: Parameters of the redirect, whose state was compared.

        Raises:
            AccessError: Code `sign-in-refused`: the provider let nobody in.
            UnavailableError: It cannot be asked now.
            VerificationError: Code `wrong-provider`: the redirect is another provider's, or brings no code,
                or there is no ID token in the answer.
        """
        # Before anything else, also an error, is believed: the redirect is of the provider that was asked.
        issuer = redirected.get("iss")
        if issuer != self._provider.issuer and (issuer is not None or self._provider.names_itself):
            raise _wrong("is not the one that the browser came back from")
        if "error" in redirected:
            raise refused(redirected["error"])
        code = redirected.get("code")
        if not code:
            raise _wrong("sent the browser back without a code")
        try:
            tokens = self._client.fetch_token(
                self._provider.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=self._verifier,
            )
        except (ValueError, TypeError, OverflowError):
            raise _wrong("gives tokens that are none") from None
        token = tokens.get("id_token")
        if not isinstance(token, str) or len(token) > _MAX_TOKEN or not _COMPACT.fullmatch(token):
            raise _wrong("gives no signed ID token of a usual size")
        return token


def refused(error: object) -> AccessError:
    """Return the error for one that a provider sends.

    Args:
        error: As it came; anything.
    """
    # Whatever else it says, descriptions in any language among it, may be anybody's words.
    if not isinstance(error, str) or not _ERROR.fullmatch(error):
        message = "the identity provider does not sign you in, and does not say why"
        return AccessError("sign-in-refused", message)
    said = _ERRORS.get(error, f"the identity provider does not sign you in: {error}")
    return AccessError("sign-in-refused", said)


def _is_endpoint(url: object) -> bool:
    """Return whether a browser or a secret may be sent to a URL."""
    if not isinstance(url, str) or len(url) > _MAX_URL or not url.isascii() or not url.isprintable():
        return False
    try:
        parsed = httpx.URL(url)
        named = bool(parsed.host) and not parsed.userinfo and not parsed.fragment
        # A port that there cannot be is else found out only where it is connected to.
        return named and (parsed.port or 0) < 65_536 and is_private(url)
    except (httpx.InvalidURL, ValueError):
        return False


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = strict_json.loads(body, max_bytes=MAX_ANSWER)
    except MalformedError:
        value = None
    if not isinstance(value, dict):
        raise _wrong("does not answer with a JSON object")
    return value


def _unavailable(what: str) -> UnavailableError:
    return UnavailableError("provider-unavailable", f"the identity provider {what}")


def _wrong(what: str) -> VerificationError:
    return VerificationError("wrong-provider", f"the identity provider {what}")
