"""Sessions over HTTP: who is let in, who is not, and that every read asks."""

from collections.abc import Callable

import httpx
import pytest

from ledger.chain.organisation import OrganisationAdmin
from ledger.domain.fields import from_b64url
from ledger.domain.login import MAX_BYTES, TYP, sign_login
from ledger.founding import Governance
from tests.api.errors_seen import Errors
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, a_genesis, a_signer
from tests.integration.stage import FOUNDERS, Stage, an_organisation

LEAVER = "https://leaver.example"


def challenge(stage: Stage) -> bytes:
    answer = stage.http.post("/v1/challenges")
    assert answer.status_code == 201
    assert answer.json()["expires_at"] == stage.clock() + 120
    return from_b64url(answer.json()["challenge"], "challenge")


def login(stage: Stage, uri: str = EXPORTER, *, key: str | None = None, **changes: object) -> bytes:
    arguments = {"iss": uri, "aud": stage.ledger.genesis.audience, "iat": stage.clock()} | changes
    arguments.setdefault("challenge", challenge(stage))
    return sign_login(a_signer(key or uri), **arguments)  # type: ignore[arg-type]


def used(stage: Stage) -> bytes:
    message = login(stage)
    assert knock(stage, message).status_code == 201
    return message


def late(stage: Stage) -> bytes:
    message = login(stage)
    stage.clock.now += 120
    return message


def knock(stage: Stage, message: bytes, media_type: str = TYP) -> httpx.Response:
    return stage.http.post("/v1/sessions", content=message, headers={"Content-Type": media_type})


REFUSED: dict[str, tuple[Callable[[Stage], bytes], int, str]] = {
    "a replayed challenge": (used, 401, "challenge-used"),
    "a challenge that is too old": (late, 401, "challenge-used"),
    "a challenge of nobody": (lambda s: login(s, challenge=bytes(56)), 401, "challenge-used"),
    "for another log": (lambda s: login(s, aud=a_genesis().audience), 401, "wrong-audience"),
    "by an unknown key": (lambda s: login(s, key="nobody"), 401, "key-unknown"),
    "with the key of another": (lambda s: login(s, CUSTOMS, key=EXPORTER), 401, "issuer-mismatch"),
    "with another signature": (lambda s: login(s)[:-1] + b"\0", 422, "signature-invalid"),
    "cut short": (lambda s: login(s)[:-9], 400, "cose-serialisation"),
    "too large": (lambda s: bytes(MAX_BYTES + 1), 413, "too-large"),
    "nothing": (lambda s: b"", 400, "cose-serialisation"),
    "JSON": (lambda s: b"{}", 400, "cose-serialisation"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_login_that_does_not_hold_is_refused_with_its_reason(
    stage: Stage, errors: Errors, case: str
) -> None:
    make, status, code = REFUSED[case]
    answer = knock(stage, make(stage))
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:corridor:problem:{code}")
    assert (answer.headers.get("WWW-Authenticate") == "Bearer") is (status == 401)
    assert errors.messages == []


def test_a_login_of_another_media_type_is_refused(stage: Stage) -> None:
    assert knock(stage, login(stage), "application/cose").status_code == 415


def test_a_session_says_whose_it_is_until_it_is_closed(stage: Stage) -> None:
    answer = knock(stage, login(stage))
    opened = answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert (opened["organisation"], opened["roles"]) == (EXPORTER, ["exporter"])
    assert opened["expires_at"] == stage.clock() + stage.ledger.settings.session_seconds
    shown = {"Authorization": f"Bearer {opened.pop('token')}"}
    assert stage.http.get("/v1/sessions/current", headers=shown).json() == opened
    assert stage.http.delete("/v1/sessions/current", headers=shown).status_code == 204
    assert stage.http.get("/v1/sessions/current", headers=shown).status_code == 401


BAD_TOKENS: dict[str, tuple[dict[str, str], str]] = {
    "none": ({}, "session-missing"),
    "an empty one": ({"Authorization": "Bearer"}, "session-missing"),
    "another scheme": ({"Authorization": "Basic eDp5"}, "session-missing"),
    "a garbled one": ({"Authorization": "Bearer !!"}, "session-over"),
    "a long one": ({"Authorization": f"Bearer {'a' * 8000}"}, "session-over"),
    "the challenge": ({"Authorization": f"Bearer {'A' * 43}"}, "session-over"),
}


@pytest.mark.parametrize("case", BAD_TOKENS)
def test_without_a_session_there_is_nothing_to_read(stage: Stage, errors: Errors, case: str) -> None:
    headers, code = BAD_TOKENS[case]
    answer = stage.http.get("/v1/subjects", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (401, f"urn:corridor:problem:{code}")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert errors.messages == []


PUBLIC = {
    ("get", "/v1/genesis"),
    ("post", "/v1/challenges"),
    ("post", "/v1/sessions"),
    ("post", "/v1/sessions/oidc"),
    ("post", "/v1/statements"),
    ("post", "/v1/enrolments"),
    # An applicant shows its own key.
    ("get", "/v1/enrolments/{id}"),
    ("get", "/v1/enrolments/{identifier}"),
}


def test_every_other_route_asks_for_a_session(stage: Stage) -> None:
    asked = 0
    filled = {"id": "0" * 64, "tag": "0" * 64, "uri": "urn:x", "cid": "bafk", "upload": "x"}
    for path, operations in stage.http.get("/openapi.json").json()["paths"].items():
        for method in operations:
            if not path.startswith("/v1/") or (method, path) in PUBLIC:
                continue
            url = path
            for name, value in filled.items():
                url = url.replace("{" + name + "}", value)
            answer = stage.http.request(method, url)
            assert answer.status_code in {401, 412, 415}, (method, path, answer.status_code)
            asked += answer.status_code == 401
    assert asked >= 15


def test_a_session_ends_with_its_key(stage: Stage) -> None:
    ledger, organisation = stage.ledger, an_organisation(LEAVER)
    governance = Governance(ledger.client, ledger.contracts, FOUNDERS)
    assert ledger.embedded is not None
    ledger.embedded.fund(organisation.signer.address)
    governance.admit(organisation, ["exporter"])
    governance.add_key(organisation, a_signer(LEAVER).key)
    ledger.mirror.refresh()
    shown = sign_in(stage, LEAVER)
    assert stage.http.get("/v1/subjects", headers=shown).status_code == 200
    admin = OrganisationAdmin(ledger.client, ledger.contracts, organisation.signer)
    admin.end_key(a_signer(LEAVER).key.thumbprint)
    ledger.mirror.refresh()
    answer = stage.http.get("/v1/subjects", headers=shown)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:corridor:problem:session-over")
    assert knock(stage, login(stage, LEAVER)).json()["type"] == "urn:corridor:problem:key-inactive"


def test_a_session_ends_with_its_time(stage: Stage) -> None:
    shown = sign_in(stage, EXPORTER)
    stage.clock.now += stage.ledger.settings.session_seconds
    assert stage.http.get("/v1/sessions/current", headers=shown).status_code == 401
