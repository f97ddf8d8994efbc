"""The stream of events as its listeners hear it."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ledger.notices import hub as hubs
from tests.builders import CUSTOMS, EXPORTER
from tests.integration.waiting import wait_until
from tests.notices.desk import OTHER, SHIPMENT, Desk, a_desk, an_arrival
from tests.notices.serving import Counter, counter, raw_stream


@pytest.fixture
def there(desk: Desk) -> Iterator[Counter]:
    """Notices that are served."""
    with counter(desk) as there:
        yield there


def test_listeners_hear_what_happens_from_now_on(there: Counter) -> None:
    there.desk.happens()
    with there.stream() as stream, there.stream("exporter") as other:
        seq = there.desk.happens("dossier.ready", margin_hours=64)
        told = stream.next()
        assert told == other.next()
    assert told["data"] == {
        "seq": seq,
        "shipment": SHIPMENT,
        "about": {"margin_hours": 64},
        "arrival": an_arrival(),
    }


def test_who_comes_back_with_the_last_number_misses_nothing_and_hears_nothing_twice(there: Counter) -> None:
    seqs = [there.desk.happens() for _ in range(50)]
    with there.stream(last=seqs[4]) as stream:
        assert stream.seqs(45) == seqs[5:]
        later = there.desk.happens()
        assert stream.seqs(1) == [later]


def test_a_number_from_the_future_is_taken_for_now(there: Counter) -> None:
    there.desk.happens()
    with there.stream(last=10**15) as stream:
        seq = there.desk.happens()
        assert stream.seqs(1) == [seq]


def test_each_hears_only_of_what_it_may_see_at_that_moment(there: Counter) -> None:
    there.desk.seen[OTHER, EXPORTER] = an_arrival(OTHER)
    with there.stream() as customs, there.stream("exporter") as exporter:
        hidden = there.desk.happens(shipment=OTHER)
        seen = there.desk.happens()
        assert exporter.seqs(2) == [hidden, seen]
        assert customs.seqs(1) == [seen]
        # The grant ends while the stream is open.
        del there.desk.seen[SHIPMENT, CUSTOMS]
        there.desk.happens()
        there.desk.seen[OTHER, CUSTOMS] = an_arrival(OTHER)
        again = there.desk.happens(shipment=OTHER)
        assert customs.seqs(1) == [again]


def test_filters_narrow_a_stream(there: Counter) -> None:
    there.desk.seen[OTHER, CUSTOMS] = an_arrival(OTHER, port="CAVAN", terminal=None)
    there.desk.parties.add((OTHER, EXPORTER))
    numbers = {
        (kind, shipment): there.desk.happens(kind, shipment)
        for kind in ("dossier.ready", "decision.made")
        for shipment in (SHIPMENT, OTHER)
    }
    made = there.subscribed(events=["dossier.ready"], filter={"port": "CAVAN"})
    for wanted, expected in (
        ({"events": "decision.made"}, [("decision.made", SHIPMENT), ("decision.made", OTHER)]),
        ({"country": "CA"}, [("dossier.ready", OTHER), ("decision.made", OTHER)]),
        ({"port": "USILG", "terminal": "north"}, [("dossier.ready", SHIPMENT), ("decision.made", SHIPMENT)]),
        ({"organisation": EXPORTER, "events": "dossier.ready"}, [("dossier.ready", OTHER)]),
        ({"subscription": made["id"]}, [("dossier.ready", OTHER)]),
    ):
        with there.stream(last=0, **wanted) as stream:
            assert stream.seqs(len(expected)) == [numbers[one] for one in expected]


BAD: dict[str, tuple[dict[str, str], dict[str, str], int, str]] = {
    "an id that is no number": ({"Last-Event-ID": "seven"}, {}, 400, "malformed-field"),
    "a negative id": ({"Last-Event-ID": "-1"}, {}, 400, "malformed-field"),
    "an id beyond all numbers": ({"Last-Event-ID": "9" * 19}, {}, 400, "malformed-field"),
    "an id of thousands of digits": ({"Last-Event-ID": "1" * 20_000}, {}, 400, "malformed-field"),
    "an empty id": ({"Last-Event-ID": ""}, {}, 400, "malformed-field"),
    "other digits": ({"Last-Event-ID": "\u0663"}, {}, 400, "malformed-field"),
    "an injected line": ({"Last-Event-ID": "1 OR 1=1"}, {}, 400, "malformed-field"),
    "an unknown kind": ({}, {"events": "everything"}, 400, "malformed-field"),
    "a kind twice": ({}, {"events": "decision.made,decision.made"}, 400, "malformed-field"),
    "no kinds": ({}, {"events": ""}, 400, "malformed-field"),
    "a port that is none": ({}, {"port": "USA"}, 400, "malformed-field"),
    "a country in small letters": ({}, {"country": "us"}, 400, "malformed-field"),
    "an organisation that is none": ({}, {"organisation": "customs"}, 400, "malformed-field"),
    "an unknown parameter": ({}, {"harbour": "USILG"}, 400, "unknown-parameter"),
    "a subscription and a filter": (
        {},
        {"subscription": "0" * 32, "port": "USILG"},
        400,
        "subscription-or-filter",
    ),
    "a subscription that is not there": ({}, {"subscription": "0" * 32}, 404, "subscription-unknown"),
    "no session": ({"Authorization": "Bearer nobody"}, {}, 401, "session-over"),
}


@pytest.mark.parametrize("name", list(BAD))
def test_a_bad_request_is_refused_before_the_stream_begins(name: str, there: Counter) -> None:
    headers, wanted, status, code = BAD[name]
    sent = {"Authorization": "Bearer customs"} | headers
    # As bytes: a hostile header need not be ASCII.
    raw = {header.encode(): value.encode() for header, value in sent.items()}
    answer = there.http.get("/v1/events", headers=raw, params=wanted)
    assert answer.status_code == status, answer.text
    assert answer.json()["type"] == f"urn:corridor:problem:{code}"


def test_a_subscription_of_another_organisation_looks_like_none(there: Counter) -> None:
    made = there.subscribed("exporter")
    headers = {"Authorization": "Bearer customs"}
    answers = [
        there.http.get("/v1/events", params={"subscription": one}, headers=headers).json()
        for one in (made["id"], "0" * 32)
    ]
    assert answers[0] == answers[1]


def test_a_session_that_expires_ends_its_stream(there: Counter) -> None:
    there.expires_at = there.desk.clock() + 100
    with there.stream() as stream:
        there.desk.happens()
        stream.seqs(1)
        there.desk.clock.now += 100
        assert stream.is_over()


def test_a_session_that_was_ended_hears_nothing_more(there: Counter) -> None:
    with there.stream() as ended, there.stream("exporter") as going:
        there.desk.over.add("customs")
        seq = there.desk.happens()
        assert ended.is_over()
        assert going.seqs(1) == [seq]


def test_a_session_that_was_ended_ends_a_quiet_stream_too(
    there: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "CHECK_SECONDS", 0.1)
    with there.stream() as stream:
        there.desk.over.add("customs")
        assert stream.is_over()


def test_so_many_streams_as_are_allowed_can_be_followed_and_others_when_one_ends(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, streams=2)
    with counter(desk) as there, ExitStack() as open_ones:
        first = open_ones.enter_context(ExitStack())
        first.enter_context(there.stream())
        open_ones.enter_context(there.stream())
        open_ones.enter_context(there.stream("exporter"))
        refused = there.http.get("/v1/events", headers={"Authorization": "Bearer customs"})
        assert (refused.status_code, refused.json()["type"]) == (429, "urn:corridor:problem:too-many")
        assert refused.headers["Retry-After"]
        first.close()

        def follows() -> bool:
            headers = {"Authorization": "Bearer customs"}
            with there.http.stream("GET", "/v1/events", headers=headers) as answer:
                return answer.status_code == 200

        wait_until(follows)
    desk.notices.close()
    desk.engine.dispose()


def test_two_hundred_listeners_need_no_thread_each(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, streams=200)
    with counter(desk) as there, ExitStack() as open_ones:
        before = threading.active_count()
        streams = [open_ones.enter_context(there.stream()) for _ in range(200)]
        assert threading.active_count() - before < 10
        begun = time.monotonic()
        seq = desk.happens()
        assert [one.seqs(1) for one in streams] == [[seq]] * 200
        assert time.monotonic() - begun < 5
    desk.notices.close()
    desk.engine.dispose()


def test_one_who_does_not_read_keeps_nobody_from_hearing(there: Counter) -> None:
    lazy = raw_stream(there.url)
    with lazy, there.stream("exporter") as stream:
        # Far more than sockets and servers hold back for somebody who does not read.
        big = "x" * 200_000
        seqs = [there.desk.happens(said=big) for _ in range(60)]
        assert stream.seqs(60) == seqs


def test_when_the_server_stops_streams_end_at_once(desk: Desk) -> None:
    with ExitStack() as open_ones:
        with counter(desk) as there:
            streams = [open_ones.enter_context(there.stream()) for _ in range(3)]
            begun = time.monotonic()
        # Without that, the server would wait five seconds for them.
        assert time.monotonic() - begun < 3
        assert all(one.is_over() for one in streams)
