"""Every route that gives something out, asked by nobody, by a participant without a part, and by a member.

The routes are those of the OpenAPI document: one that is not sorted in here fails the first test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyrage
import pytest

from ledger.domain.subject import stream_tag
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, seeded
from tests.catalogue.office import POLICE, a_thing
from tests.integration.stage import WITNESSES, Stage, a_stage, another_trip, enrol

PUBLIC = {
    "/log/checkpoint",
    "/log/genesis",
    "/log/tile/{path}",
    "/v1/genesis",
    # Whoever knows the id of an application made it, or decides on it: nobody can guess it.
    "/v1/enrolments/{identifier}",
    "/.well-known/scitt-keys",
    "/.well-known/scitt-keys/{kid}",
    "/healthz",
    "/readyz",
}
OPERATORS = {"/metrics"}
GOVERNORS = {"/v1/enrolments", "/v1/enrolments/{identifier}/application"}
PARTICIPANTS = {
    "/v1/sessions/current": "/v1/sessions/current",
    "/v1/organisations": "/v1/organisations",
    "/v1/organisations/{uri}": f"/v1/organisations/{EXPORTER}",
    "/v1/organisations/{uri}/encryption-key": f"/v1/organisations/{EXPORTER}/encryption-key",
    "/v1/organisations/{uri}/encryption-key/receipt": f"/v1/organisations/{EXPORTER}/encryption-key/receipt",
    "/v1/profile": "/v1/profile",
}
OWN_LISTS = {
    "/v1/subjects": "/v1/subjects",
    "/v1/hand-overs": "/v1/hand-overs?state=all",
    "/v1/grants": "/v1/grants?role=received&state=all",
    "/v1/access-requests": "/v1/access-requests?role=sent&state=all",
    "/v1/arrivals": "/v1/arrivals?outcome=clear",
}
OWED = {"/v1/todo": "/v1/todo?state=all"}
"""Without rules that require something nobody owes anything."""
NOTICES = {
    *("/v1/subscriptions", "/v1/subscriptions/{identifier}", "/v1/subscriptions/{identifier}/deliveries"),
    "/v1/events",
}
"""What an organisation asked to be told of; the stream of events has tests of its own, for it has no end."""
SECRETS = "/v1/evidence/secrets"
KEEPING = {"/v1/retention": "/v1/retention?at=2099-01-01T00:00:00Z", "/v1/alarms": "/v1/alarms"}
OBJECTS = {
    "/v1/subjects/{uri}": "subject",
    "/v1/subjects/{uri}/statements": "subject",
    "/v1/subjects/{uri}/custody": "subject",
    "/v1/subjects/{uri}/passages": "subject",
    "/v1/subjects/{uri}/links": "subject",
    "/v1/subjects/{uri}/decisions": "subject",
    "/v1/subjects/{uri}/assessment": "subject",
    "/v1/subjects/{uri}/erasures": "subject",
    "/v1/subjects/{uri}/dossier": "subject",
    "/v1/subjects/{uri}/verdict": "subject",
    "/v1/statements/{id}": "statement",
    "/v1/statements/{id}/file": "statement",
    "/v1/statements/{id}/receipt": "statement",
    "/v1/streams/{tag}/members": "stream",
    "/v1/evidence/{cid}": "evidence",
    "/entries/{entry}": "statement",
}
"""Path, and what its parameter names."""

SHARED, RESTRICTED = another_trip("shared"), another_trip("restricted")
NOWHERE = another_trip("nowhere")
NAME = "targeting-77"
TAG = stream_tag(seeded("enforcement", 16))
UNKNOWN = {
    "subject": NOWHERE.uri,
    "statement": seeded("no statement", 32).hex(),
    "stream": NOWHERE.custody_tag.hex(),
    "evidence": "bafkrei" + "a" * 52,
}


@dataclass
class Scene:
    """A ledger, sessions of its participants, and what there is in a shared and in a restricted stream."""

    stage: Stage
    sessions: dict[str, dict[str, str]]
    shared: dict[str, str]
    restricted: dict[str, str]

    def get(self, path: str, who: str | None) -> httpx.Response:
        return self.stage.http.get(path, headers=self.sessions[who] if who else {})


def evidence_in(stage: Stage, who: str, session: dict[str, str]) -> dict[str, Any]:
    """Store an item with its secret, and return what a statement says of it."""
    reader = str(pyrage.x25519.Identity.generate().to_public())
    received = stage.http.post(
        "/v1/evidence",
        content=b"what the camera saw, for " + who.encode(),
        params={"media_type": "video/mp4", "category": "cctv"},
        headers=session | {"Content-Type": "application/octet-stream", "Corridor-Recipients": reader},
    )
    assert received.status_code == 201, received.text
    item: dict[str, Any] = received.json()["item"]
    named = {"commitment": item["commitment"], "cid": item["cid"], "wrapped": received.json()["secrets"]}
    kept = stage.http.post(SECRETS, json={"record": None, "for": who, "secrets": [named]}, headers=session)
    assert kept.status_code == 200, kept.text
    return item


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The exporter shares one trip with the port, and one with customs, who open a restricted stream."""
    with a_stage(tmp_path_factory.mktemp("reads"), witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        sessions = {uri: sign_in(stage, uri) for uri in (EXPORTER, ORIGIN_PORT, CUSTOMS)}
        stage.tell(SHARED)
        organisation = a_thing("organisation", "EXPORTER", seed="reads")
        key = str(pyrage.x25519.Identity.generate().to_public())
        opening: dict[str, dict[str, Any]] = {"subject-opened": {}, "encryption-key": {"recipients": [key]}}
        for kind, said in opening.items():
            answer = stage.post(stage.says(EXPORTER, kind, organisation, said))
            assert answer.status_code == 201, answer.text
        item = evidence_in(stage, EXPORTER, sessions[EXPORTER])
        told = [stage.says(EXPORTER, "status", SHARED, {"evidence": [item]})]
        own = a_thing("organisation", "PORT", iss=ORIGIN_PORT)
        asked = {"to": EXPORTER, "about": [SHARED.uri], "categories": ["filing"], "purpose": "the gate"}
        told += [
            stage.says(EXPORTER, "grant", SHARED, {"to": [ORIGIN_PORT], "categories": ["filing"]}),
            stage.says(ORIGIN_PORT, "subject-opened", own),
            stage.says(ORIGIN_PORT, "access-request", own, asked),
        ]
        told.append(stage.says(EXPORTER, "subject-opened", RESTRICTED))
        told.append(stage.says(EXPORTER, "grant", RESTRICTED, {"to": [CUSTOMS]}))
        held = evidence_in(stage, CUSTOMS, sessions[CUSTOMS])
        for kind, body in (
            ("stream-opened", {"stream": NAME}),
            ("grant", {"to": [POLICE], "categories": ["enforcement"], "purpose": "narcotics"}),
            ("document", {"hold": "narcotics", "evidence": [held]}),
        ):
            author, now = stage.author(CUSTOMS), stage.clock()
            told.append(author.says(kind, RESTRICTED, body, streams=[TAG], iat=now, seen=stage.seen()))
        for signed in told:
            answer = stage.post(signed)
            assert answer.status_code == 201, answer.text
        stage.anchor()
        shared = {
            "subject": SHARED.uri,
            "statement": told[0].statement.id.hex(),
            "stream": SHARED.custody_tag.hex(),
            "evidence": item["cid"],
        }
        restricted = {
            "statement": told[-1].statement.id.hex(),
            "stream": TAG.hex(),
            "evidence": held["cid"],
        }
        yield Scene(stage, sessions, shared, restricted)


def test_every_route_that_gives_something_out_is_sorted_in(scene: Scene) -> None:
    document = scene.stage.http.get("/openapi.json").json()
    reads = {path for path, operations in document["paths"].items() if "get" in operations}
    assert reads == {
        *PUBLIC,
        *OPERATORS,
        *GOVERNORS,
        *PARTICIPANTS,
        *OWN_LISTS,
        *OWED,
        *OBJECTS,
        *KEEPING,
        *NOTICES,
        SECRETS,
    }


def seen(answer: httpx.Response, name: str) -> tuple[int, dict[str, str], bytes]:
    """Return all of an answer that may tell something, without the name that was asked for."""
    passing = {"date", "x-request-id"}
    headers = {key: value for key, value in answer.headers.items() if key not in passing}
    # Two names of one kind are equally long, but two CIDs differ at their ends in what they are quoted by.
    return answer.status_code, headers, answer.content.replace(name.encode(), b"(name)")


def compared(scene: Scene, path: str, there: str, nowhere: str, who: str | None) -> int:
    """Return the status of what is there, which must look like that of what is not."""
    parameter = path[path.index("{") : path.index("}") + 1]
    answers = [seen(scene.get(path.replace(parameter, name), who), name) for name in (there, nowhere)]
    assert answers[0] == answers[1], path
    return answers[0][0]


@pytest.mark.parametrize("path", OBJECTS)
def test_what_belongs_to_members_is_for_them_alone(scene: Scene, path: str) -> None:
    there, nowhere = scene.shared[OBJECTS[path]], UNKNOWN[OBJECTS[path]]
    assert compared(scene, path, there, nowhere, None) == 401
    assert compared(scene, path, there, nowhere, CUSTOMS) == 404
    for member in (EXPORTER, ORIGIN_PORT):
        parameter = path[path.index("{") : path.index("}") + 1]
        answer = scene.get(path.replace(parameter, there), member)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", [path for path, what in OBJECTS.items() if what != "subject"])
def test_what_is_restricted_is_not_there_for_members_of_custody(scene: Scene, path: str) -> None:
    there, nowhere = scene.restricted[OBJECTS[path]], UNKNOWN[OBJECTS[path]]
    assert compared(scene, path, there, nowhere, EXPORTER) == 404
    parameter = path[path.index("{") : path.index("}") + 1]
    assert scene.get(path.replace(parameter, there), CUSTOMS).status_code == 200


def test_nothing_about_a_subject_tells_of_its_restricted_stream(scene: Scene) -> None:
    """The dossier is a file of many parts: which streams it covers stands in its manifest, as is."""
    for path, what in OBJECTS.items():
        if what == "subject":
            answer = scene.get(path.replace("{uri}", RESTRICTED.uri), EXPORTER)
            assert answer.status_code == 200, answer.text
            for name in (TAG.hex(), scene.restricted["statement"], NAME, "narcotics"):
                assert name.encode() not in answer.content, path
            assert TAG not in answer.content, path
    for path in (OWN_LISTS | OWED).values():
        assert NAME.encode() not in scene.get(path, EXPORTER).content


@pytest.mark.parametrize("path", OWN_LISTS.values(), ids=OWN_LISTS)
def test_lists_hold_ones_own_and_no_number_of_the_rest(scene: Scene, path: str) -> None:
    assert scene.get(path, None).status_code == 401
    mine = scene.get(path, CUSTOMS).json()
    assert SHARED.uri not in str(mine)
    assert set(mine) == {"items", "next"}
    assert SHARED.uri in str(scene.get(path, ORIGIN_PORT).json())


@pytest.mark.parametrize("path", OWED.values(), ids=OWED)
def test_what_is_owed_is_for_a_session_to_ask(scene: Scene, path: str) -> None:
    assert scene.get(path, None).status_code == 401
    assert scene.get(path, ORIGIN_PORT).json() == {"items": [], "next": None}


@pytest.mark.parametrize("path", sorted(NOTICES - {"/v1/events", "/v1/subscriptions"}))
def test_a_subscription_is_for_the_organisation_that_made_it(scene: Scene, path: str) -> None:
    made = scene.stage.http.post(
        "/v1/subscriptions", json={"name": "what comes"}, headers=scene.sessions[EXPORTER]
    ).json()
    for who, status in ((None, 401), (ORIGIN_PORT, 404), (CUSTOMS, 404)):
        assert compared(scene, path, made["id"], "0" * 32, who) == status
    assert scene.get(path.replace("{identifier}", made["id"]), EXPORTER).status_code == 200
    assert scene.get("/v1/subscriptions", CUSTOMS).json() == {"items": [], "next": None}
    assert scene.get("/v1/events", None).status_code == 401


def test_secrets_are_for_whom_they_were_wrapped(scene: Scene) -> None:
    assert scene.get(SECRETS, None).status_code == 401
    (mine,) = scene.get(SECRETS, EXPORTER).json()["items"]
    assert mine["cid"] == scene.shared["evidence"]
    for other in (ORIGIN_PORT,):
        assert scene.get(SECRETS, other).json() == {"items": [], "next": None}


@pytest.mark.parametrize("path", KEEPING.values(), ids=KEEPING)
def test_what_is_due_and_alarms_are_for_whom_they_concern(scene: Scene, path: str) -> None:
    assert scene.get(path, None).status_code == 401
    for who in (EXPORTER, ORIGIN_PORT, CUSTOMS):
        # The category of these items has no agreed time, and nothing was offered twice.
        assert scene.get(path, who).json() == {"items": [], "next": None}


@pytest.mark.parametrize("path", PARTICIPANTS.values(), ids=PARTICIPANTS)
def test_what_participants_may_know_is_not_for_everybody(scene: Scene, path: str) -> None:
    assert scene.get(path, None).status_code == 401
    assert scene.get(path, CUSTOMS).status_code == 200


@pytest.mark.parametrize("path", sorted(GOVERNORS))
def test_applications_are_for_governors(scene: Scene, path: str) -> None:
    asked = path.replace("{identifier}", "0" * 64)
    assert scene.get(asked, None).status_code == 401
    assert scene.get(asked, EXPORTER).status_code == 403


def test_a_session_opens_no_metrics(scene: Scene) -> None:
    for who in (None, EXPORTER, CUSTOMS):
        assert scene.get("/metrics", who).status_code == 401


def test_secrets_are_in_files_that_only_their_owner_reads(scene: Scene) -> None:
    folder = scene.stage.ledger.settings.data
    private = [path for path in folder.rglob("*") if path.is_file() and _is_secret(path)]
    assert {path.name for path in private} >= {"metrics.token"}
    assert {path: oct(path.stat().st_mode & 0o777) for path in private} == dict.fromkeys(private, "0o600")


def _is_secret(path: Path) -> bool:
    return path.suffix in (".key", ".token", ".secret") or "key" in path.parts
