"""Login messages: how whoever holds a key opens a session of the service (formats, section 16).

The keys that sign statements sign these, too; what tells them apart is the `typ` that is signed with them.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from ledger.domain import cose, fields, strict_cbor
from ledger.domain.cose import Alg, CoseKey, Sign1, Signer
from ledger.domain.errors import MalformedError, VerificationError
from ledger.domain.genesis import checked_audience
from ledger.domain.statement_header import KID_SIZE

__all__ = ["CHALLENGE_SIZES", "MAX_BYTES", "TYP", "Login", "sign_login"]

TYP = "application/vnd.corridor-ledger.login+cose"
MAX_BYTES = 1_024
CHALLENGE_SIZES = range(16, 65)
"""How many bytes a challenge may have; what they are is the service's own affair."""

_ALG, _KID, _CLAIMS, _TYP = 1, 4, 15, 16
_LABELS = (_ALG, _KID, _CLAIMS, _TYP)
_ISS, _AUD, _IAT = 1, 3, 6
_CLAIM_KEYS = (_ISS, _AUD, _IAT)
_LAST_TIME = 2**53 - 1
_ALGS = {int(alg): alg for alg in Alg}


@dataclass(frozen=True, slots=True)
class Login:
    """A well-formed login message; whether its signature holds is for `verify` to say.

    Args:
        alg: Algorithm that the header names.
        kid: Thumbprint of the signing key, 32 bytes.
        iss: URI of the organisation that wants a session.
        aud: Audience URI of the log whose service it is for.
        iat: Time of signing as claimed, POSIX seconds; it is the challenge that dates a login.
        challenge: What the service gave out.
        to_be_signed: The Sig_structure.
        signature: 64 bytes.
    """

    alg: Alg
    kid: bytes
    iss: str
    aud: str
    iat: int
    challenge: bytes
    to_be_signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Read a login message.

        Args:
            raw: The COSE_Sign1 in the one serialisation of statements, at most 1,024 bytes.

        Raises:
            MalformedError: Anything that section 16 of the formats does not allow.
        """
        if len(raw) > MAX_BYTES:
            message = f"the login message has {len(raw)} bytes; at most {MAX_BYTES} are taken"
            raise MalformedError("too-large", message)
        sign1 = Sign1.parse(raw)
        header = _header(strict_cbor.loads(sign1.protected))
        if len(sign1.payload) not in CHALLENGE_SIZES:
            message = "the payload of a login message must be the challenge, byte for byte"
            raise MalformedError("malformed-login", message, field="payload")
        iss, aud, iat = _claims(header[_CLAIMS])
        return cls(
            alg=_ALGS[header[_ALG]],
            kid=header[_KID],
            iss=iss,
            aud=aud,
            iat=iat,
            challenge=sign1.payload,
            to_be_signed=sign1.to_be_signed,
            signature=sign1.signature,
        )

    def verify(self, key: CoseKey) -> None:
        """Check that this key signed it.

        Args:
            key: The key registered under the thumbprint `kid`.

        Raises:
            VerificationError: Another key, another algorithm than the key's, or a signature that does not
                hold.
        """
        if key.thumbprint != self.kid:
            message = f"the login names key {self.kid.hex()}, which is not the one given"
            raise VerificationError("wrong-key", message, field="kid")
        if key.alg is not self.alg:
            message = f"the login names algorithm {self.alg.name}; its key is good with {key.alg.name} only"
            raise VerificationError("wrong-algorithm", message, field="alg")
        key.verify(self.to_be_signed, self.signature)


def sign_login(signer: Signer, *, iss: str, aud: str, iat: int, challenge: bytes) -> bytes:
    """Sign a login message, and return its bytes.

    Args:
        signer: Whose key signs.
        iss: URI of the organisation that wants a session.
        aud: Audience URI of the log.
        iat: Time of signing, POSIX seconds.
        challenge: What the service gave out.

    Raises:
        MalformedError: A value does not fit the format.
        UnavailableError: The signer's device does not answer.
    """
    claims = {_ISS: iss, _AUD: aud, _IAT: iat}
    header = {_ALG: signer.key.alg, _KID: signer.key.thumbprint, _CLAIMS: claims, _TYP: TYP}
    raw = cose.sign1(header, challenge, signer).encode()
    # Read back by the rules of the service, as statements are.
    Login.parse(raw)
    return raw


def _header(header: Any) -> dict[int, Any]:
    # Strict CBOR has its keys in order, so that comparing the sequence compares the set.
    if not isinstance(header, dict) or tuple(header) != _LABELS:
        message = "the protected header must be exactly alg (1), kid (4), CWT claims (15) and typ (16)"
        raise MalformedError("malformed-header", message)
    if header[_TYP] != TYP:
        message = f"typ {str(header[_TYP])[:80]!r} is not that of a login message, {TYP}"
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
