"""Applications over HTTP: strangers send them, governors see and refuse them, nobody else does either."""

from collections.abc import Callable
from typing import Any, NamedTuple

import httpx
import pytest

from ledger.domain.enrolment import MAX_BYTES, TYP, Application, apply_for
from ledger.domain.fields import from_b64url
from ledger.domain.login import sign_login
from tests.api.errors_seen import Errors
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, a_genesis, a_signer, a_statement, seeded
from tests.domain.test_participant import GOOD as BODY
from tests.integration.stage import Stage

NEW = "https://new.example"


def an_application(stage: Stage, uri: str = NEW, **changes: Any) -> Application:
    arguments: dict[str, Any] = {
        "uri": uri,
        "aud": stage.ledger.genesis.audience,
        "iat": stage.clock(),
        "roles": ["exporter"],
        "admin": seeded((uri, "admin"), 20),
        "onboarding": BODY,
        "nonce": seeded((uri, "nonce"), 16),
    }
    return apply_for(a_signer((uri, "new")), **(arguments | changes))


def post(stage: Stage, raw: bytes, media_type: str = TYP) -> httpx.Response:
    return stage.http.post("/v1/enrolments", content=raw, headers={"Content-Type": media_type})


@pytest.fixture(scope="module")
def governor(stage: Stage) -> dict[str, str]:
    return sign_in(stage, CUSTOMS)


@pytest.fixture(scope="module")
def member(stage: Stage) -> dict[str, str]:
    return sign_in(stage, EXPORTER)


def test_an_application_is_taken_once_and_its_progress_told_to_who_knows_its_id(stage: Stage) -> None:
    application = an_application(stage)
    first, again = post(stage, application.raw), post(stage, application.raw)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["Location"] == f"/v1/enrolments/{application.id.hex()}"
    told = stage.http.get(first.headers["Location"])
    assert told.status_code == 200
    assert told.json() == {
        "id": application.id.hex(),
        "organisation": NEW,
        "state": "pending",
        "received_at": stage.clock(),
        "roles": ["exporter"],
        "roles_given": [],
        "key_registered": False,
        "reason": None,
    }
    assert first.json() == told.json() | {"duplicate": False}
    assert again.json() == told.json() | {"duplicate": True}
    other = an_application(stage, nonce=bytes(16))
    refused = post(stage, other.raw)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:corridor:problem:enrolment-pending")


def test_an_application_is_acknowledged_whatever_the_client_holds(stage: Stage) -> None:
    application = an_application(stage, "https://held.example")
    headers = {"Content-Type": TYP, "If-None-Match": "*"}
    first, again = (
        stage.http.post("/v1/enrolments", content=application.raw, headers=headers) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"] == application.id.hex()


def test_governors_see_all_of_it_page_by_page(stage: Stage, governor: dict[str, str]) -> None:
    made = [an_application(stage, f"https://page-{number}.example") for number in range(5)]
    for one in made:
        assert post(stage, one.raw).status_code == 201
    found, query = [], {"limit": "2", "state": "pending"}
    while True:
        page = stage.http.get("/v1/enrolments", headers=governor, params=query).json()
        found += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert {one.id.hex() for one in made} <= {one["id"] for one in found}
    assert len({one["id"] for one in found}) == len(found)
    whole = stage.http.get(f"/v1/enrolments/{made[0].id.hex()}/application", headers=governor).json()
    assert from_b64url(whole["application"], "application") == made[0].raw
    assert whole["onboarding"] == BODY
    assert whole["key"] == made[0].key.thumbprint.hex()
    assert stage.http.get("/v1/enrolments?state=enrolled", headers=governor).json()["items"] == []


def test_a_refusal_is_told_to_the_applicant(stage: Stage, governor: dict[str, str]) -> None:
    application = an_application(stage, "https://impostor.example")
    post(stage, application.raw)
    path = f"/v1/enrolments/{application.id.hex()}"
    for _ in range(2):
        refused = stage.http.post(f"{path}/refusal", headers=governor, json={"reason": "not you"})
        assert (refused.status_code, refused.json()["state"]) == (200, "refused")
    assert refused.json()["refused_by"] == CUSTOMS
    told = stage.http.get(path).json()
    assert (told["state"], told["reason"]) == ("refused", "not you")
    other = stage.http.post(f"{path}/refusal", headers=governor, json={"reason": "something else"})
    assert other.status_code == 409


class Sent(NamedTuple):
    """A posted body that is refused: bytes, media type."""

    body: bytes
    media_type: str = TYP


REFUSED: dict[str, tuple[Callable[[Stage], Sent], int, str, str | None]] = {
    "no media type": (lambda s: Sent(b"", ""), 415, "media-type", "Content-Type"),
    "JSON": (lambda s: Sent(b"{}", "application/json"), 415, "media-type", "Content-Type"),
    "nothing": (lambda s: Sent(b""), 400, "cose-serialisation", "the body"),
    "random bytes": (lambda s: Sent(seeded("random", 300)), 400, "cose-serialisation", "the body"),
    "too many bytes": (lambda s: Sent(bytes(MAX_BYTES + 1)), 413, "too-large", "the body"),
    "cut short": (lambda s: Sent(an_application(s).raw[:-9]), 400, "cose-serialisation", "the body"),
    "a statement": (lambda s: Sent(a_statement().raw), 400, "malformed-header", None),
    "a login": (
        lambda s: Sent(
            sign_login(a_signer(), iss=EXPORTER, aud=a_genesis().audience, iat=1, challenge=bytes(32))
        ),
        400,
        "wrong-type",
        "typ",
    ),
    "another signature": (
        lambda s: Sent(an_application(s).raw[:-64] + bytes(64)),
        422,
        "signature-invalid",
        None,
    ),
    "for another log": (
        lambda s: Sent(an_application(s, aud=a_genesis("log.other.example/x").audience).raw),
        403,
        "wrong-audience",
        "aud",
    ),
    "from tomorrow": (
        lambda s: Sent(an_application(s, iat=s.clock() + 86_400).raw),
        403,
        "issued-in-future",
        "iat",
    ),
    "for a role that there is not": (
        lambda s: Sent(an_application(s, roles=["emperor"]).raw),
        400,
        "unknown-role",
        "roles.0",
    ),
    "for who is there already": (
        lambda s: Sent(an_application(s, EXPORTER).raw),
        409,
        "organisation-known",
        "iss",
    ),
}


@pytest.mark.parametrize(("make", "status", "code", "field"), REFUSED.values(), ids=REFUSED)
def test_a_bad_application_is_refused_by_name(
    stage: Stage, make: Callable[[Stage], Sent], status: int, code: str, field: str | None
) -> None:
    sent = make(stage)
    answer = post(stage, sent.body, sent.media_type)
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"urn:corridor:problem:{code}")
    assert problem.get("field") == field


UNKNOWN = "00" * 32
ASKED: dict[str, tuple[str, bool, int]] = {
    "a list without a session": ("GET /v1/enrolments", False, 401),
    "a list for a member": ("GET /v1/enrolments", True, 403),
    "an application without a session": (f"GET /v1/enrolments/{UNKNOWN}/application", False, 401),
    "an application for a member": (f"GET /v1/enrolments/{UNKNOWN}/application", True, 403),
    "a refusal without a session": (f"POST /v1/enrolments/{UNKNOWN}/refusal", False, 401),
    "a refusal by a member": (f"POST /v1/enrolments/{UNKNOWN}/refusal", True, 403),
    "progress of an id that is none": ("GET /v1/enrolments/xyz", False, 422),
    "progress of an unknown id": (f"GET /v1/enrolments/{UNKNOWN}", False, 404),
}


@pytest.mark.parametrize(("question", "as_member", "status"), ASKED.values(), ids=ASKED)
def test_who_may_not_ask_is_told_nothing(
    stage: Stage, member: dict[str, str], question: str, as_member: bool, status: int
) -> None:
    answer = stage.http.request(*question.split(), headers=member if as_member else {})
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")


BAD_QUESTIONS: dict[str, tuple[str, dict[str, Any], int]] = {
    "an unknown state": ("GET", {"params": {"state": "enrolling"}}, 422),
    "an unknown parameter": ("GET", {"params": {"status": "pending"}}, 400),
    "a forged cursor": ("GET", {"params": {"cursor": "WzAsICIiXQ.x"}}, 400),
    "a refusal without a reason": ("POST", {"json": {}}, 400),
    "a refusal with an empty reason": ("POST", {"json": {"reason": ""}}, 400),
    "a refusal with more than a reason": ("POST", {"json": {"reason": "x", "by": EXPORTER}}, 400),
    "a refusal that is no object": ("POST", {"json": ["x"]}, 400),
    "a refusal of an unknown application": ("POST", {"json": {"reason": "x"}}, 404),
}


@pytest.mark.parametrize(("method", "asked", "status"), BAD_QUESTIONS.values(), ids=BAD_QUESTIONS)
def test_a_governors_bad_question_is_refused(
    stage: Stage, governor: dict[str, str], method: str, asked: dict[str, Any], status: int
) -> None:
    path = "/v1/enrolments" if method == "GET" else f"/v1/enrolments/{UNKNOWN}/refusal"
    answer = stage.http.request(method, path, headers=governor, **asked)
    assert answer.status_code == status, answer.text


def test_nothing_of_this_was_a_fault_of_the_service(errors: Errors) -> None:
    assert errors.messages == []
