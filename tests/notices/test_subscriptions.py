"""Subscriptions over HTTP: each organisation has its own, and bad ones change nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import CorridorError
from ledger.notices.secret import secret_of
from ledger.notices.wanted import Wanted
from ledger.storage.access_tables import repeatable_requests
from ledger.storage.notice_tables import notice_deliveries, notice_subscriptions
from tests.notices.desk import SECRET, Desk, a_desk
from tests.notices.serving import Counter, counter

URL = "https://port.example/corridor?token=of-the-receiver"


@pytest.fixture
def there(desk: Desk) -> Iterator[Counter]:
    """Notices that are served."""
    with counter(desk) as there:
        yield there


def test_the_secret_is_shown_once_and_nowhere_stored(there: Counter) -> None:
    made = there.subscribed(url=URL)
    assert made["secret"].startswith("whsec_")
    shown = there.ask("GET", f"/{made['id']}").json()
    assert "secret" not in shown
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    (listed,) = there.ask("GET", "").json()["items"]
    assert listed == shown
    for table in (notice_subscriptions, repeatable_requests, notice_deliveries):
        assert made["secret"] not in str(there.desk.rows(table))


def test_secrets_differ_between_subscriptions_numbers_and_services() -> None:
    made = {
        secret_of(service, subscription, number)
        for service in (SECRET, bytes(32))
        for subscription in ("a" * 32, "b" * 32)
        for number in (0, 1)
    }
    assert len(made) == 8


def test_a_request_that_is_repeated_makes_one_subscription_and_shows_its_secret_again(there: Counter) -> None:
    headers = {"Idempotency-Key": "one"}
    body = {"name": "x", "url": URL}
    first, again = (there.ask("POST", "", json=body, headers=headers) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    other = there.ask("POST", "", json=body | {"name": "y"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "urn:corridor:problem:idempotency-key-reused")
    assert len(there.desk.rows(notice_subscriptions)) == 1
    # The stored answer is no place for a secret either.
    assert "whsec_" not in str(there.desk.rows(repeatable_requests))


def test_a_changed_secret_is_another_one(there: Counter) -> None:
    made = there.subscribed(url=URL)
    changed = there.ask("POST", f"/{made['id']}/secret").json()
    assert changed["secret"] != made["secret"]
    assert changed["id"] == made["id"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("DELETE", ""), ("POST", "/secret"), ("GET", "/deliveries"), ("POST", "/replay")],
    ids=lambda part: part.strip("/") or "itself",
)
def test_a_subscription_of_others_looks_like_none(there: Counter, method: str, path: str) -> None:
    made = there.subscribed("exporter", url=URL)
    more: dict[str, Any] = {"json": {}} if path == "/replay" else {}
    answers = [there.ask(method, f"/{one}{path}", **more) for one in (made["id"], "0" * 32)]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert there.ask("GET", f"/{made['id']}", "exporter").status_code == 200


def test_what_is_ended_is_gone_for_good(there: Counter) -> None:
    made = there.subscribed(url=URL)
    assert there.ask("DELETE", f"/{made['id']}").status_code == 204
    assert there.ask("DELETE", f"/{made['id']}").status_code == 404
    assert there.ask("GET", "").json()["items"] == []


def test_lists_come_in_pages(there: Counter) -> None:
    made = [there.subscribed(name=f"number {number}")["id"] for number in range(5)]
    found, cursor = [], None
    while True:
        page = there.ask("GET", "", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(found) == sorted(made)


def test_an_organisation_has_as_many_as_it_may_have(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, subscriptions=2)
    with counter(desk) as there:
        for _ in range(2):
            there.subscribed()
        refused = there.ask("POST", "", json={"name": "one more"})
        assert (refused.status_code, refused.json()["type"]) == (429, "urn:corridor:problem:too-many")
        there.subscribed("exporter")
    desk.notices.close()
    desk.engine.dispose()


BAD: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "no JSON": (b"{", 400),
    "an array": (b"[]", 400),
    "no name": (b"{}", 400),
    "an empty name": (b'{"name": ""}', 400),
    "a long name": (b'{"name": "%s"}' % (b"x" * 101), 400),
    "a number for a name": (b'{"name": 7}', 400),
    "a name twice": (b'{"name": "a", "name": "b"}', 400),
    "an unknown member": (b'{"name": "a", "secret": "whsec_mine"}', 400),
    "an unknown event": (b'{"name": "a", "events": ["all"]}', 400),
    "no events": (b'{"name": "a", "events": []}', 400),
    "an event twice": (b'{"name": "a", "events": ["decision.made", "decision.made"]}', 400),
    "events that are none": (b'{"name": "a", "events": [{}, []]}', 400),
    "an unknown filter": (b'{"name": "a", "filter": {"harbour": "USILG"}}', 400),
    "a port that is none": (b'{"name": "a", "filter": {"port": "Wilmington"}}', 400),
    "a filter of wrong types": (b'{"name": "a", "filter": {"port": ["USILG"]}}', 400),
    "a country in lower case": (b'{"name": "a", "filter": {"country": "us"}}', 400),
    "an organisation that is none": (b'{"name": "a", "filter": {"organisation": "customs"}}', 400),
    "an empty terminal": (b'{"name": "a", "filter": {"terminal": ""}}', 400),
    "a url that is none": (b'{"name": "a", "url": "port"}', 400),
    "a url with a password": (b'{"name": "a", "url": "https://a:b@port.example/"}', 400),
    "too long": (b'{"name": "a", "url": "%s"}' % (b"x" * 20_000), 413),
}


@pytest.mark.parametrize("name", list(BAD))
def test_a_bad_subscription_is_refused_and_nothing_is_kept(there: Counter, name: str) -> None:
    content, status = BAD[name]
    answer = there.ask("POST", "", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert there.desk.rows(notice_subscriptions) == []


def test_private_receivers_are_refused_unless_the_operator_allows_them(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, private=False)
    with counter(desk) as there:
        for url in (
            "http://127.0.0.1:8080/hook",
            "https://169.254.169.254/latest",
            "https://port.example:22/",
        ):
            answer = there.ask("POST", "", json={"name": "x", "url": url})
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:corridor:problem:webhook-url")
    desk.notices.close()
    desk.engine.dispose()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "events", "filter", "url", "more"), JSON))


@given(MEMBERS | JSON)
def test_whatever_is_said_is_wanted_or_an_error_of_ours(said: Any) -> None:
    try:
        wanted = Wanted.of(said.get("events"), said.get("filter")) if isinstance(said, dict) else None
    except CorridorError:
        return
    if wanted is not None:
        back = wanted.to_json()
        assert Wanted.of(back["events"], back["filter"]) == wanted
