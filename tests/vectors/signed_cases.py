"""Statements that are signed well and are not well-formed, and some that are although they look odd."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ledger.domain import strict_cbor
from ledger.domain.cose import Sign1, sig_structure
from tests.builders import EXPORTER, a_signer, a_statement, a_trip

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
Change = Callable[[dict[str, Any]], Any]
ISS, SUB, AUD, IAT = 1, 2, 3, 6
CLAIMS = 15


def _plain() -> Sign1:
    return Sign1.parse(a_statement("manifest", {"seal": "H1234567"}).raw)


def _resealed(protected: bytes, payload: bytes) -> bytes:
    signature = a_signer(EXPORTER).sign(sig_structure(protected, payload))
    return Sign1(protected, payload, signature).encode()


def _saying(change: Change) -> bytes:
    """Return a statement with another payload."""
    plain = _plain()
    payload = json.loads(plain.payload)
    change(payload)
    return _resealed(plain.protected, json.dumps(payload, separators=(",", ":")).encode())


def _text(before: str, after: str) -> bytes:
    """Return a statement whose payload differs in one place of its text."""
    plain = _plain()
    payload = plain.payload.decode()
    assert before in payload
    return _resealed(plain.protected, payload.replace(before, after, 1).encode())


def _under(header: Mapping[int, Any] | None = None, claims: Mapping[int, Any] | None = None) -> bytes:
    """Return a statement with another header; None leaves a label out."""
    plain = _plain()
    whole = strict_cbor.loads(plain.protected)
    whole[CLAIMS] = _without_none(whole[CLAIMS] | dict(claims or {}))
    return _resealed(strict_cbor.dumps(_without_none(whole | dict(header or {}))), plain.payload)


def _without_none(items: Mapping[int, Any]) -> dict[int, Any]:
    return {label: value for label, value in items.items() if value is not None}


def _nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


def odd_but_good() -> dict[str, bytes]:
    """Return statements that a reader must take."""
    plain = _plain()
    r, s = plain.signature[:32], int.from_bytes(plain.signature[32:])
    return {
        "the other signature of the same content": replace(
            plain, signature=r + (P256_ORDER - s).to_bytes(32)
        ).encode(),
        "white space in and round the payload": _resealed(
            plain.protected, b"\n" + json.dumps(json.loads(plain.payload), indent=1).encode() + b" \n"
        ),
        "a number that is no integer in the body": _saying(lambda p: p["body"].update(weight=1.5)),
        "body nested 31 deep, the payload 32": _saying(lambda p: p["body"].update(deep=_nested(30))),
        "an empty array of digests": _saying(lambda p: p["body"].update(_sd=[])),
        "a decoy": _saying(lambda p: p["body"].update(_sd=["A" * 43])),
        "a correction": _saying(lambda p: p.update(corrects="ab" * 32)),
    }


def malformed() -> dict[str, bytes]:
    """Return statements that a reader must refuse although their signatures hold."""
    trip, *others = [a_trip(seed=seed).uri for seed in range(17)]
    ones = {
        "integer written with a fraction": _text('"v":1', '"v":1.0'),
        "integer written with an exponent": _text('"size":0', '"size":0e0'),
        "integer beyond 2^53 - 1": _saying(lambda p: p["seen"].update(size=2**53)),
        "byte order mark": _resealed(_plain().protected, b"\xef\xbb\xbf" + _plain().payload),
        "unpaired surrogate": _text("H1234567", "\\ud800"),
        "not a number": _text('"H1234567"', "NaN"),
        "infinity": _text('"H1234567"', "1e999"),
        "payload nested 33 deep": _saying(lambda p: p["body"].update(deep=_nested(31))),
        "another version": _saying(lambda p: p.update(v=2)),
        "kind with a capital": _saying(lambda p: p.update(kind="Manifest")),
        "kind of one letter": _saying(lambda p: p.update(kind="m")),
        "17 subjects": _saying(lambda p: p.update(subjects=[trip, *others])),
        "subject twice": _saying(lambda p: p.update(subjects=[trip, trip])),
        "sub that is not the first subject": _saying(lambda p: p.update(subjects=[others[0], trip])),
        "no stream": _saying(lambda p: p.update(streams=[])),
        "stream twice": _saying(lambda p: p.update(streams=p["streams"] * 2)),
        "tag in capitals": _saying(lambda p: p.update(streams=[p["streams"][0].upper()])),
        "65 references": _saying(lambda p: p.update(references=[{"rel": "see", "id": "ab" * 32}] * 65)),
        "reference with another member": _saying(
            lambda p: p.update(references=[{"rel": "see", "id": "ab" * 32, "at": 1}])
        ),
        "corrects nothing": _saying(lambda p: p.update(corrects=None)),
        "saw another genesis": _saying(lambda p: p["seen"].update(root="ab" * 32)),
        "nonce of 15 bytes": _saying(lambda p: p.update(nonce=p["nonce"][2:])),
        "body that is no object": _saying(lambda p: p.update(body=[])),
        "no _sd_alg": _saying(lambda p: p.pop("_sd_alg")),
        "another _sd_alg": _saying(lambda p: p.update(_sd_alg="sha-512")),
        "digests outside the body": _saying(lambda p: p.update(_sd=[])),
        "digest of 31 bytes": _saying(lambda p: p["body"].update(_sd=["A" * 42])),
        "digest with stray bits": _saying(lambda p: p["body"].update(_sd=["A" * 42 + "B"])),
        "digests in no array": _saying(lambda p: p["body"].update(_sd="A" * 43)),
    }
    headers = {
        "chain of certificates": _under({33: b"certificate"}),
        "critical labels": _under({2: [15]}),
        "no content type": _under({3: None}),
        "another content type": _under({3: "application/cbor"}),
        "typ of a login": _under({16: "application/vnd.corridor-ledger.login+cose"}),
        "kid of 31 bytes": _under({4: bytes(31)}),
        "alg as text": _under({1: "ES256"}),
        "one more claim": _under(claims={4: 1}),
        "no time of signing": _under(claims={IAT: None}),
        "time of signing before 1970": _under(claims={IAT: -1}),
        "iss without a scheme": _under(claims={ISS: "exporter.example"}),
        "iss of 201 characters": _under(claims={ISS: "https://" + "x" * 193}),
        "sub that is no text": _under(claims={SUB: b"sub"}),
        "aud that names no genesis document": _under(claims={AUD: "https://log.example"}),
    }
    return ones | headers
