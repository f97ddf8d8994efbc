"""`corridor statement sign` and `show`: what is signed offline is what the formats say, or nothing is."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.checkpoint import Checkpoint, sign_checkpoint
from ledger.domain.cose import Alg
from ledger.domain.note import VerifierKey
from ledger.domain.statement import Statement, StatementFile
from ledger.keys.files import KeyFile, KeyKind
from tests.builders import (
    EXPORTER,
    NOON,
    ORIGIN,
    a_genesis,
    a_log_verifier_key,
    a_signer,
    a_trip,
    an_ed25519_key,
    seeded,
)
from tests.cli.corridor import Ran, corridor, corridor_alone, refused

TRIP = a_trip()
BODY = {
    "occurred_at": "2026-09-21T13:33:20Z",
    "seal": "ABC123",
    "goods": [{"hs": "0804.30", "value": 11_400}, {"hs": "0804.30", "value": 12}],
    "a/b~c": 1,
}


class Desk:
    """A folder with all that signing takes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out.statement"
        (folder / "genesis.json").write_bytes(a_genesis().document)
        (folder / "passphrase").write_text("words\n")
        (folder / "body.json").write_text(json.dumps(BODY))
        self.key(a_signer(EXPORTER).private_key)

    def key(self, private_key: Any, kind: KeyKind = KeyKind.STATEMENT, name: str = EXPORTER) -> None:
        """Put another key file on the desk."""
        path = self.folder / "exporter.key"
        path.unlink(missing_ok=True)
        KeyFile(kind, name, private_key).save(path, "words", rounds=1)

    def sign(self, *more: object, **changes: object) -> Ran:
        """Sign a statement; options can be given other values."""
        return corridor("statement", "sign", *self.options(**changes), *more)

    def options(self, **changes: object) -> list[object]:
        """Return the options of a good statement, with other values for some."""
        options: dict[str, object] = {
            "key": self.folder / "exporter.key",
            "passphrase_file": self.folder / "passphrase",
            "genesis": self.folder / "genesis.json",
            "body": self.folder / "body.json",
            "iss": EXPORTER,
            "kind": "seal-check",
            "subject": TRIP.uri,
            "stream": TRIP.custody_tag.hex(),
            "out": self.out,
            "now": NOON,
        } | changes
        return [part for name, value in options.items() for part in ("--" + name.replace("_", "-"), value)]

    def read(self) -> tuple[StatementFile, Statement]:
        """Return what was signed."""
        file = StatementFile.parse(self.out.read_bytes())
        return file, Statement.parse(file.statement)

    def write(self, name: str, content: bytes) -> Path:
        """Put a file on the desk."""
        (self.folder / name).write_bytes(content)
        return self.folder / name


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_signed_statement_says_what_the_command_line_said(desk: Desk) -> None:
    old, other = seeded("old", 32), a_trip("MSKU7654321")
    more = (
        "--subject",
        other.uri,
        "--stream",
        other.custody_tag.hex(),
        "--reference",
        f"replaces:{old.hex()}",
    )
    ran = desk.sign(*more, corrects=old.hex())
    assert (ran.code, ran.err) == (0, "")
    file, statement = desk.read()
    assert ran.text == statement.id.hex() + "\n"
    statement.verify(a_signer(EXPORTER).key)
    assert (statement.iss, statement.kind, statement.iat) == (EXPORTER, "seal-check", NOON)
    assert statement.aud == a_genesis().audience
    assert statement.subjects == (TRIP.uri, other.uri)
    assert statement.streams == (TRIP.custody_tag, other.custody_tag)
    assert [(one.rel, one.id) for one in statement.references] == [("replaces", old)]
    assert statement.corrects == old
    assert (statement.seen.size, statement.seen.root) == (0, a_genesis().hash)
    assert statement.reveal(file.disclosures) == BODY


def test_two_statements_of_the_same_are_two(desk: Desk) -> None:
    assert desk.sign().out != desk.sign("--force").out


def test_an_eddsa_key_signs_too(desk: Desk) -> None:
    signer = a_signer(EXPORTER, Alg.EDDSA)
    desk.key(signer.private_key)
    assert desk.sign().code == 0
    desk.read()[1].verify(signer.key)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("/seal", "ABC123"), ("/goods/0/value", 11_400), ("/goods/1", BODY["goods"]), ("/a~1b~0c", 1)],
)
def test_what_is_concealed_is_in_the_disclosures_only(desk: Desk, pointer: str, value: object) -> None:
    assert desk.sign(conceal=pointer).code == 0
    file, statement = desk.read()
    assert len(file.disclosures) == 1
    assert statement.reveal(file.disclosures) == BODY
    assert statement.reveal(()) != BODY


def test_the_body_can_come_from_standard_input(desk: Desk) -> None:
    ran = corridor("statement", "sign", *desk.options(body="-"), stdin=b'{"seal": "X"}')
    assert (ran.code, ran.err) == (0, "")
    assert desk.read()[1].body == {"seal": "X"}


def test_the_newest_checkpoint_seen_is_signed_into_the_statement(desk: Desk) -> None:
    root = seeded("root", 32)
    log_key = VerifierKey.parse(a_log_verifier_key())
    note = sign_checkpoint(Checkpoint(ORIGIN, 12, root), log_key, an_ed25519_key().sign)
    assert desk.sign(seen=desk.write("checkpoint", note)).code == 0
    assert (desk.read()[1].seen.size, desk.read()[1].seen.root) == (12, root)


def checkpoint_by(name: str, seed: object) -> bytes:
    key = VerifierKey.parse(a_log_verifier_key(name, seed))
    return sign_checkpoint(Checkpoint(name, 12, seeded("root", 32)), key, an_ed25519_key(seed).sign)


REFUSED: dict[str, tuple[dict[str, object], int, str]] = {
    "no genesis document": ({"genesis": "absent.json"}, 1, "no-file"),
    "a genesis document that is none": ({"genesis": b"{}"}, 1, "missing-field"),
    "no key file": ({"key": "absent.key"}, 1, "no-file"),
    "a key file that is none": ({"key": b"nonsense"}, 1, "key-file-malformed"),
    "no passphrase file": ({"passphrase_file": "absent"}, 1, "no-file"),
    "a wrong passphrase": ({"passphrase_file": b"others\n"}, 2, "wrong-passphrase"),
    "an empty passphrase": ({"passphrase_file": b"\n"}, 2, "empty-passphrase"),
    "an organisation that is no URI": ({"iss": "exporter"}, 1, "malformed-field"),
    "a kind with capitals": ({"kind": "Seal"}, 1, "malformed-field"),
    "a subject that is none": ({"subject": "MSKU1234565"}, 1, "malformed-subject"),
    "a stream that is not hex": ({"stream": "zz"}, 1, "malformed-field"),
    "a stream in capitals": ({"stream": "AB" * 32}, 1, "malformed-field"),
    "a correction of nothing": ({"corrects": "00"}, 1, "malformed-field"),
    "a reference without a colon": ({"reference": "00" * 32}, 2, "bad-reference"),
    "a reference to nothing": ({"reference": "replaces:00"}, 1, "malformed-field"),
    "a pointer without a slash": ({"conceal": "seal"}, 2, "bad-pointer"),
    "a pointer to nothing": ({"conceal": "/price"}, 2, "bad-pointer"),
    "a pointer beyond an array": ({"conceal": "/goods/2"}, 2, "bad-pointer"),
    "a pointer from the end of an array": ({"conceal": "/goods/-1"}, 2, "bad-pointer"),
    "a pointer into a text": ({"conceal": "/seal/0"}, 2, "bad-pointer"),
    "no body": ({"body": "absent.json"}, 1, "no-file"),
    "a body that is a list": ({"body": b"[]"}, 2, "bad-body"),
    "a body that is no JSON": ({"body": b"{'a': 1}"}, 1, "json-syntax"),
    "a body with a member twice": ({"body": b'{"a": 1, "a": 2}'}, 1, "json-duplicate"),
    "a body with NaN": ({"body": b'{"a": NaN}'}, 1, "json-number"),
    "a body with an infinity": ({"body": b'{"a": 1e999}'}, 1, "json-number"),
    "a body with a huge integer": ({"body": b'{"a": 9007199254740992}'}, 1, "json-number"),
    "a body that nests too deep": ({"body": b'{"a":' * 40 + b"1" + b"}" * 40}, 1, "json-depth"),
    "a body that is not UTF-8": ({"body": b'{"a": "\xff"}'}, 1, "json-encoding"),
    "a body of half a surrogate pair": ({"body": b'{"a": "\\ud800"}'}, 1, "json-encoding"),
    "a body with a reserved name": ({"body": b'{"_sd": []}'}, 2, "reserved-name"),
    "a body of 10 MB": ({"body": b'{"a": "' + b"x" * 10_000_000 + b'"}'}, 2, "too-large"),
    "a body that only just fits without the rest": (
        {"body": b'{"a":"' + b"x" * 262_100 + b'"}'},
        1,
        "too-large",
    ),
    "a time before 1970": ({"now": "-1"}, 2, "usage"),
    "a checkpoint of another log": ({"seen": checkpoint_by("other.example/log", "log")}, 1, "note-unsigned"),
    "a checkpoint by another key": ({"seen": checkpoint_by(ORIGIN, "forger")}, 1, "note-unsigned"),
    "a checkpoint that is none": ({"seen": b"nonsense"}, 1, "note"),
    "a folder that is not there": ({"out": "absent/out.statement"}, 1, "no-folder"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_said_is_not_signed(desk: Desk, name: str) -> None:
    changes, code, reason = REFUSED[name]
    given = {
        option: desk.write("given", value) if isinstance(value, bytes) else value
        for option, value in changes.items()
    }
    if "out" in given or given.get("key") == "absent.key":
        given = {option: desk.folder / str(value) for option, value in given.items()}
    before = sorted(desk.folder.iterdir())
    refused(desk.sign(**given), code, reason)
    assert sorted(desk.folder.iterdir()) == before


def test_a_key_for_something_else_signs_no_statement(desk: Desk) -> None:
    desk.key(an_ed25519_key(), KeyKind.LOG, ORIGIN)
    refused(desk.sign(), 2, "wrong-key-kind")


def test_a_statement_that_is_there_is_replaced_only_by_force(desk: Desk) -> None:
    desk.out.write_text("precious")
    refused(desk.sign(), 1, "file-exists")
    assert desk.out.read_text() == "precious"
    assert desk.sign("--force").code == 0
    assert desk.read()[1].kind == "seal-check"


def test_signing_needs_no_server_no_database_and_no_chain_library(desk: Desk) -> None:
    ran = corridor_alone("statement", "sign", *desk.options())
    assert (ran.code, ran.err) == (0, "")
    assert desk.read()[1].kind == "seal-check"


def test_show_reveals_what_the_file_discloses_and_claims_nothing_of_the_signature(desk: Desk) -> None:
    assert desk.sign(conceal="/seal").code == 0
    ran = corridor("statement", "show", desk.out, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["body"] == BODY
    assert (ran.json["id"], ran.json["disclosures"]) == (desk.read()[1].id.hex(), 1)
    assert "signature not checked" in corridor("statement", "show", desk.out).text


def test_show_never_lets_a_statement_steer_the_terminal(desk: Desk) -> None:
    assert desk.sign(body=desk.write("given", b'{"\\u001b[2J": "\\u202e\\u0007"}')).code == 0
    shown = corridor("statement", "show", desk.out).text
    assert all(line.isprintable() for line in shown.splitlines())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "json-syntax"),
        (b"\xd2\x84\x43\xa1\x01\x26\xa0\x40\x40", "json-encoding"),
        (b'{"format":"corridor-statement/2","statement":"","disclosures":[]}', "unknown-format"),
        (b'{"format":"corridor-statement/1","statement":"","disclosures":[]}', "cose-serialisation"),
        (b'{"format":"corridor-statement/1","statement":"0oQ","disclosures":[]}', "cose-serialisation"),
        (b'{"format":"corridor-statement/1","statement":"0oQ=","disclosures":[]}', "malformed-field"),
        (b'{"format":"corridor-statement/1","statement":"0oQ","disclosures":[1]}', "malformed-field"),
    ],
    ids=["empty", "bare COSE", "another format", "nothing", "two bytes", "padding", "a number as disclosure"],
)
def test_show_says_what_is_wrong_with_a_file(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.statement").write_bytes(content)
    refused(corridor("statement", "show", tmp_path / "a.statement"), 1, reason)
