"""Where the browser comes back to: one redirect counts, and nothing else does anything."""

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from ledger.client.kept_session import KeptSessions
from ledger.domain.errors import CorridorError
from tests.builders import NOON
from tests.client.officer import TOKEN, Browser, fails, nobody, signs_in
from tests.client.pretend import URL, Pretend
from tests.client.provider_site import ID_TOKEN, Site

pytestmark = pytest.mark.usefixtures("officers")


def test_the_page_at_the_end_is_plain_and_holds_nothing(
    ledger: Pretend, site: Site, sessions: KeptSessions
) -> None:
    browser = Browser()
    signs_in(ledger, sessions, f"{site.url}/good", browser)
    [page] = browser.answers
    assert page.status_code == 200
    assert "You can close this window." in page.text
    assert "Puede cerrar esta ventana." in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Server"] == "corridor"
    for secret in (TOKEN, ID_TOKEN, "c0de", browser.asked["state"], "<script", "http"):
        assert secret not in page.text


OTHERS: dict[str, Callable[[str, str], httpx.Response]] = {
    "another state": lambda at, _state: httpx.get(at, params={"code": "evil", "state": "guessed"}),
    "no state": lambda at, _state: httpx.get(at, params={"code": "evil"}),
    "a state that is longer": lambda at, state: httpx.get(at, params={"code": "evil", "state": state + "a"}),
    "a state of no ASCII": lambda at, _state: httpx.get(at, params={"code": "evil", "state": "é"}),
    "an error of nobody's": lambda at, _state: httpx.get(at, params={"error": "access_denied"}),
    "the state twice": lambda at, state: httpx.get(f"{at}?code=evil&state={state}&state={state}"),
    "the code twice": lambda at, state: httpx.get(f"{at}?code=evil&code=c0de&state={state}"),
    "no text": lambda at, state: httpx.get(f"{at}?code=%ff%fe&state={state}"),
    "too much": lambda at, state: httpx.get(f"{at}?state={state}{'&a=1' * 30}"),
    "another path": lambda at, state: httpx.get(f"{at}/x", params={"code": "evil", "state": state}),
    "an icon": lambda at, _state: httpx.get(at.replace("/callback", "/favicon.ico")),
    "a form": lambda at, state: httpx.post(at, data={"code": "evil", "state": state}),
    "a head": lambda at, state: httpx.head(at, params={"code": "evil", "state": state}),
    "another name of this machine": lambda at, state: httpx.get(
        at, params={"code": "evil", "state": state}, headers={"Host": "rebound.example"}
    ),
    "a line that is too long": lambda at, _state: httpx.get(at, params={"code": "e" * 65_530}),
}


def test_other_requests_are_not_found_and_end_nothing(
    ledger: Pretend, site: Site, sessions: KeptSessions
) -> None:
    answers: dict[str, httpx.Response] = {}
    browser = Browser()

    def show(url: str) -> None:
        browser.url = url
        asked = browser.asked
        # A browser may open a connection that it never uses.
        at = urlsplit(asked["redirect_uri"])
        with socket.create_connection((str(at.hostname), at.port or 0)):
            for name, request in OTHERS.items():
                answers[name] = request(asked["redirect_uri"], asked["state"])
            answers["good"] = browser.come_back()
            answers["a second one"] = browser.come_back()

    signs_in(ledger, sessions, f"{site.url}/good", show)
    assert answers.pop("good").status_code == 200
    assert {name: one.status_code for name, one in answers.items()} == dict.fromkeys(answers, 404)
    assert all(one.text == "" for one in answers.values())
    assert site.forms[-1]["code"] == "c0de"


def test_nobody_is_waited_for_longer_than_the_challenge_is_good(
    ledger: Pretend, site: Site, sessions: KeptSessions
) -> None:
    for browser, word in ((lambda _url: None, "nobody signed in"), (Browser(state="guessed"), "not taken")):
        with pytest.raises(CorridorError, match=word) as caught:
            signs_in(ledger, sessions, f"{site.url}/good", browser, now=NOON + 119)
        assert caught.value.code == "sign-in-late"
    assert fails(ledger, sessions, f"{site.url}/good", nobody, now=NOON + 120) == "clock"
    assert sessions.of(URL) is None


@pytest.mark.parametrize(
    "redirect",
    [
        ("good", {"code": None, "error": "access_denied"}, "sign-in-refused"),
        ("good", {"error": "access_denied"}, "sign-in-refused"),
        ("good", {"error": "interaction_required"}, "sign-in-refused"),
        ("good", {"error": "<b>call this number</b>"}, "sign-in-refused"),
        ("good", {"error": "", "error_description": "call this number"}, "sign-in-refused"),
        ("good", {"code": None}, "wrong-provider"),
        ("good", {"code": ""}, "wrong-provider"),
        ("good", {"iss": "https://evil.example"}, "wrong-provider"),
        ("good", {"iss": "https://evil.example", "error": "access_denied"}, "wrong-provider"),
        ("good", {"iss": ""}, "wrong-provider"),
        ("named", {}, "wrong-provider"),
    ],
)
def test_a_redirect_without_a_good_code_opens_nothing(
    ledger: Pretend, site: Site, sessions: KeptSessions, redirect: tuple[str, dict[str, str | None], str]
) -> None:
    name, changes, code = redirect
    before = len(site.forms)
    assert fails(ledger, sessions, f"{site.url}/{name}", Browser(**changes)) == code
    assert len(site.forms) == before
    assert ("POST", "/v1/sessions/oidc") not in ledger.asked
    assert sessions.of(URL) is None


def test_a_provider_that_says_who_it_is_is_known_by_it(
    ledger: Pretend, site: Site, sessions: KeptSessions
) -> None:
    for name in ("good", "named"):
        signs_in(ledger, sessions, f"{site.url}/{name}", Browser(iss=f"{site.url}/{name}"))
