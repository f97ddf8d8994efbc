"""`corridor key` and `corridor subject`: what is made is what other programs and people need."""

import base64
import os
import pty
import stat
import subprocess
from pathlib import Path

import pytest

from ledger.domain.cose import CoseKey
from ledger.domain.note import VerifierKey
from ledger.domain.subject import Subject, stream_tag
from ledger.keys.files import KeyFile, KeyKind
from tests.builders import EXPORTER, an_ed25519_key
from tests.cli.corridor import EXECUTABLE, corridor, corridor_process, refused

PASSPHRASE = "correct horse"


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\nsecond line\n")
    return path


def cheap(path: Path, key: KeyFile) -> Path:
    """Save a key with little work, which is no less a key file."""
    key.save(path, PASSPHRASE, rounds=1)
    return path


@pytest.mark.parametrize(
    ("kind", "name", "alg"),
    [
        ("statement", EXPORTER, "es256"),
        ("statement", EXPORTER, "eddsa"),
        ("receipt", "log.example/corridor", None),
        ("log", "log.example/corridor", None),
        ("witness", "witness.example/one", "eddsa"),
    ],
)
def test_a_new_key_opens_again_and_is_the_one_that_was_printed(
    tmp_path: Path, passphrase: Path, kind: str, name: str, alg: str | None
) -> None:
    path = tmp_path / "new.key"
    chosen = () if alg is None else ("--alg", alg)
    options = ("--passphrase-file", passphrase, "--json")
    ran = corridor("key", "new", "--kind", kind, "--name", name, *chosen, "--out", path, *options)
    assert (ran.code, ran.err) == (0, "")
    opened = KeyFile.open(path, PASSPHRASE, KeyKind(kind))
    public = CoseKey.from_public_key(opened.private_key.public_key())
    assert (ran.json["kind"], ran.json["name"], ran.json["alg"]) == (kind, name, public.alg.name.lower())
    assert CoseKey.parse(bytes.fromhex(ran.json["cose_key"])) == public
    assert ran.json["thumbprint"] == public.thumbprint.hex()
    if kind in ("log", "witness"):
        assert VerifierKey.parse(ran.json["vkey"]) == opened.verifier_key
    else:
        assert ran.json["vkey"] is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PASSPHRASE.encode() not in path.read_bytes()


def test_the_public_half_is_shown_without_a_passphrase(tmp_path: Path) -> None:
    key = KeyFile(KeyKind.LOG, "log.example/a", an_ed25519_key())
    ran = corridor("key", "show", cheap(tmp_path / "log.key", key))
    assert (ran.code, ran.err) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in ran.text.splitlines())
    assert (lines["kind"], lines["name"], lines["alg"]) == ("log", "log.example/a", "eddsa")
    assert lines["vkey"] == key.verifier_key.encode()


def test_with_a_passphrase_a_changed_public_half_is_found(tmp_path: Path, passphrase: Path) -> None:
    path = cheap(tmp_path / "log.key", KeyFile(KeyKind.LOG, "log.example/a", an_ed25519_key()))
    arguments = ("key", "show", path, "--passphrase-file", passphrase)
    assert corridor(*arguments).code == 0
    lines = path.read_bytes().split(b"\n")
    body = bytearray(base64.b64decode(b"".join(lines[2:-2])))
    other = an_ed25519_key("another").public_key().public_bytes_raw()
    at = body.index(an_ed25519_key().public_key().public_bytes_raw())
    body[at : at + 32] = other
    path.write_bytes(b"\n".join([*lines[:2], base64.b64encode(body), *lines[-2:]]))
    assert other.hex() in corridor("key", "show", path).text
    refused(corridor(*arguments), 1, "key-file-malformed")


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        pytest.param(["--kind", "log", "--alg", "es256"], 2, "wrong-key-type", id="a log key for ES256"),
        pytest.param(
            ["--kind", "receipt", "--alg", "eddsa"], 2, "wrong-key-type", id="a receipt key for EdDSA"
        ),
        pytest.param(["--kind", "door"], 2, "usage", id="unknown kind"),
        pytest.param(["--kind", "log", "--alg", "none"], 2, "usage", id="unknown algorithm"),
        pytest.param(["--kind", "log", "--name", "two words"], 2, "bad-key-name", id="name with a blank"),
        pytest.param(["--kind", "log", "--name", "a+b"], 1, "verifier-key", id="log name with a plus"),
        pytest.param(["--kind", "log", "--out", "absent/new.key"], 1, "no-folder", id="no such folder"),
    ],
)
def test_a_key_that_cannot_be_made_leaves_no_file(
    tmp_path: Path, passphrase: Path, options: list[str], code: int, reason: str
) -> None:
    common = ["--name", "log.example/a", "--out", tmp_path / "new.key", "--passphrase-file", passphrase]
    ran = corridor("key", "new", *common, *options)
    refused(ran, code, reason)
    assert [path.name for path in tmp_path.iterdir()] == ["passphrase"]


def test_a_key_file_is_never_replaced(tmp_path: Path, passphrase: Path) -> None:
    path = cheap(tmp_path / "log.key", KeyFile(KeyKind.LOG, "log.example/a", an_ed25519_key()))
    before = path.read_bytes()
    common = ("--kind", "log", "--name", "log.example/a", "--out", path, "--passphrase-file", passphrase)
    refused(corridor("key", "new", *common), 1, "file-exists")
    assert path.read_bytes() == before


def test_a_wrong_passphrase_and_a_damaged_file_are_told_apart(tmp_path: Path, passphrase: Path) -> None:
    path = cheap(tmp_path / "log.key", KeyFile(KeyKind.LOG, "log.example/a", an_ed25519_key()))
    passphrase.write_text("battery staple\n")
    refused(corridor("key", "show", path, "--passphrase-file", passphrase), 2, "wrong-passphrase")
    passphrase.write_bytes(b"\xff\n")
    refused(corridor("key", "show", path, "--passphrase-file", passphrase), 2, "bad-passphrase")
    passphrase.unlink()
    refused(corridor("key", "show", path, "--passphrase-file", passphrase), 1, "no-file")
    path.write_bytes(path.read_bytes()[:100])
    refused(corridor("key", "show", path), 1, "key-file-malformed")
    refused(corridor("key", "show", tmp_path / "absent"), 1, "no-file")


def test_the_passphrase_can_come_from_the_environment(tmp_path: Path) -> None:
    command = ("key", "new", "--kind", "log", "--name", "log.example/a", "--out", tmp_path / "log.key")
    refused(corridor_process(*command, environment={"CORRIDOR_PASSPHRASE": ""}), 2, "empty-passphrase")
    ran = corridor_process(*command, environment={"CORRIDOR_PASSPHRASE": PASSPHRASE})
    assert (ran.code, ran.err) == (0, "")
    assert KeyFile.open(tmp_path / "log.key", PASSPHRASE).kind is KeyKind.LOG


def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    ran = corridor("key", "new", "--kind", "log", "--name", "log.example/a", "--out", tmp_path / "log.key")
    refused(ran, 2, "no-passphrase")


def at_a_terminal(path: Path, *typed: str) -> tuple[int, str]:
    """Make a key at a terminal; return the exit code and all that the terminal showed."""
    ours, theirs = pty.openpty()
    command = [str(EXECUTABLE), "key", "new", "--kind", "log", "--name", "log.example/a", "--out", str(path)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown = b""
    answers = list(typed)
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
        # The blank after the colon comes when the terminal has stopped to show what is typed.
        if answers and shown.endswith(b": "):
            os.write(ours, answers.pop(0).encode() + b"\n")
    os.close(ours)
    return process.wait(), shown.decode()


def test_at_a_terminal_a_new_passphrase_is_typed_twice_and_never_shown(tmp_path: Path) -> None:
    code, shown = at_a_terminal(tmp_path / "log.key", PASSPHRASE, PASSPHRASE)
    assert code == 0, shown
    assert PASSPHRASE not in shown
    assert KeyFile.open(tmp_path / "log.key", PASSPHRASE, None).kind is KeyKind.LOG


def test_two_different_passphrases_make_no_key(tmp_path: Path) -> None:
    code, shown = at_a_terminal(tmp_path / "log.key", PASSPHRASE, "another")
    assert (code, "[passphrases-differ]" in shown) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_new_subject_commits_to_its_creator_and_its_stream() -> None:
    arguments = ("subject", "new", "--type", "trip", "--key", "MSKU1234565", "--iss", EXPORTER, "--json")
    one, two = corridor(*arguments), corridor(*arguments)
    tag = stream_tag(bytes.fromhex(one.json["secret"]))
    assert tag.hex() == one.json["stream"]
    assert Subject.parse(one.json["subject"]).opened_by(EXPORTER, tag)
    assert one.json["secret"] != two.json["secret"]


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        (["--type", "parcel"], 2, "usage"),
        (["--key", "msku 1"], 1, "malformed-subject"),
        (["--iss", "exporter"], 1, "malformed-field"),
    ],
)
def test_a_subject_without_a_proper_name_is_refused(changes: list[str], code: int, reason: str) -> None:
    arguments = ["subject", "new", "--type", "trip", "--key", "MSKU1234565", "--iss", EXPORTER, *changes]
    refused(corridor(*arguments), code, reason)
