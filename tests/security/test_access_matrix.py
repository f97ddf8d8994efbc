"""Every role, and everybody else who may knock, against every route, with things of their own and of others.

The routes are those of the OpenAPI document: one that has no row here fails the first test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api.openapi import operations
from api.operations import FOR_DEVICES
from tests.access.officers import Officers
from tests.api.errors_seen import Errors
from tests.api.test_uploads import TUS
from tests.builders import EXPORTER, seeded
from tests.security.matrix_scene import (
    DEVICE,
    GOVERNORS,
    KEYS,
    MEMBERS,
    OFFICERS,
    OPENER,
    UNKNOWN,
    VISITORS,
    Scene,
    a_scene,
    fresh,
)

OK = frozenset({200, 201, 204})
IN = OK | {400, 404, 409, 410, 412, 415, 416, 422}
"""Past the door: what is asked makes no sense, but who asks may ask it."""
NO_SESSION, FORBIDDEN, NOT_THERE = frozenset({401}), frozenset({403}), frozenset({404})


@dataclass(frozen=True)
class Row:
    """Who may ask for something.

    Args:
        kind: `public`; `operator`; `session`: whoever has one; `governor`; `member`: of the trip that it is
            of; `owner`: the organisation that made it.
        query: Of the request.
        device: What a device is answered of its own organisation's things, where that is not what its
            organisation is.
        first: What everybody is answered before it is known whose it is: the body makes no sense.
    """

    kind: str
    query: str = ""
    device: frozenset[int] | None = None
    first: frozenset[int] = frozenset()


PUBLIC, SESSION, MEMBER, OWNER = (Row(kind) for kind in ("public", "session", "member", "owner"))
ROWS: dict[str, Row] = {
    **dict.fromkeys(("getCheckpoint", "getLogGenesis", "getTile", "getGenesis"), PUBLIC),
    **dict.fromkeys(("getScittKeys", "getScittKey", "isAlive", "isReady"), PUBLIC),
    # A statement is its own authority, and who wants a session has none.
    **dict.fromkeys(("registerStatement", "registerSignedStatement", "applyForEnrolment"), PUBLIC),
    **dict.fromkeys(("giveChallenge", "openSession", "openOfficerSession"), PUBLIC),
    # Whoever knows the id of an application made it.
    "getEnrolment": PUBLIC,
    "getMetrics": Row("operator"),
    **dict.fromkeys(("listEnrolments", "getApplication", "refuseEnrolment"), Row("governor")),
    **dict.fromkeys(("getSession", "endSession", "getProfile", "getUploadOptions"), SESSION),
    **dict.fromkeys(("listOrganisations", "getOrganisation"), SESSION),
    **dict.fromkeys(("getEncryptionKey", "getEncryptionKeyReceipt"), SESSION),
    **dict.fromkeys(("listSubjects", "listAccessRequests", "listAlarms", "listSecrets"), SESSION),
    **dict.fromkeys(("listArrivals", "listTodo"), SESSION),
    "listHandOvers": Row("session", "state=all"),
    "listGrants": Row("session", "state=all"),
    "listDue": Row("session", "at=2099-01-01T00:00:00Z"),
    **dict.fromkeys(("joinStream", "giveSecrets", "offerFingerprint"), SESSION),
    **dict.fromkeys(("addEvidence", "beginUpload"), SESSION),
    **dict.fromkeys(("getSubject", "listStatements", "getCustody", "getPassages", "getLinks"), MEMBER),
    **dict.fromkeys(("getDossier", "getVerdict", "getDecisions", "getAssessment", "listErasures"), MEMBER),
    "listMembers": MEMBER,
    # The opener's device did not sign this one; what its organisation sent it may fetch.
    **dict.fromkeys(("getStatement", "getStatementFile", "getReceiptFile"), Row("member", device=NOT_THERE)),
    "resolveReceipt": Row("member", device=NOT_THERE),
    **dict.fromkeys(("getEvidence", "checkEvidence"), Row("member", device=OK)),
    "readEvidence": Row("member", first=frozenset({400})),
    **dict.fromkeys(("getUploadOffset", "continueUpload", "giveUpUpload"), OWNER),
    **dict.fromkeys(("listSubscriptions", "subscribe", "followEvents"), SESSION),
    **dict.fromkeys(("getSubscription", "endSubscription", "changeSecret"), OWNER),
    **dict.fromkeys(("listDeliveries", "replayDeliveries"), OWNER),
}
READS = frozenset({"get", "head", "options"})


@pytest.fixture(scope="module")
def met(
    errors: Errors, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Scene, dict[str, Officers]]]:
    """Everybody, at one service."""
    with a_scene(tmp_path_factory.mktemp("matrix")) as met:
        yield met


@pytest.fixture(scope="module")
def routes(met: tuple[Scene, dict[str, Officers]]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every operation, by its name."""
    document = met[0].stage.http.get("/openapi.json").json()
    return {
        operation["operationId"]: (method, path, operation)
        for method, path, operation in operations(document)
    }


def test_every_route_has_its_row(routes: dict[str, tuple[str, str, dict[str, Any]]]) -> None:
    assert set(routes) == set(ROWS)
    assert set(ROWS) >= FOR_DEVICES


def at_the_door(name: str, method: str, visitor: str) -> frozenset[int] | None:
    """Return what somebody is answered whatever it is about, None when that depends on it."""
    row = ROWS[name]
    if row.kind == "operator":
        return OK if visitor == "the operator's token" else NO_SESSION
    if row.kind == "public":
        return IN | {503}
    if visitor in UNKNOWN:
        return NO_SESSION
    by_device = visitor == DEVICE and name not in FOR_DEVICES
    by_officer = visitor in OFFICERS and method not in READS and name != "endSession"
    is_refused = by_device or by_officer or (row.kind == "governor" and visitor not in GOVERNORS)
    return FORBIDDEN if is_refused else None


def expected(name: str, method: str, visitor: str, *, own: bool) -> frozenset[int]:
    """Return what somebody is answered.

    Args:
        name: Of the operation.
        method: In lower case.
        visitor: Who asks.
        own: Whether it is of the trip that the members are in, and made by its opener.
    """
    row, asked = ROWS[name], OK if method in READS else IN
    told = at_the_door(name, method, visitor)
    if told is not None:
        return told
    if row.kind == "governor":
        return IN
    if row.kind == "session":
        return asked
    if visitor == DEVICE and row.device is not None and own:
        return row.device
    may = MEMBERS if row.kind == "member" else {OPENER, DEVICE}
    return (asked - NOT_THERE if own and visitor in may else NOT_THERE) | row.first


def url_of(scene: Scene, name: str, path: str, *, own: bool) -> str:
    """Return what is asked for."""
    things = scene.own if own else scene.theirs
    values = things.values() | {"kid": seeded("kid", 32).hex(), "path": "0/000.p/1"}
    if "/uploads/" in path:
        values["identifier"] = scene.upload(things)
    elif "/subscriptions/" in path:
        values["identifier"] = scene.subscription(things)
    elif "{identifier}" in path:
        values["identifier"] = seeded("no application", 32).hex()
    if "/organisations/" in path:
        values["uri"] = EXPORTER
    for key, value in values.items():
        path = path.replace(f"{{{key}}}", value)
    return f"{path}?{ROWS[name].query}" if ROWS[name].query else path


def ask(scene: Scene, method: str, url: str, headers: dict[str, str]) -> httpx.Response:
    json_type = {} if method in READS else {"Content-Type": "application/json"}
    more: dict[str, Any] = {} if method in READS else {"content": b"{}"}
    if "/uploads" in url:
        more, json_type = {}, {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
        headers = headers | TUS
    with scene.stage.http.stream(method, url, headers=headers | json_type, **more) as answer:
        # Of a stream without an end its beginning says enough.
        if answer.headers.get("Content-Type", "").startswith("text/event-stream"):
            return httpx.Response(answer.status_code)
        answer.read()
        return answer


@pytest.mark.parametrize("visitor", VISITORS)
def test_everybody_gets_what_is_theirs_and_nothing_else(
    met: tuple[Scene, dict[str, Officers]],
    routes: dict[str, tuple[str, str, dict[str, Any]]],
    errors: Errors,
    visitor: str,
) -> None:
    scene, knows = met
    wrong: dict[str, tuple[int, str]] = {}
    for name, (method, path, operation) in routes.items():
        objects = (True, False) if ROWS[name].kind in ("member", "owner") else (True,)
        for own in objects:
            url, headers = url_of(scene, name, path, own=own), scene.headers[visitor]
            if name == "endSession" and visitor not in UNKNOWN:
                headers = fresh(scene.stage, visitor, knows)
            answer = ask(scene, method, url, headers)
            what = f"{name}{'' if own else ' of others'}"
            if answer.status_code not in expected(name, method, visitor, own=own):
                wrong[what] = answer.status_code, answer.text[:200]
            assert str(answer.status_code) in operation["responses"], (what, answer.status_code)
            for mark in scene.marks():
                assert mark.decode() in url or mark not in answer.content, what
    assert wrong == {}
    assert errors.messages == []


def test_the_matrix_has_everybody(met: tuple[Scene, dict[str, Officers]]) -> None:
    scene, _ = met
    known = {
        one: scene.stage.http.get("/v1/sessions/current", headers=scene.headers[one]) for one in VISITORS
    }
    told = {who: answer.json() for who, answer in known.items() if answer.status_code == 200}
    assert set(told) == {*KEYS, *OFFICERS, DEVICE}
    assert set().union(*(one["roles"] for one in told.values())) == set(scene.stage.ledger.profile.roles)
    assert {who for who, one in told.items() if one["kid"] is None} == set(OFFICERS)
