"""`corridor arrivals`, `todo` and `assessment`: what is on its way, in three languages."""

import pytest

from ledger.cli.output import show_table
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.cli.corridor import refused
from tests.cli.town import Town


def shared(town: Town) -> str:
    """Open a trip that port and customs may read."""
    opened = town.opened(EXPORTER)
    for uri in (ORIGIN_PORT, CUSTOMS):
        town.did(uri, "stream", "join", opened["secret"])
    return str(opened["subject"])


def test_a_port_sees_what_is_on_its_way_and_what_customs_decided(town: Town) -> None:
    trip = shared(town)
    town.did(CUSTOMS, "decision", "say", trip, "--hold", "cet")
    for lang, word in (("en", "blocked"), ("es", "bloqueada"), ("fr", "bloquée")):
        assert word in town.run(ORIGIN_PORT, "arrivals", "--delivery", "blocked", "--lang", lang).text
    found = town.did(ORIGIN_PORT, "arrivals", "--container", trip.split(":")[3])
    assert trip in [one["shipment"] for one in found]
    assert town.did(ORIGIN_PORT, "arrivals", "--port", "USILG") == []


def test_nothing_is_told_to_strangers(town: Town) -> None:
    trip = shared(town)
    assert town.did(CUSTOMS, "todo") == []
    assert "Nothing is to be done." in town.run(CUSTOMS, "todo").text
    assert "No hay nada" in town.run(CUSTOMS, "todo", "--lang", "es").text
    assert trip in town.run(CUSTOMS, "assessment", trip).text
    refused(town.run(CUSTOMS, "assessment", trip[:-4] + "0000"), 1, "subject-unknown")


def test_what_cannot_be_asked_is_refused_with_its_reason(town: Town) -> None:
    for option, value, code in (
        ("--port", "Wilmington", "invalid-request"),
        ("--eta-from", "tomorrow", "malformed-field"),
        ("--country", "USA", "invalid-request"),
        ("--container", "MSKU123456", "malformed-field"),
        ("--party", "the carrier", "malformed-field"),
    ):
        refused(town.run(CUSTOMS, "arrivals", option, value), 1, code)
    both = ("--eta-from", "2026-11-12T00:00:00Z", "--eta-to", "2026-11-11T00:00:00Z")
    refused(town.run(CUSTOMS, "arrivals", *both), 1, "malformed-field")
    refused(town.run(CUSTOMS, "arrivals", "--outcome", "good"), 2, "usage")


def test_a_container_is_found_as_it_is_written_on_the_box(town: Town) -> None:
    trip = shared(town)
    for number in ("MSKU 123456 5", "msku123456-5"):
        assert trip in [one["shipment"] for one in town.did(CUSTOMS, "arrivals", "--container", number)]


def test_a_list_that_is_cut_says_so(town: Town) -> None:
    for _ in range(2):
        shared(town)
    cut = town.run(CUSTOMS, "arrivals", "--most", "1", "--json", "--lang", "fr")
    assert len(cut.json) == 1
    assert "--most" in cut.err
    assert "davantage" in cut.err


def test_times_and_numbers_are_not_broken_where_a_table_is_narrow(capsys: pytest.CaptureFixture[str]) -> None:
    row = ["2026-11-28T12:00:00Z", "USILG", "EXAMPLE TUCAN, 047N", "XMPL.261122001", "contradicciones"]
    titles = ["ETA", "puerto", "buque, viaje", "conocimiento de embarque", "estado", "y más"]
    show_table(titles, [[*row, "word " * 30], ["no se sabe", *row[1:], "word"]])
    text = capsys.readouterr().out
    for whole in ("2026-11-28T12:00:00Z", "XMPL.261122001", "contradicciones", "conocimiento"):
        assert whole in text
    assert max(map(len, text.splitlines())) <= 100
