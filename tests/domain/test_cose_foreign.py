"""Keys and signatures against vectors of the RFCs and against another COSE library."""

from typing import Any

import cbor2
import pytest
from pycose.headers import KID, Algorithm
from pycose.keys.cosekey import CoseKey as ForeignKey
from pycose.messages.sign1message import Sign1Message

from ledger.domain import cose, strict_cbor
from ledger.domain.cose import Alg, CoseKey, Sign1
from ledger.domain.errors import MalformedError
from tests.builders import a_signer, a_statement


def foreign(encoded: bytes) -> Any:
    """Return a tagged message as the other library reads it."""
    # Its own entry, CoseMessage.decode, does not take the immutable values that cbor2 6 makes within tags.
    assert encoded[0] == 0xC0 | Sign1Message.cbor_tag
    return Sign1Message.from_cose_obj(cbor2.loads(encoded[1:]), True)


ALGS = pytest.mark.parametrize("alg", list(Alg), ids=lambda alg: alg.name)


def test_thumbprint_of_rfc_9679_section_6() -> None:
    encoded = bytes.fromhex(
        "A40102200121582065EDA5A12577C2BAE829437FE338701A10AAA375E1BB5B5DE108DE439C08551D"
        "2258201E52ED75701163F7F9E40DDF9F341B3DC9BA860AF7E0CA7CA7E9EECD0084D19C"
    )
    expected = "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"
    assert CoseKey.parse(encoded).thumbprint.hex() == expected


def test_signature_of_rfc_8032_section_7_1_test_2() -> None:
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    CoseKey.parse(bytes.fromhex("a301012006215820") + public).verify(b"\x72", signature)


def test_signature_of_rfc_6979_appendix_a_2_5() -> None:
    x = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    y = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
    signature = bytes.fromhex(
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
    )
    key = CoseKey.parse(bytes.fromhex("a401022001215820" + x + "225820" + y))
    key.verify(b"sample", signature)


@ALGS
def test_another_library_reads_our_key(alg: Alg) -> None:
    ours = a_signer("foreign", alg).key
    theirs: Any = ForeignKey.decode(ours.encoded)
    assert ours.encoded[8:40] == theirs.x


@ALGS
def test_another_library_verifies_our_statement(alg: Alg) -> None:
    signed = a_statement(alg=alg)
    message = foreign(signed.raw)
    message.key = ForeignKey.decode(a_signer(signed.statement.iss, alg).key.encoded)
    assert message.verify_signature()
    assert message.phdr[KID] == signed.statement.kid
    assert message.phdr[Algorithm].identifier == alg
    message.payload = message.payload + b" "
    assert not message.verify_signature()


@ALGS
def test_we_verify_what_another_library_signed(alg: Alg) -> None:
    signer = a_signer("foreign", alg)
    private: dict[int, Any] = dict(strict_cbor.loads(signer.key.encoded))
    raw = signer.private_key
    private[-4] = (
        raw.private_bytes_raw()
        if hasattr(raw, "private_bytes_raw")
        else raw.private_numbers().private_value.to_bytes(32)
    )
    message: Any = Sign1Message(phdr={Algorithm: int(alg)}, uhdr={}, payload=b"what was said")
    message.key = ForeignKey.from_dict(private)
    parsed = Sign1.parse(message.encode())
    assert (parsed.protected, parsed.payload) == (strict_cbor.dumps({1: int(alg)}), b"what was said")
    signer.key.verify(parsed.to_be_signed, parsed.signature)


def test_a_message_with_an_unprotected_header_of_another_library_is_refused() -> None:
    message: Any = Sign1Message(phdr={Algorithm: -8}, uhdr={KID: b"01"}, payload=b"what was said")
    message.key = ForeignKey.from_dict({1: 1, -1: 6, -4: bytes(32), -2: bytes(32)})
    with pytest.raises(MalformedError):
        Sign1.parse(message.encode())


@ALGS
def test_another_library_verifies_what_sign1_makes(alg: Alg) -> None:
    signer = a_signer("foreign", alg)
    made = cose.sign1({1: alg, 100: "a", -100: "b"}, b"payload", signer)
    message = foreign(made.encode())
    message.key = ForeignKey.decode(signer.key.encoded)
    assert message.verify_signature()
