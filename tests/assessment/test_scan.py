"""Scans: each thing that may be wrong with one is found, and nothing in a scan that is as it should be."""

from typing import Any

import pytest

from ledger.assessment.checks.scan import CHECK
from ledger.domain.custody.members import CLEAR
from ledger.domain.statement import Reference
from tests.assessment.machine_story import BOX, OTHER_BOX, concludes, judged, read, withhold
from tests.domain.custody_story import CUSTOMS, A, C, D, Story, clock, inspected, packed


def scanned(hour: float = 18, **body: Any) -> tuple[Story, Any]:
    story = packed()
    return story, story.saw(C, "scan", hour, **{"container": BOX, "place": "GTPBR"} | body)


def passed(story: Story, scan: Any, hour: float, place: str = "GTPBR") -> None:
    names = [Reference("scan", scan.statement.id)]
    body = {"occurred_at": clock(hour), "container": BOX, "place": place}
    story.say(C, "gate-passage", body, references=names)


def test_says_nothing_of_a_scan_as_it_should_be() -> None:
    story, scan = scanned(weights={"measured_kg": 24_700})
    passed(story, scan, 18.01)
    concludes(story, scan)
    story.saw(A, "manifest", 19, weights={"vgm_kg": 24_580, "gross_kg": 19_500})
    said = judged(CHECK, story)
    assert said.codes == []
    assert said.skipped is None


def test_no_scan_is_not_called_a_good_one() -> None:
    said = judged(CHECK, packed())
    assert said.skipped == "no-scan"
    assert said.codes == []


def test_the_scan_of_another_container_is_found_by_its_number() -> None:
    story, scan = scanned(container=OTHER_BOX)
    concludes(story, scan)
    said = judged(CHECK, story)
    assert said.codes == ["scan-other-container"]
    assert OTHER_BOX in said.only_sentence


@pytest.mark.parametrize(
    ("found", "codes"),
    [
        ({"container": OTHER_BOX}, ["scan-other-container"]),
        ({"containers": [OTHER_BOX]}, ["scan-other-container"]),
        ({"paper": {"containers": [{"number": OTHER_BOX}]}}, ["scan-other-container"]),
        ({"containers": [OTHER_BOX, BOX]}, []),
        ({"containers": BOX, "container": 7, "paper": []}, []),
    ],
)
def test_what_readers_find_in_the_image_is_compared(found: dict[str, Any], codes: list[str]) -> None:
    story, scan = scanned()
    concludes(story, scan)
    assert judged(CHECK, story, read(story, scan, found)).codes == codes


@pytest.mark.parametrize(
    ("hour", "place", "codes"),
    [
        (18.2, "GTPBR", []),
        (19, "GTPBR", ["scan-other-time"]),
        (18.2, "GTSTC", ["scan-other-place"]),
        (18.2, "Gate 3", []),
    ],
)
def test_time_and_site_are_those_of_the_gate_passage(hour: float, place: str, codes: list[str]) -> None:
    story, scan = scanned()
    concludes(story, scan)
    passed(story, scan, hour, place)
    assert judged(CHECK, story).codes == codes


def test_a_time_that_is_not_shown_is_not_apart() -> None:
    story, scan = scanned()
    concludes(story, scan)
    passed(story, scan, 19)
    withhold(story, -1, "occurred_at")
    assert judged(CHECK, story).codes == []


@pytest.mark.parametrize(("place", "codes"), [("COCTG", ["scan-off-route"]), ("GTPBR", []), ("Yard 7", [])])
def test_a_scan_is_made_on_the_route(place: str, codes: list[str]) -> None:
    story, scan = scanned(place=place)
    concludes(story, scan)
    assert judged(CHECK, story).codes == codes
    assert (
        judged(CHECK, story, places={}, origins=frozenset(), destinations=frozenset(), milestones={}).codes
        == []
    )


def test_a_scan_older_than_the_goods_shows_nothing_of_them_until_it_is_made_again() -> None:
    story, scan = scanned(hour=9)
    concludes(story, scan, hour=9.1)
    assert judged(CHECK, story).codes == ["scan-before-stuffing"]
    concludes(story, story.saw(C, "scan", 18, place="GTPBR"))
    assert judged(CHECK, story).codes == []


@pytest.mark.parametrize(
    ("weights", "codes"),
    [
        ({"vgm_kg": 24_580}, []),
        ({"vgm_kg": 22_000}, ["scan-weight-differs"]),
        ({"gross_kg": 19_940, "tare_kg": 4_640}, []),
        ({"gross_kg": 17_000, "tare_kg": 4_640}, ["scan-weight-differs"]),
        ({"gross_kg": 19_500}, []),
        ({"gross_kg": 29_500}, ["scan-weight-below-goods"]),
        ({"net_kg": 17_700}, []),
    ],
)
def test_what_was_weighed_is_what_papers_declare(weights: dict[str, float], codes: list[str]) -> None:
    story, scan = scanned(weights={"measured_kg": 24_700})
    concludes(story, scan)
    story.saw(A, "manifest", 19, weights=weights)
    said = judged(CHECK, story)
    assert said.codes == codes
    if codes:
        assert "24700 kg" in said.only_sentence
        assert scan.statement.id in said.only.statements
        assert len(said.only.statements) == 2


def test_papers_that_declare_the_same_are_complained_of_once_and_a_corrected_one_not_at_all() -> None:
    story, scan = scanned(weights={"measured_kg": 24_700})
    concludes(story, scan)
    first = story.saw(A, "manifest", 19, weights={"vgm_kg": 22_000})
    again = story.saw(
        D, "document", 19.5, papers=[{"document": "bill-of-lading", "totals": {"vgm_kg": 22_000}}]
    )
    assert judged(CHECK, story).codes == ["scan-weight-differs"]
    for iss, wrong in ((A, first), (D, again)):
        weights = {"weights": {"vgm_kg": 24_580}}
        story.say(
            iss, wrong.statement.kind, weights, corrects=wrong.statement.id, iat=wrong.statement.iat + 90
        )
    assert judged(CHECK, story).codes == []


@pytest.mark.parametrize("measured", [None, 0, -1, True, "24700", float("nan")])
def test_a_weight_that_is_none_is_compared_with_nothing(measured: object) -> None:
    story, scan = scanned()
    concludes(story, scan)
    story.said[-2].body["weights"] = {"measured_kg": measured}  # type: ignore[index]
    story.saw(A, "manifest", 19, weights={"vgm_kg": 22_000})
    assert judged(CHECK, story).codes == []


def test_a_scan_without_a_conclusion_is_missing_one_of_customs() -> None:
    story, scan = scanned()
    said = judged(CHECK, story)
    assert said.codes == ["scan-unconcluded"]
    assert said.only.owed_by == "origin-customs"
    assert said.only.statements == (scan.statement.id,)
    story, _ = scanned(place="USILG")
    assert judged(CHECK, story).only.owed_by == "destination-customs"


def test_what_corrects_a_scan_needs_no_new_conclusion() -> None:
    story, scan = scanned(device="a")
    concludes(story, scan)
    body = {"place": "GTPBR", "occurred_at": clock(18), "device": "b"}
    story.say(C, "scan", body, corrects=scan.statement.id, iat=scan.statement.iat + 600)
    assert judged(CHECK, story).codes == []


def test_a_conclusion_that_is_not_shown_is_neither_missing_nor_good() -> None:
    story, scan = scanned()
    of = [Reference("of", scan.statement.id)]
    body = {"conclusion": CLEAR, "concluded_by": "person"}
    story.say(CUSTOMS, "analysis", body, references=of, conceal=[("conclusion",)])
    assert judged(CHECK, story).codes == []
    hidden = story.said[-1]
    story.said[-1] = type(hidden)(hidden.index, hidden.statement, {"concluded_by": "person"})
    said = judged(CHECK, story)
    assert (said.codes, said.skipped) == ([], "conclusion-withheld")


def test_a_suspect_scan_is_settled_by_a_later_inspection_that_finds_it_clear() -> None:
    story, scan = scanned()
    concludes(story, scan, "suspect")
    said = judged(CHECK, story)
    assert said.codes == ["scan-suspect"]
    assert CUSTOMS in said.only_sentence
    inspected(story, 17, conclusion="clear", concluded_by="person")
    assert judged(CHECK, story).codes == ["scan-suspect"]
    inspected(story, 21)
    assert judged(CHECK, story).codes == ["scan-suspect"]
    inspected(story, 22, conclusion="clear", concluded_by="person")
    assert judged(CHECK, story).codes == []


def test_a_later_word_of_a_person_counts_and_that_of_an_algorithm_does_not() -> None:
    story, scan = scanned()
    concludes(story, scan, "suspect")
    concludes(story, scan, hour=19, concluded_by="algorithm")
    assert judged(CHECK, story).codes == ["scan-suspect"]
    concludes(story, scan, hour=20)
    assert judged(CHECK, story).codes == []


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({"concluded_by": "algorithm"}, ["scan-by-algorithm"]),
        ({"concluded_by": "algorithm", "confirmed_by": "officer-17"}, []),
        ({"concluded_by": "person"}, []),
    ],
)
def test_an_algorithm_alone_is_worth_a_look(body: dict[str, Any], codes: list[str]) -> None:
    story, scan = scanned()
    concludes(story, scan, **body)
    said = judged(CHECK, story)
    assert said.codes == codes
    assert said.result.to_check("scan").reason == "ok"
