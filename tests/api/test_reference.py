"""`docs/api.md`: lists every route, as the OpenAPI document has it, with its example."""

import re
from typing import Any

import pytest

from tests.api.reference import MARK, PAGE, page
from tests.integration.stage import Stage


@pytest.fixture(scope="module")
def document(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = stage.http.get("/openapi.json").json()
    return found


def test_the_page_is_what_the_document_says(document: dict[str, Any]) -> None:
    there = PAGE.read_text("utf-8")
    by_hand, mark, _ = there.partition(MARK)
    assert mark
    assert there == page(by_hand, document), "run `python -m tests.api.reference`"


def test_every_route_has_its_place_in_the_page(document: dict[str, Any]) -> None:
    headings = re.findall(r"^### ([A-Z]+) (/\S+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    routes = [
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
        if method != "parameters"
    ]
    assert sorted(headings) == sorted(routes)


def test_the_part_by_hand_speaks_of_routes_that_there_are(document: dict[str, Any]) -> None:
    by_hand = PAGE.read_text("utf-8").partition(MARK)[0]
    said = set(re.findall(r"`(?:GET|POST|DELETE) (/v1/[^`]+)`", by_hand))
    assert said
    assert said <= set(document["paths"])
