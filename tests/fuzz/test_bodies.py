"""What no description of the interface leads to: damaged signatures, bodies, headers and methods."""

import json
from typing import Any

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.concise import CONCISE
from api.errors import PROBLEM
from ledger.domain.cid import cid_of
from ledger.domain.fields import from_b64url
from ledger.domain.login import TYP, sign_login
from ledger.domain.statement import FILE_MEDIA_TYPE, StatementFile
from tests.api.errors_seen import Errors
from tests.api.holdings import holdings
from tests.api.visitors import sign_in
from tests.builders import EXPORTER, a_signer
from tests.integration.stage import Stage, another_trip

TRIP = another_trip("api")
CID = cid_of([b"nothing that is there"])
COSE = "application/cose"
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70) | st.just("9" * 5_000),
    lambda within: st.lists(within, max_size=3) | st.dictionaries(st.text(max_size=9), within, max_size=3),
    max_leaves=6,
)
FUZZED = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
# What may stand in a header on the wire; control characters never leave a client.
HEADER_VALUES = st.binary(max_size=60).map(
    lambda data: bytes(one for one in data if one >= 32 and one != 127).strip()
)
HEADERS = st.sampled_from(
    [
        b"Accept",
        b"Authorization",
        b"Content-Encoding",
        b"Content-Type",
        b"Cookie",
        b"Corridor-Recipients",
        b"Corridor-Stores",
        b"Expect",
        b"Idempotency-Key",
        b"If-Match",
        b"If-None-Match",
        b"Prefer",
        b"Range",
        b"Tus-Resumable",
        b"Upload-Length",
        b"Upload-Metadata",
        b"Upload-Offset",
        b"X-Forwarded-For",
        b"X-Request-Id",
    ]
)
PATHS = st.sampled_from(
    [
        "/entries",
        "/log/checkpoint",
        "/metrics",
        "/readyz",
        "/v1/access-requests",
        "/v1/alarms",
        "/v1/enrolments",
        "/v1/evidence",
        "/v1/evidence/due",
        "/v1/evidence/secrets",
        "/v1/fingerprints",
        "/v1/grants",
        "/v1/hand-overs",
        "/v1/memberships",
        "/v1/sessions",
        "/v1/sessions/current",
        "/v1/statements",
        "/v1/subjects",
        "/v1/uploads",
    ]
)
METHODS = st.sampled_from(["GET", "POST", "PATCH", "PUT", "HEAD", "OPTIONS", "DELETE"])


def damaged(data: st.DataObject, good: bytes) -> bytes:
    """Return bytes that are not the good ones: some changed, some cut, some added."""
    body = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at] ^= data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        del body[data.draw(st.integers(0, len(body) - 1)) :]
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(body)))
        body[at:at] = data.draw(st.binary(max_size=40))
    return bytes(body)


@given(st.data())
@FUZZED
def test_no_damage_to_an_entry_makes_it_fail(stage: Stage, errors: Errors, data: st.DataObject) -> None:
    good = stage.says(EXPORTER, "seal-check", TRIP).raw
    body, before = damaged(data, good), stage.ledger.store.size()
    answer = stage.http.post("/entries", content=body, headers={"Content-Type": COSE})
    if body == good:
        assert answer.status_code == 303
        return
    assert 400 <= answer.status_code < 500, answer.content
    assert answer.headers["Content-Type"] == CONCISE
    assert cbor2.loads(answer.content)[-1]
    assert stage.ledger.store.size() == before
    assert errors.messages == []


@given(st.data())
@FUZZED
def test_no_damage_to_a_login_opens_a_session(stage: Stage, errors: Errors, data: st.DataObject) -> None:
    given_out = stage.http.post("/v1/challenges").json()["challenge"]
    good = sign_login(
        a_signer(EXPORTER),
        iss=EXPORTER,
        aud=stage.ledger.genesis.audience,
        iat=stage.clock(),
        challenge=from_b64url(given_out, "challenge"),
    )
    body = damaged(data, good)
    answer = stage.http.post("/v1/sessions", content=body, headers={"Content-Type": TYP})
    if body == good:
        assert answer.status_code == 201
        return
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["Content-Type"] == PROBLEM
    assert "token" not in answer.json()
    assert errors.messages == []


@given(st.tuples(METHODS, PATHS), st.lists(st.tuples(HEADERS, HEADER_VALUES), max_size=5), st.binary())
@FUZZED
def test_no_headers_make_it_fail(
    stage: Stage, errors: Errors, asked: tuple[str, str], headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    method, path = asked
    content = body if method in ("POST", "PATCH", "PUT") else None
    answer = stage.http.request(method, path, content=content, headers=headers)
    assert answer.status_code < 500, (method, path, headers, answer.text)
    assert errors.messages == []


@given(st.data())
@FUZZED
def test_no_damage_to_a_token_is_a_session(stage: Stage, errors: Errors, data: st.DataObject) -> None:
    good = sign_in(stage, EXPORTER)["Authorization"].encode()
    header = bytes(one for one in damaged(data, good) if one >= 32 and one != 127).strip()
    answer = stage.http.get("/v1/sessions/current", headers=[(b"Authorization", header)])
    # RFC 9110 section 11.1: the scheme's case does not matter, nor how many spaces follow it.
    scheme, _, token = header.partition(b" ")
    same = (scheme.lower(), token.strip()) == (b"bearer", good.partition(b" ")[2])
    assert answer.status_code == (200 if same else 401), (header, good)
    assert errors.messages == []


@given(
    st.data(),
    st.sampled_from(["application/json", FILE_MEDIA_TYPE, COSE, "application/json; charset=x", "*/*"]),
)
@FUZZED
def test_no_damage_to_a_statement_file_makes_it_fail(
    stage: Stage, errors: Errors, data: st.DataObject, media_type: str
) -> None:
    said = stage.says(EXPORTER, "seal-check", TRIP, {"place": "GTPBR", "note": ["a", {"b": 1}]})
    body = damaged(data, StatementFile(said.raw, said.disclosures).encode())
    headers = {
        "Content-Type": media_type,
        "Idempotency-Key": data.draw(st.text('ab \\"', max_size=5)).strip(),
    }
    answer = stage.http.post("/v1/statements", content=body, headers=headers)
    assert answer.status_code < 500, answer.text
    assert errors.messages == []


SECRETS = {
    "for": EXPORTER,
    "record": None,
    "secrets": [{"commitment": "00" * 32, "cid": CID, "wrapped": "YQ=="}],
}
JSON_BODIES: dict[str, Any] = {
    "/v1/evidence/secrets": SECRETS,
    "/v1/fingerprints": {
        "cid": CID,
        "subject": TRIP.uri,
        "kind": "image",
        "exact": "00" * 32,
        "perceptual": "00" * 32,
    },
    f"/v1/evidence/{CID}/readings": {
        "secret": "AGE-SECRET-KEY-1",
        "statement": "00" * 32,
        "recipients": ["age1"],
    },
}


@pytest.mark.parametrize("path", JSON_BODIES)
@given(data=st.data())
@FUZZED
def test_no_member_of_another_kind_makes_what_is_new_of_evidence_fail(
    stage: Stage, errors: Errors, path: str, data: st.DataObject
) -> None:
    body = json.loads(json.dumps(JSON_BODIES[path]))
    place = body["secrets"][0] if "secrets" in body and data.draw(st.booleans()) else body
    place[data.draw(st.sampled_from([*place, "more"]))] = data.draw(ODD)
    sent = json.dumps(body).encode("utf-8", "surrogatepass")
    if data.draw(st.booleans()):
        sent = damaged(data, sent)
    headers = sign_in(stage, EXPORTER) | {"Content-Type": "application/json"}
    # Others' statements are listed in the background, or by whoever asks first.
    stage.ledger.catch_up()
    before = holdings(stage.ledger)
    answer = stage.http.post(path, content=sent, headers=headers)
    assert 400 <= answer.status_code < 500 or answer.json()["type"].endswith("no-reader"), answer.text
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.json()["detail"]
    assert holdings(stage.ledger) == before
    assert errors.messages == []
