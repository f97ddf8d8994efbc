"""`corridor subscription` and `corridor events`, against a ledger that decides something."""

import json
import threading
from itertools import islice
from typing import Any

from ledger.client import Service
from ledger.client.http import Patience
from ledger.client.notices import follow
from tests.builders import CUSTOMS, EXPORTER, a_signer
from tests.cli.town import Town

URL = "https://customs.example/corridor?token=of-the-receiver"


def decided(town: Town, *, trip: str | None = None, delivery: str = "blocked") -> str:
    """Let customs decide on a trip that is shared with it, and return the trip."""
    if trip is None:
        opened = town.opened(EXPORTER)
        trip = str(opened["subject"])
        town.did(CUSTOMS, "stream", "join", opened["secret"])
    body = town.body(delivery=delivery)
    town.did(CUSTOMS, "statement", "say", "decision", "--subject", trip, "--body", body)
    return trip


def test_a_subscription_is_made_shown_changed_and_ended(town: Town) -> None:
    made = town.did(
        *(CUSTOMS, "subscription", "add", "decisions", "--url", URL),
        *("--event", "decision.made", "--port", "USILG", "--country", "US"),
    )
    assert made["secret"].startswith("whsec_")
    assert made["filter"] == {"organisation": None, "country": "US", "port": "USILG", "terminal": None}
    shown = town.did(CUSTOMS, "subscription", "show", made["id"])
    assert "secret" not in shown
    assert made["secret"] not in town.run(CUSTOMS, "subscription", "list").text
    changed = town.did(CUSTOMS, "subscription", "secret", made["id"])
    assert changed["secret"] != made["secret"]
    assert town.did(CUSTOMS, "subscription", "deliveries", made["id"], "--state", "dead") == []
    assert town.did(CUSTOMS, "subscription", "replay", made["id"]) == {"replayed": 0}
    assert town.run(EXPORTER, "subscription", "show", made["id"]).reason == "subscription-unknown"
    assert town.run(CUSTOMS, "subscription", "end", made["id"]).code == 0
    assert town.run(CUSTOMS, "subscription", "show", made["id"]).reason == "subscription-unknown"


def test_bad_wishes_are_refused_in_one_line(town: Town) -> None:
    add = ("subscription", "add", "x")
    for arguments, reason in (
        ((*add, "--url", "http://127.0.0.1/hook"), "webhook-url"),
        ((*add, "--url", "https://user:secret@port.example/"), "malformed-field"),
        (("subscription", "add", "https://port.example/hook"), "name-is-url"),
        ((*add, "--event", "everything"), "malformed-field"),
        ((*add, "--port", "Wilmington"), "malformed-field"),
        (("subscription", "show", "mine"), "malformed-field"),
        (("events", "--port", "Wilmington"), "invalid-request"),
        (("events", "--subscription", "0" * 32), "subscription-unknown"),
    ):
        ran = town.run(CUSTOMS, *arguments)
        assert (ran.code, ran.reason) == (2 if reason == "name-is-url" else 1, reason), ran
        assert "secret@" not in ran.err


def test_events_are_followed_a_line_each(town: Town) -> None:
    trip = decided(town)
    asked = ("events", "--after", "0", "--event", "decision.made", "--count", "1", "--organisation", EXPORTER)
    (line,) = town.run(CUSTOMS, *asked, "--json").text.splitlines()
    told: dict[str, Any] = json.loads(line)
    assert (told["type"], told["data"]["shipment"]) == ("decision.made", trip)
    (words,) = town.run(EXPORTER, *asked).text.splitlines()
    assert trip in words
    assert "blocked" in words


def test_a_connection_that_is_lost_is_made_again_and_nothing_is_missed_or_told_twice(town: Town) -> None:
    trip = decided(town)
    pauses: list[float] = []
    patience = Patience(sleep=pauses.append)
    with Service(town.url, a_signer(CUSTOMS), CUSTOMS, patience=patience) as service:
        told = follow(service, {"events": "decision.made"}, "0")
        before = [next(told) for _ in range(1)]
        while before[-1]["data"]["shipment"] != trip:
            before.append(next(told))
        # The service ends the session, and the stream with it.
        token = service.session.headers()["Authorization"].removeprefix("Bearer ")
        town.stage.ledger.access.sessions.close(token)
        later = threading.Timer(0.1, decided, [town], {"trip": trip, "delivery": "free"})
        later.start()
        (after,) = islice(told, 1)
        later.join()
    numbers = [one["data"]["seq"] for one in [*before, after]]
    assert numbers == sorted(set(numbers))
    assert after["data"]["arrival"]["delivery"] == "free"
    assert pauses
