"""What a stranger, a clerk or a broken clock sends: refused in words of use, and nothing half-written."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pyrage
import pytest

from ledger.domain.cid import cid_of
from ledger.domain.fields import from_b64url
from ledger.domain.hand_over import Role
from ledger.domain.login import TYP, sign_login
from ledger.domain.statement import MAX_FILE_BYTES
from tests.api.errors_seen import Errors
from tests.api.harbour import (
    MOST,
    THEIRS,
    TODAY,
    TOMORROW,
    TRIP,
    UNKNOWN,
    YESTERDAY,
    Harbour,
    a_harbour,
    file_of,
)
from tests.api.holdings import holdings
from tests.builders import CUSTOMS, EXPORTER, NOON, ORIGIN_PORT, a_signer, seeded
from tests.integration.stage import another_trip

DAY = 86_400
SEALED, FINISHED = seeded("sealed", 60_000), seeded("finished", 60_000)
READER = str(pyrage.x25519.Identity.generate().to_public())
JSON = {"Content-Type": "application/json"}
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
LATER = another_trip("opened later")
LENIENT = "Prefer: handling=lenient"


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory, errors: Errors) -> Iterator[Harbour]:
    with a_harbour(tmp_path_factory.mktemp("bad-input")) as harbour:
        yield harbour


class Case(NamedTuple):
    """A request, how it is refused, and the words that show the way out."""

    make: Callable[[Harbour], httpx.Request]
    status: int
    code: str
    field: str | None
    way_out: str


def says(
    kind: str, body: dict[str, Any], who: str = EXPORTER, **changes: Any
) -> Callable[[Harbour], httpx.Request]:
    return lambda harbour: harbour.says(kind, body, who, **changes)


def photo(body: dict[str, Any], **changes: Any) -> Callable[[Harbour], httpx.Request]:
    return lambda harbour: harbour.says("photo", body, author=harbour.camera, **changes)


def gives(*arguments: Any, **changes: Any) -> Callable[[Harbour], httpx.Request]:
    return lambda harbour: harbour.gives(*arguments, **changes)


def asks(
    method: str, path: str, who: str | None = None, **arguments: Any
) -> Callable[[Harbour], httpx.Request]:
    return lambda harbour: harbour.request(method, path, who, **arguments)


def evidence(data: bytes, media_type: str = "image/png") -> Callable[[Harbour], httpx.Request]:
    headers = {"Content-Type": media_type, "Corridor-Recipients": READER}
    about = {"media_type": "image/png", "category": "scan"}
    return asks("POST", "/v1/evidence", EXPORTER, params=about, content=data, headers=headers)


def cut_short(harbour: Harbour) -> httpx.Request:
    return harbour.posts(file_of(harbour.signed("status", {}))[:-20])


def bare_cut_short(harbour: Harbour) -> httpx.Request:
    return harbour.posts(harbour.signed("status", {}).raw[:-20], "application/cose")


def as_text(harbour: Harbour) -> httpx.Request:
    return harbour.posts(file_of(harbour.signed("status", {})), "text/plain")


def replayed(harbour: Harbour) -> httpx.Request:
    given = harbour.done(harbour.request("POST", "/v1/challenges")).json()["challenge"]
    message = sign_login(
        a_signer(EXPORTER),
        iss=EXPORTER,
        aud=harbour.stage.ledger.genesis.audience,
        iat=harbour.stage.clock(),
        challenge=from_b64url(given, "challenge"),
    )
    request = harbour.request("POST", "/v1/sessions", content=message, headers={"Content-Type": TYP})
    harbour.done(request)
    return request


def cursor_of_another(harbour: Harbour) -> httpx.Request:
    path = f"/v1/subjects/{TRIP.uri}/statements"
    page = harbour.done(harbour.request("GET", path, EXPORTER, params={"limit": 1})).json()
    return harbour.request("GET", path, ORIGIN_PORT, params={"limit": 1, "cursor": page["next"]})


def same_key(harbour: Harbour) -> httpx.Request:
    first, second = (file_of(harbour.signed("status", {"number": number})) for number in range(2))
    harbour.done(harbour.posts(first, **{"Idempotency-Key": "one"}))
    return harbour.posts(second, **{"Idempotency-Key": "one"})


def part(harbour: Harbour, where: str, offset: int, data: bytes) -> httpx.Request:
    headers = TUS | {"Upload-Offset": str(offset)}
    return harbour.request("PATCH", where, EXPORTER, content=data, headers=headers)


def announced(length: int, sealed: bytes = SEALED) -> dict[str, str]:
    cid = b64encode(cid_of([sealed]).encode()).decode()
    return TUS | {"Upload-Length": str(length), "Upload-Metadata": f"cid {cid}"}


def stopped(harbour: Harbour, sealed: bytes = SEALED) -> tuple[str, int]:
    """Begin an upload that stops at 99 %, and return where it is and how much of it came."""
    begun = harbour.request("POST", "/v1/uploads", EXPORTER, headers=announced(len(sealed), sealed))
    where, here = harbour.done(begun).headers["Location"], len(sealed) * 99 // 100
    harbour.done(part(harbour, where, 0, sealed[:here]))
    return where, here


def fetched(harbour: Harbour, sealed: bytes) -> httpx.Request:
    return harbour.request("GET", f"/v1/evidence/{cid_of([sealed])}", EXPORTER)


def stopped_then_read(harbour: Harbour) -> httpx.Request:
    stopped(harbour)
    return fetched(harbour, SEALED)


CASES: dict[str, Case] = {
    "oversize: a statement": Case(
        lambda h: h.posts(b" " * (MAX_FILE_BYTES + 1)), 413, "too-large", "the body", "send less"
    ),
    "oversize: another body": Case(
        asks("POST", "/v1/memberships", EXPORTER, content=b" " * 70_000, headers=JSON),
        *(413, "too-large", "the body", "send less"),
    ),
    "oversize: evidence": Case(evidence(bytes(MOST + 1)), 413, "too-large", "the body", "cut it"),
    "oversize: an upload": Case(
        asks("POST", "/v1/uploads", EXPORTER, headers=announced(MOST + 1)),
        *(413, "too-large", "Upload-Length", "cut a larger file into several"),
    ),
    "truncated: a statement file": Case(cut_short, 400, "json-syntax", "the body", "is all of it here"),
    "truncated: a statement": Case(bare_cut_short, 400, "cose-serialisation", "the body", "send all"),
    "wrong media type: a statement": Case(as_text, 415, "media-type", "Content-Type", "application/json"),
    "wrong media type: a login": Case(
        asks("POST", "/v1/sessions", content=b"x", headers={"Content-Type": "application/cose"}),
        *(415, "media-type", "Content-Type", TYP),
    ),
    "wrong media type: evidence": Case(
        evidence(b"x", "multipart/form-data"), 415, "media-type", "Content-Type", "send the bytes themselves"
    ),
    "somebody else's stream: filed in": Case(
        says("decision", {}, CUSTOMS, trip=THEIRS), 403, "not-a-member", "streams.0", "ask a member"
    ),
    "somebody else's stream: that nobody opened": Case(
        says("decision", {}, CUSTOMS, trip=UNKNOWN), 403, "not-a-member", "streams.0", "ask a member"
    ),
    "somebody else's stream: read": Case(
        asks("GET", f"/v1/subjects/{THEIRS.uri}/custody", CUSTOMS),
        *(404, "subject-unknown", None, "ask one of its parties"),
    ),
    "somebody else's stream: a guessed secret": Case(
        asks("POST", "/v1/memberships", CUSTOMS, json={"secret": "00" * 16}),
        *(404, "stream-unknown", "secret", "is it whole"),
    ),
    "a replayed challenge": Case(replayed, 401, "challenge-used", "payload", "ask for a new one"),
    "a forged cursor": Case(
        asks("GET", "/v1/subjects", EXPORTER, params={"cursor": "WzFd.AAAA"}),
        *(400, "bad-cursor", "cursor", "begin without a cursor"),
    ),
    "a cursor of another": Case(cursor_of_another, 400, "bad-cursor", "cursor", "begin without a cursor"),
    "the same idempotency key, another body": Case(
        same_key, 422, "idempotency-key-reused", "Idempotency-Key", "needs a new key"
    ),
    "an upload that stops at 99 %: sent anew": Case(
        lambda h: part(h, stopped(h)[0], 0, SEALED), 409, "offset-mismatch", "Upload-Offset", "HEAD"
    ),
    "an upload that stops at 99 %: read": Case(
        stopped_then_read, 404, "no-evidence", None, "counts when all of it is here"
    ),
    "two hand-overs to two takers": Case(
        gives(EXPORTER, CUSTOMS), 409, "handover-competing", "body.agreed.to", "let that be refused"
    ),
    "a hand-over to oneself": Case(
        gives(EXPORTER, EXPORTER), 403, "handover-to-self", "body.agreed.to", "name whoever takes it over"
    ),
    "a hand-over of what one does not hold": Case(
        gives(CUSTOMS, ORIGIN_PORT), 409, "handover-gap", "body.agreed.from", LENIENT
    ),
    "a seal that never existed": Case(
        says("seal-check", {"seals_found": [{"number": "GHOST", "on": "machinery"}]}, ORIGIN_PORT),
        *(409, "seal-unknown", "body.seals_found", LENIENT),
    ),
    "another seal than the one put on": Case(
        says("seal-check", {"seals_found": [{"number": "GT4471920"}]}, ORIGIN_PORT),
        *(409, "seal-changed", "body.seals_found", "look again"),
    ),
    "a trip that ends before it starts": Case(
        says("discharge", {"occurred_at": YESTERDAY}, ORIGIN_PORT),
        *(409, "ends-before-start", "body.occurred_at", "look at both times"),
    ),
    "a sighting that ends before it starts": Case(
        says("video", {"observed": {"from": TODAY, "to": YESTERDAY}}, ORIGIN_PORT),
        *(400, "malformed-field", "body.observed", "must not end before it begins"),
    ),
    "clocks: a signer a day ahead": Case(
        says("status", {}, iat=NOON + DAY), 403, "issued-in-future", "iat", "set the signer's clock right"
    ),
    "clocks: a signer more than a day behind what it tells": Case(
        says("status", {"occurred_at": TODAY}, iat=NOON - DAY - 3600),
        *(403, "occurred-in-future", "body.occurred_at", "look at the clock that signs"),
    ),
    "clocks: it happened a day ahead": Case(
        says("status", {"occurred_at": TOMORROW}),
        *(403, "occurred-in-future", "body.occurred_at", "set the device's clock right"),
    ),
    "clocks: a device a day ahead that does not say so": Case(
        photo({"occurred_at": TOMORROW}), 403, "occurred-in-future", "body.occurred_at", "body.clock_offset_s"
    ),
    "clocks: a device's offset the wrong way round": Case(
        photo({"occurred_at": TODAY, "clock_offset_s": -DAY}),
        *(403, "occurred-in-future", "body.occurred_at", "body.clock_offset_s"),
    ),
    "clocks: a device that signs a day ahead": Case(
        photo({"occurred_at": TODAY, "clock_offset_s": DAY}, iat=NOON + DAY),
        *(403, "issued-in-future", "iat", "set the signer's clock right"),
    ),
    "clocks: taken over tomorrow": Case(
        gives(EXPORTER, ORIGIN_PORT, Role.TAKER, at=TOMORROW),
        *(403, "occurred-in-future", "body.agreed.at", "sign when it does"),
    ),
    "clocks: offered for another year": Case(
        gives(EXPORTER, ORIGIN_PORT, at="2036-09-21T13:33:20Z", trip=THEIRS),
        *(403, "occurred-in-future", "body.agreed.at", "agree on the time"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_in_words_of_use_and_nothing_is_half_written(
    harbour: Harbour, errors: Errors, name: str
) -> None:
    case = CASES[name]
    request = case.make(harbour)
    # What is on record is listed when somebody asks: that is no change.
    harbour.stage.ledger.catalogue.catch_up()
    before = holdings(harbour.stage.ledger)
    answer = harbour.send(request)
    problem = answer.json()
    assert (answer.status_code, problem["type"], problem.get("field")) == (
        case.status,
        f"urn:corridor:problem:{case.code}",
        case.field,
    ), problem
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == case.status
    assert case.way_out in problem["detail"]
    assert "Traceback" not in answer.text
    after = holdings(harbour.stage.ledger)
    assert [part for part in before if after[part] != before[part]] == []
    assert errors.messages == []


TAKEN: dict[str, Callable[[Harbour], httpx.Request]] = {
    "a signer a day behind, who may have been offline": says(
        "status", {"occurred_at": YESTERDAY}, iat=NOON - DAY
    ),
    "a device a day ahead that says so": photo({"occurred_at": TOMORROW, "clock_offset_s": DAY + 7200}),
    "a device a day behind that says so": photo({"occurred_at": YESTERDAY, "clock_offset_s": -DAY}),
    "an offer for this evening": gives(EXPORTER, ORIGIN_PORT, at="2026-09-21T20:00:00Z", trip=THEIRS),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_clock_that_can_be_put_right_is_no_matter(harbour: Harbour, name: str) -> None:
    answer = harbour.done(TAKEN[name](harbour))
    assert (answer.status_code, answer.json()["warnings"]) == (201, [])


def test_an_upload_that_stopped_goes_on_where_it_is_told(harbour: Harbour, errors: Errors) -> None:
    where, here = stopped(harbour, FINISHED)
    shown = harbour.done(harbour.request("HEAD", where, EXPORTER, headers=TUS))
    assert int(shown.headers["Upload-Offset"]) == here
    harbour.done(part(harbour, where, here, FINISHED[here:]))
    assert harbour.done(fetched(harbour, FINISHED)).content == FINISHED
    assert errors.messages == []


@pytest.mark.parametrize(
    ("request_of", "field"),
    [
        (
            gives(EXPORTER, "https://nobody.example", at="2026-09-21T13:00:00Z", trip=LATER),
            "body.agreed.to",
        ),
        (says("grant", {"to": [CUSTOMS, "https://nobody.example"]}), "body.to.1"),
    ],
    ids=["a taker", "a member"],
)
def test_whoever_does_not_take_part_is_warned_of(
    harbour: Harbour, request_of: Callable[[Harbour], httpx.Request], field: str
) -> None:
    harbour.send(harbour.says("subject-opened", {}, trip=LATER))
    answer = harbour.done(request_of(harbour))
    (warning,) = answer.json()["warnings"]
    assert (warning["code"], warning["field"]) == ("organisation-unknown", field)
    assert "how it is spelt" in warning["message"]
