"""What participants sign: sections 3 to 5 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from second_encoding import (
    Refused,
    array,
    b64url,
    cbor,
    exactly,
    h,
    need,
    strict_json,
    text_of,
    to_cbor,
    uint,
    unb64,
    unhex,
)

# (3) Keys and signatures: section 3.


ORGANISATION = r"(?=.{1,200}$)[A-Za-z][A-Za-z0-9+.-]*:[!-~]+"


def on_edwards25519(encoded: bytes) -> bool:
    """Tell whether 32 bytes decode to a point (RFC 8032, section 5.1.3) whose order is not 1, 2, 4 or 8."""
    p = 2**255 - 19
    number = int.from_bytes(encoded, "little")
    y = number % 2**255
    x_squared = (y * y - 1) * pow(-121665 * pow(121666, -1, p) * y * y + 1, -1, p) % p
    # Twice such a point has x = 0 or y = 0: so has the point itself, or else its x² is -y².
    small = x_squared == 0 or y == 0 or (x_squared + y * y) % p == 0
    return y < p and not small and pow(x_squared, (p - 1) // 2, p) == 1


EllipticCurveKey = ec.EllipticCurvePublicKey


def public_key(cose: bytes) -> EllipticCurveKey | ed25519.Ed25519PublicKey:
    """Read a COSE_Key of its required members: nothing but these two forms."""
    if len(cose) == 75 and cose[:8].hex() == "a401022001215820" and cose[40:43].hex() == "225820":
        x, y = (int.from_bytes(part, "big") for part in (cose[8:40], cose[43:]))
        try:
            return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        except ValueError as error:
            raise Refused("key: not a point of P-256") from error
    need(len(cose) == 40 and cose[:8].hex() == "a301012006215820", "key: not a COSE_Key of version 1")
    need(on_edwards25519(cose[8:]), "key: not a point of Ed25519")
    return ed25519.Ed25519PublicKey.from_public_bytes(cose[8:])


def check_cose_signature(cose: bytes, alg: int, signature: bytes, protected: bytes, payload: bytes) -> None:
    key = public_key(cose)
    need(len(signature) == 64, "signature: not 64 bytes")
    signed = sig_structure(protected, payload)
    try:
        if isinstance(key, EllipticCurveKey):
            need(alg == -7, "signature: the algorithm is not that of the key", "wrong-algorithm")
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))
        else:
            need(alg == -8, "signature: the algorithm is not that of the key", "wrong-algorithm")
            key.verify(signature, signed)
    except InvalidSignature as error:
        raise Refused("signature: does not fit", "signature-invalid") from error


def sig_structure(protected: bytes, payload: bytes) -> bytes:
    return to_cbor(["Signature1", protected, b"", payload])


# (4) Streams and subjects: section 4.

SUBJECT = r"urn:corridor:(trip|consignment|booking|voyage|organisation):([A-Z0-9._-]{1,64}):[0-9a-f]{64}"


def stream_tag(secret: bytes) -> bytes:
    need(len(secret) == 16, "stream: a secret has 16 bytes")
    return h(b"corridor/stream/v1", secret)


def subject_uri(kind: str, key: str, iss: str, custody_tag: bytes) -> str:
    parts = (b"corridor/subject/v1", kind.encode(), key.encode(), iss.encode(), custody_tag)
    uri = f"urn:corridor:{kind}:{key}:{h(bytes([0]).join(parts)).hex()}"
    text_of(iss, ORGANISATION, "subject: iss")
    return text_of(uri, SUBJECT, "subject")


# (5) Statement and selective disclosure: section 5.

NAME = "[a-z][a-z0-9-]{1,63}"


def audience_of(genesis_hash: bytes) -> str:
    return "ni:///sha-256;" + b64url(genesis_hash)


@dataclass(frozen=True)
class Statement:
    id: bytes
    envelope: bytes
    alg: int
    kid: bytes
    iss: str
    sub: str
    aud: str
    iat: int
    protected: bytes
    payload: bytes
    signature: bytes
    content: dict[str, Any]
    tags: tuple[bytes, ...]


def read_statement(data: bytes) -> Statement:
    need(len(data) <= 262_144 and data[:2].hex() == "d284", "statement: not a tagged COSE_Sign1")
    protected, unprotected, payload, signature = cbor(data[1:], (bytes, dict, bytes, bytes), "statement")
    need(not unprotected, "statement: the unprotected header is not empty")
    header = cbor(protected, dict, "statement: header")
    need(header.keys() == {1, 3, 4, 15, 16}, "statement: other header labels than 1, 3, 4, 15, 16")
    claims = header[15]
    need(
        isinstance(claims, dict) and claims.keys() == {1, 2, 3, 6}, "statement: other claims than 1, 2, 3, 6"
    )
    need(header[1] in (-7, -8), "statement: unknown algorithm")
    need(header[3] == "application/json", "statement: another content type")
    need(isinstance(header[4], bytes) and len(header[4]) == 32, "statement: kid is not a thumbprint")
    need(header[16] == "application/scitt-statement+cose", "statement: another typ")
    names = "v kind subjects streams references corrects? seen nonce body _sd_alg"
    content = exactly(strict_json(payload), names, "statement: payload")
    need((content["v"], type(content["v"])) == (1, int), "statement: another version")
    text_of(content["kind"], NAME, "statement: kind")
    subjects = [
        text_of(each, SUBJECT, "statement: subject") for each in array(content["subjects"], "subjects", 1, 16)
    ]
    tags = tuple(unhex(each, 32, "statement: stream") for each in array(content["streams"], "streams", 1, 16))
    need(
        len(set(subjects)) == len(subjects) and len(set(tags)) == len(tags),
        "statement: something occurs twice",
    )
    text_of(claims[3], "ni:///sha-256;[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", "statement: aud")
    need(subjects[0] == claims[2], "statement: sub is not the first subject")
    for each in array(content["references"], "references", 0, 64):
        text_of(exactly(each, "rel id", "reference")["rel"], NAME, "reference: rel")
        unhex(each["id"], 32, "reference: id")
    if "corrects" in content:
        unhex(content["corrects"], 32, "statement: corrects")
    size = uint(exactly(content["seen"], "size root", "seen")["size"], "seen: size")
    root = unhex(content["seen"]["root"], 32, "seen: root")
    need(size or claims[3] == audience_of(root), "seen: nothing, and not the genesis document of aud")
    unhex(content["nonce"], 16, "statement: nonce")
    need(isinstance(content["body"], dict), "statement: body is not an object")
    need(content["_sd_alg"] == "sha-256", "statement: another _sd_alg")
    iss, iat = text_of(claims[1], ORGANISATION, "statement: iss"), uint(claims[6], "statement: iat")
    return Statement(
        id=h(sig_structure(protected, payload)), envelope=h(data), alg=header[1], kid=header[4], iss=iss,
        sub=subjects[0], aud=claims[3], iat=iat, protected=protected, payload=payload, signature=signature,
        content=content, tags=tags,
    )  # fmt: skip


def reveal(body: Any, disclosures: list[str]) -> Any:
    """Put the disclosures into their places and drop what is withheld."""
    need(
        len(disclosures) <= 256 and sum(map(len, disclosures)) <= 1_048_576,
        "disclosures: too many or too long",
    )
    parts_of: dict[str, list[Any]] = {}
    for text in disclosures:
        need(len(text) <= 65_536, "disclosures: one is too long")
        parts = array(strict_json(unb64(text, "disclosure", url=True)), "disclosure", 2, 3)
        need(
            len(unb64(parts[0], "disclosure: salt", url=True)) == 16, "disclosure: the salt has not 16 bytes"
        )
        if len(parts) == 3:
            need(isinstance(parts[1], str) and parts[1] not in ("_sd", "..."), "disclosure: bad name")
        digest = b64url(h(text.encode()))
        need(digest not in parts_of, "disclosure: occurs twice")
        parts_of[digest] = parts
    met: set[str] = set()

    def find(digest: Any, length: int) -> list[Any]:
        need(
            len(unb64(digest, "digest", url=True)) == 32 and digest not in met,
            "digest: malformed, or occurs twice",
        )
        met.add(digest)
        parts = parts_of.get(digest, [])
        need(
            len(parts) in (0, length), "disclosure: a member where an element belongs, or the other way round"
        )
        return parts[1:]

    def opened(value: Any, depth: int) -> Any:
        need(depth <= 32 or not isinstance(value, dict | list), "body: nested too deeply once revealed")
        if isinstance(value, list):
            elements: list[Any] = []
            for each in value:
                if isinstance(each, dict) and "..." in each:
                    elements += [
                        opened(one, depth + 1) for one in find(exactly(each, "...", "placeholder")["..."], 2)
                    ]
                else:
                    elements.append(opened(each, depth + 1))
            return elements
        if not isinstance(value, dict):
            return value
        need("..." not in value, "body: a placeholder outside an array")
        members = {name: opened(each, depth + 1) for name, each in value.items() if name != "_sd"}
        for digest in array(value.get("_sd", []), "_sd"):
            if pair := find(digest, 3):
                need(pair[0] not in members, "disclosure: the name is there already")
                members[pair[0]] = opened(pair[1], depth + 1)
        return members

    revealed = opened(body, 1)
    need(parts_of.keys() <= met, "disclosure: matches no digest", "disclosure-unmatched")
    return revealed
