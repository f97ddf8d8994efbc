"""The protected header of a statement (formats, section 5; RFC 9052, RFC 9596, RFC 9597)."""

from typing import Any, NamedTuple, Self

from ledger.domain import fields, strict_cbor
from ledger.domain.cose import Alg
from ledger.domain.errors import MalformedError
from ledger.domain.genesis import checked_audience

TYP = "application/scitt-statement+cose"
CONTENT_TYPE = "application/json"
KID_SIZE = 32

_ALG, _CONTENT_TYPE, _KID, _CLAIMS, _TYP = 1, 3, 4, 15, 16
_ISS, _SUB, _AUD, _IAT = 1, 2, 3, 6
_LABELS = (_ALG, _CONTENT_TYPE, _KID, _CLAIMS, _TYP)
_CLAIM_KEYS = (_ISS, _SUB, _AUD, _IAT)
_NAMES = {2: "crit", 5: "IV", 6: "Partial IV", 33: "x5chain", 34: "x5t", 35: "x5u"}
_LAST_TIME = 2**53 - 1
_ALGS = {int(alg): alg for alg in Alg}


class Header(NamedTuple):
    """What the header says.

    Args:
        alg: The algorithm; which key it is good with, the registry says.
        kid: Thumbprint of the signing key, 32 bytes.
        iss: URI of the organisation.
        sub: The first subject.
        aud: Audience URI of the log.
        iat: Time of signing, POSIX seconds.
    """

    alg: Alg
    kid: bytes
    iss: str
    sub: str
    aud: str
    iat: int

    @classmethod
    def parse(cls, protected: bytes) -> Self:
        """Read the encoded map.

        Raises:
            MalformedError: A label or claim that is missing, unknown, or has another value than the format's.
        """
        header = strict_cbor.loads(protected)
        # Strict CBOR has its keys in order, so that comparing the sequence compares the set.
        if not isinstance(header, dict) or tuple(header) != _LABELS:
            raise _wrong_labels(header)
        alg = header[_ALG]
        if type(alg) is not int or alg not in _ALGS:
            message = (
                f"alg {str(alg)[:40]!r} is not taken; statements are signed with ES256 (-7) or EdDSA (-8)"
            )
            raise MalformedError("unsupported-algorithm", message, field="alg")
        if header[_TYP] != TYP:
            message = f"typ {str(header[_TYP])[:80]!r} is not that of a statement, {TYP}"
            raise MalformedError("wrong-type", message, field="typ")
        if header[_CONTENT_TYPE] != CONTENT_TYPE:
            message = f"the content type must be {CONTENT_TYPE}"
            raise MalformedError("malformed-header", message, field="content type")
        kid = header[_KID]
        if not isinstance(kid, bytes) or len(kid) != KID_SIZE:
            raise MalformedError("malformed-header", "kid must be a thumbprint of 32 bytes", field="kid")
        return cls(_ALGS[alg], kid, *_claims(header[_CLAIMS]))

    def to_map(self) -> dict[int, object]:
        """Return the map that is encoded and signed."""
        claims = {_ISS: self.iss, _SUB: self.sub, _AUD: self.aud, _IAT: self.iat}
        return {_ALG: self.alg, _CONTENT_TYPE: CONTENT_TYPE, _KID: self.kid, _CLAIMS: claims, _TYP: TYP}


def _claims(claims: object) -> tuple[str, str, str, int]:
    if not isinstance(claims, dict) or tuple(claims) != _CLAIM_KEYS:
        message = "the CWT claims must be exactly iss (1), sub (2), aud (3) and iat (6)"
        raise MalformedError("malformed-header", message, field="CWT claims")
    iat = claims[_IAT]
    if type(iat) is not int or not 0 <= iat <= _LAST_TIME:
        message = "iat must be an unsigned integer of at most 2^53 - 1"
        raise MalformedError("malformed-header", message, field="iat")
    sub = claims[_SUB]
    if not isinstance(sub, str):
        raise MalformedError("malformed-header", "sub must be text", field="sub")
    return fields.organisation(claims[_ISS], "iss"), sub, checked_audience(claims[_AUD]), iat


def _wrong_labels(header: Any) -> MalformedError:
    if not isinstance(header, dict):
        return MalformedError("malformed-header", "the protected header must be a map")
    for label in header:
        if label not in _LABELS:
            name = _NAMES.get(label, str(label)[:40])
            message = f"the header label {name} is not taken in version 1; leave it out"
            return MalformedError("unsupported-header", message, field=name)
    missing = [str(label) for label in _LABELS if label not in header]
    return MalformedError("malformed-header", f"the protected header has no label {', '.join(missing)}")
