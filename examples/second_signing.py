"""Keys, signed statements and logins as docs/formats.md says (sections 1 to 5 and 16), for P-256 keys."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

STATEMENT_TYP = "application/scitt-statement+cose"
LOGIN_TYP = "application/vnd.corridor-ledger.login+cose"
ALG, CONTENT_TYPE, KID, CLAIMS, TYP = 1, 3, 4, 15, 16
ISS, SUB, AUD, IAT = 1, 2, 3, 6
ES256 = -7


class Wrong(Exception):  # noqa: N818 - a short word reads better in every raise
    """Something is not as it must be; the message says what."""


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_b64url(text: Any, what: str) -> bytes:
    """Read base64url without padding, in its one canonical form."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (TypeError, ValueError):
        raise Wrong(f"{what} is not base64url") from None
    if b64url(data) != text:
        raise Wrong(f"{what} is not base64url")
    return data


def from_hex(text: Any, size: int, what: str) -> bytes:
    """Read so many bytes in lower-case hex."""
    try:
        data = bytes.fromhex(text)
    except (TypeError, ValueError):
        data = b""
    if len(data) != size or data.hex() != text:
        raise Wrong(f"{what} is not {size} bytes in hex")
    return data


def read_json(data: bytes, what: str, kind: type = dict) -> Any:
    """Read a JSON object, or array, in UTF-8 that names no member twice and is nested at most 32 deep."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("a member twice")
        return dict(pairs)

    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=members)
    except (ValueError, RecursionError) as error:
        raise Wrong(f"{what} is not JSON: {error}") from None
    if not isinstance(value, kind) or too_deep(value, 32):
        raise Wrong(f"{what} is not the JSON that it should be, or nested too deep")
    return value


def too_deep(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is not None and (levels == 0 or any(too_deep(one, levels - 1) for one in inner))


def write_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def read_cbor(data: bytes, what: str) -> Any:
    try:
        return cbor2.loads(data)
    except (cbor2.CBORError, ValueError):
        raise Wrong(f"{what} is not CBOR") from None


def cose_key(public: ec.EllipticCurvePublicKey) -> bytes:
    """Return the COSE_Key of a key (section 3)."""
    point = public.public_numbers()
    return cbor2.dumps({1: 2, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})


def read_cose_key(data: bytes, what: str) -> ec.EllipticCurvePublicKey:
    """Read a COSE_Key of P-256."""
    try:
        key = read_cbor(data, what)
        x, y = (int.from_bytes(key[label], "big") for label in (-2, -3))
        public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except (KeyError, TypeError, ValueError):
        raise Wrong(f"{what} is not a P-256 key") from None
    if cose_key(public) != data:
        raise Wrong(f"{what} is not the COSE_Key of a P-256 key")
    return public


def new_key() -> bytes:
    """Return a new P-256 key in PEM, without a passphrase."""
    private = ec.generate_private_key(ec.SECP256R1())
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def load_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """Load a P-256 key from PEM."""
    try:
        private = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        private = None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise Wrong("the key file is not a P-256 private key in PEM without a passphrase")
    return private


def sig_structure(protected: bytes, payload: bytes) -> bytes:
    """Return what a COSE_Sign1 signs (RFC 9052 section 4.4)."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def check_es256(public: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    """Tell whether an ES256 signature, `r` and `s` of 32 bytes each, is good."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return len(signature) == 64


@dataclass(frozen=True)
class Signer:
    """Who signs: an organisation with a key, for one log.

    Args:
        private: Its P-256 key.
        iss: The organisation's URI.
        aud: The log's audience URI.
    """

    private: ec.EllipticCurvePrivateKey
    iss: str
    aud: str

    def _sign1(self, protected: dict[int, Any], payload: bytes) -> bytes:
        # The labels stand in ascending order, which is what strict CBOR asks for.
        header = cbor2.dumps(protected)
        der = self.private.sign(sig_structure(header, payload), ec.ECDSA(SHA256()))
        r, s = decode_dss_signature(der)
        return cbor2.dumps(
            cbor2.CBORTag(18, [header, {}, payload, r.to_bytes(32, "big") + s.to_bytes(32, "big")])
        )

    def _kid(self) -> bytes:
        return sha256(cose_key(self.private.public_key()))

    def statement(self, payload: dict[str, Any], iat: int) -> bytes:
        """Return a signed statement (section 5): the bytes of its COSE_Sign1."""
        claims = {ISS: self.iss, SUB: payload["subjects"][0], AUD: self.aud, IAT: iat}
        header = {
            ALG: ES256,
            CONTENT_TYPE: "application/json",
            KID: self._kid(),
            CLAIMS: claims,
            TYP: STATEMENT_TYP,
        }
        return self._sign1(header, write_json(payload))

    def login(self, challenge: bytes, iat: int) -> bytes:
        """Return a login message (section 16)."""
        claims = {ISS: self.iss, AUD: self.aud, IAT: iat}
        return self._sign1({ALG: ES256, KID: self._kid(), CLAIMS: claims, TYP: LOGIN_TYP}, challenge)


def new_subject(type_: str, number: str, iss: str) -> tuple[str, str, bytes]:
    """Return a new subject's URI, the tag of its custody stream, and the file with the secret (section 4)."""
    secret = os.urandom(16)
    tag = sha256(b"corridor/stream/v1", secret)
    named = (b"corridor/subject/v1", type_.encode(), number.encode(), iss.encode(), tag)
    name = sha256(b"\0".join(named))
    subject = f"urn:corridor:{type_}:{number}:{name.hex()}"
    file = {"format": "corridor-stream/1", "subject": subject, "name": "custody"}
    return subject, tag.hex(), write_json(file | {"tag": tag.hex(), "secret": secret.hex()})


def read_stream(file: bytes) -> tuple[str, str]:
    """Return the subject and the tag of a stream file (section 4)."""
    stream = read_json(file, "the stream file")
    tag = sha256(b"corridor/stream/v1", from_hex(stream.get("secret"), 16, "`secret` of the stream file"))
    if stream.get("format") != "corridor-stream/1" or stream.get("tag") != tag.hex():
        raise Wrong("this is not a stream file, or its tag is not that of its secret")
    return str(stream.get("subject")), tag.hex()


def conceal(body: dict[str, Any], names: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    """Put members of a body behind digests (RFC 9901); return the body to sign, and the disclosures."""
    shown, digests, disclosures = dict(body), [], []
    for name in names:
        if name not in shown:
            raise Wrong(f"the body has no member {name!r} to conceal, or it is named twice")
        disclosure = b64url(write_json([b64url(os.urandom(16)), name, shown.pop(name)]))
        disclosures.append(disclosure)
        digests.append(b64url(sha256(disclosure.encode())))
    # Sorted, so that the order does not tell which digest stands for which member.
    return (shown | {"_sd": sorted(digests)} if digests else shown), disclosures


def write_statement(raw: bytes, disclosures: list[str]) -> bytes:
    """Return a statement file (section 5)."""
    members = {"format": "corridor-statement/1", "statement": b64url(raw), "disclosures": disclosures}
    return write_json(members)
