"""Signed messages to the service that are no statements (formats, sections 16 and 17).

The keys that sign statements sign these, too; what tells them apart is the `typ` that is signed with them.
"""

from dataclasses import dataclass, field
from typing import Self

from ledger.domain import cose, strict_cbor
from ledger.domain.cose import Alg, CoseKey, Sign1, Signer
from ledger.domain.errors import MalformedError
from ledger.domain.header import (
    ALG,
    AUD,
    CLAIMS,
    IAT,
    ISS,
    KID,
    TYP,
    check_key,
    check_typ,
    read_alg,
    read_claims,
    read_kid,
)

_LABELS = (ALG, KID, CLAIMS, TYP)
_CLAIM_KEYS = (ISS, AUD, IAT)


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
        header = strict_cbor.loads(sign1.protected)
        # Strict CBOR has its keys in order, so that comparing the sequence compares the set.
        if not isinstance(header, dict) or tuple(header) != _LABELS:
            message = "the protected header must be exactly alg (1), kid (4), CWT claims (15) and typ (16)"
            raise MalformedError("malformed-header", message)
        check_typ(header[TYP], typ, what)
        iss, aud, iat = read_claims(header[CLAIMS], _CLAIM_KEYS)
        return cls(
            id=sign1.id,
            alg=read_alg(header[ALG]),
            kid=read_kid(header[KID]),
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
        check_key(key, self.kid, self.alg, "the message")
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
    claims = {ISS: iss, AUD: aud, IAT: iat}
    header = {ALG: signer.key.alg, KID: signer.key.thumbprint, CLAIMS: claims, TYP: typ}
    return cose.sign1(header, payload, signer).encode()
