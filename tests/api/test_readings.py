"""The operator's readings: whoever may open an item may have it read, and nothing of it stays."""

import io
import json
from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore, Event
from typing import Any

import pyrage
import pytest
from PIL import Image

from ledger.domain.evidence import EvidenceItem, items
from ledger.domain.statement import Statement, StatementFile
from ledger.keys.files import KeyFile, KeyKind
from ledger.verification.sealed import open_sealed, unwrap_secret
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, a_p256_key
from tests.integration.stage import ORIGIN, Stage, a_stage, another_trip, enrol, operator_keys

TRIP, ALONE = another_trip("readings"), another_trip("without the operator")
READER = pyrage.x25519.Identity.generate()
MARK = b"NEVER-ON-A-DISK-4711"


@dataclass(frozen=True)
class Scene:
    """A scan that the exporter claims in two trips; the operator is the port, a member of one of them."""

    stage: Stage
    folder: Path
    item: EvidenceItem
    secret: str
    claims: dict[str, str]

    def ask(self, who: str = EXPORTER, **changes: Any) -> Any:
        body = {
            "secret": self.secret,
            "statement": self.claims["shared"],
            "recipients": [str(READER.to_public())],
        }
        cid = changes.pop("cid", self.item.cid)
        return self.stage.http.post(
            f"/v1/evidence/{cid}/readings", json=body | changes, headers=sign_in(self.stage, who)
        )


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("readings")
    key = KeyFile(KeyKind.STATEMENT, ORIGIN_PORT, a_p256_key(ORIGIN_PORT))
    with a_stage(folder, keys=replace(operator_keys(ORIGIN), reader=key)) as stage:
        enrol(stage.ledger)
        for trip, members in ((TRIP, (ORIGIN_PORT,)), (ALONE, ())):
            assert stage.post(stage.author(EXPORTER).opens(trip)).status_code == 201
            if members:
                stage.grant(trip, *members)
        picture = io.BytesIO()
        Image.linear_gradient("L").save(picture, "PNG")
        received = stage.http.post(
            "/v1/evidence",
            content=picture.getvalue() + MARK,
            params={"media_type": "image/png", "category": "scan"},
            headers=sign_in(stage, EXPORTER)
            | {
                "Content-Type": "application/octet-stream",
                "Corridor-Recipients": str(READER.to_public()),
            },
        ).json()
        claims = {}
        for name, trip in (("shared", TRIP), ("alone", ALONE)):
            said = stage.says(EXPORTER, "photo", trip, {"evidence": [received["item"]]})
            assert stage.post(said).status_code == 201
            claims[name] = Statement.parse(said.raw).id.hex()
        secret = unwrap_secret(b64decode(received["secrets"]), [READER])
        assert secret is not None
        yield Scene(stage, folder, EvidenceItem.parse(received["item"]), secret.decode(), claims)


def test_what_is_found_is_the_operators_own_signed_word(scene: Scene) -> None:
    answer = scene.ask()
    assert answer.status_code == 201, answer.text
    done = answer.json()
    file = StatementFile.parse(b64decode(done["statement"]))
    statement = Statement.parse(file.statement)
    body = statement.reveal(file.disclosures)
    assert (statement.iss, statement.kind, statement.subjects) == (ORIGIN_PORT, "reading", (TRIP.uri,))
    assert [(one.rel, one.id.hex()) for one in statement.references] == [("of", scene.claims["shared"])]
    assert (body["of"], body["category"], body["format"]) == (scene.item.commitment.hex(), "scan", "PNG")
    assert "found" not in body
    assert (done["reason"], done["id"]) == (None, statement.id.hex())
    assert scene.stage.ledger.store.statement(statement.id).index == done["index"]
    for rendition, claimed in zip(done["renditions"], items(body), strict=True):
        secret = unwrap_secret(b64decode(rendition["secrets"]), [READER])
        assert secret is not None
        made = bytearray()
        open_sealed(claimed, secret, scene.stage.ledger.room.store.open(claimed.cid).chunks, made.extend)
    assert (claimed.name, json.loads(made)["width"]) == ("what was found", 256)


def test_where_the_operator_is_no_member_the_caller_has_it_and_the_log_does_not(scene: Scene) -> None:
    done = scene.ask(statement=scene.claims["alone"]).json()
    assert (done["index"], done["reason"]) == (None, "not-a-member")
    assert Statement.parse(StatementFile.parse(b64decode(done["statement"])).statement).iss == ORIGIN_PORT


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "a secret that is none": ({"secret": "x"}, 400, "bad-item-secret"),
    "the secret of another item": (
        {"secret": str(pyrage.x25519.Identity.generate())},
        422,
        "evidence-broken",
    ),
    "no recipients": ({"recipients": []}, 400, "recipients"),
    "a recipient that is none": ({"recipients": ["age1x"]}, 400, "recipients"),
    "recipients that are no list": ({"recipients": "age1x"}, 400, "malformed-field"),
    "a statement that is not there": ({"statement": "00" * 32}, 404, "no-evidence"),
    "a statement id that is none": ({"statement": "../x"}, 400, "malformed-field"),
    "an item that is not there": ({"cid": "bafkrei" + "a" * 52}, 404, "no-evidence"),
    "a member too many": ({"keep": True}, 400, "unknown-field"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused(scene: Scene, name: str) -> None:
    changes, status, code = REFUSED[name]
    answer = scene.ask(**changes)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, code), answer.text
    assert scene.secret not in answer.text


def test_who_may_not_see_the_item_is_told_that_there_is_none(scene: Scene) -> None:
    answer = scene.ask(CUSTOMS)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:corridor:problem:no-evidence")


def test_nothing_of_the_item_and_its_secret_is_on_the_disk(scene: Scene) -> None:
    scene.ask()
    for path in scene.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert MARK not in data, path
            assert scene.secret.encode() not in data, path


def test_who_has_much_read_keeps_no_more_threads_than_there_are_places(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else so many requests as the service has threads would keep everybody else out of all of it."""
    readings, begun, go_on = scene.stage.ledger.operator_readings, Event(), Event()
    read = readings._read

    def slowly(source: Any, item: EvidenceItem) -> Any:
        begun.set()
        assert go_on.wait(30)
        return read(source, item)

    monkeypatch.setattr(readings, "_places", BoundedSemaphore(1))
    monkeypatch.setattr(readings, "_read", slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(scene.ask)
        try:
            assert begun.wait(30)
            answer = scene.ask()
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:corridor:problem:busy")
        finally:
            go_on.set()
        assert first.result().status_code == 201
    assert scene.ask().status_code == 201


def test_an_operator_without_a_key_for_it_says_so(tmp_path: Path) -> None:
    with a_stage(tmp_path) as stage:
        enrol(stage.ledger)
        with pytest.raises(Exception, match="signs no readings"):
            stage.ledger.operator_readings.read(None, "x", b"", [])  # type: ignore[arg-type]
