"""The client and the real service, which answers as the pretended one of the other tests does."""

from collections.abc import Iterator
from typing import Any

import pytest

from ledger.client import Service
from ledger.client.answers import State
from ledger.client.memory import Memory
from ledger.client.outbox import Outbox
from ledger.client.sending import send
from ledger.domain.errors import AccessError, NotFoundError, PolicyError, VerificationError
from ledger.domain.statement import Statement
from tests.builders import CUSTOMS, EXPORTER, a_genesis, a_signer, an_author
from tests.client.pretend import Pretend, Waits, file_of
from tests.integration.stage import Stage, a_stage, another_trip, enrol


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with a_stage(tmp_path_factory.mktemp("client")) as stage:
        enrol(stage.ledger)
        yield stage


def service_of(stage: Stage, uri: str = EXPORTER, **changes: Any) -> Service:
    return Service(stage.url, a_signer(uri), uri, clock=stage.clock, **changes)


def shape(value: object) -> object:
    """Return the form of an answer: names and types."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    return type(value).__name__


def test_the_real_one_acknowledges_and_refuses_as_the_pretended_one_does(stage: Stage) -> None:
    opening = stage.says(EXPORTER, "subject-opened", another_trip("shape"))
    pretended = Pretend(genesis=stage.ledger.genesis)
    with service_of(stage) as real, pretended.service() as pretending:
        for _ in range(2):
            theirs, ours = real.submit(file_of(opening)), pretending.submit(file_of(opening))
            assert shape(theirs.to_json()) == shape(ours.to_json())
            assert theirs.duplicate is ours.duplicate
        stranger = an_author("https://stranger.example", genesis=stage.ledger.genesis)
        said = stranger.says("seal-check", another_trip("shape"), iat=stage.clock())
        pretended.refused[said.statement.id] = (403, "key-unknown")
        for one in (real, pretending):
            with pytest.raises(PolicyError) as caught:
                one.submit(file_of(said))
            assert caught.value.code == "key-unknown"


def test_a_statement_goes_the_whole_way(stage: Stage) -> None:
    trip = another_trip("way")
    with service_of(stage, memory=Memory()) as service:
        before = service.seen()
        registered = service.submit(file_of(stage.says(EXPORTER, "subject-opened", trip)))
        assert service.status(registered.id).state is State.LOGGED
        states = []

        def anchor_then(seconds: float) -> None:
            stage.anchor()

        patience = Waits().patience(sleep=anchor_then)
        with service_of(stage, patience=patience) as following:
            following.follow(registered.id, lambda standing: states.append(standing.state))
        assert (states[0], states[-1]) == (State.LOGGED, State.FINAL)
        assert Statement.parse(service.statement_file(registered.id).statement).id == registered.id
        assert len(service.receipt(registered.id)) > 1000
        assert service.custody(trip.uri)["holder"] == EXPORTER
        assert [one["kind"] for one in service.statements(trip.uri)] == ["subject-opened"]
        assert service.seen().size > before.size


def test_pages_are_followed(stage: Stage) -> None:
    trip = another_trip("pages")
    with service_of(stage) as service:
        service.submit(file_of(stage.says(EXPORTER, "subject-opened", trip)))
        for number in range(60):
            said = stage.says(EXPORTER, "seal-check", trip, {"number": number})
            service.submit(file_of(said), lenient=True)
        listed = list(service.statements(trip.uri, kind="seal-check"))
    assert [one["body"]["number"] for one in listed] == list(range(60))


def test_who_is_no_member_finds_nothing_and_a_secret_lets_in(stage: Stage) -> None:
    trip = another_trip("secret")
    with service_of(stage) as service:
        service.submit(file_of(stage.says(EXPORTER, "subject-opened", trip)))
    with service_of(stage, CUSTOMS) as service:
        with pytest.raises(NotFoundError):
            service.subject(trip.uri)
        assert service.join(trip.custody_secret)["subject"] == trip.uri
        assert service.subject(trip.uri)["streams"][0]["tag"] == trip.custody_tag.hex()
        assert {one["organisation"] for one in service.members(trip.custody_tag)} == {EXPORTER, CUSTOMS}


def test_a_session_ends_when_it_is_ended(stage: Stage) -> None:
    with service_of(stage) as service:
        service.login()
        headers = service.session.headers()
        service.session.logout()
        with pytest.raises(AccessError):
            service.http.ask("GET", "/v1/sessions/current", headers=headers)
        assert service.login()["organisation"] == EXPORTER


def test_the_service_of_another_log_is_not_spoken_to(stage: Stage) -> None:
    with (
        service_of(stage, genesis=a_genesis()) as service,
        pytest.raises(VerificationError, match="another log"),
    ):
        service.login()


def test_four_hours_without_a_network_fall_into_place(stage: Stage, tmp_path: Any) -> None:
    """A gate signs on; what it sends later keeps its times, and the line of custody is in their order."""
    trip = another_trip("gate")
    outbox = Outbox(tmp_path / "outbox")
    signed_at = stage.clock()
    outbox.add(file_of(stage.says(EXPORTER, "subject-opened", trip)))
    for number in range(5):
        stage.clock.now += 2_880
        body = {"occurred_at": f"2026-09-21T1{number}:00:00Z", "number": number}
        outbox.add(file_of(stage.says(EXPORTER, "seal-check", trip, body)))
    with service_of(stage) as service:
        delivery = send(outbox, service, clock=stage.clock, arrange=lambda entries: entries[::-1])
        assert (len(delivery.acknowledged), delivery.waiting, delivery.refused) == (6, (), ())
        listed = list(service.statements(trip.uri))
    assert next(one["kind"] for one in listed) == "subject-opened"
    assert min(one["iat"] for one in listed) == signed_at
    assert {one["received_at"] for one in listed} == {stage.clock()}
