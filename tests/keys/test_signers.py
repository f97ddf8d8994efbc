"""Signers: a key in memory, and a device that lets nobody see its key."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, Hash

from ledger.domain.cose import Alg, CoseKey, Signer, ecdsa_signature
from ledger.domain.errors import UsageError, VerificationError
from ledger.domain.statement import Draft, Statement, sign_statement
from ledger.keys.memory import MemorySigner
from tests.builders import EXPORTER, NOON, a_genesis, a_trip, nothing_seen


class Token:
    """A device as banks and ports have them: it is given a digest and answers with a signature, no more."""

    def __init__(self) -> None:
        self._private_key = generate_private_key(SECP256R1())
        self.key = CoseKey.from_public_key(self._private_key.public_key())
        self.digests: list[bytes] = []

    def sign(self, data: bytes) -> bytes:
        hashing = Hash(SHA256())
        hashing.update(data)
        self.digests.append(hashing.finalize())
        return ecdsa_signature(self._private_key.sign(self.digests[-1], ECDSA(Prehashed(SHA256()))))


class WrongSlot(Token):
    """A device that signs with another of its keys."""

    def sign(self, data: bytes) -> bytes:
        return Token().sign(data)


class AnswersInDer(Token):
    """A device whose driver forgot to convert."""

    def sign(self, data: bytes) -> bytes:
        return self._private_key.sign(data, ECDSA(SHA256()))


def sign_with(signer: Signer) -> Statement:
    return sign_statement(
        Draft("scan", (a_trip().uri,), (a_trip().custody_tag,), {"lane": 3}),
        signer=signer,
        iss=EXPORTER,
        aud=a_genesis().audience,
        seen=nothing_seen(),
        iat=NOON,
        nonce=bytes(16),
    ).statement


def test_a_device_signs_statements_and_sees_digests_only() -> None:
    token = Token()
    statement = sign_with(token)
    statement.verify(token.key)
    assert statement.kid == token.key.thumbprint
    assert token.digests == [statement.id]


@pytest.mark.parametrize("device", [WrongSlot, AnswersInDer])
def test_a_device_that_signs_something_else_is_found_out_at_once(device: type[Token]) -> None:
    with pytest.raises(VerificationError):
        sign_with(device())


@pytest.mark.parametrize("alg", list(Alg), ids=lambda alg: alg.name)
def test_a_new_key_signs(alg: Alg) -> None:
    signer = MemorySigner.generate(alg)
    sign_with(signer).verify(signer.key)
    assert signer.key.alg is alg
    assert MemorySigner(signer.private_key).key == signer.key
    assert MemorySigner.generate(alg).key != signer.key


def test_the_same_key_signs_the_same_bytes_alike() -> None:
    signer = MemorySigner.generate(Alg.ES256)
    assert signer.sign(b"data") == signer.sign(b"data")


def test_es256_nonces_are_those_of_rfc_6979() -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import derive_private_key

    secret = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    signature = MemorySigner(derive_private_key(secret, SECP256R1())).sign(b"sample")
    assert signature.hex() == (
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
    )


def test_keys_of_another_curve_are_refused() -> None:
    with pytest.raises(UsageError):
        MemorySigner(generate_private_key(SECP384R1()))


def test_showing_a_signer_shows_no_secret() -> None:
    private_key = Ed25519PrivateKey.generate()
    shown = repr(MemorySigner(private_key))
    assert private_key.private_bytes_raw().hex() not in shown
    assert private_key.public_key().public_bytes_raw().hex() not in shown
