"""COSE keys and COSE_Sign1: one serialisation, one key, one signature."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import cose, strict_cbor
from ledger.domain.cose import Alg, CoseKey, Sign1
from ledger.domain.errors import MalformedError, UsageError, VerificationError
from tests.builders import a_signer
from tests.domain import p256_reference
from tests.domain.p256_reference import N, P

ES256_KEY = a_signer("cose", Alg.ES256).key.encoded
EDDSA_KEY = a_signer("cose", Alg.EDDSA).key.encoded
ALGS = pytest.mark.parametrize("alg", list(Alg), ids=lambda alg: alg.name)


def ec2(x: bytes, y: bytes) -> bytes:
    return strict_cbor.dumps({1: 2, -1: 1, -2: x, -3: y})


def okp(x: bytes, curve: int = 6) -> bytes:
    return strict_cbor.dumps({1: 1, -1: curve, -2: x})


def little(y: int) -> bytes:
    return y.to_bytes(32, "little")


ED25519_P = 2**255 - 19
BAD_KEYS = {
    "nothing": b"",
    "an array": b"\x80",
    "cut off": ES256_KEY[:-1],
    "a byte after it": ES256_KEY + b"\x00",
    "with a kid": strict_cbor.dumps({**strict_cbor.loads(ES256_KEY), 2: b"kid"}),
    "with an alg": strict_cbor.dumps({**strict_cbor.loads(EDDSA_KEY), 3: -8}),
    "with the private half": strict_cbor.dumps({**strict_cbor.loads(EDDSA_KEY), -4: bytes(32)}),
    "compressed point": strict_cbor.dumps({1: 2, -1: 1, -2: ES256_KEY[8:40], -3: True}),
    "P-384": strict_cbor.dumps({1: 2, -1: 2, -2: bytes(48), -3: bytes(48)}),
    "secp256k1": strict_cbor.dumps({1: 2, -1: 8, -2: bytes(32), -3: bytes(32)}),
    "keys in another order": b"\xa4\x20\x01\x01\x02" + ES256_KEY[5:],
    "x with a leading zero left out": ec2(bytes(31), bytes(32)),
    "point off the curve": ec2(ES256_KEY[8:40], bytes(31) + b"\x01"),
    "point of zeros": ec2(bytes(32), bytes(32)),
    "x not below the field's prime": ec2((P + 5).to_bytes(32), bytes(32)),
    "X25519": okp(bytes(31) + b"\x09", curve=4),
    "Ed448": okp(bytes(57), curve=7),
    "Ed25519 off the curve": okp(little(2)),
    "Ed25519 y not below the field's prime": okp(little(ED25519_P + 3)),
    "Ed25519 of order 1": okp(little(1)),
    "Ed25519 of order 1, sign bit set": okp(little(1 + 2**255)),
    "Ed25519 of order 1, not canonical": okp(little(ED25519_P + 1)),
    "Ed25519 of order 2": okp(little(ED25519_P - 1)),
    "Ed25519 of order 4": okp(little(0)),
    "Ed25519 of order 8": okp(
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
    ),
    "Ed25519 of order 8, the other": okp(
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
    ),
}


@pytest.mark.parametrize("encoded", BAD_KEYS.values(), ids=BAD_KEYS)
def test_refuses_a_key(encoded: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        CoseKey.parse(encoded)
    assert caught.value.code == "malformed-key"


def test_under_a_key_of_small_order_anyone_signs() -> None:
    """Why such keys are refused: the library that verifies takes them, and this signature over anything."""
    neutral = little(1)
    Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), b"anything")
    with pytest.raises(MalformedError):
        CoseKey.parse(okp(neutral))


def test_says_of_an_ml_dsa_key_that_it_comes_later() -> None:
    with pytest.raises(MalformedError) as caught:
        CoseKey.parse(strict_cbor.dumps({1: 7, 3: -49, -1: bytes(1952)}))
    assert caught.value.code == "unsupported-key"


def test_refuses_to_make_a_key_of_another_curve() -> None:
    with pytest.raises(UsageError):
        CoseKey.from_public_key(generate_private_key(SECP384R1()).public_key())


@ALGS
def test_a_key_is_its_encoding(alg: Alg) -> None:
    key = a_signer("cose", alg).key
    again = CoseKey.parse(key.encoded)
    assert (again, hash(again), again.alg, again.thumbprint) == (key, hash(key), alg, key.thumbprint)
    assert again != a_signer("another", alg).key


@ALGS
@given(data=st.binary(max_size=300))
def test_verifies_its_own_signatures(alg: Alg, data: bytes) -> None:
    signer = a_signer("cose", alg)
    signer.key.verify(data, signer.sign(data))


@ALGS
def test_refuses_a_signature_with_any_bit_flipped(alg: Alg) -> None:
    signer = a_signer("cose", alg)
    signature = signer.sign(b"data")
    for bit in range(8 * len(signature)):
        flipped = (int.from_bytes(signature) ^ 1 << bit).to_bytes(64)
        with pytest.raises(VerificationError):
            signer.key.verify(b"data", flipped)


@ALGS
@pytest.mark.parametrize("size", [0, 63, 65, 72])
def test_refuses_a_signature_of_another_size(alg: Alg, size: int) -> None:
    with pytest.raises(VerificationError):
        a_signer("cose", alg).key.verify(b"data", bytes(size))


def test_takes_both_signatures_that_ecdsa_gives_for_one() -> None:
    signer = a_signer("cose", Alg.ES256)
    signature = signer.sign(b"data")
    r, s = signature[:32], int.from_bytes(signature[32:])
    for each in (s, N - s):
        signer.key.verify(b"data", r + each.to_bytes(32))


ZERO = bytes(32)
BAD_ECDSA: dict[str, Callable[[bytes, bytes], bytes]] = {
    "r is 0": lambda r, s: ZERO + s,
    "s is 0": lambda r, s: r + ZERO,
    "both are 0": lambda r, s: ZERO + ZERO,
    "r is n": lambda r, s: N.to_bytes(32) + s,
    "s is n": lambda r, s: r + N.to_bytes(32),
    "r is 2^256 - 1": lambda r, s: b"\xff" * 32 + s,
    "s is 2^256 - 1": lambda r, s: r + b"\xff" * 32,
    "r is 1 and s is 1": lambda r, s: (1).to_bytes(32) * 2,
    "r is n - 1": lambda r, s: (N - 1).to_bytes(32) + s,
    "r and s swapped": lambda r, s: s + r,
}


@pytest.mark.parametrize("change", BAD_ECDSA.values(), ids=BAD_ECDSA)
def test_refuses_edge_cases_of_ecdsa(change: Callable[[bytes, bytes], bytes]) -> None:
    signer = a_signer("cose", Alg.ES256)
    signature = signer.sign(b"data")
    with pytest.raises(VerificationError):
        signer.key.verify(b"data", change(signature[:32], signature[32:]))


def test_refuses_r_plus_n_for_r() -> None:
    digest = int.from_bytes(sha256(b"data").digest())
    encoded, r = p256_reference.key_for(digest, s=7)
    key, s = CoseKey.parse(encoded), (7).to_bytes(32)
    key.verify(b"data", r.to_bytes(32) + s)
    with pytest.raises(VerificationError):
        key.verify(b"data", (r + N).to_bytes(32) + s)


def test_refuses_ed25519_with_s_not_below_the_order() -> None:
    signer = a_signer("cose", Alg.EDDSA)
    signature = signer.sign(b"data")
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(signature[32:], "little") + order
    with pytest.raises(VerificationError):
        signer.key.verify(b"data", signature[:32] + s.to_bytes(32, "little"))


PARTS = st.binary(max_size=70_000) | st.sampled_from([0, 1, 23, 24, 255, 256, 65_535, 65_536]).map(bytes)


@given(PARTS, PARTS)
def test_the_serialisation_is_cbor_and_comes_back(protected: bytes, payload: bytes) -> None:
    sign1 = Sign1(protected, payload, bytes(64))
    encoded = sign1.encode()
    assert encoded[:1] == b"\xd2"
    assert strict_cbor.loads(encoded[1:]) == [protected, {}, payload, bytes(64)]
    assert Sign1.parse(encoded) == sign1
    assert strict_cbor.loads(sign1.to_be_signed) == ["Signature1", protected, b"", payload]


BODY = b"\xa0" + cose.bstr(b"payload") + cose.bstr(bytes(64))
BAD_SIGN1 = {
    "nothing": b"",
    "the tag alone": b"\xd2",
    "untagged": b"\x84\x41\x01" + BODY,
    "tag in two bytes": b"\xd8\x12\x84\x41\x01" + BODY,
    "tag of COSE_Sign": b"\xd8\x62\x84\x41\x01" + BODY,
    "array of five": b"\xd2\x85\x41\x01" + BODY + b"\x00",
    "array of three": b"\xd2\x83\x41\x01\xa0\x41\x01",
    "array length in two bytes": b"\xd2\x98\x04\x41\x01" + BODY,
    "indefinite array": b"\xd2\x9f\x41\x01" + BODY + b"\xff",
    "protected header as a map": b"\xd2\x84\xa0" + BODY,
    "protected header as text": b"\xd2\x84\x61\x61" + BODY,
    "length in one byte too many": b"\xd2\x84\x58\x01\x01" + BODY,
    "length in two bytes too many": b"\xd2\x84\x59\x00\x01\x01" + BODY,
    "length in four bytes too many": b"\xd2\x84\x5a\x00\x00\x00\x01\x01" + BODY,
    "length in eight bytes": b"\xd2\x84\x5b" + (1).to_bytes(8) + b"\x01" + BODY,
    "reserved length": b"\xd2\x84\x5c\x01" + BODY,
    "indefinite bytes": b"\xd2\x84\x5f\x41\x01\xff" + BODY,
    "length cut off": b"\xd2\x84\x59\x01",
    "content cut off": b"\xd2\x84\x43\x01",
    "unprotected header with a member": b"\xd2\x84\x41\x01\xa1\x01\x26" + BODY[1:],
    "unprotected header in two bytes": b"\xd2\x84\x41\x01\xb8\x00" + BODY[1:],
    "unprotected header indefinite": b"\xd2\x84\x41\x01\xbf\xff" + BODY[1:],
    "no payload": b"\xd2\x84\x41\x01\xa0\xf6" + cose.bstr(bytes(64)),
    "signature missing": b"\xd2\x84\x41\x01\xa0\x41\x01",
    "signature of 63 bytes": b"\xd2\x84\x41\x01\xa0\x41\x01" + cose.bstr(bytes(63)),
    "signature in DER": b"\xd2\x84\x41\x01\xa0\x41\x01" + cose.bstr(bytes(70)),
    "a byte after it": b"\xd2\x84\x41\x01" + BODY + b"\x00",
}


@pytest.mark.parametrize("encoded", BAD_SIGN1.values(), ids=BAD_SIGN1)
def test_refuses_another_serialisation(encoded: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        Sign1.parse(encoded)
    assert caught.value.code == "cose-serialisation"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_in_the_one_way_or_refused(encoded: bytes) -> None:
    try:
        sign1 = Sign1.parse(b"\xd2\x84" + encoded)
    except MalformedError:
        return
    assert sign1.encode() == b"\xd2\x84" + encoded


def test_the_id_is_that_of_the_content_and_not_of_the_signature() -> None:
    one, other = Sign1(b"a", b"b", bytes(64)), Sign1(b"a", b"b", b"\x01" * 64)
    assert one.id == other.id
    assert one.encode() != other.encode()
    assert Sign1(b"ab", b"", bytes(64)).id != one.id


def test_signs_only_under_the_algorithm_of_the_key() -> None:
    with pytest.raises(UsageError):
        cose.sign1({1: Alg.EDDSA}, b"", a_signer("cose", Alg.ES256))
