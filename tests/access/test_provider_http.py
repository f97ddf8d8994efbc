"""Fetching a provider's documents: whole, in time, and from where the settings say, or not at all."""

import gzip
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ledger.access.provider_keys import MAX_ANSWER, MAX_KEYS, HttpFetch, ProviderKeys, is_safe
from ledger.domain.errors import AccessError, UnavailableError
from ledger.log.http_server import listen, serving, url_of
from tests.access.provider import EC

KEYS = json.dumps({"keys": [EC.as_dict(private=False)]}).encode()


class Site:
    """Answers of a provider that does what it should not."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go_on = Event()
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = Request(scope).url.path
        self.asked.append(path)
        await self._answer(path)(scope, receive, send)

    def _answer(self, path: str) -> Response:
        at = path.removesuffix("/.well-known/openid-configuration")
        if at != path:
            said = {"issuer": f"{self.url}{at}", "jwks_uri": f"{self.url}{at}/keys"}
            return Response(json.dumps(said), media_type="application/json")
        answers: dict[str, Callable[[], Response]] = {
            "/good/keys": lambda: Response(KEYS),
            "/moved/keys": lambda: RedirectResponse(f"{self.url}/good/keys"),
            "/failing/keys": lambda: Response(KEYS, 500),
            "/huge/keys": lambda: Response(b"{" + b" " * MAX_ANSWER + b"}"),
            "/packed/keys": lambda: Response(
                gzip.compress(b"{" + b" " * 10_000_000 + b"}"), headers={"Content-Encoding": "gzip"}
            ),
            "/slow/keys": lambda: StreamingResponse(self._drip()),
            "/empty/keys": lambda: Response(b""),
            "/array/keys": lambda: Response(b"[]"),
            "/text/keys": lambda: Response(b'{"keys": "all"}'),
            "/texts/keys": lambda: Response(b'{"keys": ["a"]}'),
            "/twice/keys": lambda: Response(b'{"keys": [], "keys": []}'),
            "/many/keys": lambda: Response(json.dumps({"keys": [{}] * (MAX_KEYS + 1)})),
        }
        return answers.get(path, lambda: Response(status_code=404))()

    def _drip(self) -> Iterator[bytes]:
        # One byte at a time: no single wait is long.
        while not self.go_on.wait(0.05):
            yield b" "


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The site, served."""
    site = Site()
    with listen(0) as listener:
        site.url = url_of(listener)
        with serving(site, listener):
            yield site
            site.go_on.set()


def keys(site: Site, name: str, deadline: float = 5.0) -> ProviderKeys:
    return ProviderKeys(f"{site.url}/{name}", HttpFetch(deadline))


def test_keys_come_from_where_the_metadata_say(site: Site) -> None:
    assert (
        keys(site, "good").find("ec", "ES256").as_dict(private=False)["x"] == EC.as_dict(private=False)["x"]
    )


@pytest.mark.parametrize(
    "name",
    ["moved", "failing", "huge", "packed", "empty", "array", "text", "texts", "twice", "many", "nowhere"],
)
def test_what_is_not_plainly_a_set_of_keys_is_not_taken(site: Site, name: str) -> None:
    before = site.asked.count("/good/keys")
    with pytest.raises(UnavailableError) as caught:
        keys(site, name).find("ec", "ES256")
    assert caught.value.code == "provider-unavailable"
    assert site.url not in caught.value.message
    assert site.asked.count("/good/keys") == before


def test_an_address_that_is_none_is_no_failure_of_ours() -> None:
    for url in ("https://[/keys", "https://a..b/keys"):
        with pytest.raises(UnavailableError):
            HttpFetch(1.0)(url)


def test_a_provider_that_drips_is_given_up(site: Site) -> None:
    with pytest.raises(UnavailableError) as caught:
        keys(site, "slow", deadline=0.3).find("ec", "ES256")
    assert caught.value.code == "provider-unavailable"


def test_while_one_asks_the_others_do_not_wait(site: Site) -> None:
    begun, go_on = Event(), Event()

    def fetch(url: str) -> bytes:
        begun.set()
        assert go_on.wait(30)
        return httpx.get(url).content

    one = ProviderKeys(f"{site.url}/good", fetch)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(one.find, "ec", "ES256")
        assert begun.wait(30)
        with pytest.raises(UnavailableError):
            one.find("ec", "ES256")
        go_on.set()
        assert first.result().kid is None
    with pytest.raises(AccessError):
        one.find("another", "ES256")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://login.customs.example", True),
        ("https://login.customs.example/realms/a", True),
        ("http://127.0.0.1:9400", True),
        ("http://localhost:9400", True),
        ("http://[::1]:9400", True),
        ("http://login.customs.example", False),
        ("http://169.254.169.254/latest", False),
        ("http://127.0.0.1.evil.example", False),
        ("https://user:word@login.customs.example", False),
        ("https://login.customs.example/#a", False),
        ("ftp://login.customs.example", False),
        ("file:///etc/passwd", False),
        ("login.customs.example", False),
        ("https://", False),
        ("", False),
    ],
)
def test_keys_are_fetched_over_https_or_on_this_machine(url: str, safe: bool) -> None:
    assert is_safe(url) is safe
