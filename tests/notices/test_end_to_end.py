"""From a statement that is submitted to those who are told of it: a whole ledger, and real receivers."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from httpx_sse import ServerSentEvent, connect_sse

from ledger.domain.sharing import ENDS
from ledger.domain.statement import Reference
from ledger.notices.loop import LoopThread
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.chain.chains import Hands
from tests.integration.stage import Stage, a_stage, another_trip, enrol
from tests.integration.waiting import wait_until
from tests.notices.receivers import receiver

TRIP = another_trip("told")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A ledger of today, for receivers believe no other time, with a trip that customs may see."""
    settings: dict[str, Any] = {"webhook_private_addresses": True}
    with (
        a_stage(tmp_path_factory.mktemp("told"), clock=Hands(int(time.time())), **settings) as stage,
        LoopThread(stage.ledger.notices.deliver, "webhooks"),
    ):
        enrol(stage.ledger)
        stage.tell(TRIP)
        stage.grant(TRIP, CUSTOMS)
        yield stage


@contextmanager
def stream(stage: Stage, uri: str, last: int | None = None) -> Iterator[Iterator[ServerSentEvent]]:
    """Follow the stream of events of an organisation while a block runs."""
    headers = sign_in(stage, uri) | ({} if last is None else {"Last-Event-ID": str(last)})
    with (
        httpx.Client(base_url=stage.url, timeout=30) as http,
        connect_sse(http, "GET", "/v1/events", headers=headers) as source,
    ):
        assert source.response.status_code == 200
        yield (frame for frame in source.iter_sse() if frame.data)


def decide(stage: Stage, delivery: str) -> str:
    """Let customs decide, and return the id of the statement."""
    signed = stage.says(CUSTOMS, "decision", TRIP, {"delivery": delivery})
    answer = stage.post(signed)
    assert answer.status_code == 201, answer.text
    return signed.statement.id.hex()


def test_a_decision_reaches_receivers_and_listeners_who_may_see_it_and_nobody_else(stage: Stage) -> None:
    with (
        receiver() as customs,
        receiver() as filtered,
        stream(stage, EXPORTER) as exporter,
        stream(stage, CUSTOMS) as authority,
    ):
        made = {
            url: stage.http.post(
                "/v1/subscriptions",
                json={"name": "decisions", "events": ["decision.made"], "url": url} | more,
                headers=sign_in(stage, who),
            ).json()
            for url, who, more in (
                (customs.url, CUSTOMS, {"filter": {"organisation": EXPORTER}}),
                (filtered.url, CUSTOMS, {"filter": {"port": "USMIA"}}),
            )
        }
        said = decide(stage, "blocked")
        (got,) = customs.wait_for(1)
        told = got.verified(made[customs.url]["secret"])
        assert told["type"] == "decision.made"
        assert told["data"]["shipment"] == TRIP.uri
        assert told["data"]["about"]["statement"] == said
        assert told["data"]["arrival"]["delivery"] == "blocked"
        heard, by_exporter = json.loads(next(authority).data), json.loads(next(exporter).data)
        assert heard["data"]["about"] == by_exporter["data"]["about"]
        assert heard["data"]["about"]["statement"] == said
        where = f"/v1/subscriptions/{made[customs.url]['id']}/deliveries?state=delivered"
        wait_until(lambda: stage.http.get(where, headers=sign_in(stage, CUSTOMS)).json()["items"])
        assert filtered.got == []


def test_a_grant_that_ends_ends_what_is_told_of_the_past_as_well(stage: Stage) -> None:
    trip = another_trip("left")
    stage.tell(trip)
    granted = stage.says(EXPORTER, "grant", trip, {"to": [CUSTOMS]})
    assert stage.post(granted).status_code == 201
    with stream(stage, CUSTOMS, last=0) as customs:
        assert stage.post(stage.says(CUSTOMS, "decision", trip, {"delivery": "blocked"})).status_code == 201
        assert trip.uri in until(customs, trip.uri)
    ended = stage.author(EXPORTER).says(
        "grant-ended",
        trip,
        {},
        references=[Reference(ENDS, granted.statement.id)],
        iat=stage.clock(),
        seen=stage.seen(),
    )
    assert stage.post(ended).status_code == 201
    with stream(stage, CUSTOMS, last=0) as customs, stream(stage, ORIGIN_PORT, last=0) as port:
        assert trip.uri in until(port, trip.uri)
        said = decide(stage, "free")
        assert trip.uri not in until(customs, said)


def until(frames: Iterator[ServerSentEvent], mark: str) -> str:
    """Return all that is told up to the event that holds a mark."""
    told = ""
    for frame in frames:
        told += frame.data
        if mark in frame.data:
            return told
    raise EOFError
