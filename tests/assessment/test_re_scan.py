"""Scanned again: weights, conclusions and images that do not agree, and a second scan that does."""

from typing import Any

import pytest

from ledger.assessment.checks.re_scan import CHECK
from ledger.domain.statement import SignedStatement
from tests.assessment.machine_story import concludes, judged, read
from tests.domain.custody_story import C, D, Story, packed
from tests.domain.passage_story import item

AMERICA = "https://destination-port.example"


def scanned_twice(
    left: dict[str, Any] | None = None, came: dict[str, Any] | None = None, **place: str | None
) -> tuple[Story, SignedStatement, SignedStatement]:
    """Return a trip that was scanned in Puerto Barrios, laden, and scanned again in Wilmington."""
    story = packed()
    places = {"first": "GTPBR", "second": "USILG"} | place
    first = story.saw(C, "scan", 18, **_at(places["first"]) | (left or {}))
    story.saw(D, "loading", 40, place="GTPBR")
    again = story.saw(AMERICA, "scan", 180, **_at(places["second"]) | (came or {}))
    return story, first, again


def _at(place: str | None) -> dict[str, Any]:
    return {} if place is None else {"place": place}


def weighed(kg: float) -> dict[str, Any]:
    return {"weights": {"measured_kg": kg}}


def test_says_nothing_of_two_scans_that_agree() -> None:
    story, first, again = scanned_twice(weighed(24_600), weighed(24_500))
    concludes(story, first)
    concludes(story, again, hour=180.1)
    said = judged(CHECK, story)
    assert (said.codes, said.skipped) == ([], None)


@pytest.mark.parametrize("place", ["GTPBR", "USILG", "COCTG"])
def test_scans_of_one_side_only_are_compared_with_nothing(place: str) -> None:
    story, _, _ = scanned_twice(weighed(24_600), weighed(1), first=place, second=place)
    said = judged(CHECK, story)
    assert (said.codes, said.skipped) == ([], "no-re-scan")
    assert judged(CHECK, packed()).skipped == "no-re-scan"


@pytest.mark.parametrize(("first", "second"), [("GTPBR", "USILG"), (None, None), (None, "USILG")])
def test_weights_that_differ_are_found_whether_by_place_or_by_time(
    first: str | None, second: str | None
) -> None:
    story, one, other = scanned_twice(weighed(24_600), weighed(21_000), first=first, second=second)
    said = judged(CHECK, story)
    assert said.codes == ["re-scan-weight-differs"]
    assert said.only.statements == (one.statement.id, other.statement.id)
    assert "14.6 %" in said.only_sentence


@pytest.mark.parametrize("weights", [{}, {"weights": {"measured_kg": 0}}, {"weights": 7}])
def test_a_weight_that_is_not_said_differs_from_nothing(weights: dict[str, Any]) -> None:
    story, _, _ = scanned_twice(weights, weighed(21_000))
    assert judged(CHECK, story).codes == []


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        ("clear", "clear", []),
        ("suspect", "suspect", []),
        ("clear", "suspect", ["re-scan-suspect"]),
        ("suspect", "clear", ["re-scan-conclusion-differs"]),
    ],
)
def test_conclusions_that_differ_are_found(first: str, second: str, codes: list[str]) -> None:
    story, one, other = scanned_twice()
    concludes(story, one, first)
    assert judged(CHECK, story).codes == []
    concludes(story, other, second, hour=180.1)
    said = judged(CHECK, story)
    assert said.codes == codes
    assert not codes or len(said.only.statements) == 4


def test_the_file_of_the_first_scan_is_no_second_scan() -> None:
    first, other = item("scan").to_json(), item("another scan").to_json()
    story, _, _ = scanned_twice({"evidence": [first]}, {"evidence": [other]})
    assert judged(CHECK, story).codes == []
    story, _, _ = scanned_twice({"evidence": [first]}, {"evidence": [first]})
    assert judged(CHECK, story).codes == ["re-scan-same-image"]


@pytest.mark.parametrize(("series", "codes"), [("1.2.9", []), ("1.2.3", ["re-scan-same-image"])])
def test_the_series_of_the_first_scan_is_no_second_scan(series: str, codes: list[str]) -> None:
    story, first, again = scanned_twice()
    opened = dict(read(story, first, {"tags": {"SeriesInstanceUID": "1.2.3"}}))
    opened |= read(story, again, {"tags": {"SeriesInstanceUID": series}})
    assert judged(CHECK, story, opened).codes == codes
