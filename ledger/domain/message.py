"""Signed messages to the service that are no statements (formats, sections 16 and 17).

The keys that sign statements sign these, too; what tells them apart is the `typ` that is signed with them.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from ledger.domain import cose, fields, strict_cbor
from ledger.domain.cose import Alg, CoseKey, Sign1, Signer
from ledger.domain.errors import MalformedError, VerificationError
from ledger.domain.genesis import checked_audience
from ledger.domain.statement_header import KID_SIZE

_ALG, _KID, _CLAIMS, _TYP = 1, 4, 15, 16
_LABELS = (_ALG, _KID, _CLAIMS, _TYP)
_ISS, _AUD, _IAT = 1, 3, 6
_CLAIM_KEYS = (_ISS, _AUD, _IAT)
_LAST_TIME = 2**53 - 1
_ALGS = {int(alg): alg for alg in Alg}


@dataclass(frozen=True, slots=True)
class Message:
    """A well-formed message; whether its signature holds is for `verify` to say.

    Args:
        id: SHA-256 of the Sig_structure, 32 bytes: the same for every signature over the same content.
        alg: Algorithm that the header names.
        kid: Thumbprint of the signing key, 32 bytes.
        iss: URI of the organisation.
        aud: Audience URI of the log that it is for.
        iat: Time of signing as claimed, POSIX seconds.
        payload: What is said.
        to_be_signed: The Sig_structure.
        signature: 64 bytes.
    """

    id: bytes
    alg: Alg
    kid: bytes
    iss: str
    aud: str
    iat: int
    payload: bytes = field(repr=False)
    to_be_signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @classmethod
    def parse(cls, raw: bytes, *, typ: str, what: str, max_bytes: int) -> Self:
        """Read a message.

        Args:
            raw: The COSE_Sign1 in the one serialisation of statements.
            typ: The `typ` that it must have.
            what: What to call it in a complaint.
            max_bytes: Refuse more.

        Raises:
            MalformedError: Too long, another serialisation, or a header other than the formats'.
        """
        if len(raw) > max_bytes:
            message = f"{what} has {len(raw)} bytes; at most {max_bytes} are taken"
            raise MalformedError("too-large", message)
        sign1 = Sign1.parse(raw)
        header = _header(strict_cbor.loads(sign1.protected), typ, what)
        iss, aud, iat = _claims(header[_CLAIMS])
        return cls(
            id=sign1.id,
            alg=_ALGS[header[_ALG]],
            kid=header[_KID],
            iss=iss,
            aud=aud,
            iat=iat,
            payload=sign1.payload,
            to_be_signed=sign1.to_be_signed,
            signature=sign1.signature,
        )

    def verify(self, key: CoseKey) -> None:
        """Check that this key signed it.

        Args:
            key: The key with the thumbprint `kid`.

        Raises:
            VerificationError: Another key, another algorithm than the key's, or a signature that does not
                hold.
        """
        if key.thumbprint != self.kid:
            message = f"the message names key {self.kid.hex()}, which is not the one given"
            raise VerificationError("wrong-key", message, field="kid")
        if key.alg is not self.alg:
            message = f"the message names algorithm {self.alg.name}; its key is good with {key.alg.name} only"
            raise VerificationError("wrong-algorithm", message, field="alg")
        key.verify(self.to_be_signed, self.signature)


def sign_message(signer: Signer, payload: bytes, *, typ: str, iss: str, aud: str, iat: int) -> bytes:
    """Sign a message, and return its bytes; read them back by the rules of the service before use.

    Args:
        signer: Whose key signs.
        payload: What is said.
        typ: What kind of message it is.
        iss: URI of the organisation.
        aud: Audience URI of the log.
        iat: Time of signing, POSIX seconds.

    Raises:
        UnavailableError: The signer's device does not answer.
    """
    claims = {_ISS: iss, _AUD: aud, _IAT: iat}
    header = {_ALG: signer.key.alg, _KID: signer.key.thumbprint, _CLAIMS: claims, _TYP: typ}
    return cose.sign1(header, payload, signer).encode()


def _header(header: Any, typ: str, what: str) -> dict[int, Any]:
    # Strict CBOR has its keys in order, so that comparing the sequence compares the set.
    if not isinstance(header, dict) or tuple(header) != _LABELS:
        message = "the protected header must be exactly alg (1), kid (4), CWT claims (15) and typ (16)"
        raise MalformedError("malformed-header", message)
    if header[_TYP] != typ:
        message = f"typ {str(header[_TYP])[:80]!r} is not that of {what}, {typ}"
        raise MalformedError("wrong-type", message, field="typ")
    if type(header[_ALG]) is not int or header[_ALG] not in _ALGS:
        message = f"alg {str(header[_ALG])[:40]!r} is not taken; keys sign with ES256 (-7) or EdDSA (-8)"
        raise MalformedError("unsupported-algorithm", message, field="alg")
    if not isinstance(header[_KID], bytes) or len(header[_KID]) != KID_SIZE:
        raise MalformedError("malformed-header", "kid must be a thumbprint of 32 bytes", field="kid")
    return header


def _claims(claims: object) -> tuple[str, str, int]:
    if not isinstance(claims, dict) or tuple(claims) != _CLAIM_KEYS:
        message = "the CWT claims must be exactly iss (1), aud (3) and iat (6)"
        raise MalformedError("malformed-header", message, field="CWT claims")
    iat = claims[_IAT]
    if type(iat) is not int or not 0 <= iat <= _LAST_TIME:
        message = "iat must be an unsigned integer of at most 2^53 - 1"
        raise MalformedError("malformed-header", message, field="iat")
    return fields.organisation(claims[_ISS], "iss"), checked_audience(claims[_AUD]), iat
