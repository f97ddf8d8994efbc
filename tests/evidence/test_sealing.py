"""Sealing: whatever the bytes and however they come, what is stored opens to what was committed to."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.domain.cid import cid_of
from ledger.domain.errors import UnavailableError, UsageError
from ledger.domain.evidence import EvidenceItem, Label, commitment, derive_salt
from ledger.evidence.local_store import LocalStore
from ledger.evidence.pipes import Pipe, gathered
from ledger.evidence.sealing import seal, wrap_secret
from ledger.verification.sealed import open_sealed, unwrap_secret
from tests.builders import seeded

LABEL = Label("image/png", "x-ray", "Container from the left")


class Kept:
    """A store that keeps one item in memory."""

    def __init__(self) -> None:
        self.stored = b""

    def __call__(self, pieces: Iterable[bytes]) -> str:
        self.stored = b"".join(pieces)
        return cid_of([self.stored])


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


@given(st.binary(max_size=5000), st.lists(st.integers(0, 2000), max_size=6))
@example(b"", [])
@example(seeded("65,536", 65_536), [65_536])
@example(seeded("over a MiB", 1_200_000), [1, 65_537, 1_000_000])
@settings(max_examples=40)
def test_what_is_stored_opens_to_what_was_committed_to(data: bytes, sizes: list[int]) -> None:
    kept = Kept()
    sealed = seal(cut(data, sizes), LABEL, kept)
    salt = derive_salt(sealed.secret)
    assert sealed.item == EvidenceItem(
        commitment(salt, [data]), cid_of([kept.stored]), len(data), "image/png", "x-ray", LABEL.name
    )
    assert EvidenceItem.parse(sealed.item.to_json()) == sealed.item
    sealed.item.verify(salt, cut(data, sizes))
    # By the library's other interface, which knows nothing of ours.
    assert pyrage.decrypt(kept.stored, [pyrage.x25519.Identity.from_str(sealed.secret.decode())]) == data
    plain = io.BytesIO()
    open_sealed(sealed.item, sealed.secret, [kept.stored], plain.write)
    assert plain.getvalue() == data


def test_each_item_has_a_secret_of_its_own_that_is_not_shown() -> None:
    one, other = (seal([b"the same"], LABEL, Kept()) for _ in range(2))
    assert one.secret != other.secret
    assert one.item.commitment != other.item.commitment
    assert one.item.cid != other.item.cid
    assert one.secret.decode() not in repr(one)


class TornError(Exception):
    """The bytes stopped coming."""


def torn(data: bytes) -> Iterator[bytes]:
    yield data
    raise TornError


@pytest.mark.parametrize("size", [0, 10, 3_000_000])
def test_bytes_that_stop_coming_leave_nothing(size: int, tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    with pytest.raises(TornError):
        seal(torn(bytes(size)), LABEL, store.put)
    assert list(store.cids()) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_store_that_fails_ends_the_sealing_with_its_own_error() -> None:
    def full(pieces: Iterable[bytes]) -> str:
        next(iter(pieces))
        raise UnavailableError("disk-full", "no room")

    with pytest.raises(UnavailableError) as caught:
        seal((bytes(1 << 20) for _ in range(64)), LABEL, full)
    assert caught.value.code == "disk-full"


def ssh_pair() -> tuple[str, bytes]:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return public, key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def test_every_recipient_opens_the_secret_and_nobody_else() -> None:
    secret = seal([b"x"], LABEL, Kept()).secret
    one, other, stranger = (pyrage.x25519.Identity.generate() for _ in range(3))
    public, private = ssh_pair()
    wrapped = wrap_secret(secret, [str(one.to_public()), f" {other.to_public()} ", public])
    for identity in (one, other, pyrage.ssh.Identity.from_buffer(private)):
        assert unwrap_secret(wrapped, [identity]) == secret
    assert unwrap_secret(wrapped, [stranger]) is None
    assert wrapped.startswith(b"age-encryption.org/v1\n")


BAD_RECIPIENTS: dict[str, list[str]] = {
    "none": [],
    "empty": [""],
    "no age recipient": ["reader@customs.example"],
    "an identity": ["AGE-SECRET-KEY-1" + "Q" * 58],
    "a broken SSH key": ["ssh-ed25519 AAAA"],
    "one of two": [str(pyrage.x25519.Identity.generate().to_public()), "age1x"],
    "sixty-five": [str(pyrage.x25519.Identity.generate().to_public())] * 65,
}


@pytest.mark.parametrize("recipients", BAD_RECIPIENTS.values(), ids=BAD_RECIPIENTS)
def test_refuses_recipients(recipients: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        wrap_secret(b"secret", recipients)
    assert caught.value.field == "recipients"
    assert "Q" * 30 not in caught.value.message


def test_a_pipe_that_nobody_reads_breaks() -> None:
    pipe = Pipe(1)
    pipe.write(b"x")
    pipe.close()
    with pytest.raises(BrokenPipeError):
        pipe.write(b"y")


@given(st.lists(st.binary(max_size=30)), st.integers(1, 50))
def test_gathering_changes_no_byte(pieces: list[bytes], size: int) -> None:
    found = list(gathered(pieces, size))
    assert b"".join(found) == b"".join(pieces)
    assert all(len(piece) >= size for piece in found[:-1])
