"""Private keys under a passphrase: what we write, OpenSSH reads, and the other way round."""

import base64
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.errors import CorridorError, MalformedError, UsageError
from ledger.keys.memory import PrivateKey
from ledger.keys.openssh import ROUNDS, decrypt, encrypt

ED25519_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
P_256_KEY = generate_private_key(SECP256R1())
BOTH = pytest.mark.parametrize("key", [ED25519_KEY, P_256_KEY], ids=["Ed25519", "P-256"])

# Made by `ssh-keygen -a 2` of OpenSSH 9.2; the passphrase is "testpassword".
BY_SSH_KEYGEN = {
    "AAAAC3NzaC1lZDI1NTE5AAAAIMb0BUZxFLx6e+Vn5pE7D/x5DIvN0weAYM0E5mQD4l3Y": """\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABCxA7xSYM
5QiKmGbeVlVBcmAAAAAgAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIMb0BUZxFLx6e+Vn
5pE7D/x5DIvN0weAYM0E5mQD4l3YAAAAoAEcS8ASNfnzlKqTWySIxQUOSYrAsCEjP0HrRe
ZyC+3mjN6GXywa6HMR+jiBtybZC4tavvh2uOm+PxNyYedxfaT6c/0ZkDChjc/wmEyNGCv2
tpYvCitylxAd4scerjfQJCzQuHLuo6kUoPMLeejpXD+USlLUm0cNhh29I1/CrBYFW1bNPf
b94g784Luapd3RDX6uGpNaTSjJVtQUQEHsmNg=
-----END OPENSSH PRIVATE KEY-----
""",
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHKkfelxNoT7tbj7wk7k6bDBEAlwmmvTMC/k8BQW20bj1yiABGdF"
    "CnJRiB2Qi04sOH+UxljLde16/jPE1Oj1q74=": """\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABCaGO4dNy
krljDZAuFj3xSDAAAAAgAAAAEAAABoAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlz
dHAyNTYAAABBBHKkfelxNoT7tbj7wk7k6bDBEAlwmmvTMC/k8BQW20bj1yiABGdFCnJRiB
2Qi04sOH+UxljLde16/jPE1Oj1q74AAACwumhqMhAgDbQxRs57MR8XfW7lI75fg18Povvp
JJ073mz/JLqW7D6QTnTugoDOi3smLb1fCrpu6oBJtChIVP+RgeWhmhEibvni5BXlkWv2xs
TFiaZLIT7dvUok9+FmI7BfxIT1dIEVNrcWpXYXUTx9gXOzgZhwxqcakuxxwttjbIS/7Zuk
6EDIDU6JkzNgq/rGyhV4Dy6UrmL8f2mN2/gWvjXHR0qoYdafszOEgEmKQaM=
-----END OPENSSH PRIVATE KEY-----
""",
}


def public(key: PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def body(pem: bytes) -> bytes:
    return base64.b64decode(b"".join(pem.split(b"\n")[1:-2]))


def rounds_of(pem: bytes) -> int:
    return int.from_bytes(body(pem).partition(b"bcrypt")[2][24:28])


def salt_of(data: bytes) -> bytes:
    return data.partition(b"bcrypt")[2][8:24]


def blocks(data: bytes) -> list[bytes]:
    """Return the encrypted part of an Ed25519 key, the 144 bytes at the end, in its nine blocks."""
    return [data[at : at + 16] for at in range(len(data) - 144, len(data), 16)]


def armoured(data: bytes | bytearray) -> bytes:
    middle = base64.encodebytes(data)
    return b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + middle + b"-----END OPENSSH PRIVATE KEY-----\n"


@BOTH
@settings(max_examples=10)
@given(passphrase=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_comes_back(key: PrivateKey, passphrase: str) -> None:
    assert public(decrypt(encrypt(key, passphrase, rounds=1), passphrase, "it")) == public(key)


@pytest.mark.parametrize("blob", BY_SSH_KEYGEN, ids=["Ed25519", "P-256"])
def test_what_ssh_keygen_wrote_is_read(blob: str) -> None:
    assert public(decrypt(BY_SSH_KEYGEN[blob].encode(), "testpassword", "it")).split()[1] == blob


@BOTH
@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH is not installed")
def test_ssh_keygen_reads_what_we_wrote(tmp_path: Path, key: PrivateKey) -> None:
    path = tmp_path / "ssh.key"
    path.write_bytes(encrypt(key, "secret", rounds=1))
    path.chmod(0o600)
    shown = subprocess.run(
        ["ssh-keygen", "-y", "-P", "secret", "-f", path], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == public(key)


def test_the_default_cost_is_in_the_file_and_above_that_of_ssh_keygen() -> None:
    pem = encrypt(ED25519_KEY, "secret")
    assert rounds_of(pem) == ROUNDS > 24
    assert public(decrypt(pem, "secret", "it")) == public(ED25519_KEY)


def test_two_files_of_the_same_key_share_nothing_that_is_encrypted() -> None:
    one, other = (body(encrypt(ED25519_KEY, "secret", rounds=1)) for _ in range(2))
    assert salt_of(one) != salt_of(other)
    assert not set(blocks(one)) & set(blocks(other))


@pytest.mark.parametrize("passphrase", ["wrong", "secret ", "Secret"])
def test_a_wrong_passphrase_is_told_from_a_damaged_file(passphrase: str) -> None:
    pem = encrypt(ED25519_KEY, "secret", rounds=1)
    with pytest.raises(UsageError) as caught:
        decrypt(pem, passphrase, "the file")
    assert caught.value.code == "wrong-passphrase"
    assert passphrase.strip() not in caught.value.message.replace("the passphrase", "")


@pytest.mark.parametrize("passphrase", ["", "\udcff"])
def test_an_unusable_passphrase_is_refused_both_ways(passphrase: str) -> None:
    pem = encrypt(ED25519_KEY, "secret", rounds=1)
    with pytest.raises(UsageError):
        encrypt(ED25519_KEY, passphrase, rounds=1)
    with pytest.raises(UsageError):
        decrypt(pem, passphrase, "the file")


@BOTH
def test_every_byte_changed_is_refused(key: PrivateKey) -> None:
    whole = body(encrypt(key, "secret", rounds=1))
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 0x01
        with pytest.raises((MalformedError, UsageError)):
            decrypt(armoured(changed), "secret", "it")


def test_every_length_cut_off_is_refused() -> None:
    pem = encrypt(ED25519_KEY, "secret", rounds=1)
    whole = body(pem)
    for at in range(len(pem)):
        with pytest.raises(MalformedError):
            decrypt(pem[:at], "secret", "it")
    for at in range(len(whole)):
        with pytest.raises(MalformedError):
            decrypt(armoured(whole[:at]), "secret", "it")


def test_a_secret_changed_without_the_passphrase_is_found_out() -> None:
    whole = bytearray(body(encrypt(ED25519_KEY, "secret", rounds=1)))
    # The 144 bytes at the end: two numbers that must agree, type, public key; then the seed after its length.
    whole[-144 + 8 + 15 + 36 + 4] ^= 0x01
    with pytest.raises(MalformedError, match="not that of the public key"):
        decrypt(armoured(whole), "secret", "it")


def openssh(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def named_rounds(rounds: int) -> bytes:
    whole = body(encrypt(ED25519_KEY, "secret", rounds=7))
    return armoured(re.sub(b"(bcrypt.{24})....", b"\\1" + rounds.to_bytes(4), whole, flags=re.DOTALL))


SSH = PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(1).build(b"secret")
STRANGE = {
    "not encrypted": openssh(ED25519_KEY),
    "not encrypted PKCS#8": ED25519_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    "encrypted PKCS#8": ED25519_KEY.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    ),
    "public key": public(ED25519_KEY).encode(),
    "base64 with junk": encrypt(ED25519_KEY, "secret", rounds=1).replace(b"\n", b"\n!", 1),
    "another cipher": armoured(
        body(encrypt(ED25519_KEY, "secret", rounds=1)).replace(b"aes256-ctr", b"aes256-cbc")
    ),
    "rounds beyond reason": named_rounds(2**32 - 1),
    "no rounds": named_rounds(0),
    "P-384": generate_private_key(SECP384R1()).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, SSH),
    "RSA": generate_rsa(65537, 1024).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, SSH),
}


@pytest.mark.parametrize("pem", STRANGE.values(), ids=STRANGE)
def test_refuses(pem: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        decrypt(pem, "secret", "the file")
    assert caught.value.code == "key-file-malformed"
    assert "the file" in caught.value.message


def test_a_key_that_is_not_encrypted_is_named_as_such() -> None:
    with pytest.raises(MalformedError, match="not encrypted"):
        decrypt(openssh(ED25519_KEY), "secret", "it")


@pytest.mark.parametrize("rounds", [0, 1001])
def test_limits(rounds: int) -> None:
    with pytest.raises(CorridorError):
        encrypt(ED25519_KEY, "secret", rounds=rounds)
