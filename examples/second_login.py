"""Login messages: section 16 of `docs/formats.md`, read a second time from that page alone."""

from __future__ import annotations

from typing import Any

from second_encoding import cbor, need, text_of, uint
from second_formats import ORGANISATION, check_cose_signature

TYP = "application/vnd.corridor-ledger.login+cose"


def read_login(data: bytes, cose_key: bytes) -> dict[str, Any]:
    """Return what a login message says, or refuse it.

    Args:
        data: As received.
        cose_key: The key that is registered under its `kid`.
    """
    need(len(data) <= 1_024 and data[:2].hex() == "d284", "login: not a tagged COSE_Sign1")
    protected, unprotected, challenge, signature = cbor(data[1:], (bytes, dict, bytes, bytes), "login")
    need(not unprotected, "login: the unprotected header is not empty")
    header = cbor(protected, dict, "login: header")
    need(header.keys() == {1, 4, 15, 16}, "login: other header labels than 1, 4, 15, 16")
    claims = header[15]
    need(isinstance(claims, dict) and claims.keys() == {1, 3, 6}, "login: other claims than 1, 3, 6")
    need(header[1] in (-7, -8), "login: unknown algorithm")
    need(isinstance(header[4], bytes) and len(header[4]) == 32, "login: kid is not a thumbprint")
    need(header[16] == TYP, "login: another typ")
    need(16 <= len(challenge) <= 64, "login: the payload is not a challenge")
    iss = text_of(claims[1], ORGANISATION, "login: iss")
    aud = text_of(claims[3], "ni:///sha-256;[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", "login: aud")
    check_cose_signature(cose_key, header[1], signature, protected, challenge)
    return {
        "alg": header[1],
        "kid": header[4],
        "iss": iss,
        "aud": aud,
        "iat": uint(claims[6], "login: iat"),
        "challenge": challenge,
    }
