"""Webhooks as receivers get them: signed, once, again after failures, and nothing that is not theirs."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from ledger.notices.deliveries import PAUSES, Delivery
from ledger.notices.egress import Egress
from ledger.notices.sender import Outcome, Sender
from ledger.notices.subscriptions import Subscription
from ledger.storage.notice_tables import notice_deliveries, notice_subscriptions
from tests.builders import CUSTOMS, EXPORTER
from tests.integration.waiting import wait_until
from tests.notices.desk import OTHER, SHIPMENT, Desk, a_desk, an_arrival
from tests.notices.receivers import Behaviour, drips, endless, hangs_up, never, receiver, status


def deliveries(desk: Desk, identifier: str) -> list[Delivery]:
    return list(desk.notices.deliveries.list(identifier, None, None, 1000))


def test_what_happens_is_told_in_a_message_that_the_library_verifies(desk: Desk) -> None:
    with receiver() as there, desk.delivering():
        identifier = desk.subscribed(there.url)
        seq = desk.happens("decision.made", delivery="blocked")
        (got,) = there.wait_for(1)
        wait_until(lambda: deliveries(desk, identifier)[0].state == "delivered")
    told = got.verified(desk.secret(identifier))
    assert told["type"] == "decision.made"
    assert told["data"] == {
        "seq": seq,
        "shipment": SHIPMENT,
        "about": {"delivery": "blocked"},
        "arrival": an_arrival(),
    }
    assert got.path == "/hook?key=of-the-receiver"
    assert got.headers["host"] == f"127.0.0.1:{there.port}"
    assert got.headers["webhook-id"] == deliveries(desk, identifier)[0].id


def test_each_event_is_sent_once_to_each_subscription_that_wants_it(desk: Desk) -> None:
    desk.seen[OTHER, CUSTOMS] = an_arrival(OTHER, port="USPEF")
    with receiver() as all_of_it, receiver() as narrow, desk.delivering():
        desk.subscribed(all_of_it.url)
        desk.subscribed(narrow.url, events=["decision.made"], filter={"port": "USPEF"})
        for kind in ("dossier.ready", "decision.made"):
            for shipment in (SHIPMENT, OTHER):
                desk.happens(kind, shipment)
        all_of_it.wait_for(4)
        wait_until(lambda: all(one.state == "delivered" for one in desk.rows(notice_deliveries)))
    assert (len(all_of_it.got), len(narrow.got)) == (4, 1)


def test_what_happened_before_one_subscribed_is_not_sent(desk: Desk) -> None:
    desk.happens()
    with receiver() as there, desk.delivering():
        desk.subscribed(there.url)
        seq = desk.happens()
        there.wait_for(1)
        wait_until(lambda: all(one.state == "delivered" for one in desk.rows(notice_deliveries)))
    assert [one.seq for one in desk.rows(notice_deliveries)] == [seq]


def test_who_may_not_see_a_shipment_is_told_nothing_of_it(desk: Desk) -> None:
    with receiver() as customs, receiver() as stranger, desk.delivering():
        desk.subscribed(customs.url)
        desk.subscribed(stranger.url, "https://stranger.example")
        desk.happens()
        customs.wait_for(1)
        wait_until(lambda: all(one.state == "delivered" for one in desk.rows(notice_deliveries)))
    assert stranger.got == []


def test_what_one_may_see_counts_when_it_is_sent_not_when_it_happened(desk: Desk) -> None:
    with receiver(status(503)) as there:
        identifier = desk.subscribed(there.url)
        desk.happens()
        with desk.delivering():
            there.wait_for(1)
            wait_until(lambda: deliveries(desk, identifier)[0].attempts == 1)
        # The grant ends while the receiver is away.
        del desk.seen[SHIPMENT, CUSTOMS]
        desk.clock.now += PAUSES[0] * 2
        with desk.delivering():
            wait_until(lambda: not deliveries(desk, identifier))
    assert len(there.got) == 1


FAILURES: dict[str, tuple[Behaviour, str, int | None]] = {
    "answers with an error": (status(500), "refused", 500),
    "refuses": (status(401), "refused", 401),
    "redirects to a metadata address": (
        status(302, "Location: http://169.254.169.254/latest/meta-data"),
        "redirected",
        302,
    ),
    "redirects and keeps the method": (status(307, "Location: /elsewhere"), "redirected", 307),
    "hangs up": (hangs_up, "broken-off", None),
    "speaks no HTTP": (lambda peer, _stopping: peer.sendall(b"220 mail\r\n\r\n"), "broken-off", None),
    "never answers": (never, "timeout", None),
    "answers a byte at a time": (drips, "timeout", None),
}


@pytest.mark.parametrize("name", list(FAILURES))
def test_a_receiver_that_fails_is_tried_again_with_the_same_id(name: str, tmp_path: Path) -> None:
    behaviour, problem, code = FAILURES[name]
    desk = a_desk(tmp_path, sender=Sender(Egress(private=True), seconds=0.5))
    with receiver(behaviour) as there, desk.delivering():
        identifier = desk.subscribed(there.url)
        desk.happens()
        wait_until(lambda: deliveries(desk, identifier) and deliveries(desk, identifier)[0].attempts == 1)
        (one,) = deliveries(desk, identifier)
        assert (one.state, one.problem, one.status) == ("pending", problem, code)
        assert 0.8 * PAUSES[0] - 1 <= one.next_at - desk.clock() <= 1.2 * PAUSES[0] + 1
        desk.clock.now += PAUSES[0] * 2
        wait_until(lambda: deliveries(desk, identifier)[0].attempts == 2)
    first, second = there.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    # The time is of the attempt: a receiver that was away for an hour would refuse what was signed before.
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == PAUSES[0] * 2
    assert there.connections == 2
    desk.notices.close()
    desk.engine.dispose()


def test_an_answer_without_end_is_taken_for_its_status(desk: Desk) -> None:
    with receiver(endless) as there, desk.delivering():
        identifier = desk.subscribed(there.url)
        begun = time.monotonic()
        desk.happens()
        wait_until(
            lambda: deliveries(desk, identifier) and deliveries(desk, identifier)[0].state == "delivered"
        )
        assert time.monotonic() - begun < 5


def test_what_fails_too_often_is_dead_until_it_is_replayed(desk: Desk) -> None:
    with receiver(status(500)) as there, desk.delivering():
        identifier = desk.subscribed(there.url)
        desk.happens()
        for attempt in range(1, len(PAUSES) + 2):
            wait_until(
                lambda n=attempt: [one.attempts for one in deliveries(desk, identifier)] == [n]  # type: ignore[misc]
            )
            desk.clock.now += 50_000
        assert deliveries(desk, identifier)[0].state == "dead"
        there.behaviour = status(200)
        assert desk.notices.deliveries.replay(identifier, None) == 1
        wait_until(lambda: deliveries(desk, identifier)[0].state == "delivered")
    assert len(there.got) == len(PAUSES) + 2
    assert len({one.headers["webhook-id"] for one in there.got}) == 1


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        pytest.param(status(503, "Retry-After: 7200"), 7200, id="two hours"),
        pytest.param(status(429, "Retry-After: 999999999999"), 21_600, id="for ever"),
        pytest.param(status(503, "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT"), 0, id="in the past"),
        pytest.param(status(503, "Retry-After: soon"), 0, id="no time"),
        pytest.param(status(503, "Retry-After: " + "9" * 5000), 0, id="too long a number"),
        pytest.param(status(500, "Retry-After: 1"), 0, id="sooner than agreed"),
    ],
)
def test_a_receiver_that_asks_to_be_left_alone_is_left_alone_for_hours_at_most(
    desk: Desk, answer: Behaviour, wait: int
) -> None:
    with receiver(answer) as there, desk.delivering():
        identifier = desk.subscribed(there.url)
        desk.happens()
        wait_until(lambda: [one.attempts for one in deliveries(desk, identifier)] == [1])
        (delivery,) = deliveries(desk, identifier)
        pause = delivery.next_at - desk.clock()
    assert pause == wait if wait else 4 <= pause <= 6


@pytest.mark.parametrize("since", [None, 0], ids=["the dead", "since a time"])
def test_what_waits_for_its_next_attempt_is_sent_at_once_when_it_is_replayed(
    desk: Desk, since: int | None
) -> None:
    with receiver(status(500)) as there, desk.delivering():
        identifier = desk.subscribed(there.url)
        desk.happens()
        wait_until(lambda: [one.attempts for one in deliveries(desk, identifier)] == [1])
        there.behaviour = status(200)
        assert desk.notices.deliveries.replay(identifier, since) == 1
        wait_until(lambda: deliveries(desk, identifier)[0].state == "delivered")


def test_what_was_delivered_since_a_time_can_be_sent_again(desk: Desk) -> None:
    with receiver() as there, desk.delivering():
        identifier = desk.subscribed(there.url)
        desk.happens()
        there.wait_for(1)
        desk.clock.now += 100
        since = desk.clock()
        desk.happens()
        there.wait_for(2)
        wait_until(lambda: all(one.state == "delivered" for one in deliveries(desk, identifier)))
        assert desk.notices.deliveries.replay(identifier, since) == 1
        assert there.wait_for(3)[2].headers["webhook-id"] == there.got[1].headers["webhook-id"]


def test_a_receiver_that_is_gone_gets_nothing_more_until_its_organisation_says_so(desk: Desk) -> None:
    with receiver(status(410)) as there, desk.delivering():
        identifier = desk.subscribed(there.url)
        desk.happens()
        wait_until(lambda: desk.rows(notice_subscriptions)[0].state == "gone")
        desk.happens()
        wait_until(lambda: desk.rows(notice_deliveries)[0].state == "dead")
        assert len(there.got) == 1
        there.behaviour = status(204)
        desk.notices.deliveries.replay(identifier, None)
        there.wait_for(2)
        desk.happens()
        there.wait_for(3)


def test_dead_and_slow_receivers_delay_nobody_else(desk: Desk) -> None:
    with receiver(never) as dead, receiver(drips) as slow, receiver() as good:
        for _ in range(3):
            desk.subscribed(dead.url, EXPORTER)
            desk.subscribed(slow.url, EXPORTER)
        desk.subscribed(good.url, CUSTOMS)
        for _ in range(40):
            desk.happens()
        begun = time.monotonic()
        with desk.delivering():
            good.wait_for(40)
            # Each of the others takes ten seconds, and 240 of them wait.
            assert time.monotonic() - begun < 5


def test_two_processes_send_each_message_once(desk: Desk) -> None:
    with receiver() as there, desk.delivering(), desk.delivering():
        identifier = desk.subscribed(there.url)
        for _ in range(60):
            desk.happens()
        there.wait_for(60)
        wait_until(lambda: all(one.state == "delivered" for one in deliveries(desk, identifier)))
    assert len({one.headers["webhook-id"] for one in there.got}) == len(there.got) == 60


def test_what_another_process_has_just_tried_is_not_tried_again_before_its_time(desk: Desk) -> None:
    desk.subscribed("https://port.example/hook")
    desk.happens()
    desk.notices.office.fanout.run()
    store = desk.notices.deliveries
    (one,) = store.due((), 10)
    assert store.claim(one.id)
    store.ended(one, Outcome(503, "refused"))
    assert not store.claim(one.id)
    desk.clock.now += PAUSES[0] * 2
    assert store.claim(one.id)


def test_what_was_not_sent_when_a_process_ended_is_sent_by_the_next(desk: Desk) -> None:
    with receiver(never) as there:
        identifier = desk.subscribed(there.url)
        desk.happens()
        with desk.delivering():
            there.wait_for(1)
        (one,) = desk.rows(notice_deliveries)
        assert (one.state, one.attempts, one.claimed_until) == ("pending", 0, 0)
        there.behaviour = status(200)
        with desk.delivering():
            wait_until(lambda: deliveries(desk, identifier)[0].state == "delivered")


def test_after_a_change_of_the_secret_both_verify_for_a_day(desk: Desk) -> None:
    with receiver() as there, desk.delivering():
        identifier = desk.subscribed(there.url)
        old = desk.secret(identifier)
        desk.notices.subscriptions.change_secret(CUSTOMS, identifier)
        new = desk.secret(identifier)
        assert old != new
        desk.happens()
        (got,) = there.wait_for(1)
        assert got.verified(old) == got.verified(new)
        desk.clock.now += 86_400
        desk.happens()
        assert len(there.wait_for(2)[1].headers["webhook-signature"].split(" ")) == 1


def test_what_another_process_makes_for_a_subscription_while_it_ends_is_forgotten(desk: Desk) -> None:
    identifier, stays = (desk.subscribed("https://port.example/hook") for _ in range(2))
    desk.happens()
    subscriptions = desk.notices.subscriptions
    before = subscriptions.sent_to()

    def ended_meanwhile() -> Sequence[Subscription]:
        subscriptions.end(CUSTOMS, identifier)
        return before

    office = desk.notices.office
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subscriptions, "sent_to", ended_meanwhile)
        office.fanout.run()
    office.deliveries.sweep()
    assert [row.subscription for row in desk.rows(notice_deliveries)] == [stays]


def test_ending_a_subscription_ends_what_was_still_to_be_sent(desk: Desk) -> None:
    with receiver(status(500)) as there, desk.delivering():
        identifier = desk.subscribed(there.url)
        desk.happens()
        there.wait_for(1)
        desk.notices.subscriptions.end(CUSTOMS, identifier)
        assert desk.rows(notice_deliveries) == []
        desk.clock.now += 50_000
        with receiver() as other:
            desk.subscribed(other.url)
            desk.happens()
            other.wait_for(1)
    assert len(there.got) == 1
