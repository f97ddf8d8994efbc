"""The interface as a whole: health, its description, and that no input at all makes it fail."""

import json
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ledger.domain.fields import b64url
from ledger.domain.statement import FILE_MEDIA_TYPE, StatementFile
from tests.api.errors_seen import Errors
from tests.builders import EXPORTER
from tests.integration.stage import Stage, another_trip

COSE = "application/scitt-statement+cose"
TRIP = another_trip("api")
MEDIA_TYPES = st.sampled_from([FILE_MEDIA_TYPE, "application/json", COSE, "application/cose"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
FILES = st.fixed_dictionaries(
    {
        "format": st.just("corridor-statement/1") | JSON,
        "statement": st.binary(max_size=300).map(b64url) | JSON,
        "disclosures": st.lists(st.text(max_size=20) | JSON, max_size=3) | JSON,
    }
)
FUZZED = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check_refused(stage: Stage, errors: Errors, body: bytes, media_type: str) -> None:
    """Send a body that is no statement, and see that it is answered as a problem, and nothing happened."""
    before = stage.ledger.store.size()
    answer = stage.http.post("/v1/statements", content=body, headers={"Content-Type": media_type})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    assert "Traceback" not in answer.text
    assert errors.messages == []
    assert stage.ledger.store.size() == before


@given(st.binary(max_size=600), MEDIA_TYPES)
@FUZZED
def test_no_bytes_make_it_fail(stage: Stage, errors: Errors, body: bytes, media_type: str) -> None:
    check_refused(stage, errors, body, media_type)


@given(FILES | JSON)
@FUZZED
def test_no_json_makes_it_fail(stage: Stage, errors: Errors, value: Any) -> None:
    check_refused(stage, errors, json.dumps(value).encode(), FILE_MEDIA_TYPE)


@given(st.data())
@FUZZED
def test_no_change_of_a_good_statement_makes_it_fail(
    stage: Stage, errors: Errors, data: st.DataObject
) -> None:
    signed = stage.says(EXPORTER, "seal-check", TRIP)
    bare = data.draw(st.booleans())
    body = bytearray(signed.raw if bare else StatementFile(signed.raw, signed.disclosures).encode())
    before = bytes(body)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at] ^= data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        del body[data.draw(st.integers(0, len(body) - 1)) :]
    assume(body != before)
    check_refused(stage, errors, bytes(body), COSE if bare else FILE_MEDIA_TYPE)


def test_it_is_alive_and_ready(stage: Stage) -> None:
    alive = stage.http.get("/healthz")
    assert (alive.status_code, alive.text) == (200, "ok\n")
    assert stage.problems() == ""


def test_it_describes_itself(stage: Stage) -> None:
    document = stage.http.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1.")
    assert set(document["paths"]) >= {
        "/v1/statements",
        "/log/checkpoint",
        "/log/genesis",
        "/healthz",
        "/readyz",
    }
    post = document["paths"]["/v1/statements"]["post"]
    assert set(post["requestBody"]["content"]) == {
        FILE_MEDIA_TYPE,
        "application/json",
        COSE,
        "application/cose",
    }
    assert set(post["responses"]) == {"200", "201", "400", "403", "408", "409", "413", "415", "422", "503"}
    for status in ("400", "403", "503"):
        assert set(post["responses"][status]["content"]) == {"application/problem+json"}


def test_it_loads_nothing_from_elsewhere(stage: Stage) -> None:
    for path in ("/docs", "/redoc"):
        assert stage.http.get(path).status_code == 404
