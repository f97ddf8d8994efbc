"""What participants read: their own, page by page, and nothing of anybody else's."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from api import schemas
from api.custody_schemas import CustodyShape
from ledger.domain.statement import Statement, StatementFile
from ledger.domain.verdict import Outcome
from ledger.verification.container import open_container
from ledger.verification.dossier import Dossier
from ledger.verification.verifier import verify, verify_receipt
from tests.api.errors_seen import Errors
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip
from tests.integration.stage import WITNESSES, Stage, a_stage, another_trip, enrol

SHARED = another_trip("shared")
OWN = another_trip("own")
NOWHERE = another_trip("nowhere")


@dataclass
class Scene:
    """A ledger with two trips: one that the port has a part in, and one of the exporter's own."""

    stage: Stage
    shared: list[bytes]
    own: list[bytes]
    sessions: dict[str, dict[str, str]]

    def get(self, path: str, who: str = EXPORTER, **params: Any) -> Any:
        """Read as an organisation."""
        return self.stage.http.get(path, headers=self.sessions[who], params=params)

    def read(self, path: str, shape: type[BaseModel], who: str = EXPORTER, **params: Any) -> Any:
        """Read JSON that must have a shape."""
        answer = self.get(path, who, **params)
        assert answer.status_code == 200, answer.text
        shape.model_validate(answer.json(), strict=True)
        return answer.json()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, errors: Errors) -> Iterator[Scene]:
    """The scene, anchored."""
    with a_stage(tmp_path_factory.mktemp("reading"), witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        shared = stage.tell(SHARED)
        own = [stage.says(EXPORTER, "subject-opened", OWN)]
        own += [stage.says(EXPORTER, "status", OWN, {"number": number}) for number in range(7)]
        for signed in own:
            assert stage.post(signed).status_code == 201
        stage.anchor()
        people = (EXPORTER, ORIGIN_PORT, CUSTOMS)
        yield Scene(
            stage,
            shared,
            [one.statement.id for one in own],
            {uri: sign_in(stage, uri) for uri in people},
        )


def paths_of(trip: Trip, statement: bytes) -> list[str]:
    subject = f"/v1/subjects/{trip.uri}"
    return [
        subject,
        f"{subject}/statements",
        f"{subject}/custody",
        f"{subject}/passages",
        f"{subject}/links",
        f"{subject}/dossier",
        f"{subject}/verdict",
        f"/v1/statements/{statement.hex()}",
        f"/v1/statements/{statement.hex()}/file",
        f"/v1/statements/{statement.hex()}/receipt",
        f"/v1/streams/{trip.custody_tag.hex()}/members",
        f"/entries/{statement.hex()}",
    ]


def test_what_is_somebody_elses_looks_like_what_is_not_there(scene: Scene, errors: Errors) -> None:
    theirs = paths_of(OWN, scene.own[0])
    for path, missing in zip(theirs, paths_of(NOWHERE, bytes(32)), strict=True):
        assert scene.get(path).status_code in {200, 202}, path
        for who in (ORIGIN_PORT, CUSTOMS):
            refused, unknown = scene.get(path, who), scene.get(missing, who)
            assert refused.status_code == 404, path
            said = [
                (one.status_code, one.headers["Content-Type"], one.content.replace(*names))
                for one, names in (
                    (refused, (scene.own[0].hex().encode(), b"X")),
                    (unknown, (bytes(32).hex().encode(), b"X")),
                )
            ]
            assert said[0] == said[1], path
    assert errors.messages == []


def test_a_member_reads_what_its_stream_holds_and_nothing_more(scene: Scene) -> None:
    for path in paths_of(SHARED, scene.shared[1]):
        assert scene.get(path, ORIGIN_PORT).status_code in {200, 202}, path
    listed = {who: scene.read("/v1/subjects", schemas.SubjectPage, who)["items"] for who in scene.sessions}
    assert [one["uri"] for one in listed[EXPORTER]] == [SHARED.uri, OWN.uri]
    assert [one["uri"] for one in listed[ORIGIN_PORT]] == [SHARED.uri]
    assert listed[CUSTOMS] == []


def test_a_statement_is_shown_with_how_far_it_has_come(scene: Scene) -> None:
    path = f"/v1/statements/{scene.shared[1].hex()}"
    shown = scene.read(path, schemas.StatementShape)
    assert (shown["kind"], shown["state"], shown["body"]["seal"]) == ("seal-applied", "final", "GT4471902")
    assert shown["checkpoint"]["size"] == shown["anchor"]["size"] > shown["index"]
    assert "Retry-After" not in scene.get(path).headers
    fresh = scene.stage.says(EXPORTER, "status", OWN, {"number": "fresh"})
    assert scene.stage.post(fresh).status_code == 201
    fresh_path = f"/v1/statements/{fresh.statement.id.hex()}"
    answer = scene.get(fresh_path)
    assert (answer.json()["state"], answer.json()["checkpoint"]) == ("logged", None)
    assert answer.headers["Retry-After"]
    assert scene.get(f"{fresh_path}/receipt").json()["type"] == "urn:corridor:problem:not-final"
    assert scene.get(f"{fresh_path}/receipt").headers["Retry-After"]
    scene.stage.publish()
    assert scene.get(fresh_path).json()["state"] == "published"
    scene.stage.anchor()
    assert scene.read(fresh_path, schemas.StatementShape)["state"] == "final"


def test_a_statement_file_is_handed_out_byte_for_byte(scene: Scene) -> None:
    answer = scene.get(f"/v1/statements/{scene.shared[0].hex()}/file", ORIGIN_PORT)
    file = StatementFile.parse(answer.content)
    assert Statement.parse(file.statement).id == scene.shared[0]
    assert file.statement == scene.stage.ledger.store.statement(scene.shared[0]).statement


def test_receipt_and_dossier_verify_under_the_readers_own_trust(scene: Scene, tmp_path: Path) -> None:
    stage, trust = scene.stage, scene.stage.trust()
    receipt = scene.get(f"/v1/statements/{scene.shared[0].hex()}/receipt", ORIGIN_PORT)
    assert receipt.headers["Content-Type"] == "application/zip"
    assert verify_receipt(receipt.content, trust).outcome is Outcome.ACCEPTED
    answer = scene.get(f"/v1/subjects/{SHARED.uri}/dossier", ORIGIN_PORT)
    dossier = Dossier.parse(open_container(answer.content))
    assert (dossier.header.shipment, dossier.header.audience) == (SHARED.uri, ORIGIN_PORT)
    assert answer.headers["Corridor-Checkpoint-Size"] == str(dossier.header.target)
    assert [one.subject for one in dossier.header.streams] == [SHARED.uri]
    verdict = verify(answer.content, trust, clock=stage.clock, expected_shipment=SHARED.uri)
    assert verdict.outcome is Outcome.ACCEPTED
    own = scene.read(f"/v1/subjects/{SHARED.uri}/verdict", schemas.VerdictShape, ORIGIN_PORT)
    assert (own["outcome"], own["by"]) == ("accepted", stage.ledger.genesis.origin)
    assert "no substitute" in own["note"]


def test_a_dossier_is_not_sent_again_to_whoever_holds_it(scene: Scene) -> None:
    path = f"/v1/subjects/{SHARED.uri}/dossier"
    tag = scene.get(path).headers["ETag"]
    assert tag.startswith('W/"')
    http, shown = scene.stage.http, scene.sessions
    held = {"If-None-Match": f'"x", {tag}'}
    again = http.get(path, headers=shown[EXPORTER] | held)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    # Another reader's dossier is another one.
    assert http.get(path, headers=shown[ORIGIN_PORT] | held).status_code == 200
    assert http.get(f"/v1/subjects/{OWN.uri}/dossier", headers=shown[EXPORTER] | held).status_code == 200


@pytest.mark.parametrize("path", ["/v1/subjects", "/v1/organisations", "/v1/genesis", "/v1/profile"])
def test_what_a_client_holds_is_not_sent_again(scene: Scene, path: str) -> None:
    tag = scene.get(path).headers["ETag"]
    shown = scene.sessions[EXPORTER]
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        assert scene.stage.http.get(path, headers=shown | {"If-None-Match": held}).status_code == 304
    for other in ('"other"', tag.strip('"'), ""):
        assert scene.stage.http.get(path, headers=shown | {"If-None-Match": other}).status_code == 200


def test_pages_hold_everything_once_and_in_order(scene: Scene) -> None:
    path = f"/v1/subjects/{OWN.uri}/statements"
    whole = scene.read(path, schemas.StatementPage)
    assert whole["next"] is None
    seen, cursor = [], None
    while True:
        asked: dict[str, Any] = {"limit": 3} | ({} if cursor is None else {"cursor": cursor})
        page = scene.read(path, schemas.StatementPage, **asked)
        assert 0 < len(page["items"]) <= 3
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == whole["items"]
    assert [one["index"] for one in seen] == sorted({one["index"] for one in seen})


def test_statements_and_subjects_can_be_narrowed_down(scene: Scene) -> None:
    path = f"/v1/subjects/{SHARED.uri}/statements"
    sealed = scene.read(path, schemas.StatementPage, kind="seal-applied")["items"]
    assert [one["id"] for one in sealed] == [scene.shared[1].hex()]
    tag = SHARED.custody_tag.hex()
    assert len(scene.read(path, schemas.StatementPage, stream=tag)["items"]) == len(scene.shared)
    assert scene.read(path, schemas.StatementPage, stream="0" * 64)["items"] == []
    assert scene.read("/v1/subjects", schemas.SubjectPage, type="voyage")["items"] == []
    assert len(scene.read("/v1/subjects", schemas.SubjectPage, key=SHARED.subject.key)["items"]) == 2


def cursor_of(scene: Scene, path: str, who: str = EXPORTER, **params: Any) -> str:
    found = scene.get(path, who, limit=1, **params).json()["next"]
    assert isinstance(found, str)
    return found


def test_a_cursor_is_of_no_use_elsewhere(scene: Scene, errors: Errors) -> None:
    path = f"/v1/subjects/{SHARED.uri}/statements"
    good = cursor_of(scene, path)
    cases = {
        "forged": (path, EXPORTER, {"cursor": "WzFd.AAAA"}),
        "changed": (path, EXPORTER, {"cursor": good[:-2] + ("AA" if good[-2:] != "AA" else "BB")}),
        "cut": (path, EXPORTER, {"cursor": good[:-5]}),
        "empty": (path, EXPORTER, {"cursor": ""}),
        "of another reader": (path, ORIGIN_PORT, {"cursor": good}),
        "of another path": (f"/v1/subjects/{OWN.uri}/statements", EXPORTER, {"cursor": good}),
        "of another question": (path, EXPORTER, {"cursor": good, "kind": "status"}),
        "not ASCII": (path, EXPORTER, {"cursor": "é" * 40}),
    }
    for case, (where, who, params) in cases.items():
        answer = scene.get(where, who, **params)
        assert (answer.status_code, answer.json()["field"]) == (400, "cursor"), case
        assert answer.json()["type"] == "urn:corridor:problem:bad-cursor", case
    assert scene.get(path, limit=2, cursor=good).status_code == 200
    assert errors.messages == []


BAD_QUERIES: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "an unknown member": ("/v1/subjects", {"limt": 3}, 400, "limt"),
    "a member twice": ("/v1/subjects", {"limit": [3, 4]}, 400, "limit"),
    "a member where there is none": ("/v1/sessions/current", {"x": 1}, 400, "x"),
    "no items": ("/v1/subjects", {"limit": 0}, 422, "query.limit"),
    "too many items": ("/v1/subjects", {"limit": 201}, 422, "query.limit"),
    "a limit that is no number": ("/v1/subjects", {"limit": "ten"}, 422, "query.limit"),
    "a type that there is not": ("/v1/subjects", {"type": "train"}, 422, "query.type"),
    "a state that there is not": ("/v1/hand-overs", {"state": "lost"}, 422, "query.state"),
    "a stream that is none": (f"/v1/subjects/{SHARED.uri}/statements", {"stream": "AB"}, 400, "stream"),
    "a time that is none": (f"/v1/subjects/{SHARED.uri}/custody", {"at": "noon"}, 400, "at"),
    "an id that is none": ("/v1/statements/xyz", {}, 422, "path.id"),
}


@pytest.mark.parametrize("case", BAD_QUERIES)
def test_a_question_that_makes_no_sense_is_refused_by_its_field(
    scene: Scene, errors: Errors, case: str
) -> None:
    path, params, status, field = BAD_QUERIES[case]
    answer = scene.get(path, **params)
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert errors.messages == []


def test_custody_says_who_held_it_when(scene: Scene) -> None:
    custody = scene.read(f"/v1/subjects/{SHARED.uri}/custody", CustodyShape, ORIGIN_PORT)
    assert custody["subject"] == SHARED.uri
    assert "holder_at" not in custody
    then = scene.read(f"/v1/subjects/{SHARED.uri}/custody", CustodyShape, at="2026-09-22T00:00:00Z")
    assert then["holder_at"] == ORIGIN_PORT


def test_hand_overs_are_listed_for_their_parties(scene: Scene) -> None:
    for who in (EXPORTER, ORIGIN_PORT):
        (found,) = scene.read("/v1/hand-overs", schemas.HandOverPage, who, state="all")["items"]
        assert (found["giver"], found["taker"], found["open"]) == (EXPORTER, ORIGIN_PORT, False)
        assert found["terms"]["subjects"] == [SHARED.uri]
        assert scene.read("/v1/hand-overs", schemas.HandOverPage, who)["items"] == []
    assert scene.read("/v1/hand-overs", schemas.HandOverPage, CUSTOMS, state="all")["items"] == []


def test_organisations_are_listed_with_roles_and_keys(scene: Scene) -> None:
    page = scene.read("/v1/organisations", schemas.OrganisationPage, CUSTOMS, limit=2)
    more: dict[str, Any] = {"limit": 2, "cursor": page["next"]}
    rest = scene.read("/v1/organisations", schemas.OrganisationPage, CUSTOMS, **more)
    uris = [one["uri"] for one in page["items"] + rest["items"]]
    assert EXPORTER in uris
    assert uris == sorted(uris)
    for quoted in (EXPORTER, EXPORTER.replace(":", "%3A").replace("/", "%2F")):
        one = scene.read(f"/v1/organisations/{quoted}", schemas.OrganisationDetail, CUSTOMS)
        assert [role["name"] for role in one["roles"]] == ["exporter"]
        kid = scene.stage.author(EXPORTER).signer.key.thumbprint.hex()
        assert [key["thumbprint"] for key in one["keys"]] == [kid]
    assert scene.get("/v1/organisations/https://nobody.example").status_code == 404


def test_genesis_and_profile_are_handed_out_byte_for_byte(scene: Scene) -> None:
    assert scene.stage.http.get("/v1/genesis").content == scene.stage.ledger.genesis.document
    assert scene.get("/v1/profile").content == scene.stage.ledger.store.profile
