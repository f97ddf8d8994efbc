"""Encryption under a passphrase: what we write, the age library reads."""

import re

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.errors import MalformedError, UsageError
from ledger.keys.passphrase import WORK_FACTOR, decrypt, encrypt

CHEAP = 1


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=500), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_comes_back(plaintext: bytes, passphrase: str) -> None:
    data = encrypt(plaintext, passphrase, work_factor=CHEAP)
    assert decrypt(data, passphrase, "it") == plaintext
    assert pyrage.passphrase.decrypt(data, passphrase) == plaintext


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536])
def test_sizes_up_to_one_chunk(size: int) -> None:
    assert decrypt(encrypt(bytes(size), "secret", work_factor=CHEAP), "secret", "it") == bytes(size)


def test_the_default_cost_is_in_the_file_and_is_not_small() -> None:
    data = encrypt(b"x", "secret")
    found = re.search(rb"-> scrypt \S+ (\d+)\n", data)
    assert found is not None
    assert int(found[1]) == WORK_FACTOR >= 17
    assert decrypt(data, "secret", "it") == b"x"


def test_two_files_of_the_same_have_nothing_in_common() -> None:
    one, other = (encrypt(b"x" * 100, "secret", work_factor=CHEAP) for _ in range(2))
    assert one[-100:] != other[-100:]
    assert one.splitlines()[1] != other.splitlines()[1]


@pytest.mark.parametrize("passphrase", ["wrong", "secret ", "Secret"])
def test_a_wrong_passphrase_is_told_from_a_damaged_file(passphrase: str) -> None:
    data = encrypt(b"x", "secret", work_factor=CHEAP)
    with pytest.raises(UsageError) as caught:
        decrypt(data, passphrase, "the file")
    assert caught.value.code == "wrong-passphrase"
    assert passphrase.strip() not in caught.value.message.replace("the passphrase", "")


@pytest.mark.parametrize("passphrase", ["", "\udcff"])
def test_an_unusable_passphrase_is_refused_both_ways(passphrase: str) -> None:
    data = encrypt(b"x", "secret", work_factor=CHEAP)
    with pytest.raises(UsageError):
        encrypt(b"x", passphrase, work_factor=CHEAP)
    with pytest.raises(UsageError):
        decrypt(data, passphrase, "the file")


def test_every_byte_flipped_and_every_length_cut_off_is_refused() -> None:
    data = encrypt(b"a secret", "secret", work_factor=CHEAP)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 0x01
        with pytest.raises((MalformedError, UsageError)):
            decrypt(bytes(changed), "secret", "it")
        with pytest.raises((MalformedError, UsageError)):
            decrypt(data[:at], "secret", "it")


def test_a_file_encrypted_to_somebody_is_no_such_file() -> None:
    data = pyrage.encrypt(b"x", [pyrage.x25519.Identity.generate().to_public()])
    with pytest.raises(MalformedError) as caught:
        decrypt(data, "secret", "it")
    assert caught.value.code == "key-file-malformed"


@pytest.mark.parametrize(
    "arguments", [(bytes(65_537), 1), (b"", 0), (b"", 21)], ids=["large", "free", "dear"]
)
def test_limits(arguments: tuple[bytes, int]) -> None:
    plaintext, work_factor = arguments
    with pytest.raises(UsageError):
        encrypt(plaintext, "secret", work_factor=work_factor)
