"""SCITT's interface: registering and resolving as any SCITT client does, and a foreign verifier's view."""

from collections.abc import Iterator
from typing import Any

import cbor2
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI
from scitt_cose import verify_receipt

from api import errors
from api.concise import CONCISE, ConciseProblems
from api.deps import Caller
from api.routes import scrapi
from ledger.domain.entry import statement_entry
from ledger.domain.fields import b64url
from ledger.domain.statement import SignedStatement
from ledger.domain.statement_payload import MAX_BYTES
from ledger.log.http_server import listen, serving
from ledger.receipts import ReceiptIssuer
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, seeded
from tests.integration.stage import Stage, another_trip, operator_keys

TRIP = another_trip("api")
COSE = "application/cose"
KEYS = "/.well-known/scitt-keys"


@pytest.fixture(scope="module")
def client(stage: Stage) -> Iterator[httpx.Client]:
    """A SCITT client of the log."""
    ledger = stage.ledger
    app = FastAPI(redirect_slashes=False)
    errors.install(app)

    def register(raw: bytes, _lenient: bool) -> bytes:
        return ledger.sequencer.append(ledger.policy.check(raw)).id

    receipts = ReceiptIssuer(ledger.store, operator_keys().receipt.signer)
    reader = Caller(EXPORTER, bytes(32), frozenset(), 0, is_device=False)
    app.include_router(scrapi.router(register, receipts, lambda: reader, lambda _stored, _who: True))
    wrapped = ConciseProblems(app, (scrapi.ENTRIES, scrapi.KEYS))
    with listen(0) as listener, serving(wrapped, listener) as url, httpx.Client(base_url=url) as http:
        yield http


def post(client: httpx.Client, body: bytes, media_type: str = COSE) -> httpx.Response:
    return client.post("/entries", content=body, headers={"Content-Type": media_type})


def said(stage: Stage) -> SignedStatement:
    return stage.says(EXPORTER, "seal-check", TRIP)


def problem_of(answer: httpx.Response, status: int) -> dict[Any, Any]:
    """Return the concise problem details of a refusal."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == CONCISE
    problem = cbor2.loads(answer.content)
    assert isinstance(problem, dict)
    assert problem[-1]
    assert problem[-2]
    return problem


def pem_of(key: dict[int, Any]) -> bytes:
    """Return a COSE_Key as others read keys."""
    assert (key[1], key[3], key[-1]) == (2, -7, 1)
    numbers = EllipticCurvePublicNumbers(int.from_bytes(key[-2]), int.from_bytes(key[-3]), SECP256R1())
    return numbers.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_a_statement_is_registered_and_its_receipt_resolved(stage: Stage, client: httpx.Client) -> None:
    signed = said(stage)
    # (1) Registered, and the receipt is to come.
    answer = post(client, signed.raw)
    assert (answer.status_code, answer.content) == (303, b"")
    location = answer.headers["Location"]
    assert location == f"/entries/{signed.statement.id.hex()}"
    assert int(answer.headers["Retry-After"]) > 0
    waiting = client.get(location)
    assert (waiting.status_code, waiting.headers["Location"]) == (202, location)
    assert int(waiting.headers["Retry-After"]) > 0
    # (2) Published: the receipt is there, for who asks and for who submits once more.
    stage.publish()
    resolved, again = client.get(location), post(client, signed.raw)
    assert (resolved.status_code, again.status_code) == (200, 201)
    # (3) A foreign verifier, with the key as it is served, finds the entry under the checkpoint's root.
    keys = cbor2.loads(client.get(KEYS).content)
    stored = stage.ledger.store.statement(signed.statement.id)
    root = stage.ledger.store.checkpoints.covering(stored.index).root
    entry = statement_entry(signed.statement.envelope, signed.statement.streams)
    for answer in (resolved, again):
        assert (answer.headers["Content-Type"], answer.headers["Location"]) == (COSE, location)
        result = verify_receipt(
            answer.content, leaf_entry_hex=entry.hex(), log_public_key_pem=pem_of(keys[0])
        )
        assert (result.errors, result.ok) == ([], True)
        assert (result.root, result.leaf_index) == (root.hex(), stored.index)
        assert (result.issuer, result.subject) == (
            f"https://{stage.ledger.genesis.origin}",
            signed.statement.sub,
        )


def test_the_key_of_a_receipt_is_found_by_its_kid(stage: Stage, client: httpx.Client) -> None:
    signed = said(stage)
    post(client, signed.raw)
    stage.publish()
    receipt = cbor2.loads(post(client, signed.raw).content)
    kid = cbor2.loads(receipt.value[0])[4]
    answer = client.get(f"{KEYS}/{b64url(kid)}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/cbor")
    assert cbor2.loads(answer.content) == cbor2.loads(client.get(KEYS).content)[0]
    assert cbor2.loads(answer.content)[2] == kid == stage.ledger.genesis.receipt_key.thumbprint
    problem_of(client.get(f"{KEYS}/{b64url(seeded('other', 32))}"), 404)


def test_an_entry_is_there_for_members_of_its_streams_only(stage: Stage) -> None:
    signed = said(stage)
    posted = post(stage.http, signed.raw)
    assert posted.status_code == 303
    location = posted.headers["Location"]
    problem_of(stage.http.get(location), 401)
    member, outsider = sign_in(stage, EXPORTER), sign_in(stage, CUSTOMS)
    assert stage.http.get(location, headers=member).status_code == 202
    stage.publish()
    assert stage.http.get(location, headers=member).headers["Content-Type"] == COSE
    # To who may not see it, it is as if it were not there.
    refused = problem_of(stage.http.get(location, headers=outsider), 404)
    unknown = problem_of(stage.http.get(f"/entries/{'00' * 32}", headers=outsider), 404)
    assert refused.keys() == unknown.keys()
    assert refused[-2].replace(signed.statement.id.hex(), "00" * 32) == unknown[-2]


def test_a_scitt_client_puts_a_contradiction_on_record_when_it_says_so(stage: Stage) -> None:
    signed = stage.says(EXPORTER, "seal-check", TRIP, {"seals_removed": [{"number": "NEVER-THERE"}]})
    size = stage.ledger.store.size()
    refused = post(stage.http, signed.raw)
    assert "Prefer: handling=lenient" in problem_of(refused, refused.status_code)[-2]
    assert (refused.status_code in {403, 409}, stage.ledger.store.size()) == (True, size)
    headers = {"Content-Type": COSE, "Prefer": "handling=lenient"}
    taken = stage.http.post("/entries", content=signed.raw, headers=headers)
    assert (taken.status_code, taken.headers["Preference-Applied"]) == (303, "handling=lenient")
    assert stage.ledger.store.size() == size + 1
    assert "Preference-Applied" not in post(stage.http, said(stage).raw).headers


REFUSED: dict[str, tuple[bytes, str, int, str]] = {
    "nothing": (b"", COSE, 400, "cose-serialisation"),
    "random bytes": (seeded("random", 300), COSE, 400, "cose-serialisation"),
    "CBOR that is no COSE": (cbor2.dumps({1: 2}), COSE, 400, "cose-serialisation"),
    "CBOR without an end": (b"\xd2\x84\x5f", COSE, 400, "cose-serialisation"),
    "nested without an end": (b"\x81" * 10_000, COSE, 400, "cose-serialisation"),
    "too large": (b"\xd2" * (MAX_BYTES + 1), COSE, 413, "too-large"),
    "JSON": (b"{}", "application/json", 415, "media-type"),
    "a form": (b"a=b", "application/x-www-form-urlencoded", 415, "media-type"),
    "no media type": (b"\xd2\x84", "", 415, "media-type"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_statement_is_refused_in_cbor(stage: Stage, client: httpx.Client, name: str) -> None:
    body, media_type, status, code = REFUSED[name]
    before = stage.ledger.store.size()
    problem = problem_of(post(client, body, media_type), status)
    assert problem[f"urn:corridor:problem:{code}"]["status"] == status
    assert stage.ledger.store.size() == before


def test_a_refusal_by_the_policy_is_told_in_cbor(stage: Stage, client: httpx.Client) -> None:
    by_nobody = stage.author("https://nobody.example").says(
        "seal-check", TRIP, iat=stage.clock(), seen=stage.seen()
    )
    assert "urn:corridor:problem:key-unknown" in problem_of(post(client, by_nobody.raw), 403)
    good = said(stage).raw
    problem_of(post(client, good[:-1] + bytes([good[-1] ^ 1])), 422)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/entries/{'00' * 32}", 404),
        ("/entries/zz", 422),
        (f"/entries/{'00' * 33}", 422),
        ("/entries", 405),
        ("/entries/", 404),
        ("/.well-known/scitt-keys/", 404),
    ],
)
def test_what_cannot_be_resolved_is_told_in_cbor(client: httpx.Client, path: str, status: int) -> None:
    problem_of(client.get(path), status)
