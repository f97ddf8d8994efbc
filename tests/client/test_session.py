"""Sessions of the client: when they are opened, for which log, and who sees the token."""

import httpx
import pytest

from ledger.client.http import Http
from ledger.client.memory import Memory
from ledger.domain.errors import (
    AccessError,
    PolicyError,
    UnavailableError,
    UsageError,
    VerificationError,
)
from tests.builders import CUSTOMS, EXPORTER, a_genesis, a_trip, an_author
from tests.client.door import Door, always
from tests.client.pretend import Pretend, file_of, problem

TRIP = a_trip()


def test_a_session_is_opened_when_it_is_needed_and_kept(ledger: Pretend, door: Door) -> None:
    door.behind("/v1/subjects", always({"items": [], "next": None}))
    with ledger.service() as service:
        assert list(service.subjects()) == list(service.subjects()) == []
    assert len(door.tokens) == 1


def test_a_session_that_is_over_is_opened_again_once(ledger: Pretend, door: Door) -> None:
    door.good = 2
    door.behind("/v1/subjects", always({"items": [], "next": None}))
    with ledger.service() as service:
        for _ in range(5):
            list(service.subjects())
    assert door.tokens.count("ended") == 2
    ledger.routes[("GET", "/v1/subjects")] = lambda _request: problem(401, "session-over", "no")
    with ledger.service() as service, pytest.raises(AccessError):
        list(service.subjects())


def test_a_token_is_shown_to_nobody_else(ledger: Pretend, door: Door) -> None:
    shown: list[str | None] = []

    def elsewhere(request: httpx.Request) -> httpx.Response:
        shown.append(request.headers.get("Authorization"))
        return httpx.Response(302, headers={"Location": "http://elsewhere.example/"})

    ledger.routes[("GET", "/v1/subjects")] = elsewhere
    with ledger.service() as service:
        with pytest.raises(PolicyError):
            list(service.subjects())
        assert door.tokens[0] not in repr(service.session) + repr(service.http)
        assert shown == [f"Bearer {door.tokens[0]}"]
    with ledger.service() as service:
        service.submit(file_of(an_author().says("seal-check", TRIP)))
    assert len(door.tokens) == 1, "submitting needs no session"


@pytest.mark.parametrize(
    ("given", "opened"),
    [
        ({}, None),
        ({"challenge": 5}, None),
        ({"challenge": "AA"}, None),
        ({"challenge": "c" * 200}, None),
        ({"challenge": "A" * 43}, None),
        ({"challenge": "A" * 43, "expires_at": "soon"}, None),
        (None, {}),
        (None, {"token": "", "organisation": EXPORTER}),
        (None, {"token": "a\nb", "organisation": EXPORTER}),
        (None, {"token": "t" * 1000, "organisation": EXPORTER}),
        (None, {"token": "t", "organisation": CUSTOMS}),
        (None, {"token": "t"}),
    ],
)
def test_a_login_that_no_ledger_would_answer_so_fails(
    ledger: Pretend, door: Door, given: object, opened: object
) -> None:
    if given is not None:
        ledger.routes[("POST", "/v1/challenges")] = always(given)
    if opened is not None:
        ledger.routes[("POST", "/v1/sessions")] = always(opened)
    with ledger.service() as service, pytest.raises(VerificationError, match="ledger answers"):
        service.login()
    assert door.tokens == []


def test_a_login_is_never_sent_twice(ledger: Pretend, door: Door) -> None:
    ledger.routes[("POST", "/v1/sessions")] = lambda _request: problem(503, "log-busy", "busy")
    with ledger.service() as service, pytest.raises(UnavailableError):
        service.login()
    assert ledger.asked.count(("POST", "/v1/sessions")) == 1


def test_nothing_is_signed_for_a_log_that_is_not_the_one_meant(ledger: Pretend, door: Door) -> None:
    with (
        ledger.service(genesis=a_genesis("log.corridor.example/other")) as service,
        pytest.raises(VerificationError, match="another log"),
    ):
        service.login()
    memory = Memory()
    with ledger.service(memory=memory) as service:
        service.login()
    ledger.genesis = a_genesis("log.corridor.example/other")
    with ledger.service(memory=memory) as service, pytest.raises(VerificationError) as caught:
        service.login()
    assert (caught.value.code, len(door.tokens)) == ("other-log", 1)


@pytest.mark.parametrize("document", [b"", b"<html>", b"{}", b"[" * 5000, b" " * 20_000])
def test_a_genesis_document_that_is_none_is_not_believed(ledger: Pretend, document: bytes) -> None:
    ledger.routes[("GET", "/log/genesis")] = lambda _request: httpx.Response(200, content=document)
    with ledger.service() as service, pytest.raises(VerificationError):
        assert service.genesis is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "ftp://x",
        "http://",
        "http://u:p@x",
        "http://x/?q",
        "//x",
        "file:///etc",
        "https://xn--/",
        "https://xn--a",
        "https://x:65536",
        "https://[::1",
    ],
)
def test_a_url_that_is_none_is_wrong_use(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Http.open(url)
    assert caught.value.code == "bad-url"


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://x.example", True),
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
        ("http://x", False),
    ],
)
def test_a_session_needs_a_way_on_which_nobody_reads_along(ledger: Pretend, url: str, private: bool) -> None:
    assert Http.open(url).is_private is private
