"""Writes: repeated under one key, in spite of warnings, and by whoever has become a member."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from api import schemas
from ledger.domain.statement import FILE_MEDIA_TYPE, SignedStatement, StatementFile
from tests.api.errors_seen import Errors
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, seeded
from tests.integration.stage import Stage, another_trip

TRIP = another_trip("api")


def post(stage: Stage, signed: SignedStatement, **headers: str) -> httpx.Response:
    file = StatementFile(signed.raw, signed.disclosures)
    shown = {"Content-Type": FILE_MEDIA_TYPE} | named(headers)
    return stage.http.post("/v1/statements", content=file.encode(), headers=shown)


def named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): text for name, text in headers.items()}


def seal_check(stage: Stage, **body: Any) -> SignedStatement:
    return stage.says(EXPORTER, "seal-check", TRIP, {"note": "as it was"} | body)


def test_under_one_key_a_request_has_one_answer(stage: Stage) -> None:
    signed = seal_check(stage)
    first = post(stage, signed, Idempotency_Key='"one"')
    again = post(stage, signed, Idempotency_Key="one")
    # Without the key it would be 200: it was there before.
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert post(stage, signed).status_code == 200
    schemas.RegisteredShape.model_validate(first.json(), strict=True)


def test_a_key_is_not_for_two_requests(stage: Stage) -> None:
    assert post(stage, seal_check(stage), Idempotency_Key="two").status_code == 201
    other, size = seal_check(stage), stage.ledger.store.size()
    refused = post(stage, other, Idempotency_Key="two")
    assert (refused.status_code, refused.json()["type"], refused.json()["field"]) == (
        422,
        "urn:corridor:problem:idempotency-key-reused",
        "Idempotency-Key",
    )
    assert stage.ledger.store.size() == size
    # Whoever else uses the same word uses another key.
    assert post(stage, stage.says(ORIGIN_PORT, "status", TRIP, {}), Idempotency_Key="two").status_code == 201


def test_a_key_of_a_refused_request_is_free(stage: Stage) -> None:
    stranger = another_trip("not opened")
    refused = post(stage, stage.says(EXPORTER, "status", stranger, {}), Idempotency_Key="three")
    assert refused.status_code == 403
    assert post(stage, seal_check(stage), Idempotency_Key="three").status_code == 201


def test_a_key_that_is_none_is_refused(stage: Stage, errors: Errors) -> None:
    for key in ("", "a b", "x" * 200, '"'):
        answer = post(stage, seal_check(stage), Idempotency_Key=key)
        assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key"), key
    assert errors.messages == []


def test_many_at_once_under_one_key_are_done_once(stage: Stage, errors: Errors) -> None:
    signed, size = seal_check(stage), stage.ledger.store.size()

    def attempt(_number: int) -> int:
        return post(stage, signed, Idempotency_Key="many").status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = set(pool.map(attempt, range(18)))
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert stage.ledger.store.size() == size + 1
    assert errors.messages == []


def test_what_contradicts_the_line_is_put_on_record_only_when_that_is_meant(stage: Stage) -> None:
    # The exporter has handed the trip over long ago.
    signed = stage.says(
        EXPORTER, "seal-check", TRIP, {"seals_removed": [{"number": "NEVER-THERE"}], "place": "GTPBR"}
    )
    size = stage.ledger.store.size()
    refused = post(stage, signed)
    assert refused.status_code in {403, 409}, refused.text
    assert refused.json()["field"].startswith("body.seals_removed")
    assert "Prefer: handling=lenient" in refused.json()["detail"]
    assert post(stage, signed, Prefer="handling=strict").status_code == refused.status_code
    assert post(stage, signed, Prefer="respond-async, wait=5").status_code == refused.status_code
    assert stage.ledger.store.size() == size
    taken = post(stage, signed, Prefer="respond-async, Handling=lenient;x=1")
    assert (taken.status_code, taken.headers["Preference-Applied"]) == (201, "handling=lenient")
    (warning, *_) = taken.json()["warnings"]
    assert (refused.json()["type"], refused.json()["field"]) == (
        f"urn:corridor:problem:{warning['code']}",
        warning["field"],
    )
    schemas.RegisteredShape.model_validate(taken.json(), strict=True)


def test_the_preference_is_part_of_what_a_key_is_for(stage: Stage) -> None:
    signed = seal_check(stage)
    assert post(stage, signed, Idempotency_Key="four", Prefer="handling=lenient").status_code == 201
    assert post(stage, signed, Idempotency_Key="four", Prefer="handling=lenient").status_code == 201
    # Another question: it was there before.
    assert post(stage, signed, Idempotency_Key="four").status_code == 200


@pytest.fixture
def customs(stage: Stage) -> dict[str, str]:
    return sign_in(stage, CUSTOMS)


def join(stage: Stage, shown: dict[str, str], secret: str, **headers: str) -> httpx.Response:
    return stage.http.post("/v1/memberships", json={"secret": secret}, headers=shown | named(headers))


def test_whoever_shows_the_secret_becomes_a_member(stage: Stage, customs: dict[str, str]) -> None:
    trip = another_trip("joined")
    assert stage.post(stage.says(EXPORTER, "subject-opened", trip)).status_code == 201
    said = stage.says(CUSTOMS, "decision", trip, {"delivery": "free"})
    assert stage.post(said).json()["type"] == "urn:corridor:problem:not-a-member"
    members = f"/v1/streams/{trip.custody_tag.hex()}/members"
    assert stage.http.get(members, headers=customs).status_code == 404
    joined = join(stage, customs, trip.custody_secret.hex(), Idempotency_Key="join")
    assert joined.status_code == 201
    assert joined.json() == {"stream": trip.custody_tag.hex(), "subject": trip.uri, "name": "custody"}
    schemas.MembershipShape.model_validate(joined.json(), strict=True)
    assert join(stage, customs, trip.custody_secret.hex(), Idempotency_Key="join").content == joined.content
    assert stage.post(said).status_code == 201
    found = stage.http.get(members, headers=customs).json()
    schemas.MemberPage.model_validate(found, strict=True)
    assert [(one["organisation"], one["reason"]) for one in found["items"]] == [
        (EXPORTER, "opened"),
        (CUSTOMS, "secret"),
    ]


BAD_SECRETS: dict[str, tuple[bytes, str, int, str]] = {
    "of no stream": (b'{"secret":"%s"}' % seeded("x", 16).hex().encode(), "secret", 404, "stream-unknown"),
    "too short": (b'{"secret":"00"}', "secret", 400, "malformed-field"),
    "capitals": (b'{"secret":"%s"}' % (b"AB" * 16), "secret", 400, "malformed-field"),
    "a number": (b'{"secret":5}', "secret", 400, "malformed-field"),
    "no member": (b"{}", "secret", 400, "missing-field"),
    "a member too many": (b'{"secret":"00","x":1}', "x", 400, "unknown-field"),
    "no JSON": (b"{", "the body", 400, "json-syntax"),
    "an array": (b"[]", "the body", 400, "malformed-field"),
    "too large": (b" " * 2000, "the body", 413, "too-large"),
}


@pytest.mark.parametrize("case", BAD_SECRETS)
def test_what_is_no_secret_opens_nothing(
    stage: Stage, errors: Errors, customs: dict[str, str], case: str
) -> None:
    body, field, status, code = BAD_SECRETS[case]
    headers = customs | {"Content-Type": "application/json"}
    answer = stage.http.post("/v1/memberships", content=body, headers=headers)
    assert (answer.status_code, answer.json()["type"], answer.json().get("field", "")) == (
        status,
        f"urn:corridor:problem:{code}",
        field,
    ), answer.text
    assert errors.messages == []
