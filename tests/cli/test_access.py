"""`corridor access`: granting, asking, answering, ending, and what its lists say."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.cli.corridor import refused
from tests.cli.town import Town

FAR = "2099-12-31T00:00:00Z"


def concealed(town: Town) -> tuple[str, str]:
    """Open a trip that the port is in, and conceal its price; return the trip and the statement."""
    trip = town.opened(EXPORTER)["subject"]
    town.did(EXPORTER, "stream", "grant", trip, "--member", ORIGIN_PORT)
    body = ["--body", town.body(price=7), "--conceal", "/price"]
    return trip, town.did(EXPORTER, "statement", "say", "document", "--subject", trip, *body)["id"]


def prices(town: Town, uri: str, trip: str) -> list[Any]:
    """Return the prices that an organisation sees of a trip."""
    return [one["body"]["price"] for one in said(town, uri, trip) if "price" in one["body"]]


def said(town: Town, uri: str, trip: str) -> list[dict[str, Any]]:
    """Return what an organisation sees that was said of a trip."""
    answer = town.stage.http.get(f"/v1/subjects/{trip}/statements", headers=sign_in(town.stage, uri))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def ids(town: Town, uri: str, *arguments: object) -> Sequence[str]:
    return [one["id"] for one in town.did(uri, "access", *arguments)]


def test_a_grant_shows_and_its_end_hides(town: Town) -> None:
    trip, _ = concealed(town)
    assert prices(town, ORIGIN_PORT, trip) == []
    told = town.did(
        EXPORTER, "access", "grant", trip, "--member", ORIGIN_PORT, "--category", "commercial", "--until", FAR
    )
    assert prices(town, ORIGIN_PORT, trip) == [7]
    assert told["id"] in ids(town, ORIGIN_PORT, "grants", "--subject", trip)
    assert told["id"] in ids(town, EXPORTER, "grants", "--given")
    town.did(EXPORTER, "access", "end", told["id"], "--reason", "the sale fell through")
    assert prices(town, ORIGIN_PORT, trip) == []
    assert told["id"] not in ids(town, EXPORTER, "grants", "--given")
    text = town.run(EXPORTER, "access", "grants", "--given", "--all", "--lang", "es").text
    assert f"{told['id']}  terminado" in text
    refused(town.run(EXPORTER, "access", "end", told["id"]), 1, "already-ended")


def test_a_request_is_found_approved_and_acts_as_a_grant(town: Town) -> None:
    trip, _ = concealed(town)
    town.opened(ORIGIN_PORT, "PORT", "organisation")
    asked = ["--about", trip, "--category", "commercial", "--purpose", "valor en aduana"]
    request = town.did(ORIGIN_PORT, "access", "request", EXPORTER, *asked)["id"]
    text = town.run(EXPORTER, "access", "requests", "--lang", "es").text
    assert "valor en aduana" in text
    assert request in text
    answered = town.did(EXPORTER, "access", "answer", request, "--approve", "--until", FAR)
    assert prices(town, ORIGIN_PORT, trip) == [7]
    assert request not in ids(town, EXPORTER, "requests")
    (shown,) = (one for one in town.did(ORIGIN_PORT, "access", "requests", "--sent") if one["id"] == request)
    assert (shown["state"], shown["answer"]["id"]) == ("approved", answered["id"])
    refused(town.run(EXPORTER, "access", "answer", request, "--refuse"), 1, "already-answered")


def test_a_refusal_says_why_and_shows_nothing(town: Town) -> None:
    trip, _ = concealed(town)
    town.opened(ORIGIN_PORT, "PORT", "organisation")
    asked = ["--about", trip, "--category", "*", "--purpose", "curiosity"]
    request = town.did(ORIGIN_PORT, "access", "request", EXPORTER, *asked)["id"]
    town.did(EXPORTER, "access", "answer", request, "--refuse", "--reason", "no need")
    (shown,) = (one for one in town.did(ORIGIN_PORT, "access", "requests", "--sent") if one["id"] == request)
    assert (shown["state"], shown["answer"]["reason"]) == ("refused", "no need")
    assert prices(town, ORIGIN_PORT, trip) == []


def test_an_authority_records_what_it_looked_at_where_only_it_reads(town: Town) -> None:
    trip, statement = concealed(town)
    town.did(EXPORTER, "stream", "grant", trip, "--member", CUSTOMS)
    secret = town.new("secret")
    opened = town.did(CUSTOMS, "stream", "open", trip, "--name", "access-log", "--secret", secret)
    record = ["--subject", trip, "--stream", opened["stream"], "--purpose", "targeting"]
    told = town.did(CUSTOMS, "access", "record", statement, *record)
    kinds = {uri: _kinds(town, uri, trip) for uri in (CUSTOMS, EXPORTER)}
    assert [("disclosure-record" in kinds[uri]) for uri in (CUSTOMS, EXPORTER)] == [True, False]
    assert told["id"] not in json.dumps(said(town, EXPORTER, trip))


def _kinds(town: Town, uri: str, trip: str) -> list[str]:
    return [one["kind"] for one in said(town, uri, trip)]


WRONG: dict[str, tuple[list[str], str]] = {
    "a grant to oneself": (["grant", "TRIP", "--member", EXPORTER], "grant-to-self"),
    "a category that is not there": (
        ["grant", "TRIP", "--member", CUSTOMS, "--category", "prices"],
        "category-unknown",
    ),
    "a time that is none": (["grant", "TRIP", "--member", CUSTOMS, "--until", "tomorrow"], "malformed-field"),
    "a time that is over": (
        ["grant", "TRIP", "--member", CUSTOMS, "--until", "2001-01-01T00:00:00Z"],
        "grant-expired",
    ),
    "an end of nothing": (["end", "0" * 64], "grant-unknown"),
    "an answer to nothing": (["answer", "0" * 64, "--refuse"], "request-unknown"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_makes_no_sense_is_refused_and_not_on_record(town: Town, name: str) -> None:
    arguments, code = WRONG[name]
    trip = town.opened(EXPORTER)["subject"]
    size = town.stage.ledger.store.size()
    ran = town.run(EXPORTER, "access", *(trip if one == "TRIP" else one for one in arguments))
    refused(ran, 1, code)
    assert town.stage.ledger.store.size() == size
