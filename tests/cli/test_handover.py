"""`corridor handover` and `custody`: two parties, one set of terms, and what a reader sees of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger import cli
from ledger.cli.words import WORDS, words
from ledger.domain.hand_over import Terms
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.cli.corridor import Ran, corridor, refused
from tests.cli.town import STRANGER, Town


def offering(town: Town, trip: str, *more: object, taker: str = ORIGIN_PORT) -> Ran:
    return town.run(EXPORTER, "handover", "offer", trip, "--taker", taker, "--place", "GTPBR", *more)


def offered(town: Town, *more: object) -> tuple[str, str]:
    """Open a trip and offer it to the port; return the trip and the hash of the terms."""
    trip = town.opened(EXPORTER)["subject"]
    ran = offering(town, trip, *more, "--json")
    assert (ran.code, ran.err) == (0, ""), ran
    return trip, ran.json["terms"]


def listed(town: Town, uri: str, *more: object) -> list[str]:
    return [one["terms_hash"] for one in town.did(uri, "handover", "list", *more)]


def test_an_offer_is_found_by_the_taker_and_accepted_once(town: Town) -> None:
    trip, terms = offered(town, "--at", "2026-11-06T13:00:00-06:00", "--remark", "dent on the left door")
    assert terms in listed(town, ORIGIN_PORT)
    text = town.run(ORIGIN_PORT, "handover", "list", "--lang", "es").text
    assert "pendiente" in text
    assert corridor("handover", "show", terms, "--to", town.stage.url, *town.signing(ORIGIN_PORT)).code == 0
    told = town.did(ORIGIN_PORT, "handover", "accept", terms, "--yes")
    assert (told["terms"], told["result"], told["state"]) == (terms, "accepted", "logged")
    assert terms not in listed(town, ORIGIN_PORT)
    assert terms in listed(town, ORIGIN_PORT, "--all")
    size = town.stage.ledger.store.size()
    refused(town.run(ORIGIN_PORT, "handover", "accept", terms, "--yes"), 1, "answered-already")
    refused(town.run(EXPORTER, "handover", "accept", terms, "--yes"), 1, "answered-already")
    assert town.stage.ledger.store.size() == size
    shown = town.did(ORIGIN_PORT, "custody", trip)
    assert (shown["holder"], [one["holder"] for one in shown["spans"]]) == (
        ORIGIN_PORT,
        [EXPORTER, ORIGIN_PORT],
    )


def test_remarks_and_a_refusal_are_on_record(town: Town) -> None:
    _, terms = offered(town)
    said = town.did(ORIGIN_PORT, "handover", "accept", terms, "--yes", "--remark", "the seal is scratched")
    assert said["result"] == "accepted-with-remarks"
    trip, terms = offered(town)
    said = town.did(ORIGIN_PORT, "handover", "refuse", terms, "--yes", "--remark", "the seal is broken")
    assert said["result"] == "refused"
    shown = town.did(EXPORTER, "custody", trip)
    assert shown["holder"] == EXPORTER
    assert "handover-refused" in [one["code"] for one in shown["problems"]]


def test_whoever_signs_is_asked_and_nobody_there_is_no_yes(town: Town) -> None:
    _, terms = offered(town)
    ran = town.run(ORIGIN_PORT, "handover", "accept", terms, "--lang", "es", stdin=b"y\n")
    assert (ran.code, ran.reason) == (2, "not-confirmed")
    assert "entrega" in ran.text
    assert terms in listed(town, ORIGIN_PORT)


def test_an_offer_for_somebody_else_is_not_yours_to_answer(town: Town) -> None:
    offer = town.new("offer.statement")
    _, terms = offered(town, "--out", offer)
    refused(town.run(CUSTOMS, "handover", "accept", terms, "--yes"), 1, "no-such-offer")
    refused(town.run(CUSTOMS, "handover", "accept", offer, "--yes"), 1, "no-such-offer")
    outbox = ("--outbox", town.new("outbox"), "--genesis", town.folder / "genesis.json")
    refused(town.run(CUSTOMS, "handover", "accept", offer, "--yes", *outbox), 1, "not-a-party")


def test_terms_travel_as_a_file_and_an_edited_copy_is_nobodys_offer(town: Town) -> None:
    bare, edited = town.new("terms.json"), town.new("edited.json")
    _, terms = offered(town, "--terms-out", bare)
    assert Terms.parse(bare.read_bytes()).hash.hex() == terms
    edited.write_bytes(bare.read_bytes().replace(b"GTPBR", b"GTSTC"))
    refused(town.run(ORIGIN_PORT, "handover", "accept", edited, "--yes"), 1, "no-such-offer")
    assert town.did(ORIGIN_PORT, "handover", "accept", bare, "--yes")["terms"] == terms


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "json-syntax"),
        (b"[]", "malformed-field"),
        (b'{"format":"corridor-terms/1"}', "missing-field"),
        (b'{"format":"corridor-statement/1","statement":"AA","disclosures":[]}', "cose-serialisation"),
    ],
)
def test_a_file_that_is_no_offer_is_said(town: Town, content: bytes, reason: str) -> None:
    file = town.new("offer")
    file.write_bytes(content)
    refused(town.run(ORIGIN_PORT, "handover", "accept", file, "--yes"), 1, reason)


def test_a_statement_of_another_kind_is_no_offer(town: Town) -> None:
    trip, copy = town.opened(EXPORTER)["subject"], town.new("x.statement")
    town.did(
        EXPORTER, "statement", "say", "seal-check", "--subject", trip, "--body", town.body(), "--out", copy
    )
    refused(town.run(ORIGIN_PORT, "handover", "accept", copy, "--yes"), 1, "no-terms")
    refused(town.run(ORIGIN_PORT, "handover", "accept", "ab" * 32, "--yes"), 1, "no-such-offer")
    refused(town.run(ORIGIN_PORT, "handover", "accept", "nothing", "--yes"), 1, "no-file")


def test_what_cannot_be_handed_over_is_not_signed(town: Town) -> None:
    trip = town.opened(EXPORTER)["subject"]
    size = town.stage.ledger.store.size()
    refused(offering(town, trip, taker=EXPORTER), 1, "handover-to-self")
    refused(offering(town, trip, taker="nobody"), 1, "malformed-field")
    refused(offering(town, trip, "--at", "tomorrow"), 1, "malformed-field")
    refused(offering(town, trip, "--body", town.body(terms="00")), 2, "bad-body")
    refused(offering(town, "urn:x"), 1, "malformed-subject")
    ran = town.run(CUSTOMS, "handover", "offer", trip, "--taker", ORIGIN_PORT, "--place", "x")
    refused(ran, 1, "subject-unknown")
    assert town.stage.ledger.store.size() == size


def test_who_does_not_hold_it_cannot_hand_it_over(town: Town) -> None:
    trip, terms = offered(town)
    town.did(ORIGIN_PORT, "handover", "accept", terms, "--yes")
    second = offering(town, trip, taker=CUSTOMS)
    assert second.code == 1, second
    lenient = offering(town, trip, "--lenient", taker=CUSTOMS)
    assert lenient.code == 0
    assert f"[{second.reason}]" in lenient.err


def test_a_gate_without_a_network_takes_over_and_reports_later(town: Town) -> None:
    offer, outbox = town.new("offer.statement"), town.new("outbox")
    trip, terms = offered(town, "--out", offer)
    # Nothing answers at that address: only the file of the offer is there.
    command = ["handover", "accept", offer, "--yes", "--outbox", outbox, "--json"]
    genesis = ["--genesis", town.folder / "genesis.json"]
    ran = corridor(*command, *genesis, *town.signing(ORIGIN_PORT))
    assert (ran.code, ran.json["terms"], ran.json["state"]) == (0, terms, "in the outbox")
    sent = corridor("outbox", "send", "--outbox", outbox, "--to", town.stage.url, "--json")
    assert sent.code == 0, sent
    assert [one["id"] for one in sent.json["acknowledged"]] == [ran.json["id"]]
    assert town.did(EXPORTER, "custody", trip)["holder"] == ORIGIN_PORT


def test_custody_is_drawn_for_people_in_both_languages(town: Town) -> None:
    trip, terms = offered(town, "--at", "2026-11-06T13:00:00-06:00")
    town.did(ORIGIN_PORT, "handover", "accept", terms, "--yes")
    english = town.run(EXPORTER, "custody", trip, "--at", "2026-11-06T12:00:00-06:00").text
    spanish = town.run(EXPORTER, "custody", trip, "--lang", "es").text
    for text in (english, spanish):
        assert trip in text
        assert "2026-11-06T19:00:00Z" in text
        assert ORIGIN_PORT in text
    assert "both signed" in english
    assert "firmado por ambos" in spanish
    assert WORDS["held_at"]["en"] in english
    refused(town.run(EXPORTER, "custody", trip, "--at", "noon"), 1, "malformed-field")
    refused(town.run(CUSTOMS, "custody", trip), 1, "subject-unknown")
    refused(town.run(STRANGER, "custody", trip), 1, "key-unknown")


def test_the_words_are_there_in_both_languages_and_all_are_used() -> None:
    assert all(set(texts) == {"en", "es"} and all(texts.values()) for texts in WORDS.values())
    assert words("es").keys() == words("en").keys()
    assert words("fr") == words("en")
    folder = Path(cli.__file__).parent
    sources = "".join(path.read_text() for path in folder.glob("*.py") if path.name != "words.py")
    # Levels, severities and states of grants are looked up by their names.
    indirect = {"both", "one", "one-and-machine", "refused", "warning", "problem", "expired"}
    assert {name for name in WORDS if f'"{name}"' not in sources and f"'{name}'" not in sources} <= indirect


def test_json_is_never_translated(town: Town) -> None:
    trip, _ = offered(town)
    answers: list[Any] = [
        json.loads(town.run(EXPORTER, "custody", trip, "--json", "--lang", lang).out) for lang in ("en", "es")
    ]
    assert answers[0] == answers[1]
