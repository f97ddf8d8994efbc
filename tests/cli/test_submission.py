"""`corridor statement submit`: to a real ledger, and to things that only pretend to be one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI

from api import errors
from api.routes import statements
from ledger.access import RepeatableRequests
from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.registrar import Registrar
from ledger.corridors.profile import foundation_profile
from ledger.domain.cose import Sign1
from ledger.domain.directory import KeyStatus
from ledger.domain.statement import SignedStatement, StatementFile
from ledger.log.intake import Intake
from ledger.log.policy import RegistrationPolicy
from ledger.log.sequencer import Sequencer
from ledger.log.store import LogStore
from ledger.log.tiles import tile_router
from tests.builders import EXPORTER, NOON, a_genesis, a_signer, a_trip, an_author
from tests.cli.corridor import Ran, corridor, refused
from tests.cli.servers import Answer, an_app, serving
from tests.log.logs import a_log, noon

TRIP = a_trip()


class OneOrganisation:
    """A registry that knows the exporter's key and nothing else."""

    def lookup(self, kid: bytes) -> KeyStatus | None:
        """Return what is known of a key."""
        key = a_signer(EXPORTER).key
        if kid != key.thumbprint:
            return None
        return KeyStatus(EXPORTER, key, frozenset({"exporter"}), active=True)


@contextmanager
def a_ledger(folder: Path) -> Iterator[tuple[str, LogStore]]:
    with a_log(folder) as store:
        policy = RegistrationPolicy(OneOrganisation(), foundation_profile(), a_genesis(), noon)
        catalogue, app = Catalogue(store, noon), FastAPI()
        errors.install(app)
        with Sequencer(store) as sequencer, Intake() as intake:
            registrar = Registrar(policy, sequencer, store, catalogue, foundation_profile(), noon)
            requests = RepeatableRequests(store.engine, noon)
            app.include_router(statements.router(registrar, intake, requests))
            app.include_router(tile_router(store))
            with an_app(app) as url:
                yield url, store


def saved(path: Path, signed: SignedStatement) -> Path:
    path.write_bytes(StatementFile(signed.raw, signed.disclosures).encode())
    return path


@pytest.fixture
def opening(tmp_path: Path) -> Path:
    return saved(tmp_path / "opening.statement", an_author().opens(TRIP))


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    said = an_author().says("seal-check", TRIP, {"seal": "A", "price": 1}, conceal=[["price"]])
    return saved(tmp_path / "scan.statement", said)


def submit(url: str, *files: Path, as_json: bool = False) -> Ran:
    return corridor("statement", "submit", *files, "--to", url, *["--json"] * as_json)


def test_statements_are_on_record_in_their_order(tmp_path: Path, opening: Path, scan: Path) -> None:
    with a_ledger(tmp_path) as (url, store):
        ran = submit(url, opening, scan, as_json=True)
        assert (ran.code, ran.err) == (0, "")
        assert [(one["file"], one["index"], one["duplicate"]) for one in ran.json] == [
            (str(opening), 1, False),
            (str(scan), 2, False),
        ]
        kept = store.statement(bytes.fromhex(ran.json[1]["id"]))
        assert StatementFile(kept.statement, kept.disclosures).encode() == scan.read_bytes()


def test_the_same_again_gives_the_same_place(tmp_path: Path, opening: Path) -> None:
    with a_ledger(tmp_path) as (url, store):
        first, second = submit(url, opening), submit(url + "/", opening)
        assert (first.code, second.code) == (0, 0)
        assert second.text == first.text.rstrip("\n") + "  (was there already)\n"
        assert store.size() == 2


def test_a_refused_statement_does_not_hold_up_the_others(tmp_path: Path, opening: Path, scan: Path) -> None:
    unknown = an_author("https://stranger.example").says("seal-check", TRIP)
    stranger = saved(tmp_path / "stranger.statement", unknown)
    with a_ledger(tmp_path) as (url, _):
        ran = submit(url, opening, stranger, scan)
    assert (ran.code, ran.reason) == (1, "key-unknown")
    assert str(stranger) in ran.err
    assert len(ran.text.splitlines()) == 2


def test_what_the_ledger_refuses_is_said_in_its_words(tmp_path: Path, opening: Path) -> None:
    author = an_author()
    other_log = an_author(genesis=a_genesis("log.corridor.example/other"))
    swapped = Sign1.parse(author.says("seal-check", TRIP).raw)
    signature = Sign1.parse(opening_of(opening)).signature
    cases = {
        "issued-in-future": author.says("seal-check", TRIP, iat=NOON + 3600),
        "wrong-audience": other_log.says("seal-check", TRIP),
        "kind-not-allowed": author.says("decision", TRIP),
        "not-a-member": author.says("seal-check", a_trip("MSKU7654321")),
        "opening-subject": author.says("subject-opened", a_trip(iss="https://other.example"), {}),
    }
    with a_ledger(tmp_path) as (url, store):
        assert submit(url, opening).code == 0
        for reason, signed in cases.items():
            refused(submit(url, saved(tmp_path / "case.statement", signed)), 1, reason)
        file = tmp_path / "swapped.statement"
        file.write_bytes(
            StatementFile(Sign1(swapped.protected, swapped.payload, signature).encode(), ()).encode()
        )
        refused(submit(url, file), 1, "signature-invalid")
        file.write_bytes(StatementFile(swapped.encode(), ("WyJhIl0",)).encode())
        refused(submit(url, file), 1, "malformed-disclosure")
        assert store.size() == 2


def opening_of(path: Path) -> bytes:
    return StatementFile.parse(path.read_bytes()).statement


def test_a_file_that_is_none_is_not_even_sent(tmp_path: Path, opening: Path) -> None:
    bad = tmp_path / "bad.statement"
    bad.write_bytes(b"{}")
    with a_ledger(tmp_path) as (url, store):
        refused(submit(url, opening, bad), 1, "missing-field")
        refused(submit(url, opening, tmp_path / "absent"), 1, "no-file")
        bad.write_bytes(b" " * 3_000_000)
        refused(submit(url, opening, bad), 2, "too-large")
        assert store.size() == 1


def test_a_ledger_that_is_not_there_is_said_in_one_line(opening: Path) -> None:
    with serving(lambda _path, _body: (200, "", b"")) as url:
        pass
    refused(submit(url, opening), 4, "ledger-unreachable")
    refused(submit("ftp://ledger.example", opening), 2, "bad-url")
    refused(submit("http://[", opening), 4, "ledger-unreachable")


def always(status: int, body: object, media_type: str = "application/json") -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _path, _body: (status, media_type, data)


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        pytest.param(always(201, b"<html>"), 1, "wrong-answer", id="a web page"),
        pytest.param(always(201, b"x" * 100_000), 1, "wrong-answer", id="an endless answer"),
        pytest.param(
            always(201, {"id": "00" * 32, "index": 1, "duplicate": False}), 1, "wrong-answer", id="another"
        ),
        pytest.param(always(404, b"not here"), 1, "http-404", id="another server"),
        pytest.param(
            always(403, {"type": "about:blank", "detail": "no"}), 1, "http-403", id="foreign problem"
        ),
        pytest.param(
            always(403, {"type": "urn:corridor:problem:key-unknown", "detail": "who?\x1b[2J\nnext"}),
            1,
            "key-unknown",
            id="a problem that steers the terminal",
        ),
        pytest.param(
            always(503, {"type": "urn:corridor:problem:log-busy", "detail": "busy"}), 4, "log-busy", id="busy"
        ),
        pytest.param(always(429, b""), 4, "http-429", id="too many"),
        pytest.param(always(500, b"Traceback (most recent call last)"), 4, "http-500", id="broken"),
        pytest.param(always(302, b""), 1, "http-302", id="somewhere else"),
    ],
)
def test_an_answer_that_is_no_acceptance_is_not_taken_for_one(
    opening: Path, answer: Answer, code: int, reason: str
) -> None:
    with serving(answer) as url:
        refused(submit(url, opening), code, reason)


def test_what_is_sent_is_the_file_as_it_is(tmp_path: Path, scan: Path) -> None:
    asked: list[tuple[str, bytes]] = []

    def answer(path: str, body: bytes) -> tuple[int, str, bytes]:
        asked.append((path, body))
        return 503, "", b""

    with serving(answer) as url:
        submit(url, scan)
    assert set(asked) == {("/v1/statements", scan.read_bytes())}
    assert len(asked) > 1, "one that is busy is asked again"
