"""An officer signs in: what is asked of whom, and what is not believed."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from ledger.client import Service
from ledger.client.kept_session import KeptSessions
from ledger.client.provider import Provider, ProviderHttp
from ledger.client.sign_in import sign_in
from ledger.domain.errors import CorridorError
from ledger.domain.fields import b64url
from tests.builders import CUSTOMS, NOON
from tests.client.door import answer
from tests.client.officer import OPENED, TOKEN, Browser, fails, nobody, signs_in
from tests.client.pretend import URL, Pretend, problem
from tests.client.provider_site import ID_TOKEN, Site

pytestmark = pytest.mark.usefixtures("officers")


def test_the_session_is_kept_and_the_tokens_of_the_provider_are_not(
    ledger: Pretend, site: Site, sessions: KeptSessions
) -> None:
    browser = Browser()
    assert signs_in(ledger, sessions, f"{site.url}/good", browser) == OPENED
    kept = sessions.of(URL)
    assert kept is not None
    assert (kept.organisation, kept.expires_at, kept.token) == (CUSTOMS, NOON + 3600, TOKEN)
    assert kept.log == ledger.genesis.audience
    assert TOKEN not in repr(kept)
    data = sessions.path(URL).read_text()
    assert ID_TOKEN not in data
    assert "not for us" not in data
    # It goes on when the program has ended.
    assert ("DELETE", "/v1/sessions/current") not in ledger.asked


def test_the_flow_is_the_one_of_native_programs(ledger: Pretend, site: Site, sessions: KeptSessions) -> None:
    """RFC 8252, RFC 7636 and OpenID Connect Core 1.0 section 3.1.2.1."""
    browser = Browser()
    signs_in(ledger, sessions, f"{site.url}/good", browser)
    asked, form = browser.asked, site.forms[-1]
    redirect_uri = urlsplit(asked["redirect_uri"])
    assert (redirect_uri.scheme, redirect_uri.hostname, redirect_uri.path) == (
        "http",
        "127.0.0.1",
        "/callback",
    )
    assert len(asked["state"]) >= 43
    assert asked == {
        "tenant": "7",
        "response_type": "code",
        "client_id": "corridor-ledger",
        "redirect_uri": asked["redirect_uri"],
        "scope": "openid",
        "state": asked["state"],
        "nonce": b64url(b"c" * 32),
        "code_challenge": b64url(sha256(form["code_verifier"].encode()).digest()),
        "code_challenge_method": "S256",
    }
    assert len(form["code_verifier"]) >= 43
    assert form == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "redirect_uri": asked["redirect_uri"],
        "client_id": "corridor-ledger",
        "code_verifier": form["code_verifier"],
    }


def test_each_time_everything_that_must_not_be_guessed_is_new(
    ledger: Pretend, site: Site, sessions: KeptSessions
) -> None:
    one, other = Browser(), Browser()
    for browser in (one, other):
        signs_in(ledger, sessions, f"{site.url}/good", browser)
    assert all(one.asked[name] != other.asked[name] for name in ("state", "code_challenge"))


WRONG = "wrong-provider"
AWAY = "provider-unavailable"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *[(name, WRONG) for name in ("another-issuer", "no-issuer", "page-over-http", "tokens-over-http")],
        *[(name, WRONG) for name in ("page-of-script", "page-of-file", "page-with-password")],
        *[(name, WRONG) for name in ("page-not-ascii", "no-page", "no-tokens", "no-pkce", "pkce-in-words")],
        ("tokens-at-no-port", WRONG),
        *[(f"{name}-metadata", WRONG) for name in ("packed", "empty", "array", "deep", "page", "twice")],
        *[(f"{name}-metadata", AWAY) for name in ("moved", "failing", "missing", "huge", "endless", "slow")],
    ],
)
def test_no_browser_goes_where_the_provider_cannot_be_believed(
    ledger: Pretend, site: Site, sessions: KeptSessions, name: str, code: str
) -> None:
    assert fails(ledger, sessions, f"{site.url}/{name}", nobody) == code
    assert ledger.asked == []
    assert "/good/elsewhere" not in site.asked


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *[(name, WRONG) for name in ("tokens-without-id", "id-is-number", "id-of-two-parts", "id-with-line")],
        *[(name, WRONG) for name in ("id-of-five-parts", "id-too-long", "odd-expiry", "endless-expiry")],
        *[(name, "sign-in-refused") for name in ("invalid-grant", "in-spanish", "nameless", "hostile")],
        *[(name, "sign-in-refused") for name in ("error-with-success", "teapot")],
        *[(f"{name}-tokens", WRONG) for name in ("packed", "empty", "array", "deep", "page", "twice")],
        *[(f"{name}-tokens", WRONG) for name in ("moved", "missing")],
        *[(f"{name}-tokens", AWAY) for name in ("failing", "huge", "endless", "slow")],
    ],
)
def test_the_ledger_is_shown_nothing_but_an_id_token(
    ledger: Pretend, site: Site, sessions: KeptSessions, name: str, code: str
) -> None:
    assert fails(ledger, sessions, f"{site.url}/{name}", Browser()) == code
    assert ("POST", "/v1/sessions/oidc") not in ledger.asked
    assert "/good/elsewhere" not in site.asked
    assert sessions.of(URL) is None


class Said(ProviderHttp):
    """Says of a provider what it is told to."""

    def __init__(self, **said: str) -> None:
        super().__init__()
        self._said = said

    def get(self, url: str) -> dict[str, Any]:
        return self._said


def test_a_provider_far_away_leads_to_no_page_of_this_machine() -> None:
    far, here = "https://login.customs.example", "http://127.0.0.1:9400"
    places = {"authorization_endpoint": f"{far}/authorize", "token_endpoint": f"{far}/token"}
    assert Provider.discover(far, "c", Said(issuer=far, **places)).token_endpoint == f"{far}/token"
    for name in places:
        with pytest.raises(CorridorError) as caught:
            Provider.discover(far, "c", Said(issuer=far, **places | {name: f"{here}/token"}))
        assert caught.value.code == WRONG


@pytest.mark.parametrize(
    ("issuer", "client_id", "code"),
    [
        ("http://login.customs.example", "c", "bad-issuer"),
        ("http://127.0.0.1.evil.example", "c", "bad-issuer"),
        ("https://user:word@login.customs.example", "c", "bad-issuer"),
        ("https://login.customs.example/?realm=a", "c", "bad-issuer"),
        ("https://login.customs.example/#a", "c", "bad-issuer"),
        ("https://login.customs.example/" + "a" * 3_000, "c", "bad-issuer"),
        ("login.customs.example", "c", "bad-issuer"),
        ("ftp://login.customs.example", "c", "bad-issuer"),
        ("https://xn--/", "c", "bad-issuer"),
        ("https://login.customs.example:port", "c", "bad-issuer"),
        ("", "c", "bad-issuer"),
        ("https://login.customs.example", "", "bad-client-id"),
        ("https://login.customs.example", "a\nb", "bad-client-id"),
        ("https://login.customs.example", "c" * 256, "bad-client-id"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_before_anybody_is_asked(
    ledger: Pretend, sessions: KeptSessions, issuer: str, client_id: str, code: str
) -> None:
    assert fails(ledger, sessions, issuer, nobody, client_id=client_id) == code
    assert ledger.asked == []


def test_nobody_is_asked_to_sign_in_where_the_session_could_be_read_on_its_way(
    ledger: Pretend, site: Site, sessions: KeptSessions
) -> None:
    before = len(site.asked)
    transport = httpx.MockTransport(ledger)
    with (
        Service("http://ledger.example", transport=transport) as service,
        pytest.raises(CorridorError) as caught,
    ):
        sign_in(service, sessions, issuer=f"{site.url}/good", client_id="c", show=nobody)
    assert (caught.value.code, ledger.asked, len(site.asked)) == ("not-private", [], before)
    with (
        Service("http://ledger.example", transport=transport) as service,
        pytest.raises(CorridorError) as caught,
    ):
        service.session.open_for_officer(ID_TOKEN)
    assert (caught.value.code, ledger.asked) == ("not-private", [])


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (problem(401, "organisation-unmapped", "no officer"), "organisation-unmapped"),
        (problem(401, "challenge-used", "too old"), "challenge-used"),
        (problem(503, "provider-unavailable", "no keys"), "provider-unavailable"),
        (answer(OPENED, 201), "wrong-answer"),
        (answer(OPENED | {"token": "a\nb"}, 201), "wrong-answer"),
        (answer(OPENED | {"token": TOKEN, "organisation": 7}, 201), "wrong-answer"),
        (answer(OPENED | {"token": TOKEN, "expires_at": "soon"}, 201), "wrong-answer"),
    ],
)
def test_what_the_ledger_does_not_open_is_not_kept(
    ledger: Pretend, site: Site, sessions: KeptSessions, reply: httpx.Response, code: str
) -> None:
    ledger.routes[("POST", "/v1/sessions/oidc")] = lambda _request: reply
    assert fails(ledger, sessions, f"{site.url}/good", Browser()) == code
    assert sessions.of(URL) is None


def test_an_id_token_is_shown_once(ledger: Pretend, site: Site, sessions: KeptSessions) -> None:
    shown: list[bytes] = []

    def reply(request: httpx.Request) -> httpx.Response:
        shown.append(request.content)
        return problem(503, "log-busy", "busy")

    ledger.routes[("POST", "/v1/sessions/oidc")] = reply
    assert fails(ledger, sessions, f"{site.url}/good", Browser()) == "log-busy"
    assert [json.loads(one) for one in shown] == [{"token": ID_TOKEN}]


def test_a_session_that_cannot_be_kept_is_ended(ledger: Pretend, site: Site, tmp_path: Path) -> None:
    (tmp_path / "sessions").write_bytes(b"in the way")
    assert fails(ledger, KeptSessions(tmp_path), f"{site.url}/good", Browser()) == "cannot-write"
    assert ("DELETE", "/v1/sessions/current") in ledger.asked


def test_without_a_folder_nobody_is_asked_to_sign_in(ledger: Pretend, site: Site) -> None:
    assert fails(ledger, KeptSessions(None), f"{site.url}/good", nobody) == "no-state"
    assert ledger.asked == []


def test_a_ledger_that_cannot_be_reached_opens_no_browser(
    ledger: Pretend, site: Site, sessions: KeptSessions
) -> None:
    ledger.down = True
    assert fails(ledger, sessions, f"{site.url}/good", nobody) == "ledger-unreachable"
