"""Gate passages over HTTP: what is registered, what is refused, and what a reader is shown of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from api.custody_schemas import PassagesShape
from ledger.domain.evidence import EvidenceItem
from ledger.domain.statement import Reference, SignedStatement
from tests.api.errors_seen import Errors
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, seeded
from tests.integration.stage import Stage, a_stage, another_trip, enrol

TRIP = another_trip("gate")
CID = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, errors: Errors) -> Iterator[Stage]:
    """A ledger with one trip."""
    with a_stage(tmp_path_factory.mktemp("passages")) as served:
        enrol(served.ledger)
        assert served.post(served.says(EXPORTER, "subject-opened", TRIP)).status_code == 201
        served.grant(TRIP, ORIGIN_PORT)
        yield served


def at(stage: Stage, seconds: float = 0) -> str:
    """Return a time after the present one."""
    return datetime.fromtimestamp(stage.clock() + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def saw(stage: Stage, kind: str, body: dict[str, Any], **more: Any) -> SignedStatement:
    """Let the port say something that is taken."""
    said = {"occurred_at": at(stage), "place": "GTPBR"} | body
    signed = stage.author(ORIGIN_PORT).says(kind, TRIP, said, iat=stage.clock(), seen=stage.seen(), **more)
    answer = stage.post(signed)
    assert answer.status_code == 201, answer.text
    return signed


def clip(stage: Stage, number: int, since: float, **more: object) -> dict[str, Any]:
    """Return the body of a segment of a minute."""
    item = EvidenceItem(seeded(number, 32), CID, 9, "video/mp4", "video")
    segment = {"camera": "gate-3", "sequence": number, "from": at(stage, since), "to": at(stage, since + 60)}
    return {"clip": segment | more, "evidence": [item.to_json()]}


def passages(stage: Stage, who: str = EXPORTER) -> Any:
    """Return what somebody is shown, whose shape is the one that is documented."""
    answer = stage.http.get(f"/v1/subjects/{TRIP.uri}/passages", headers=sign_in(stage, who))
    assert answer.status_code == 200, answer.text
    PassagesShape.model_validate(answer.json(), strict=True)
    return answer.json()


def test_what_a_gate_records_is_bound_and_what_is_not_there_is_named(stage: Stage, errors: Errors) -> None:
    assert passages(stage)["passages"] == []
    film = saw(stage, "video", clip(stage, 1, -30))
    scan = saw(stage, "scan", {})
    references = [Reference("clip", film.statement.id), Reference("scan", scan.statement.id)]
    gate = saw(stage, "gate-passage", {}, references=references)
    found = passages(stage)
    (passage,) = found["passages"]
    assert (passage["statement"], passage["by"]) == (gate.statement.id.hex(), ORIGIN_PORT)
    assert [(one["rel"], one["statement"]) for one in passage["records"]] == [
        ("scan", scan.statement.id.hex()),
        ("clip", film.statement.id.hex()),
    ]
    assert passage["without"] == ["radiation", "seal-check"]
    assert [one["code"] for one in found["problems"]] == ["passage-incomplete"]
    assert passages(stage, ORIGIN_PORT) == found
    saw(stage, "video", clip(stage, 3, 90, previous=seeded(2, 32).hex()))
    assert {one["code"] for one in passages(stage)["problems"]} == {"passage-incomplete", "clip-missing"}
    assert errors.messages == []


BAD_CLIPS: dict[str, tuple[dict[str, Any], str]] = {
    "no camera": ({"camera": None}, "body.clip.camera"),
    "a sequence of nothing": ({"sequence": 0}, "body.clip.sequence"),
    "a sequence that is a text": ({"sequence": "1"}, "body.clip.sequence"),
    "an end before its beginning": ({"to": "2020-01-01T00:00:00Z"}, "body.clip"),
    "no time": ({"from": "noon"}, "body.clip.from"),
    "a previous that is no commitment": ({"previous": "AB"}, "body.clip.previous"),
    "a member too many": ({"fps": 25}, "body.clip.fps"),
}


@pytest.mark.parametrize("name", BAD_CLIPS)
def test_a_clip_that_is_none_is_refused_by_its_member(stage: Stage, errors: Errors, name: str) -> None:
    changes, field = BAD_CLIPS[name]
    size = stage.ledger.store.size()
    answer = stage.post(stage.says(ORIGIN_PORT, "video", TRIP, clip(stage, 1, 0, **changes)))
    assert (answer.status_code, answer.json().get("field")) == (400, field), answer.text
    assert stage.ledger.store.size() == size
    assert errors.messages == []


def test_passages_of_what_is_not_yours_look_like_those_of_what_is_not_there(stage: Stage) -> None:
    nowhere = another_trip("nowhere")
    answers = [
        stage.http.get(f"/v1/subjects/{uri}/passages", headers=sign_in(stage, CUSTOMS))
        for uri in (TRIP.uri, nowhere.uri)
    ]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].json()["type"] == answers[1].json()["type"]
