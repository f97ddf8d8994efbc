"""The client of a service: what it believes of the answers."""

from typing import Any

import httpx
import pytest

from ledger.client.answers import State
from ledger.client.refusals import LaterError
from ledger.domain.errors import (
    UsageError,
    VerificationError,
)
from ledger.domain.subject import stream_tag
from tests.builders import a_trip, an_author
from tests.client.door import Door, always, answer
from tests.client.pretend import Pretend, Waits, file_of

TRIP = a_trip()
ID = bytes(range(32))
STATUS = f"/v1/statements/{ID.hex()}"


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


def test_a_membership_of_another_stream_is_not_believed(ledger: Pretend, door: Door) -> None:
    tag = stream_tag(b"s" * 16).hex()
    ledger.routes[("POST", "/v1/memberships")] = always({"stream": tag, "subject": "x", "name": "custody"})
    with ledger.service() as service:
        assert service.join(b"s" * 16)["stream"] == tag
        with pytest.raises(VerificationError):
            service.join(b"t" * 16)
        with pytest.raises(UsageError):
            service.join(b"short")
