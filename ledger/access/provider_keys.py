"""The keys of an identity provider: found by discovery, kept for a while, fetched anew for a new key.

OpenID Connect Discovery 1.0, section 4. Where to ask is in the settings; nothing of a token leads anywhere.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, Protocol

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from ledger.domain import strict_json
from ledger.domain.errors import AccessError, CorridorError, MalformedError, UnavailableError
from ledger.domain.fields import from_b64url

DISCOVERY: Final = "/.well-known/openid-configuration"
KEPT_SECONDS: Final = 600.0
RETRY_SECONDS: Final = 10.0
"""So long nobody is asked again, whatever tokens come."""
DEADLINE_SECONDS: Final = 5.0
MAX_ANSWER: Final = 262_144
MAX_KEYS: Final = 64
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_LEAST_RSA_BITS: Final = 2048
# What makes a key of each type (RFC 7518 section 6, RFC 8037): everything else of a JWK stays outside.
_MEMBERS: Final = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
_FITS: Final = {
    "ES256": ("EC", "P-256", ("ES256",)),
    "EdDSA": ("OKP", "Ed25519", ("EdDSA", "Ed25519")),
    "PS256": ("RSA", None, ("PS256",)),
    "RS256": ("RSA", None, ("RS256",)),
}
"""For an algorithm, the type and curve of its keys, and what they may say that they are for."""


class Fetch(Protocol):
    """Gets a document from a provider."""

    def __call__(self, url: str) -> bytes:
        """Return what lies at a URL.

        Raises:
            UnavailableError: It cannot be had now, or is not what may be taken.
        """


def is_safe(url: str) -> bool:
    """Return whether keys may be fetched from a URL: over https, or from this machine itself."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        return False
    if not parsed.host or parsed.userinfo or parsed.fragment:
        return False
    return parsed.scheme == "https" or (parsed.scheme == "http" and parsed.host in _LOOPBACK)


class HttpFetch:
    """Gets documents over HTTP: whole and in time, or not at all; a redirection is not followed.

    Args:
        deadline: Seconds for all of an answer.
    """

    def __init__(self, deadline: float = DEADLINE_SECONDS) -> None:
        self._deadline = deadline
        self._tls = httpx.create_ssl_context()

    def __call__(self, url: str) -> bytes:
        """See `Fetch`. Not to be called from within an event loop."""
        try:
            # A socket's timeouts begin anew with every byte; a deadline does not.
            return asyncio.run(self._get(url))
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise _unavailable(f"cannot be asked ({type(error).__name__})") from None

    async def _get(self, url: str) -> bytes:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        async with (
            asyncio.timeout(self._deadline),
            httpx.AsyncClient(verify=self._tls, timeout=self._deadline, follow_redirects=False) as client,
            client.stream("GET", url, headers=headers) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise _unavailable(f"answers with the status {answer.status_code}")
            body = b""
            # As it comes: what was packed although nobody asked for it could be any size.
            async for part in answer.aiter_raw():
                body += part
                if len(body) > MAX_ANSWER:
                    raise _unavailable(f"answers with more than {MAX_ANSWER} bytes")
            return body


@dataclass(frozen=True, slots=True)
class _Fetched:
    keys: Sequence[Mapping[str, Any]]
    at: float


class ProviderKeys:
    """The signing keys of one provider; safe between threads, of which one at a time asks it.

    Args:
        issuer: URL of the provider.
        fetch: Gets its documents.
        monotonic: Seconds on a clock that only goes forward.
    """

    def __init__(self, issuer: str, fetch: Fetch, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._monotonic = monotonic
        self._asking = Lock()
        self._asked_at: float | None = None
        self._fetched: _Fetched | None = None

    def find(self, kid: str | None, alg: str) -> Key:
        """Return the one key that may have signed a token.

        Args:
            kid: As its header names it; None: the provider must have but one for the algorithm.
            alg: The token's algorithm.

        Raises:
            AccessError: Code `token-key`: the provider has no such key, or several.
            UnavailableError: It cannot be asked now.
        """
        found = self._fitting(kid, alg)
        # A key that is not known yet may be a new one.
        if not found and self._ask():
            found = self._fitting(kid, alg)
        if len(found) != 1:
            how = "several keys" if found else "no key"
            raise AccessError(
                "token-key",
                f"the token's provider has {how} of this name for {alg}; sign in again in a moment",
                field="token",
            )
        return found[0]

    def _fitting(self, kid: str | None, alg: str) -> list[Key]:
        fetched = self._fetched
        if fetched is None or self._monotonic() - fetched.at >= KEPT_SECONDS:
            if not self._ask():
                raise _unavailable("is being asked for its keys; try again in a moment")
            fetched = self._fetched
        assert fetched is not None
        usable = (_usable(one, alg) for one in fetched.keys if kid is None or one.get("kid") == kid)
        return [key for key in usable if key is not None]

    def _ask(self) -> bool:
        """Fetch the keys, and return False when that was done a moment ago or another thread does it."""
        now = self._monotonic()
        if self._asked_at is not None and now - self._asked_at < RETRY_SECONDS:
            return False
        # Nobody waits for a provider beside the one who asks it: a slow one must not hold every thread.
        if not self._asking.acquire(blocking=False):
            return False
        try:
            self._asked_at = now
            self._fetched = _Fetched(self._keys(), now)
        finally:
            self._asking.release()
        return True

    def _keys(self) -> list[Mapping[str, Any]]:
        metadata = _document(self._fetch(self._issuer.rstrip("/") + DISCOVERY))
        if metadata.get("issuer") != self._issuer:
            raise _unavailable("calls itself by another name than the settings do")
        place = metadata.get("jwks_uri")
        local = httpx.URL(self._issuer).scheme == "http"
        if not isinstance(place, str) or not is_safe(place) or (place.startswith("http:") and not local):
            raise _unavailable("does not say over https where its keys are")
        keys = _document(self._fetch(place)).get("keys")
        if not isinstance(keys, list) or not all(isinstance(one, dict) for one in keys):
            raise _unavailable("shows no set of keys")
        if len(keys) > MAX_KEYS:
            raise _unavailable(f"shows more than {MAX_KEYS} keys")
        return keys


def _usable(jwk: Mapping[str, Any], alg: str) -> Key | None:
    """Return a key that may verify what was signed with an algorithm, None for any other."""
    kind, curve, names = _FITS[alg]
    operations = jwk.get("key_ops", ["verify"])
    if (
        jwk.get("kty") != kind
        or jwk.get("use", "sig") != "sig"
        or jwk.get("alg", alg) not in names
        or jwk.get("crv") != curve
        or not (isinstance(operations, list) and "verify" in operations)
    ):
        return None
    members: dict[str, Any] = {name: jwk.get(name) for name in _MEMBERS[kind]}
    try:
        if kind == "RSA" and 8 * len(from_b64url(members["n"], "n")) < _LEAST_RSA_BITS:
            return None
        return import_key({"kty": kind, **members})
    except (CorridorError, JoseError, TypeError, ValueError):
        return None


def _document(body: bytes) -> dict[str, Any]:
    try:
        value = strict_json.loads(body, max_bytes=MAX_ANSWER)
    except MalformedError:
        value = None
    if not isinstance(value, dict):
        raise _unavailable("does not answer with a JSON object")
    return value


def _unavailable(what: str) -> UnavailableError:
    return UnavailableError("provider-unavailable", f"the identity provider {what}")
