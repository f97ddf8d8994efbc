"""A real OpenID Provider in a process of its own: its officers sign in over HTTP, read, and write nothing."""

import re
import time
from collections.abc import Iterator
from hashlib import sha256

import httpx
import pytest

from ledger.access.oidc_setting import OidcSetting
from ledger.domain.fields import b64url, from_b64url
from tests.access.real_provider import CALLBACK, CLIENT, OFFICER, Provider, a_provider
from tests.builders import CUSTOMS
from tests.chain.chains import Hands
from tests.integration.stage import Stage, a_stage, another_trip, enrol

TRIP = another_trip("officer")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with a_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def stage(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A ledger that knows the provider, at the hour that it is: a provider's clock is nobody's to set."""
    setting = OidcSetting(
        issuer=provider.url,
        audience=CLIENT,
        organisation_claim="corridor",
        organisations={"customs": CUSTOMS},
    )
    clock = Hands(int(time.time()))
    with a_stage(tmp_path_factory.mktemp("officers"), clock=clock, oidc=(setting,)) as stage:
        enrol(stage.ledger)
        stage.tell(TRIP)
        yield stage


def nonce(stage: Stage) -> str:
    return str(stage.http.post("/v1/challenges").json()["challenge"])


def show(stage: Stage, token: str) -> httpx.Response:
    return stage.http.post("/v1/sessions/oidc", json={"token": token})


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:corridor:problem:")


def test_an_officer_signs_in_reads_and_leaves(
    stage: Stage, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        token = provider.id_token("officer-7", nonce(stage))
        answer = show(stage, token)
        assert answer.status_code == 201, answer.text
        opened = answer.json()
        assert answer.headers["Cache-Control"] == "no-store"
        assert (opened["organisation"], opened["kid"]) == (CUSTOMS, None)
        assert re.fullmatch("[0-9a-f]{64}", opened["officer"])
        shown = {"Authorization": f"Bearer {opened.pop('token')}"}
        assert stage.http.get("/v1/sessions/current", headers=shown).json() == opened
        assert stage.http.get("/v1/subjects", headers=shown).json()["items"] == []
        joined = stage.http.post("/v1/memberships", json={"secret": TRIP.custody_secret.hex()}, headers=shown)
        assert code(joined) == (403, "officer-session")
        assert stage.http.delete("/v1/sessions/current", headers=shown).status_code == 204
        assert code(stage.http.get("/v1/subjects", headers=shown)) == (401, "session-over")
    said = [getattr(record, "fields", {}) for record in caplog.records if record.msg == "session opened"]
    assert said == [{"organisation": CUSTOMS, "officer": opened["officer"]}]
    told = repr([vars(record) for record in caplog.records])
    for secret in (token, "officer-7", OFFICER["name"]):
        assert secret not in told


def test_the_provider_demands_of_who_keeps_no_secret_what_only_it_knows(provider: Provider) -> None:
    """Else the command line's sign-in could leave PKCE out, and no test would see it."""
    asked = {"client_id": CLIENT, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid"}
    asked |= {"code_challenge": b64url(sha256(b"v" * 43).digest()), "code_challenge_method": "S256"}
    for verifier, status in ((None, 400), ("w" * 43, 400), ("v" * 43, 200)):
        sent = httpx.post(f"{provider.url}/oauth2/authorize", params=asked, data={"sub": "officer-7"})
        form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "client_id": CLIENT}
        form |= {"code": httpx.URL(sent.headers["Location"]).params["code"]}
        form |= {} if verifier is None else {"code_verifier": verifier}
        answer = httpx.post(f"{provider.url}/oauth2/token", data=form)
        assert answer.status_code == status, answer.text


def test_officers_see_what_their_organisation_sees(stage: Stage, provider: Provider) -> None:
    stage.grant(TRIP, CUSTOMS)
    answer = show(stage, provider.id_token("officer-7", nonce(stage)))
    shown = {"Authorization": f"Bearer {answer.json()['token']}"}
    for name in ("", "/statements", "/custody", "/links"):
        assert stage.http.get(f"/v1/subjects/{TRIP.uri}{name}", headers=shown).status_code == 200
    mine = another_trip("not for customs")
    stage.tell(mine)
    assert stage.http.get(f"/v1/subjects/{mine.uri}", headers=shown).status_code == 404


def test_a_session_ends_with_the_real_token(stage: Stage, provider: Provider) -> None:
    answer = show(stage, provider.id_token("officer-7", nonce(stage)))
    assert answer.json()["expires_at"] <= int(time.time()) + 3600
    shown = {"Authorization": f"Bearer {answer.json()['token']}"}
    before = stage.clock.now
    stage.clock.now = answer.json()["expires_at"]
    assert code(stage.http.get("/v1/subjects", headers=shown)) == (401, "session-over")
    stage.clock.now = before


def test_a_stolen_token_opens_nothing_a_second_time(stage: Stage, provider: Provider) -> None:
    token = provider.id_token("officer-7", nonce(stage))
    assert show(stage, token).status_code == 201
    assert code(show(stage, token)) == (401, "challenge-used")


def test_a_token_of_another_deployment_opens_nothing(stage: Stage, provider: Provider) -> None:
    assert code(show(stage, provider.id_token("officer-7", nonce(stage), "corridor-east"))) == (
        401,
        "token-claim",
    )


def test_a_token_for_a_challenge_of_another_service_opens_nothing(stage: Stage, provider: Provider) -> None:
    theirs = from_b64url(nonce(stage), "challenge")[:-1] + b"\0"
    token = provider.id_token("officer-7", theirs.hex())
    assert code(show(stage, token)) == (401, "challenge-used")


def test_somebody_of_the_same_provider_who_is_no_officer_gets_nothing(
    stage: Stage, provider: Provider
) -> None:
    assert code(show(stage, provider.id_token("porter-1", nonce(stage)))) == (401, "organisation-unmapped")
    assert code(show(stage, provider.id_token("a-passer-by", nonce(stage)))) == (401, "organisation-unmapped")


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (b"", 400, "json-syntax"),
        (b"[]", 400, "malformed-field"),
        (b"{}", 400, "missing-field"),
        (b'{"token": 7}', 400, "malformed-field"),
        (b'{"token": ""}', 400, "malformed-field"),
        (b'{"token": "a", "token": "b"}', 400, "json-duplicate"),
        (b'{"token": "a", "issuer": "https://evil.example"}', 400, "unknown-field"),
        (b'{"token": "a.b.c"}', 400, "malformed-token"),
        (b'{"token": "' + b"a" * 16_385 + b'"}', 400, "malformed-field"),
        (b'{"token": "' + b"a" * 20_000 + b'"}', 413, "too-large"),
    ],
)
def test_a_body_that_shows_no_token_is_refused(stage: Stage, body: bytes, status: int, problem: str) -> None:
    json_type = {"Content-Type": "application/json"}
    assert code(stage.http.post("/v1/sessions/oidc", content=body, headers=json_type)) == (status, problem)
