"""How often somebody may ask: each for itself, told when to come back, by an address that nobody makes up."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.types import Scope

from api.errors import PROBLEM
from api.rates import Addresses, Allowance, Counters, TooManyRequests, counted_as
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER
from tests.integration.stage import Stage, a_stage, enrol

EACH = 12


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A service behind one proxy that answers little."""
    settings: dict[str, Any] = {
        "organisation_requests_per_minute": EACH,
        "stranger_requests_per_minute": EACH,
        "trusted_proxies": 1,
    }
    with a_stage(tmp_path_factory.mktemp("rates"), **settings) as stage:
        enrol(stage.ledger)
        yield stage


def refused(answer: httpx.Response, name: str) -> bool:
    """Return whether this was too much, and check what is said then."""
    if answer.status_code != 429:
        return False
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.json()["type"] == "urn:corridor:problem:too-many-requests"
    wait = int(answer.headers["Retry-After"])
    assert 1 <= wait <= 60
    assert answer.headers["RateLimit-Policy"] == f'"{name}";q={EACH};w=60'
    assert answer.headers["RateLimit"] == f'"{name}";r=0;t={wait}'
    return True


def test_an_organisation_asks_so_often_with_all_its_sessions_and_others_are_not_disturbed(
    narrow: Stage,
) -> None:
    first, second = (sign_in(narrow, EXPORTER) for _ in range(2))
    other = sign_in(narrow, CUSTOMS)
    answers = [
        narrow.http.get("/v1/subjects", headers=first if number % 2 else second) for number in range(EACH + 5)
    ]
    assert [refused(one, "organisation") for one in answers] == [False] * EACH + [True] * 5
    assert narrow.http.get("/v1/subjects", headers=other).status_code == 200
    # Whoever may not ask is told nothing else, either: not even that there is no such thing.
    assert refused(narrow.http.get("/v1/subjects/urn:x", headers=first), "organisation")


@pytest.mark.parametrize("path", ["/v1/challenges", "/v1/sessions", "/v1/sessions/oidc", "/v1/enrolments"])
def test_an_address_asks_so_often_without_a_session_and_others_are_not_disturbed(
    narrow: Stage, path: str
) -> None:
    number = 10 * (1 + ["/v1/challenges", "/v1/sessions", "/v1/sessions/oidc", "/v1/enrolments"].index(path))

    def ask(address: str) -> bool:
        return refused(narrow.http.post(path, headers={"X-Forwarded-For": address}), "address")

    # Whatever stands further left, somebody made up.
    asked = [ask(f"192.0.2.{n}, 198.51.100.{number}") for n in range(EACH + 2)]
    assert asked == [False] * EACH + [True] * 2
    assert not ask(f"198.51.100.{number}, 198.51.100.{number + 1}")
    asked = [ask(f"2001:db8:{number}::{n:x}") for n in range(EACH + 2)]
    assert asked == [False] * EACH + [True] * 2
    assert not ask(f"2001:db8:{number}:1::1")


def test_what_is_refused_does_not_count() -> None:
    allowance = Allowance("organisation", 3)
    for _ in range(3):
        allowance.check("a")
        allowance.take("a")
    for _ in range(3):
        with pytest.raises(TooManyRequests):
            allowance.check("a")
        with pytest.raises(TooManyRequests):
            allowance.take("a")
    allowance.take("b")


def scope(peer: tuple[str, int] | None, *forwarded: bytes) -> Scope:
    return {"client": peer, "headers": [(b"x-forwarded-for", one) for one in forwarded]}


PEER = ("203.0.113.9", 4711)
FROM: dict[str, tuple[int, Scope, str]] = {
    "whoever is connected": (0, scope(PEER), "203.0.113.9"),
    "nobody's word is taken": (0, scope(PEER, b"192.0.2.1"), "203.0.113.9"),
    "nobody is connected": (0, scope(None), "unknown"),
    "a socket without an address": (0, scope(("testclient", 0)), "unknown"),
    "the proxy's word": (1, scope(PEER, b"192.0.2.1"), "192.0.2.1"),
    "the proxy's word, not what was made up": (1, scope(PEER, b"8.8.8.8, 192.0.2.1"), "192.0.2.1"),
    "two headers are one list": (1, scope(PEER, b"8.8.8.8", b"192.0.2.1"), "192.0.2.1"),
    "behind two proxies": (2, scope(PEER, b"8.8.8.8, 192.0.2.1, 10.0.0.1"), "192.0.2.1"),
    "past the proxies": (2, scope(PEER, b"192.0.2.1"), "203.0.113.9"),
    "without a word": (1, scope(PEER), "203.0.113.9"),
    "not an address": (1, scope(PEER, b"evil\r\n{"), "203.0.113.9"),
    "with a port": (1, scope(PEER, b"192.0.2.1:80"), "203.0.113.9"),
    "IPv6": (1, scope(PEER, b"2001:DB8::0001"), "2001:db8::1"),
    "IPv6 with a zone of any text": (1, scope(PEER, b"fe80::1%\n{}"), "fe80::1"),
    "a long list": (1, scope(PEER, b"1.1.1.1," * 1000 + b"192.0.2.1"), "192.0.2.1"),
}


@pytest.mark.parametrize("case", FROM)
def test_where_somebody_asks_from_is_never_what_they_say_themselves(case: str) -> None:
    proxies, asked, told = FROM[case]
    assert Addresses(proxies).of(asked) == told


@pytest.mark.parametrize(
    ("address", "counted"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("unknown", "unknown")],
)
def test_a_subscriber_is_one_whatever_its_addresses(address: str, counted: str) -> None:
    assert counted_as(address) == counted


def test_counting_starts_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    allowance = Allowance("address", 1_000)
    started: list[threading.Thread] = []
    monkeypatch.setattr(threading.Thread, "start", started.append)
    until = time.monotonic() + 0.05
    while time.monotonic() < until:
        allowance.take("192.0.2.1")
        time.sleep(0.015)
    assert started == []


def test_who_does_not_come_again_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    counters = Counters()
    for number in range(50):
        assert counters.incr(f"192.0.2.{number}", 120) == 1
    now[0] += 119
    assert counters.incr("192.0.2.1", 120) == 2
    assert len(counters.expirations) == 50
    now[0] += 61
    assert counters.incr("192.0.2.60", 120) == 1
    assert set(counters.expirations) == set(counters.storage) == {"192.0.2.60"}
