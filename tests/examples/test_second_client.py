"""The second client at a real log: what the pages under docs/ say is enough to write one."""

import ast
import json
import stat
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.api.visitors import sign_in
from tests.builders import EXPORTER, a_p256_key, a_signer
from tests.cli.servers import serving
from tests.examples.outsider import CLIENT, LIBRARIES, Outsider, client, process

CHECKED = """\
ok  (1) statement: signed by the key that it names, for this log
ok  (2) receipt: names this log, its receipt key and this subject
ok  (3) checkpoint: signed by the log key
ok  (4) inclusion: the path leads from the statement to a root that the checkpoint covers
ok  (5) signature: the receipt key signed that root
"""


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    return [node.module or "."] if isinstance(node, ast.ImportFrom) else []


def test_it_imports_the_standard_library_and_two_more() -> None:
    allowed = LIBRARIES | sys.stdlib_module_names | {path.stem for path in CLIENT}
    for path in CLIENT:
        names = {name for node in ast.walk(ast.parse(path.read_text())) for name in imported(node)}
        assert {name.split(".")[0] for name in names} <= allowed, path
        assert len(path.read_text().splitlines()) < 300, path


def read_body(one: Outsider, identifier: str) -> Any:
    answer = one.stage.http.get(f"/v1/statements/{identifier}", headers=sign_in(one.stage, EXPORTER))
    assert answer.status_code == 200, answer.text
    return answer.json()["body"]


def test_a_statement_goes_all_the_way(outsider: Outsider) -> None:
    file = outsider.said("--conceal", "weight_kg", "--conceal", "remarks")
    outsider.stage.anchor()
    assert outsider.did("follow", file).out == "final\n"
    proof = outsider.fetched(file)
    ran = outsider.check(file, proof)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(CHECKED + "OK: ")
    assert f"{EXPORTER} says seal-check; disclosed: weight_kg, remarks\n" in ran.out


def test_a_statement_is_followed_while_it_comes_along(outsider: Outsider) -> None:
    file = outsider.said()
    command = process("follow", file, "--until", "published", *outsider.who())
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        assert following.stdout.readline() == "logged\n"
        outsider.stage.publish()
        assert following.stdout.read() == "published\n"
    assert following.returncode == 0


def test_receipts_hold_under_every_later_checkpoint(outsider: Outsider) -> None:
    file = outsider.said()
    outsider.stage.publish()
    same = (outsider.fetched(file) / "receipt.cose").read_bytes()
    sizes = set()
    for _ in range(4):
        outsider.said()
        sizes.add(outsider.stage.publish())
        proof = outsider.fetched(file)
        assert (proof / "receipt.cose").read_bytes() == same
        assert (proof / "consistency").read_bytes()
        assert outsider.check(file, proof).code == 0
    assert len(sizes) == 4


def test_what_a_colleague_signed_is_checked_with_the_colleagues_key(outsider: Outsider) -> None:
    pem = a_p256_key(EXPORTER).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    outsider.path("desk.pem").write_bytes(pem)
    file = outsider.new("statement")
    body = ("--stream", outsider.path("trip.secret"), "--body", outsider.path("body.json"))
    assert outsider.run("say", "seal-check", *body, "--out", file, key=outsider.path("desk.pem")).code == 0
    outsider.stage.publish()
    proof = outsider.fetched(file)
    assert (proof / "signer.cose").read_bytes() == a_signer(EXPORTER).key.encoded
    assert outsider.check(file, proof).code == 0


def test_what_was_sent_before_changes_nothing(outsider: Outsider) -> None:
    file = outsider.said()
    size = outsider.stage.ledger.store.size()
    # Sending needs no key: the statement carries its own authority.
    again = client("send", file, "--to", outsider.stage.url)
    assert (again.code, again.value("registered")) == (0, "before, nothing changed")
    assert outsider.stage.ledger.store.size() == size


def test_what_is_concealed_and_not_disclosed_stays_with_the_signer(outsider: Outsider) -> None:
    shown = outsider.said("--conceal", "weight_kg")
    kept = outsider.said("--conceal", "weight_kg", "--bare")
    outsider.stage.publish()
    ids = [client("send", file, "--bare", "--to", outsider.stage.url).value("id") for file in (shown, kept)]
    assert [read_body(outsider, one).get("weight_kg") for one in ids] == [18_400, None]
    # The signer's own copy, with the disclosure, has the same receipt as one without it.
    without = outsider.new("statement")
    without.write_text(json.dumps(json.loads(kept.read_text()) | {"disclosures": []}))
    proof = outsider.fetched(kept)
    assert [outsider.check(file, proof).code for file in (kept, without)] == [0, 0]


def test_what_it_writes_is_for_its_owner_and_never_over_another_file(outsider: Outsider) -> None:
    for name in ("port.pem", "trip.secret", "opened"):
        assert stat.S_IMODE(outsider.path(name).stat().st_mode) == 0o600
    before = outsider.path("port.pem").read_bytes()
    assert client("key", outsider.path("port.pem")).code == 0
    assert outsider.path("port.pem").read_bytes() == before
    size = outsider.stage.ledger.store.size()
    opening = ("--secret", outsider.path("trip.secret"), "--out", outsider.new("opened"))
    ran = outsider.run("open", "trip", "MSKU1234565", *opening)
    assert (ran.code, ran.err) == (2, f"cannot read or write {outsider.path('trip.secret')}: File exists\n")
    assert outsider.stage.ledger.store.size() == size


REFUSED: dict[str, tuple[list[str], dict[str, str], int, str]] = {
    "nobody's key": (["login"], {"key": "stranger.pem"}, 3, "(401): Nobody is known to be asking: key "),
    "another organisation": (["login"], {"iss": "https://port.example"}, 3, "[issuer-mismatch]"),
    "no such key file": (["login"], {"key": "nothing.pem"}, 2, "cannot read or write"),
    "a key that is none": (["login"], {"key": "body.json"}, 1, "not a P-256 private key"),
    "a genesis document that is none": (["login"], {"genesis": "body.json"}, 1, "not a genesis document"),
    "a service elsewhere in the clear": (["login"], {"to": "http://ledger.example"}, 3, "not an https URL"),
    "a file that is no statement": (["follow", "body.json"], {}, 1, "not a statement file"),
    "a statement that is not there": (["fetch", "lost", "--out", "nowhere"], {}, 3, "(404): Not found"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_goes_wrong_is_told_in_a_sentence(outsider: Outsider, name: str) -> None:
    (command, *arguments), instead, code, message = REFUSED[name]
    client("key", outsider.path("stranger.pem"))
    paths = [outsider.path(one) if one in ("body.json", "lost", "nowhere") else one for one in arguments]
    if "lost" in arguments:
        # Signed, and refused by the log.
        body = ("--stream", outsider.path("trip.secret"), "--body", outsider.path("body.json"))
        refused = outsider.run("say", "no-such-kind", *body, "--out", outsider.path("lost"))
        assert (refused.code, "[kind-not-allowed]" in refused.err) == (3, True), refused
    files = {k: v if k in ("iss", "to") else outsider.path(v) for k, v in instead.items()}
    ran = outsider.run(command, *paths, **files)
    assert (ran.code, message in ran.err, ran.err.count("\n")) == (code, True, 1), ran


ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "no JSON": (201, "application/json", b"{"),
    "no challenge": (201, "application/json", b"{}"),
    "a challenge that is none": (201, "application/json", b'{"challenge":7}'),
    "an error without a word": (500, "text/html", b"<p>"),
    "a problem that is none": (400, "application/problem+json", b"[]"),
    "CBOR that is none": (400, "application/concise-problem-details+cbor", b"\xff"),
    "a list": (201, "application/json", b"[]"),
    "a token that is none": (201, "application/json", b'{"challenge":"AAAA","token":[7]}'),
    "roles that are none": (
        *(201, "application/json"),
        b'{"challenge":"AAAA","token":"AAAA","organisation":"x","roles":5}',
    ),
    "nested without an end": (201, "application/json", b"[" * 100_000),
    "too much": (201, "application/json", b" " * 5_000_000),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_service_that_talks_nonsense_is_told_so(outsider: Outsider, name: str) -> None:
    with serving(lambda _path, _body: ANSWERS[name]) as url:
        ran = outsider.run("login", to=url)
    assert (ran.code, ran.err.startswith("not done: the service "), ran.out) == (3, True, ""), ran


SUBMITTED: dict[str, tuple[int, str, bytes, str]] = {
    "another id": (
        *(1, "failed: the service registered another statement"),
        b'{"id":"00","index":1,"duplicate":false,"warnings":[]}',
        "application/json",
    ),
    "a warning that is none": (
        *(3, "not done: the service answered something else"),
        b'{"id":"00","index":1,"duplicate":false,"warnings":[5]}',
        "application/json",
    ),
    "a problem that would paint the screen": (
        *(3, "not done: the service refused (400): ?[2Jgone: send ?it again [x]"),
        b'{"type":"x","title":"\\u001b[2Jgone","detail":"send \\nit again"}',
        "application/problem+json",
    ),
}


@pytest.mark.parametrize("name", SUBMITTED)
def test_an_answer_to_a_submission_is_not_believed_blindly(outsider: Outsider, name: str) -> None:
    code, message, body, media_type = SUBMITTED[name]
    status = 201 if media_type == "application/json" else 400
    with serving(lambda _path, _body: (status, media_type, body)) as url:
        ran = client("send", outsider.path("opened"), "--to", url)
    assert (ran.code, ran.err.startswith(message), ran.err.count("\n")) == (code, True, 1), ran


def test_nothing_is_carried_to_where_a_service_points(outsider: Outsider) -> None:
    class Pointing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(302)
            self.send_header("Location", there)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    asked: list[str] = []

    def elsewhere(path: str, _body: bytes) -> tuple[int, str, bytes]:
        asked.append(path)
        return 201, "application/json", b"{}"

    with serving(elsewhere) as there, ThreadingHTTPServer(("127.0.0.1", 0), Pointing) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        ran = outsider.run("login", to=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
    assert (ran.code, "refused (302)" in ran.err, asked) == (3, True, []), ran


def test_a_service_that_is_not_there_is_told(outsider: Outsider) -> None:
    with serving(lambda _path, _body: (200, "text/plain", b"")) as url:
        pass
    file = outsider.new("statement")
    body = ("--stream", outsider.path("trip.secret"), "--body", outsider.path("body.json"))
    ran = outsider.run("say", "seal-check", *body, "--out", file, to=url)
    assert (ran.code, "cannot be reached" in ran.err, file.exists()) == (3, True, False), ran


@pytest.mark.parametrize("arguments", [["--help"], ["say", "--help"], ["check", "--help"]])
def test_help_is_there(arguments: list[str]) -> None:
    ran = client(*arguments)
    assert (ran.code, ran.out.startswith("usage: "), ran.err) == (0, True, "")
    assert client("no-such-command").code == 2
