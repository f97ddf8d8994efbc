"""COSE keys and COSE_Sign1 in the one serialisation of the formats (sections 3 and 5; RFC 9052, RFC 9053)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from hashlib import sha256
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.domain import ed25519, strict_cbor
from ledger.domain.errors import MalformedError, UsageError, VerificationError

SIGNATURE_SIZE = 64

_P256 = bytes.fromhex("a401022001215820"), bytes.fromhex("225820")
_ED25519 = bytes.fromhex("a301012006215820")
_ML_DSA_65 = bytes.fromhex("a3010703383020")
_ECDSA = ECDSA(SHA256())

PublicKey = EllipticCurvePublicKey | Ed25519PublicKey


class Alg(IntEnum):
    """COSE algorithms that version 1 signs with (RFC 9053)."""

    ES256 = -7
    EDDSA = -8


@dataclass(frozen=True, slots=True)
class CoseKey:
    """A public key as the COSE_Key of its required members (formats, section 3).

    Args:
        encoded: The COSE_Key in strict CBOR; equality and hash go by it alone.
        alg: The one algorithm that the key is good with.
        thumbprint: SHA-256 of `encoded` (RFC 9679), 32 bytes; the key's name everywhere.
        public_key: The key ready for use.
    """

    encoded: bytes
    alg: Alg = field(compare=False)
    thumbprint: bytes = field(compare=False)
    public_key: PublicKey = field(compare=False, repr=False)

    @classmethod
    def parse(cls, encoded: bytes) -> Self:
        """Read a COSE_Key.

        Args:
            encoded: Strict CBOR of the required members and nothing else.

        Raises:
            MalformedError: Another encoding, another kind of key, or a point that is not on the curve. An
                Ed25519 point of small order is refused as well: anyone can sign under it.
        """
        head, middle = _P256
        if len(encoded) == 75 and encoded[:8] == head and encoded[40:43] == middle:
            return cls(encoded, Alg.ES256, sha256(encoded).digest(), _p256(encoded[8:40], encoded[43:]))
        if len(encoded) == 40 and encoded[:8] == _ED25519:
            return cls(encoded, Alg.EDDSA, sha256(encoded).digest(), _ed25519(encoded[8:]))
        if encoded.startswith(_ML_DSA_65):
            raise MalformedError("unsupported-key", "ML-DSA-65 keys are refused in version 1 of the formats")
        message = "not a COSE_Key of P-256 or Ed25519 in strict CBOR with its required members only"
        raise MalformedError("malformed-key", message)

    @classmethod
    def from_public_key(cls, public_key: object) -> Self:
        """Return the COSE_Key of a public key of the `cryptography` package.

        Raises:
            UsageError: Neither P-256 nor Ed25519.
        """
        if isinstance(public_key, EllipticCurvePublicKey) and isinstance(public_key.curve, SECP256R1):
            point = public_key.public_numbers()
            head, middle = _P256
            return cls.parse(head + point.x.to_bytes(32) + middle + point.y.to_bytes(32))
        if isinstance(public_key, Ed25519PublicKey):
            return cls.parse(_ED25519 + public_key.public_bytes_raw())
        raise UsageError("unsupported-key", "only P-256 and Ed25519 keys sign statements")

    def verify(self, data: bytes, signature: bytes) -> None:
        """Check a signature of this key.

        Args:
            data: What was signed.
            signature: COSE form, 64 bytes: EdDSA, or `r ‖ s` of ES256 with any s (RFC 9053 section 2.1).

        Raises:
            VerificationError: The signature is not of this key over these bytes.
        """
        key = self.public_key
        try:
            if len(signature) != SIGNATURE_SIZE:
                raise InvalidSignature
            if isinstance(key, Ed25519PublicKey):
                key.verify(signature, data)
            else:
                r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
                key.verify(encode_dss_signature(r, s), data, _ECDSA)
        except InvalidSignature:
            message = f"the signature is not one of key {self.thumbprint.hex()} over these bytes"
            raise VerificationError("signature-invalid", message) from None


class Signer(Protocol):
    """Signs with one private key that may never leave its device."""

    @property
    def key(self) -> CoseKey:
        """The public half."""

    def sign(self, data: bytes) -> bytes:
        """Return the 64-byte COSE signature over `data`; a device that signs digests hashes it first.

        Raises:
            UnavailableError: The device cannot be reached or refuses.
        """


@dataclass(frozen=True)
class Sign1:
    """A COSE_Sign1 with an empty unprotected header, tagged, payload inside: `D2 84 bstr A0 bstr bstr`.

    Args:
        protected: The encoded protected header map.
        payload: What is signed.
        signature: 64 bytes, COSE form.
    """

    protected: bytes
    payload: bytes
    signature: bytes

    @classmethod
    def parse(cls, encoded: bytes) -> Self:
        """Read the one serialisation; the inner values stay unread.

        Raises:
            MalformedError: Any other serialisation, also of the same content.
        """
        if encoded[:2] != b"\xd2\x84":
            raise _not_sign1("it does not begin with D2 84")
        protected, at = _read_bstr(encoded, 2, "protected header")
        if encoded[at : at + 1] != b"\xa0":
            raise _not_sign1("the unprotected header is not the empty map A0")
        payload, at = _read_bstr(encoded, at + 1, "payload")
        signature, at = _read_bstr(encoded, at, "signature")
        if at != len(encoded):
            raise _not_sign1("bytes follow it")
        if len(signature) != SIGNATURE_SIZE:
            raise _not_sign1(f"the signature has {len(signature)} bytes and not {SIGNATURE_SIZE}")
        return cls(protected, payload, signature)

    def encode(self) -> bytes:
        """Return the serialisation."""
        return b"".join(
            (b"\xd2\x84", bstr(self.protected), b"\xa0", bstr(self.payload), bstr(self.signature))
        )

    @cached_property
    def to_be_signed(self) -> bytes:
        """The Sig_structure that the signature is over."""
        return sig_structure(self.protected, self.payload)

    @cached_property
    def id(self) -> bytes:
        """SHA-256 of the Sig_structure, 32 bytes: the same for every signature over the same content."""
        return sha256(self.to_be_signed).digest()


def sig_structure(protected: bytes, payload: bytes) -> bytes:
    """Return `["Signature1", protected, h'', payload]` in strict CBOR (RFC 9052 section 4.4).

    Args:
        protected: The encoded protected header map.
        payload: What is signed.
    """
    return b"".join((b"\x84\x6aSignature1", bstr(protected), b"\x40", bstr(payload)))


def sign1(protected: Mapping[int, object], payload: bytes, signer: Signer) -> Sign1:
    """Sign a payload.

    Args:
        protected: The protected header; must name the signer's algorithm under label 1.
        payload: What is signed.
        signer: Whose key signs.

    Raises:
        UsageError: The header names another algorithm or cannot be encoded.
        UnavailableError: The signer's device does not answer.
        VerificationError: What the device returned is not its signature.
    """
    if protected.get(1) != signer.key.alg:
        raise UsageError(
            "wrong-algorithm", f"the header must name algorithm {int(signer.key.alg)} of the key"
        )
    header = strict_cbor.dumps({label: _plain(value) for label, value in protected.items()})
    to_be_signed = sig_structure(header, payload)
    signature = signer.sign(to_be_signed)
    # A token that signs with another of its keys, or answers in DER, is found here and not at a border.
    signer.key.verify(to_be_signed, signature)
    return Sign1(header, payload, signature)


def ecdsa_signature(der: bytes) -> bytes:
    """Return the 64-byte COSE form of a P-256 signature in DER (RFC 9053 section 2.1)."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(32) + s.to_bytes(32)


def bstr(data: bytes) -> bytes:
    """Return a CBOR byte string with the shortest length."""
    size = len(data)
    if size < 24:
        return b"%c%b" % (0x40 | size, data)
    if size < 0x100:
        return b"\x58%c%b" % (size, data)
    if size < 0x10000:
        return b"\x59" + size.to_bytes(2) + data
    return b"\x5a" + size.to_bytes(4) + data


def _read_bstr(encoded: bytes, at: int, what: str) -> tuple[bytes, int]:
    """Return the byte string that starts at `at`, and where it ends."""
    head = encoded[at] if at < len(encoded) else 0
    if 0x40 <= head < 0x58:
        start, size, least = at + 1, head - 0x40, 0
    elif 0x58 <= head <= 0x5A:
        start = at + 1 + (1 << head - 0x58)
        size, least = int.from_bytes(encoded[at + 1 : start]), (24, 0x100, 0x10000)[head - 0x58]
    else:
        raise _not_sign1(f"the {what} is not a byte string of definite length")
    end = start + size
    if end > len(encoded):
        raise _not_sign1(f"it ends within the {what}")
    if size < least:
        raise _not_sign1(f"the length of the {what} is not in its shortest form")
    return encoded[start:end], end


def _not_sign1(why: str) -> MalformedError:
    return MalformedError(
        "cose-serialisation",
        f"not a COSE_Sign1 in the serialisation of the formats: {why}; send all that was signed, unchanged",
    )


def _plain(value: object) -> object:
    return int(value) if isinstance(value, IntEnum) else value


def _p256(x: bytes, y: bytes) -> EllipticCurvePublicKey:
    try:
        return EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1()).public_key()
    except ValueError:
        raise MalformedError("malformed-key", "the point of the P-256 key is not on the curve") from None


def _ed25519(encoded: bytes) -> Ed25519PublicKey:
    if not ed25519.is_public_key(encoded):
        message = "the Ed25519 key is not a point of the curve in its one encoding, or of small order"
        raise MalformedError("malformed-key", message)
    return Ed25519PublicKey.from_public_bytes(encoded)
