"""The stock `age` program opens what is sealed here, and what it seals opens here."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest

from ledger.domain.cid import cid_of
from ledger.domain.evidence import Label
from ledger.evidence.local_store import LocalStore
from ledger.evidence.sealing import seal, wrap_secret
from ledger.verification.sealed import open_sealed, unwrap_secret
from tests.builders import seeded
from tests.tools.fixtures import age, age_keygen

__all__ = ["age", "age_keygen"]

PLAIN = seeded("for a stranger's age", 700_001)


def ran(*words: object, given: bytes = b"") -> bytes:
    return subprocess.run([str(word) for word in words], input=given, capture_output=True, check=True).stdout


@pytest.fixture
def reader(tmp_path: Path, age_keygen: Path) -> Path:
    """An identity that `age-keygen` made."""
    path = tmp_path / "reader.age"
    path.write_bytes(ran(age_keygen))
    return path


def recipient(age_keygen: Path, reader: Path) -> str:
    return ran(age_keygen, "-y", reader).decode().strip()


def test_the_stock_tool_opens_the_wrapped_secret_and_with_it_the_item(
    tmp_path: Path, age: Path, age_keygen: Path, reader: Path
) -> None:
    store = LocalStore(tmp_path / "store")
    sealed = seal([PLAIN], Label("image/png", "scan"), store.put)
    wrapped = wrap_secret(sealed.secret, [recipient(age_keygen, reader)])
    secret = tmp_path / "secret"
    secret.write_bytes(ran(age, "-d", "-i", reader, given=wrapped))
    assert secret.read_bytes() == sealed.secret
    # With what the store has on its disk, as it is.
    (kept,) = (tmp_path / "store").rglob(sealed.item.cid)
    assert ran(age, "-d", "-i", secret, kept) == PLAIN


def test_a_secret_that_the_stock_tool_wrapped_for_another_reader_opens_here(
    tmp_path: Path, age: Path, age_keygen: Path, reader: Path
) -> None:
    store = LocalStore(tmp_path / "store")
    sealed = seal([PLAIN], Label("image/png", "scan"), store.put)
    wrapped = ran(age, "-r", recipient(age_keygen, reader), given=sealed.secret)
    line = reader.read_text().splitlines()[-1]
    opened = unwrap_secret(wrapped, [pyrage.x25519.Identity.from_str(line)])
    assert opened == sealed.secret
    out = bytearray()
    open_sealed(sealed.item, opened, store.open(sealed.item.cid).chunks, out.extend)
    assert out == PLAIN


def test_bytes_that_the_stock_tool_sealed_to_an_items_secret_open_as_the_item(
    tmp_path: Path, age: Path, age_keygen: Path
) -> None:
    ours = seal([PLAIN], Label("image/png", "scan"), LocalStore(tmp_path / "store").put)
    secret = tmp_path / "secret"
    secret.write_bytes(ours.secret + b"\n")
    theirs = ran(age, "-r", recipient(age_keygen, secret), given=PLAIN)
    item = replace(ours.item, cid=cid_of([theirs]))
    out = bytearray()
    open_sealed(item, ours.secret, iter([theirs]), out.extend)
    assert out == PLAIN
