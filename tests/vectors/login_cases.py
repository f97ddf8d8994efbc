"""Vectors of login messages."""

from collections.abc import Callable, Sequence
from typing import Any

from ledger.domain.cose import Alg, sign1
from ledger.domain.login import TYP, sign_login
from tests.builders import EXPORTER, NOON, a_genesis, a_signer, a_statement, seeded
from tests.vectors.statement_cases import bad

Case = dict[str, Any]
_CHALLENGE = seeded("login", 56)


def logins() -> Sequence[Case]:
    """Return logins by both algorithms, and what a service must refuse."""
    aud = a_genesis().audience
    cases: list[Case] = []
    for alg in Alg:
        signer = a_signer("login", alg)
        raw = sign_login(signer, iss=EXPORTER, aud=aud, iat=NOON, challenge=_CHALLENGE)
        said = {"alg": int(alg), "iss": EXPORTER, "aud": aud, "iat": NOON}
        cases.append(
            {
                "name": alg.name,
                "input": _given(raw, alg),
                "expect": said | {"kid": signer.key.thumbprint.hex(), "challenge": _CHALLENGE.hex()},
            }
        )
    raw = sign_login(a_signer("login"), iss=EXPORTER, aud=aud, iat=NOON, challenge=_CHALLENGE)
    refused = {
        "truncated": raw[:-1],
        "something after it": raw + b"\x00",
        "without tag 18": raw[1:],
        "one bit of the challenge": raw.replace(_CHALLENGE, bytes([_CHALLENGE[0] ^ 1]) + _CHALLENGE[1:]),
        "one bit of the signature": raw[:-1] + bytes([raw[-1] ^ 1]),
        "a statement": a_statement().raw,
        "the typ of a statement": _made({16: "application/scitt-statement+cose"}),
        "a content type": _made({3: "application/json"}),
        "a subject": _made({15: {1: EXPORTER, 2: "urn:x", 3: aud, 6: NOON}}),
        "no audience": _made({15: {1: EXPORTER, 6: NOON}}),
        "a time before 1970": _made({15: {1: EXPORTER, 3: aud, 6: -1}}),
        "a challenge of 15 bytes": _made({}, bytes(15)),
        "a challenge of 65 bytes": _made({}, bytes(65)),
        "more than 1,024 bytes": _made({}, bytes(1_024)),
    }
    return [*cases, *(bad(name, **_given(data, Alg.ES256)) for name, data in refused.items())]


def _made(changes: dict[int, object], challenge: bytes = _CHALLENGE) -> bytes:
    signer = a_signer("login")
    claims = {1: EXPORTER, 3: a_genesis().audience, 6: NOON}
    header: dict[int, object] = {1: Alg.ES256, 4: signer.key.thumbprint, 15: claims, 16: TYP}
    return sign1(header | changes, challenge, signer).encode()


def _given(raw: bytes, alg: Alg) -> Case:
    return {"login": raw.hex(), "cose_key": a_signer("login", alg).key.encoded.hex()}


SECTIONS: dict[str, Callable[[], Sequence[Case]]] = {"login": logins}
