"""The client of a service: what it sends, what it believes, and how patient it is."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import httpx
import pytest

from ledger.client.answers import State
from ledger.client.http import Http
from ledger.client.memory import Memory
from ledger.client.refusals import LaterError
from ledger.domain.cose import CoseKey
from ledger.domain.errors import (
    AccessError,
    ConflictError,
    CorridorError,
    MalformedError,
    NotFoundError,
    PolicyError,
    UnavailableError,
    UsageError,
    VerificationError,
)
from ledger.domain.fields import b64url
from ledger.domain.login import Login
from ledger.domain.subject import stream_tag
from tests.builders import CUSTOMS, EXPORTER, NOON, a_genesis, a_signer, a_trip, an_author
from tests.client.pretend import URL, Pretend, Route, Waits, file_of, problem

TRIP = a_trip()
ID = bytes(range(32))
STATUS = f"/v1/statements/{ID.hex()}"


@dataclass
class Door:
    """The sessions of a pretended ledger: checks the login as the real one does.

    Args:
        key: Who may come in.
        tokens: Given out, in their order.
        good: How often a token is taken before the session is over.
    """

    ledger: Pretend
    key: CoseKey = field(default_factory=lambda: a_signer(EXPORTER).key)
    tokens: list[str] = field(default_factory=list)
    good: int = 1_000

    def __post_init__(self) -> None:
        self.ledger.routes[("POST", "/v1/challenges")] = lambda _request: answer(
            {"challenge": b64url(b"c" * 32), "expires_at": NOON + 120}, 201
        )
        self.ledger.routes[("POST", "/v1/sessions")] = self.open

    def open(self, request: httpx.Request) -> httpx.Response:
        login = Login.parse(request.content)
        login.verify(self.key)
        assert (login.aud, login.challenge) == (self.ledger.genesis.audience, b"c" * 32)
        self.tokens.append(f"token-{len(self.tokens)}")
        return answer(
            {"token": self.tokens[-1], "organisation": login.iss, "roles": [], "expires_at": 1}, 201
        )

    def behind(self, path: str, route: Route) -> None:
        """Answer a path to those who show the newest token."""
        self.left = self.good

        def guarded(request: httpx.Request) -> httpx.Response:
            if request.headers.get("Authorization") != f"Bearer {self.tokens[-1]}":
                return problem(401, "session-over", "log in again")
            if self.left == 0:
                self.left = self.good
                self.tokens.append("ended")
                return problem(401, "session-over", "log in again")
            self.left -= 1
            return route(request)

        self.ledger.routes[("GET", path)] = guarded


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(value), headers=headers)


def always(value: object) -> Route:
    return lambda _request: answer(value)


@pytest.fixture
def ledger() -> Pretend:
    return Pretend()


@pytest.fixture
def door(ledger: Pretend) -> Door:
    return Door(ledger)


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
    ("status", "error"),
    [
        (400, MalformedError),
        (401, AccessError),
        (403, PolicyError),
        (404, NotFoundError),
        (409, ConflictError),
        (413, PolicyError),
        (422, VerificationError),
        (429, LaterError),
        (500, LaterError),
        (503, LaterError),
    ],
)
def test_a_refusal_becomes_the_error_that_it_was(
    ledger: Pretend, status: int, error: type[CorridorError]
) -> None:
    said = an_author().says("seal-check", TRIP)
    document = {"type": "urn:corridor:problem:some-code", "detail": "what was wrong", "field": "body.seal"}
    ledger.routes[("POST", "/v1/statements")] = lambda _request: answer(document, status)
    with ledger.service() as service, pytest.raises(error) as caught:
        service.submit(file_of(said))
    assert (type(caught.value), caught.value.code, caught.value.field) == (error, "some-code", "body.seal")
    assert caught.value.message.startswith("what was wrong")


def busy(times: int, **headers: str) -> Callable[[Pretend], Route]:
    def make(ledger: Pretend) -> Route:
        left = [problem(503, "log-busy", "busy", **headers)] * times

        def route(request: httpx.Request) -> httpx.Response:
            if left:
                return left.pop()
            del ledger.routes[("POST", "/v1/statements")]
            return ledger(request)

        return route

    return make


def test_a_busy_ledger_is_asked_again_when_it_says_so(ledger: Pretend) -> None:
    ledger.routes[("POST", "/v1/statements")] = busy(2, **{"Retry-After": "7"})(ledger)
    waits = Waits()
    with ledger.service(patience=waits.patience()) as service:
        assert service.submit(file_of(an_author().says("seal-check", TRIP))).index == 1
    assert waits.slept == [7, 7]


def test_without_a_word_of_when_the_pauses_grow(ledger: Pretend) -> None:
    ledger.routes[("POST", "/v1/statements")] = busy(3)(ledger)
    waits = Waits()
    with ledger.service(patience=waits.patience()) as service:
        service.submit(file_of(an_author().says("seal-check", TRIP)))
    assert waits.slept == sorted(set(waits.slept))
    assert len(waits.slept) == 3


@pytest.mark.parametrize(
    ("times", "headers", "slept"), [(9, {}, 3), (1, {"Retry-After": "3600"}, 0), (9, {"Retry-After": "x"}, 3)]
)
def test_patience_has_an_end(ledger: Pretend, times: int, headers: dict[str, str], slept: int) -> None:
    ledger.routes[("POST", "/v1/statements")] = busy(times, **headers)(ledger)
    waits = Waits()
    with ledger.service(patience=waits.patience()) as service, pytest.raises(LaterError) as caught:
        service.submit(file_of(an_author().says("seal-check", TRIP)))
    assert (len(waits.slept), caught.value.reached) == (slept, True)


def test_a_ledger_that_drips_its_answer_is_not_waited_for_for_ever(ledger: Pretend) -> None:
    waits = Waits()

    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                waits.now += 29
                yield b" "

    ledger.routes[("POST", "/v1/statements")] = lambda _request: httpx.Response(200, stream=Drip())
    with ledger.service(patience=waits.patience()) as service, pytest.raises(LaterError) as caught:
        service.submit(file_of(an_author().says("seal-check", TRIP)))
    assert caught.value.code == "ledger-too-slow"


def test_an_endless_answer_is_not_read_to_its_end(ledger: Pretend) -> None:
    given = 0

    class Endless(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            nonlocal given
            while True:
                given += 65_536
                yield b" " * 65_536

    def endless(status: int) -> Route:
        return lambda _request: httpx.Response(status, stream=Endless())

    for status in (200, 403):
        ledger.routes[("POST", "/v1/statements")] = endless(status)
        with ledger.service() as service, pytest.raises(CorridorError):
            service.submit(file_of(an_author().says("seal-check", TRIP)))
    assert given < 1_000_000


def test_pages_are_followed_to_the_last_one(ledger: Pretend, door: Door) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        assert request.url.params["type"] == "trip"
        assert "key" not in request.url.params
        number = int(request.url.params.get("cursor", "0"))
        return answer({"items": [{"uri": number}], "next": str(number + 1) if number < 3 else None})

    door.behind("/v1/subjects", page)
    with ledger.service() as service:
        assert [one["uri"] for one in service.subjects(type="trip", key=None)] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "page",
    [
        {},
        [],
        {"items": None, "next": None},
        {"items": [1], "next": None},
        {"items": [], "next": 5},
        {"items": [], "next": "x"},
    ],
)
def test_pages_that_make_no_sense_are_refused(ledger: Pretend, door: Door, page: object) -> None:
    door.behind("/v1/subjects", always(page))
    with ledger.service() as service, pytest.raises(VerificationError):
        list(service.subjects())


def test_a_statement_is_followed_until_it_is_final(ledger: Pretend, door: Door) -> None:
    states = ["logged", "logged", "published", "anchored", "final", "never asked"]

    def next_one(_request: httpx.Request) -> httpx.Response:
        state = states.pop(0)
        headers = {} if state == "final" else {"Retry-After": "3"}
        return answer({"id": ID.hex(), "state": state}, headers=headers)

    door.behind(STATUS, next_one)
    waits, told = Waits(), list[State]()
    with ledger.service(patience=waits.patience()) as service:
        final = service.follow(ID, lambda standing: told.append(standing.state))
    assert final.state is State.FINAL
    assert [state.value for state in told] == ["logged", "logged", "published", "anchored", "final"]
    assert (waits.slept, states) == ([3] * 4, ["never asked"])


def test_following_ends_when_the_time_is_over(ledger: Pretend, door: Door) -> None:
    door.behind(STATUS, always({"id": ID.hex(), "state": "logged"}))
    waits = Waits()
    with ledger.service(patience=waits.patience()) as service, pytest.raises(LaterError) as caught:
        service.follow(ID, seconds=60)
    assert (caught.value.code, 60 <= waits.now < 70) == ("not-final", True)


@pytest.mark.parametrize(
    "value", [{}, {"id": "00" * 32, "state": "final"}, {"id": ID.hex(), "state": "done"}, {"id": ID.hex()}]
)
def test_a_standing_of_something_else_is_not_believed(ledger: Pretend, door: Door, value: object) -> None:
    door.behind(STATUS, always(value))
    with ledger.service() as service, pytest.raises(VerificationError):
        service.status(ID)


def test_a_file_of_another_statement_is_not_believed(ledger: Pretend, door: Door) -> None:
    other = file_of(an_author().says("seal-check", TRIP))
    door.behind(f"{STATUS}/file", lambda _request: httpx.Response(200, content=other.encode()))
    with ledger.service() as service, pytest.raises(VerificationError):
        service.statement_file(ID)


@pytest.mark.parametrize("content", [b"", b"PK", b"\x00" * 1000])
def test_what_is_no_container_is_no_receipt_and_no_dossier(
    ledger: Pretend, door: Door, content: bytes, tmp_path: Any
) -> None:
    door.behind(f"{STATUS}/receipt", lambda _request: httpx.Response(200, content=content))
    door.behind(f"/v1/subjects/{TRIP.uri}/dossier", lambda _request: httpx.Response(200, content=content))
    with ledger.service() as service, (tmp_path / "x").open("w+b") as file:
        with pytest.raises(VerificationError):
            service.receipt(ID)
        with pytest.raises(VerificationError):
            service.dossier(TRIP.uri, file)


def test_a_download_that_broke_off_begins_anew() -> None:
    left = [b"half", b"the whole of it"]

    class Broken(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield left.pop(0)
            if left:
                raise httpx.ReadError("gone")

    http = Http.open(
        URL, Waits().patience(), httpx.MockTransport(lambda _request: httpx.Response(200, stream=Broken()))
    )
    file = BytesIO()
    http.download("/file", file, max_bytes=100)
    assert file.getvalue() == b"the whole of it"


def test_a_membership_of_another_stream_is_not_believed(ledger: Pretend, door: Door) -> None:
    tag = stream_tag(b"s" * 16).hex()
    ledger.routes[("POST", "/v1/memberships")] = always({"stream": tag, "subject": "x", "name": "custody"})
    with ledger.service() as service:
        assert service.join(b"s" * 16)["stream"] == tag
        with pytest.raises(VerificationError):
            service.join(b"t" * 16)
        with pytest.raises(UsageError):
            service.join(b"short")


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://x", "http://", "http://u:p@x", "http://x/?q", "//x", "file:///etc"]
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
