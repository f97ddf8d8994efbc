"""Key files: written whole or not at all, opened for the one purpose, silent about their secrets."""

import logging
import os
import stat
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from ledger.domain.cose import Alg
from ledger.domain.errors import (
    ConflictError,
    CorridorError,
    MalformedError,
    NotFoundError,
    UnavailableError,
    UsageError,
)
from ledger.domain.note import COSIGNATURE_V1, ED25519
from ledger.keys import secret_file
from ledger.keys.files import KeyFile, KeyKind
from ledger.keys.openssh import encrypt

SECRET = "correct horse battery staple"
NAMES = {
    KeyKind.STATEMENT: "https://exporter.example",
    KeyKind.RECEIPT: "log.example/corridor",
    KeyKind.LOG: "log.example/corridor",
    KeyKind.WITNESS: "witness.example",
}
CASES = [
    (KeyKind.STATEMENT, Alg.ES256),
    (KeyKind.STATEMENT, Alg.EDDSA),
    (KeyKind.RECEIPT, Alg.ES256),
    (KeyKind.LOG, Alg.EDDSA),
    (KeyKind.WITNESS, Alg.EDDSA),
]


def a_key(kind: KeyKind = KeyKind.LOG) -> KeyFile:
    return KeyFile.generate(kind, NAMES[kind])


def save(key: KeyFile, path: Path) -> Path:
    key.save(path, SECRET, rounds=1)
    return path


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    """Return the path of a saved log key."""
    return save(a_key(), tmp_path / "log.key")


@pytest.mark.parametrize(("kind", "alg"), CASES)
def test_comes_back(tmp_path: Path, kind: KeyKind, alg: Alg) -> None:
    key = KeyFile.generate(kind, NAMES[kind], alg)
    read = KeyFile.open(save(key, tmp_path / "key"), SECRET, kind)
    assert (read.kind, read.name) == (kind, NAMES[kind])
    assert read.private_key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    ) == key.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def test_statement_and_receipt_keys_sign_statements_and_receipts_only() -> None:
    for kind in (KeyKind.STATEMENT, KeyKind.RECEIPT):
        key = a_key(kind)
        key.signer.key.verify(b"data", key.signer.sign(b"data"))
        with pytest.raises(UsageError):
            key.sign_note(b"data")
        with pytest.raises(UsageError):
            _ = key.verifier_key


def test_log_and_witness_keys_sign_notes_only() -> None:
    for kind, type_byte in ((KeyKind.LOG, ED25519), (KeyKind.WITNESS, COSIGNATURE_V1)):
        key = a_key(kind)
        assert (key.verifier_key.name, key.verifier_key.kind) == (NAMES[kind], type_byte)
        key.verifier_key.verify(b"message", key.sign_note(b"message"))
        with pytest.raises(UsageError):
            _ = key.signer


@pytest.mark.parametrize("alg", list(Alg), ids=lambda alg: alg.name)
@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_kind_takes_its_algorithms_only(kind: KeyKind, alg: Alg) -> None:
    if (kind, alg) in CASES:
        assert KeyFile.generate(kind, NAMES[kind], alg).kind is kind
    else:
        with pytest.raises(UsageError) as caught:
            KeyFile.generate(kind, NAMES[kind], alg)
        assert caught.value.code == "wrong-key-type"


@pytest.mark.parametrize("name", ["", "two words", "line\nfeed", "é", "x" * 201])
def test_a_name_is_one_word_of_ascii(name: str) -> None:
    with pytest.raises(UsageError):
        KeyFile.generate(KeyKind.STATEMENT, name)


def test_the_name_of_a_log_fits_into_a_note() -> None:
    with pytest.raises(MalformedError):
        KeyFile.generate(KeyKind.LOG, "log+example")


def test_it_is_a_line_and_a_file_of_openssh(key_path: Path) -> None:
    data = key_path.read_bytes()
    assert data.startswith(b"corridor-key/1 log log.example/corridor\n-----BEGIN OPENSSH PRIVATE KEY-----\n")
    assert isinstance(load_ssh_private_key(data, SECRET.encode()), Ed25519PrivateKey)


def test_only_the_owner_may_read_it_and_nothing_else_is_left_behind(key_path: Path) -> None:
    assert stat.S_IMODE(key_path.stat().st_mode) == 0o600
    assert list(key_path.parent.iterdir()) == [key_path]


def test_the_secret_is_not_in_the_file_or_in_what_is_shown(
    key_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = KeyFile.open(key_path, SECRET, KeyKind.LOG)
    assert isinstance(key.private_key, Ed25519PrivateKey)
    body = b64decode(b"".join(key_path.read_bytes().split(b"\n")[2:-2]))
    assert body.startswith(b"openssh-key-v1")
    assert key.private_key.private_bytes_raw() not in body
    assert "private_key" not in repr(key)
    with pytest.raises(UsageError) as caught:
        KeyFile.open(key_path, "another passphrase", KeyKind.LOG)
    assert "another passphrase" not in repr(caught.value)
    assert SECRET not in caplog.text


def test_a_key_is_never_overwritten(key_path: Path) -> None:
    before = key_path.read_bytes()
    with pytest.raises(ConflictError) as caught:
        save(a_key(), key_path)
    assert caught.value.code == "file-exists"
    assert key_path.read_bytes() == before
    assert list(key_path.parent.iterdir()) == [key_path]


def test_a_dangling_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConflictError):
        save(a_key(), tmp_path / "key")
    assert not (tmp_path / "elsewhere").exists()


def test_without_its_folder_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        save(a_key(), tmp_path / "no" / "key")


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make every fsync fail as on a full disk."""

    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fails)
        yield


@pytest.mark.usefixtures("full_disk")
def test_on_a_full_disk_nothing_half_written_is_left(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="No space left"):
        save(a_key(), tmp_path / "key")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_is_named(key_path: Path) -> None:
    with pytest.raises(UnavailableError):
        save(a_key(), key_path / "key")


def test_others_that_may_read_it_are_warned_of(key_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    KeyFile.open(key_path, SECRET, KeyKind.LOG)
    assert caplog.text == ""
    key_path.chmod(0o644)
    KeyFile.open(key_path, SECRET, KeyKind.LOG)
    assert "mode 644" in caplog.text
    assert "chmod 600" in caplog.text


GOOD_PEM = encrypt(a_key().private_key, SECRET, rounds=1)
P_256_PEM = encrypt(a_key(KeyKind.RECEIPT).private_key, SECRET, rounds=1)
BAD = {
    "nothing": b"",
    "PEM without the first line": GOOD_PEM,
    "another format": b"corridor-key/2 log log.example\n" + GOOD_PEM,
    "unknown purpose": b"corridor-key/1 master log.example\n" + GOOD_PEM,
    "no name": b"corridor-key/1 log\n" + GOOD_PEM,
    "name of two words": b"corridor-key/1 log log example\n" + GOOD_PEM,
    "name that cannot stand in a note": b"corridor-key/1 log log+example\n" + GOOD_PEM,
    "key that the purpose does not allow": b"corridor-key/1 log log.example\n" + P_256_PEM,
    "line end of two bytes": b"corridor-key/1 log log.example\r\n" + GOOD_PEM,
    "no line end": b"corridor-key/1 log log.example",
    "no PEM": b"corridor-key/1 log log.example\nkey\n",
    "PEM cut off": b"corridor-key/1 log log.example\n" + GOOD_PEM[:-30],
    "two keys": b"corridor-key/1 log log.example\n" + GOOD_PEM * 2,
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_refuses(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "key"
    secret_file.write_new(path, data)
    with pytest.raises(MalformedError) as caught:
        KeyFile.open(path, SECRET, KeyKind.LOG)
    assert caught.value.code == "key-file-malformed"
    assert str(path) in caught.value.message


def test_what_is_signed_under_a_changed_first_line_verifies_under_no_key_that_is_pinned(
    key_path: Path,
) -> None:
    pinned = KeyFile.open(key_path, SECRET, KeyKind.LOG).verifier_key
    relabelled = key_path.with_name("witness.key")
    secret_file.write_new(relabelled, key_path.read_bytes().replace(b"/1 log ", b"/1 witness ", 1))
    witness = KeyFile.open(relabelled, SECRET, KeyKind.WITNESS)
    assert witness.verifier_key.encode() != pinned.encode()
    assert witness.verifier_key.key_id != pinned.key_id


@pytest.mark.parametrize("kind", [KeyKind.STATEMENT, KeyKind.RECEIPT, KeyKind.WITNESS])
def test_a_key_for_something_else_is_refused(key_path: Path, kind: KeyKind) -> None:
    with pytest.raises(UsageError) as caught:
        KeyFile.open(key_path, SECRET, kind)
    assert caught.value.code == "wrong-key-kind"
    assert "log key" in caught.value.message


def test_a_key_of_any_kind_is_opened_when_asked_so(key_path: Path) -> None:
    assert KeyFile.open(key_path, SECRET).kind is KeyKind.LOG


def test_each_failure_to_open_has_its_own_code(key_path: Path) -> None:
    damaged, short, large = (key_path.with_name(name) for name in ("damaged", "short", "large"))
    data = key_path.read_bytes()
    for path, content in ((damaged, data[:-1] + b"\x00"), (short, data[:40]), (large, bytes(70_000))):
        secret_file.write_new(path, content)
    found = {}
    for path, passphrase in (
        (key_path, "wrong"),
        (damaged, SECRET),
        (short, SECRET),
        (large, SECRET),
        (key_path.with_name("none"), SECRET),
        (key_path.parent, SECRET),
    ):
        with pytest.raises(CorridorError) as caught:
            KeyFile.open(path, passphrase, KeyKind.LOG)
        assert str(path) in caught.value.message
        found[path.name] = caught.value.code
    assert found == {
        "log.key": "wrong-passphrase",
        "damaged": "key-file-malformed",
        "short": "key-file-malformed",
        "large": "not-a-key-file",
        "none": "no-file",
        key_path.parent.name: "cannot-read",
    }
