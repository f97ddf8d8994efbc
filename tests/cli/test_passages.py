"""`corridor passages`: what a reader sees of gates and cameras, in both languages."""

import json

from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.cli.corridor import corridor, refused
from tests.cli.servers import serving
from tests.cli.town import STRANGER, Town


def passed(town: Town) -> str:
    """Let a container pass a gate with an X-ray and a clip; return its trip."""
    opened = town.opened(EXPORTER)
    trip = opened["subject"]
    town.did(ORIGIN_PORT, "stream", "join", opened["secret"])
    when = {"occurred_at": "2026-11-06T12:00:00Z", "place": "GTPBR"}
    clip = {
        "camera": "gate-3",
        "sequence": 2,
        "from": "2026-11-06T11:59:30Z",
        "to": "2026-11-06T12:00:30Z",
    }
    ids = [
        town.did(ORIGIN_PORT, "statement", "say", kind, "--subject", trip, "--body", town.body(**body))["id"]
        for kind, body in (("scan", when), ("video", when | {"clip": clip}))
    ]
    named = [
        word
        for rel, ident in zip(("scan", "clip"), ids, strict=True)
        for word in ("--reference", f"{rel}:{ident}")
    ]
    gate = ("statement", "say", "gate-passage", "--subject", trip, "--body", town.body(**when))
    town.did(ORIGIN_PORT, *gate, *named)
    return str(trip)


def test_a_passage_is_shown_for_people_in_both_languages(town: Town) -> None:
    trip = passed(town)
    english = town.run(EXPORTER, "passages", trip).text
    spanish = town.run(EXPORTER, "passages", trip, "--lang", "es").text
    for text in (english, spanish):
        assert trip in text
        assert "2026-11-06T12:00:00Z" in text
        assert ORIGIN_PORT in text
        assert "clip-missing" in text
        assert "passage-incomplete" in text
    assert "radiation profile" in english
    assert "perfil de radiación" in spanish
    answers = [town.run(EXPORTER, "passages", trip, "--json", "--lang", lang).out for lang in ("en", "es")]
    assert answers[0] == answers[1]
    (gate,) = json.loads(answers[0])["passages"]
    assert [one["rel"] for one in gate["records"]] == ["scan", "clip"]


def test_where_no_gate_was_passed_it_says_so(town: Town) -> None:
    trip = town.opened(EXPORTER)["subject"]
    assert town.run(EXPORTER, "passages", trip).text.splitlines() == [trip, "No gate passages."]


def test_passages_of_what_is_not_yours_are_not_shown(town: Town) -> None:
    trip = town.opened(EXPORTER)["subject"]
    refused(town.run(CUSTOMS, "passages", trip), 1, "subject-unknown")
    refused(town.run(STRANGER, "passages", trip), 1, "key-unknown")


def test_an_answer_that_is_none_is_not_believed(town: Town) -> None:
    trip = town.opened(EXPORTER)["subject"]
    with serving(lambda _path, _body: (200, "application/json", b'{"passages": [1]}')) as url:
        ran = corridor("passages", trip, "--to", url, *town.signing(EXPORTER))
    refused(ran, 1, "wrong-answer")
