"""How the client asks: what a refusal becomes, and how patient it is."""

from collections.abc import Callable, Iterator
from io import BytesIO

import httpx
import pytest

from ledger.client.http import Http
from ledger.client.refusals import LaterError
from ledger.domain.errors import (
    AccessError,
    ConflictError,
    CorridorError,
    MalformedError,
    NotFoundError,
    PolicyError,
    VerificationError,
)
from tests.builders import a_trip, an_author
from tests.client.door import answer
from tests.client.pretend import URL, Pretend, Route, Waits, file_of, problem

TRIP = a_trip()


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
