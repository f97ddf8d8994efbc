"""Protected headers, of statements and of other messages (formats, section 5; RFC 9052, 9596 and 9597)."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from ledger.domain import fields, strict_cbor
from ledger.domain.cose import Alg, CoseKey
from ledger.domain.errors import MalformedError, VerificationError
from ledger.domain.genesis import checked_audience
from ledger.domain.strict_json import MAX_INTEGER

ALG, CONTENT_TYPE, KID, CLAIMS, TYP = 1, 3, 4, 15, 16
ISS, SUB, AUD, IAT = 1, 2, 3, 6
KID_SIZE = 32

_STATEMENT = "application/scitt-statement+cose"
_JSON = "application/json"

_LABELS = (ALG, CONTENT_TYPE, KID, CLAIMS, TYP)
_CLAIM_KEYS = (ISS, SUB, AUD, IAT)
_NAMES = {2: "crit", 5: "IV", 6: "Partial IV", 33: "x5chain", 34: "x5t", 35: "x5u"}
_CLAIM_NAMES = {ISS: "iss", SUB: "sub", AUD: "aud", IAT: "iat"}
_ALGS = {int(alg): alg for alg in Alg}


class Header(NamedTuple):
    """What the header of a statement says.

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
        alg = read_alg(header[ALG])
        check_typ(header[TYP], _STATEMENT, "a statement")
        if header[CONTENT_TYPE] != _JSON:
            raise MalformedError(
                "malformed-header", f"the content type must be {_JSON}", field="content type"
            )
        kid = read_kid(header[KID])
        iss, aud, iat = read_claims(header[CLAIMS], _CLAIM_KEYS)
        sub = header[CLAIMS][SUB]
        if not isinstance(sub, str):
            raise MalformedError("malformed-header", "sub must be text", field="sub")
        return cls(alg, kid, iss, sub, aud, iat)

    def to_map(self) -> dict[int, object]:
        """Return the map that is encoded and signed."""
        claims = {ISS: self.iss, SUB: self.sub, AUD: self.aud, IAT: self.iat}
        return {ALG: self.alg, CONTENT_TYPE: _JSON, KID: self.kid, CLAIMS: claims, TYP: _STATEMENT}


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


def read_alg(value: object) -> Alg:
    """Return the algorithm that a header names.

    Raises:
        MalformedError: None that is taken.
    """
    if type(value) is not int or value not in _ALGS:
        message = f"alg {str(value)[:40]!r} is not taken; keys sign with ES256 (-7) or EdDSA (-8)"
        raise MalformedError("unsupported-algorithm", message, field="alg")
    return _ALGS[value]


def read_kid(value: object) -> bytes:
    """Return the thumbprint of the signing key, 32 bytes (RFC 9679).

    Raises:
        MalformedError: Something else.
    """
    if not isinstance(value, bytes) or len(value) != KID_SIZE:
        raise MalformedError("malformed-header", "kid must be a thumbprint of 32 bytes", field="kid")
    return value


def check_typ(value: object, typ: str, what: str) -> None:
    """Return when a header's `typ` is the one that it must be.

    Args:
        value: As read.
        typ: What it must be.
        what: What has it, for the complaint.

    Raises:
        MalformedError: It is another one.
    """
    if value != typ:
        message = f"typ {str(value)[:80]!r} is not that of {what}, {typ}"
        raise MalformedError("wrong-type", message, field="typ")


def read_claims(claims: object, keys: Sequence[int]) -> tuple[str, str, int]:
    """Return `iss`, `aud` and `iat` of CWT claims (RFC 8392).

    Args:
        claims: As read from strict CBOR, which has its keys in order.
        keys: The claims that must be there, no others, in order.

    Raises:
        MalformedError: Other claims, or one of another form.
    """
    if not isinstance(claims, dict) or tuple(claims) != tuple(keys):
        *first, last = [f"{_CLAIM_NAMES[key]} ({key})" for key in keys]
        message = f"the CWT claims must be exactly {', '.join(first)} and {last}"
        raise MalformedError("malformed-header", message, field="CWT claims")
    iat = claims[IAT]
    if type(iat) is not int or not 0 <= iat <= MAX_INTEGER:
        message = "iat must be an unsigned integer of at most 2^53 - 1"
        raise MalformedError("malformed-header", message, field="iat")
    return fields.organisation(claims[ISS], "iss"), checked_audience(claims[AUD]), iat


def check_key(key: CoseKey, kid: bytes, alg: Alg, what: str) -> None:
    """Return when a key is the one that a header names.

    Args:
        key: The key.
        kid: Thumbprint that the header names, 32 bytes.
        alg: Algorithm that the header names.
        what: What has the header, for the complaint.

    Raises:
        VerificationError: Another key, or another algorithm than the key's.
    """
    if key.thumbprint != kid:
        message = f"{what} names key {kid.hex()}, which is not the one given"
        raise VerificationError("wrong-key", message, field="kid")
    if key.alg is not alg:
        message = f"{what} names algorithm {alg.name}; its key is good with {key.alg.name} only"
        raise VerificationError("wrong-algorithm", message, field="alg")
