"""`corridor decision`: what customs sign, and what port and exporter are told, in three languages."""

import json

from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.cli.corridor import refused
from tests.cli.town import Town


def shared(town: Town) -> str:
    """Open a trip that port and customs may read."""
    opened = town.opened(EXPORTER)
    for uri in (ORIGIN_PORT, CUSTOMS):
        town.did(uri, "stream", "join", opened["secret"])
    return str(opened["subject"])


def test_the_port_is_told_not_to_deliver_and_the_exporter_that_it_is_not_released(town: Town) -> None:
    trip = shared(town)
    told = town.did(CUSTOMS, "decision", "say", trip, "--hold", "cet", "--reason", "rule 7")
    assert (told["delivery"], told["decision"], told["type"]) == ("blocked", "hold", "cet")
    expected = {
        (ORIGIN_PORT, "en"): "Do not deliver.",
        (ORIGIN_PORT, "es"): "No entregar.",
        (ORIGIN_PORT, "fr"): "Ne pas livrer.",
        (EXPORTER, "en"): "Not released.",
        (EXPORTER, "es"): "No liberado.",
        (EXPORTER, "fr"): "Non libéré.",
    }
    for (who, lang), sentence in expected.items():
        text = town.run(who, "decision", "list", trip, "--lang", lang).text
        assert text.splitlines()[1] == sentence
        assert "rule 7" not in text
    own = town.run(CUSTOMS, "decision", "list", trip).text
    assert "hold: contraband enforcement" in own
    assert "rule 7" in own


def test_kind_and_reason_are_shown_by_grant_of_customs_only(town: Town) -> None:
    trip = shared(town)
    town.did(CUSTOMS, "decision", "say", trip, "--exam", "nii", "--reference", "2026-00417")
    assert town.did(EXPORTER, "decision", "list", trip)["in_force"]["type"] is None
    town.did(CUSTOMS, "access", "grant", trip, "--member", EXPORTER, "--category", "enforcement")
    one = town.did(EXPORTER, "decision", "list", trip)["in_force"]
    assert (one["decision"], one["type"], one["reference"]) == ("exam", "nii", "2026-00417")


def test_a_release_takes_a_hold_back(town: Town) -> None:
    trip = shared(town)
    held = town.did(CUSTOMS, "decision", "say", trip, "--hold", "manifest")
    town.did(CUSTOMS, "decision", "say", trip, "--release", "--reverses", held["id"])
    found = json.loads(town.run(ORIGIN_PORT, "decision", "list", trip, "--json").out)
    assert found["delivery"] == "free"
    assert [one["state"] for one in found["history"]] == ["reversed", "in-force"]
    assert "May be delivered." in town.run(ORIGIN_PORT, "decision", "list", trip).text


def test_a_decision_says_exactly_one_thing(town: Town) -> None:
    trip = shared(town)
    for options in ((), ("--release", "--hold", "cet"), ("--hold", "cet", "--exam", "nii")):
        refused(town.run(CUSTOMS, "decision", "say", trip, *options), 2, "which-decision")
    refused(town.run(CUSTOMS, "decision", "say", trip, "--hold", "seize"), 2, "usage")
    refused(town.run(CUSTOMS, "decision", "say", trip, "--release", "--reason", ""), 1, "malformed-field")
    refused(town.run(EXPORTER, "decision", "say", trip, "--release"), 1, "kind-not-allowed")
    assert town.did(ORIGIN_PORT, "decision", "list", trip)["history"] == []


def test_who_releases_is_told_what_still_blocks(town: Town) -> None:
    trip = shared(town)
    first, second = (town.did(CUSTOMS, "decision", "say", trip, "--hold", one) for one in ("cet", "pga"))
    ran = town.run(CUSTOMS, "decision", "say", trip, "--release", "--reverses", first["id"])
    assert ran.code == 0
    assert [second["id"] in ran.err, first["id"] in ran.err] == [True, False]
    town.did(CUSTOMS, "decision", "say", trip, "--release")
