"""`corridor arrivals`, `todo` and `assessment`: what is on its way, in three languages."""

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
    ):
        refused(town.run(CUSTOMS, "arrivals", option, value), 1, code)
    both = ("--eta-from", "2026-11-12T00:00:00Z", "--eta-to", "2026-11-11T00:00:00Z")
    refused(town.run(CUSTOMS, "arrivals", *both), 1, "malformed-field")
    refused(town.run(CUSTOMS, "arrivals", "--outcome", "good"), 2, "usage")
