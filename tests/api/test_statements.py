"""Registering statements over HTTP: what is refused, why, and that nothing of it gets into the log."""

import json
import socket
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx
import pytest
from fastapi import FastAPI

from api import errors as api_errors
from api.routes import statements
from ledger.chain.organisation import OrganisationAdmin
from ledger.domain.cose import Alg
from ledger.domain.fields import b64url
from ledger.domain.statement import FILE_MEDIA_TYPE, MAX_FILE_BYTES, Seen, StatementFile
from ledger.domain.statement_payload import MAX_BYTES
from ledger.founding import Governance
from ledger.log.http_server import listen, serving
from tests.api.errors_seen import Errors
from tests.builders import CUSTOMS, EXPORTER, Author, a_genesis, a_signer, an_author, seeded
from tests.integration.stage import FOUNDERS, Stage, an_organisation, another_trip
from tests.log.checker import check_log

COSE = "application/scitt-statement+cose"
HEAD = f"POST /v1/statements HTTP/1.1\r\nHost: x\r\nContent-Type: {FILE_MEDIA_TYPE}\r\n".encode()
TRIP = another_trip("api")
ENDED = "https://ended.example"


class Sent(NamedTuple):
    """A request that is refused: body, media type."""

    body: bytes
    media_type: str = FILE_MEDIA_TYPE


def file_of(raw: bytes, *disclosures: str) -> bytes:
    return StatementFile(raw, disclosures).encode()


def good(stage: Stage, **changes: Any) -> bytes:
    return (
        stage.author(EXPORTER).says("seal-check", TRIP, iat=stage.clock(), seen=stage.seen(), **changes).raw
    )


def by(stage: Stage, author: Author, kind: str = "seal-check", **changes: Any) -> Sent:
    arguments: dict[str, Any] = {"iat": stage.clock(), "seen": stage.seen()} | changes
    return Sent(file_of(author.says(kind, TRIP, **arguments).raw))


def doubled(stage: Stage) -> Sent:
    text = file_of(good(stage)).decode()
    return Sent(text.replace('"disclosures"', '"format":"corridor-statement/1","disclosures"').encode())


def with_flipped_signature(raw: bytes) -> bytes:
    return raw[:-1] + bytes([raw[-1] ^ 1])


def with_member(stage: Stage, **members: Any) -> Sent:
    return Sent(json.dumps(json.loads(file_of(good(stage))) | members).encode())


REFUSED: dict[str, tuple[Callable[[Stage], Sent], int, str, str | None]] = {
    "no media type": (lambda s: Sent(file_of(good(s)), ""), 415, "media-type", "Content-Type"),
    "a form": (
        lambda s: Sent(b"a=b", "application/x-www-form-urlencoded"),
        415,
        "media-type",
        "Content-Type",
    ),
    "nothing": (lambda s: Sent(b""), 400, "json-syntax", "the body"),
    "random bytes": (lambda s: Sent(seeded("random", 300)), 400, "json-encoding", "the body"),
    "random bytes as COSE": (
        lambda s: Sent(seeded("random", 300), COSE),
        400,
        "cose-serialisation",
        "the body",
    ),
    "a number": (lambda s: Sent(b"5"), 400, "malformed-field", "the statement file"),
    "a file cut short": (lambda s: Sent(file_of(good(s))[:-20]), 400, "json-syntax", "the body"),
    "a statement cut short": (lambda s: Sent(good(s)[:-20], COSE), 400, "cose-serialisation", "the body"),
    "bytes after the statement": (
        lambda s: Sent(good(s) + b"\0", COSE),
        400,
        "cose-serialisation",
        "the body",
    ),
    "a member twice": (doubled, 400, "json-duplicate", "format"),
    "a member too many": (lambda s: with_member(s, more=1), 400, "unknown-field", "more"),
    "another format": (
        lambda s: with_member(s, format="corridor-statement/2"),
        400,
        "unknown-format",
        "format",
    ),
    "padded base64": (lambda s: with_member(s, statement="AAAA="), 400, "malformed-field", "statement"),
    "NaN": (lambda s: Sent(b'{"format": NaN}'), 400, "json-number", "the body"),
    "nested too deep": (lambda s: Sent(b"[" * 50_000), 400, "json-depth", "the body"),
    "a disclosure of nothing": (
        lambda s: Sent(file_of(good(s), b64url(b'["AAAAAAAAAAAAAAAAAAAAAA","price",1]'))),
        400,
        "disclosure-unmatched",
        None,
    ),
    "no COSE in the file": (
        lambda s: Sent(file_of(seeded("junk", 200))),
        400,
        "cose-serialisation",
        "the body",
    ),
    "a body over the limit": (lambda s: Sent(b" " * (MAX_FILE_BYTES + 1)), 413, "too-large", "the body"),
    "10 MB": (lambda s: Sent(b" " * 10_000_000), 413, "too-large", "the body"),
    "a statement over the limit": (
        lambda s: Sent(b"\xd2" * (MAX_BYTES + 1), COSE),
        413,
        "too-large",
        "the body",
    ),
    "a wrong signature": (
        lambda s: Sent(file_of(with_flipped_signature(good(s)))),
        422,
        "signature-invalid",
        None,
    ),
    "for another log": (
        lambda s: by(s, an_author(EXPORTER, genesis=a_genesis()), seen=None),
        403,
        "wrong-audience",
        "aud",
    ),
    "an unknown key": (
        lambda s: by(s, Author(EXPORTER, a_signer("nobody"), s.ledger.genesis.audience)),
        403,
        "key-unknown",
        "kid",
    ),
    "a key that has ended": (
        lambda s: by(s, Author(ENDED, a_signer(ENDED), s.ledger.genesis.audience), "manifest"),
        403,
        "key-inactive",
        "kid",
    ),
    "the key of another organisation": (
        lambda s: by(s, Author(CUSTOMS, a_signer(EXPORTER), s.ledger.genesis.audience)),
        403,
        "issuer-mismatch",
        "iss",
    ),
    "a role that may not say this": (
        lambda s: by(s, s.author(EXPORTER), "scan"),
        403,
        "kind-not-allowed",
        "kind",
    ),
    "a kind that nobody knows": (
        lambda s: by(s, s.author(EXPORTER), "gossip"),
        403,
        "kind-not-allowed",
        "kind",
    ),
    "signed in the future": (
        lambda s: by(s, s.author(EXPORTER), iat=s.clock() + 301),
        403,
        "issued-in-future",
        "iat",
    ),
    "a checkpoint that never was": (
        lambda s: by(s, s.author(EXPORTER), seen=Seen(4, bytes(32))),
        403,
        "seen-unknown",
        "seen",
    ),
    "a stream that nobody opened": (
        lambda s: by(s, s.author(EXPORTER), streams=[seeded("nobody opened", 32)]),
        403,
        "not-a-member",
        "streams.0",
    ),
    "an opening of what is open": (
        lambda s: Sent(file_of(s.author(EXPORTER).opens(TRIP, iat=s.clock(), seen=s.seen()).raw)),
        403,
        "stream-already-opened",
        "streams",
    ),
}


@pytest.fixture(scope="module", autouse=True)
def an_organisation_whose_key_ended(stage: Stage) -> None:
    ledger, organisation = stage.ledger, an_organisation(ENDED)
    governance = Governance(ledger.client, ledger.contracts, FOUNDERS)
    assert ledger.embedded is not None
    ledger.embedded.fund(organisation.signer.address)
    governance.admit(organisation, ["exporter"])
    governance.add_key(organisation, a_signer(ENDED).key)
    ledger.mirror.refresh()
    stage.grant(TRIP, ENDED, CUSTOMS)
    author = Author(ENDED, a_signer(ENDED), ledger.genesis.audience)
    assert (
        stage.post(author.says("seal-check", TRIP, iat=stage.clock(), seen=stage.seen())).status_code == 201
    )
    OrganisationAdmin(ledger.client, ledger.contracts, organisation.signer).end_key(
        a_signer(ENDED).key.thumbprint
    )
    ledger.mirror.refresh()


def send(stage: Stage, sent: Sent) -> httpx.Response:
    headers = {"Content-Type": sent.media_type} if sent.media_type else {}
    return stage.http.post("/v1/statements", content=sent.body, headers=headers)


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_not_be_registered_is_refused_with_its_reason(
    stage: Stage, errors: Errors, case: str
) -> None:
    make, status, code, field = REFUSED[case]
    before = stage.ledger.store.size()
    answer = send(stage, make(stage))
    problem = answer.json()
    assert (answer.status_code, problem["type"], problem.get("field")) == (
        status,
        f"urn:corridor:problem:{code}",
        field,
    ), problem
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem.keys() - {"field"} == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert problem["detail"]
    assert "Traceback" not in answer.text
    assert stage.ledger.store.size() == before
    assert errors.messages == []


@pytest.mark.parametrize(
    "media_type", [FILE_MEDIA_TYPE, "application/json; charset=utf-8", COSE, "application/cose"]
)
def test_a_statement_is_registered_as_a_file_or_bare(stage: Stage, media_type: str) -> None:
    raw = good(stage)
    body = raw if "cose" in media_type else file_of(raw)
    size = stage.ledger.store.size()
    answer = send(stage, Sent(body, media_type))
    assert answer.status_code == 201
    assert answer.json().keys() == {"id", "index", "duplicate", "warnings"}
    assert (answer.json()["index"], answer.json()["duplicate"]) == (size, False)
    assert stage.ledger.store.statement_at(size).statement == raw
    check_log(stage.ledger.store)


def test_disclosures_are_kept_with_their_statement(stage: Stage) -> None:
    body = {"seal": "GT4471902", "price": 13860}
    signed = stage.author(EXPORTER).says(
        "manifest", TRIP, body, iat=stage.clock(), seen=stage.seen(), conceal=[("price",)]
    )
    assert signed.disclosures
    assert stage.post(signed).status_code == 201
    assert stage.ledger.store.statement(signed.statement.id).disclosures == signed.disclosures


def test_the_same_statement_again_has_the_same_index(stage: Stage) -> None:
    raw = good(stage)
    first = send(stage, Sent(file_of(raw)))
    again = send(stage, Sent(raw, COSE))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"duplicate": True}


def test_what_was_registered_before_its_key_ended_can_be_asked_for_again(stage: Stage) -> None:
    author = Author(ENDED, a_signer(ENDED), stage.ledger.genesis.audience)
    # The same salts give the same statement as that of the fixture.
    again = stage.post(author.says("seal-check", TRIP, iat=stage.clock(), seen=stage.seen()))
    assert (again.status_code, again.json()["duplicate"]) == (200, True)


def test_an_enrolment_counts_from_the_next_look_at_the_chain(stage: Stage) -> None:
    author = an_author(CUSTOMS, genesis=stage.ledger.genesis, alg=Alg.EDDSA)
    signed = author.says("decision", TRIP, {"delivery": "free"}, iat=stage.clock(), seen=stage.seen())
    assert stage.post(signed).json()["type"] == "urn:corridor:problem:key-unknown"
    governance = Governance(stage.ledger.client, stage.ledger.contracts, FOUNDERS)
    governance.add_key(an_organisation(CUSTOMS), author.signer.key)
    stage.ticks.ahead += 2
    assert stage.post(signed).status_code == 201


def raw_request(url: str, data: bytes, *, says_no_more: bool = True) -> bytes:
    """Send bytes as they are and return all that comes back until the server hangs up."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(data)
        if says_no_more:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    return answer


def test_a_connection_that_ends_in_the_middle_leaves_no_trace(stage: Stage, errors: Errors) -> None:
    before = stage.ledger.store.size()
    raw_request(stage.url, HEAD + b"Content-Length: 1000\r\n\r\n" + file_of(good(stage))[:500])
    raw_request(stage.url, HEAD + b"Content-Length: 1000\r\n\r\n")
    assert stage.http.get("/healthz").status_code == 200
    assert stage.ledger.store.size() == before
    assert errors.messages == []


def test_a_body_that_never_ends_is_given_up(stage: Stage) -> None:
    app = FastAPI()
    api_errors.install(app)
    ledger = stage.ledger
    routes = statements.router(ledger.registrar, ledger.intake, ledger.access.requests, body_seconds=0.1)
    app.include_router(routes)

    with listen(0) as listener, serving(app, listener) as url:
        answer = raw_request(url, HEAD + b"Content-Length: 10\r\n\r\n{", says_no_more=False)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"urn:corridor:problem:too-slow" in answer


def test_other_methods_and_paths_are_problems_too(stage: Stage) -> None:
    answers = {
        (405, "GET, or anything else"): stage.http.delete("/v1/statements"),
        (404, "no such path"): stage.http.get("/v2/statements"),
        (404, "no such tile"): stage.http.get("/log/tile/0/999"),
    }
    for (status, why), answer in answers.items():
        assert answer.status_code == status, why
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status
    assert stage.http.delete("/v1/statements").headers["Allow"] == "POST"
