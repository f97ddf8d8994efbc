"""Arrivals over HTTP: bad questions are refused, an unchanged page costs nothing, cursors are one's own."""

from collections.abc import Iterator

import pytest

from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.integration.stage import WITNESSES, Stage, a_stage, another_trip, enrol

PATH = "/v1/arrivals"
BAD = {
    "no UN/LOCODE": ({"port": "Wilmington"}, 422),
    "three letters for a country": ({"country": "USA"}, 422),
    "no time": ({"eta_from": "tomorrow"}, 400),
    "a time without a zone": ({"eta_to": "2026-11-12T00:00:00"}, 400),
    "from after to": ({"eta_from": "2026-11-12T00:00:00Z", "eta_to": "2026-11-11T00:00:00Z"}, 400),
    "from at to": ({"eta_from": "2026-11-12T00:00:00Z", "eta_to": "2026-11-12T00:00:00Z"}, 400),
    "an unknown outcome": ({"outcome": "good"}, 422),
    "no yes and no no": ({"ready": "perhaps"}, 422),
    "neither overdue nor not": ({"overdue": "late"}, 422),
    "an empty terminal": ({"terminal": ""}, 422),
    "a container of a thousand letters": ({"container": "M" * 1000}, 422),
    "too large a page": ({"limit": "100000"}, 422),
    "a page of nothing": ({"limit": "0"}, 422),
    "no cursor of ours": ({"cursor": "WzEsMl0.x.y"}, 400),
    "an unknown parameter": ({"prt": "USILG"}, 400),
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A ledger with three trips that the exporter shares with the port."""
    with a_stage(tmp_path_factory.mktemp("arrivals"), witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        for number in range(3):
            trip = another_trip(f"arrival {number}")
            stage.tell(trip)
            stage.post(stage.says(EXPORTER, "grant", trip, {"to": [ORIGIN_PORT]}))
        yield stage


@pytest.fixture(scope="module")
def sessions(stage: Stage) -> dict[str, dict[str, str]]:
    """Sessions of its parties, and of one who has no part."""
    return {uri: sign_in(stage, uri) for uri in (EXPORTER, ORIGIN_PORT, CUSTOMS)}


@pytest.mark.parametrize(("asked", "status"), BAD.values(), ids=BAD)
def test_what_cannot_be_asked_is_refused(
    stage: Stage, sessions: dict[str, dict[str, str]], asked: dict[str, str], status: int
) -> None:
    answer = stage.http.get(PATH, params=asked, headers=sessions[EXPORTER])
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert any(name in answer.json()["field"] for name in asked)


@pytest.mark.parametrize("value", ["\0", "'", "%", "\ud7ff", "🍍", "a=b", "../..", "x" * 64])
def test_odd_characters_find_nothing(stage: Stage, sessions: dict[str, dict[str, str]], value: str) -> None:
    answer = stage.http.get(PATH, params={"terminal": value}, headers=sessions[EXPORTER])
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next": None})


def test_pages_follow_each_other_and_their_cursors_are_ones_own(
    stage: Stage, sessions: dict[str, dict[str, str]]
) -> None:
    asked = {"limit": "2", "outcome": "clear"}
    first = stage.http.get(PATH, params=asked, headers=sessions[EXPORTER]).json()
    rest = stage.http.get(PATH, params=asked | {"cursor": first["next"]}, headers=sessions[EXPORTER]).json()
    assert len({one["shipment"] for one in first["items"] + rest["items"]}) == 3
    assert rest["next"] is None
    for asking, who in ((asked, ORIGIN_PORT), ({"limit": "2"}, EXPORTER)):
        other = stage.http.get(PATH, params=asking | {"cursor": first["next"]}, headers=sessions[who])
        assert (other.status_code, other.json()["field"]) == (400, "cursor")


def test_an_unchanged_page_is_not_sent_again(stage: Stage, sessions: dict[str, dict[str, str]]) -> None:
    for path in (PATH, "/v1/todo"):
        answer = stage.http.get(path, headers=sessions[ORIGIN_PORT])
        again = sessions[ORIGIN_PORT] | {"If-None-Match": answer.headers["ETag"]}
        assert stage.http.get(path, headers=again).status_code == 304
    trip = another_trip("arrival 0")
    before = stage.http.get(PATH, headers=sessions[ORIGIN_PORT])
    stage.clock.now += 1
    stage.post(stage.says(EXPORTER, "photo", trip, {}))
    again = sessions[ORIGIN_PORT] | {"If-None-Match": before.headers["ETag"]}
    assert stage.http.get(PATH, headers=again).status_code == 200


def test_without_a_part_there_is_nothing(stage: Stage, sessions: dict[str, dict[str, str]]) -> None:
    assert stage.http.get(PATH).status_code == 401
    for asked in ({}, {"party": EXPORTER}, {"container": "MSKU1234565"}):
        assert stage.http.get(PATH, params=asked, headers=sessions[CUSTOMS]).json()["items"] == []
