"""`corridor arrivals`, `todo` and `assessment`: what is on its way, in three languages."""

import shlex
from typing import Any

import pytest

from ledger.cli.arrivals import row_of
from ledger.cli.findings import drawn_record
from ledger.cli.output import show
from ledger.cli.todo import command_for
from ledger.domain.errors import VerificationError
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


def test_what_is_overdue_is_called_so_and_can_be_asked_for(town: Town) -> None:
    trip = shared(town)
    assert trip in [one["shipment"] for one in town.did(ORIGIN_PORT, "arrivals", "--not-overdue")]
    assert town.did(ORIGIN_PORT, "arrivals", "--overdue") == []
    late = {"outcome": "clear", "ready_at": 1, "overdue": True}
    assert "clear (ready, overdue)" in row_of(late, "en")
    assert "sin objeciones (demorado)" in row_of(late | {"ready_at": None}, "es")
    assert "clear" in row_of(late | {"ready_at": None, "overdue": False}, "en")


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
    assert "two letters" in town.run(CUSTOMS, "arrivals", "--country", "USA").err
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


def test_what_is_owed_first_comes_with_the_command_that_brings_it() -> None:
    owed = {"kind": "document", "documents": ["packing-list", "x"], "shipment": "urn:a", "trip": None}
    words = shlex.split(command_for(owed).partition(" | ")[2])
    assert words == ["corridor", "statement", "say", "document", "--subject", "urn:a", "--body", "-"]
    assert shlex.split(command_for(owed))[:2] == ["echo", '{"documents": ["packing-list"]}']
    hostile = {"kind": "scan; rm -rf /", "documents": [], "shipment": "urn:a", "trip": "urn:$(b)"}
    assert shlex.split(command_for(hostile)) == [
        *("corridor", "statement", "say", "scan; rm -rf /", "--subject", "urn:$(b)", "--body", "body.json")
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"checks": 1}, {"checks": [{"findings": [1]}]}, {"clock": "x"}, {"needs": [None]}, {"custody": {}}],
)
def test_an_answer_that_is_no_assessment_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(VerificationError):
        drawn_record(wrong, "en")


def test_an_answer_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    bad = "\x1b[31mred\n"
    finding = {"code": bad, "severity": bad, "message": bad, "statements": [bad, 1]}
    times = {"at": 1e99, "source": bad, "place": bad, "terminal": None}
    record = {
        "checks": [{"name": bad, "findings": [finding]}],
        "custody": [finding | {"statements": None}],
        "clock": [{"title": bad, "planned": times, "estimated": 7, "actual": None}],
        "margin": {"at": 0, "to_eta": -60, "to_arrival": "x"},
        "needs": [{"title": bad, "trip": bad, "who": [bad], "due": "x", "statement": None}],
    }
    show(*drawn_record(record, "en"))
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\\x1b[31mred\\n" in shown
    assert "− 0 h 01 min" in shown
