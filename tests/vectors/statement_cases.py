"""Vectors of keys, streams, subjects, statements and genesis documents."""

from typing import Any

from ledger.domain.cose import Alg
from ledger.domain.fields import b64url
from ledger.domain.statement import Statement
from ledger.domain.subject import Subject, stream_tag
from tests.builders import EXPORTER, a_genesis, a_signer, a_statement, seeded
from tests.vectors import signed_cases

Case = dict[str, Any]
ERROR: Case = {"error": True}
SMALL = {
    1: "01" + "00" * 31,
    2: "ec" + "ff" * 30 + "7f",
    4: "00" * 32,
    8: "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
}
"""One encoded point of each small order on edwards25519."""


def bad(name: str, **given: Any) -> Case:
    """Return a case that must be refused."""
    return {"name": name, "input": given, "expect": ERROR}


def cose_keys() -> list[Case]:
    """Return keys of both kinds, and keys that are none."""
    good = [
        {
            "name": f"{alg.name} key",
            "input": {"cose_key": a_signer("vectors", alg).key.encoded.hex()},
            "expect": {"thumbprint": a_signer("vectors", alg).key.thumbprint.hex()},
        }
        for alg in Alg
    ]
    p256, ed25519 = (a_signer("vectors", alg).key.encoded for alg in (Alg.ES256, Alg.EDDSA))
    return [
        *good,
        bad("point off the curve", cose_key=(p256[:-1] + bytes([p256[-1] ^ 1])).hex()),
        bad("truncated", cose_key=p256[:-1].hex()),
        bad("something after it", cose_key=(ed25519 + b"\x00").hex()),
        bad("P-256 said to be P-384", cose_key=p256.replace(b"\x20\x01", b"\x20\x02", 1).hex()),
        bad("length longer than it needs", cose_key=ed25519.replace(b"\x58\x20", b"\x59\x00\x20").hex()),
        bad("Ed25519, not a point", cose_key=(ed25519[:8] + b"\x02" + bytes(31)).hex()),
        bad(
            "Ed25519, y not below the prime", cose_key=(ed25519[:8] + b"\xee" + b"\xff" * 30 + b"\x7f").hex()
        ),
        *(
            bad(f"Ed25519, point of order {order}", cose_key=ed25519[:8].hex() + y)
            for order, y in SMALL.items()
        ),
        bad("ML-DSA-65, reserved", cose_key="a301070338302058" + "20" + "00" * 32),
    ]


def streams() -> list[Case]:
    """Return the tag of a secret."""
    secrets = (bytes(16), seeded("vectors", 16))
    return [
        {"name": "tag", "input": {"secret": one.hex()}, "expect": {"tag": stream_tag(one).hex()}}
        for one in secrets
    ]


def subjects() -> list[Case]:
    """Return a subject of each type."""
    tag = stream_tag(seeded("vectors", 16))
    keys = {
        "trip": "MSKU1234565",
        "consignment": "XXXU.GT00123",
        "booking": "B-77",
        "voyage": "IMO9074729.045N",
        "organisation": "ORIGIN-PORT",
    }
    return [
        {
            "name": kind,
            "input": {"type": kind, "key": key, "iss": EXPORTER, "custody_tag": tag.hex()},
            "expect": {"uri": Subject.create(kind, key, EXPORTER, tag).uri},
        }
        for kind, key in keys.items()
    ]


def statements() -> list[Case]:
    """Return statements by both algorithms, and what a reader must refuse."""
    cases: list[Case] = []
    body = {
        "occurred_at": "2026-11-06T13:00:00-06:00",
        "seal": "H1234567",
        "price": {"amount": 9120, "currency": "USD"},
    }
    for alg in Alg:
        made = a_statement("manifest", body, alg=alg, conceal=[("price",)])
        cases.append(_good(f"{alg.name}, one member concealed", made.raw, alg))
    cases += [_good(name, raw, Alg.ES256) for name, raw in signed_cases.odd_but_good().items()]
    raw = a_statement("manifest", body).raw
    other = a_statement("manifest", body, seed=1).raw
    damaged = {
        "truncated": raw[:-1],
        "something after it": raw + b"\x00",
        "without tag 18": raw[1:],
        "indefinite length": b"\xd2\x9f" + raw[2:] + b"\xff",
        "signature of another statement": raw[:-64] + other[-64:],
        "one bit of the signature": raw[:-1] + bytes([raw[-1] ^ 1]),
        "one bit of the payload": raw.replace(b"H1234567", b"H1234566"),
        "not empty unprotected header": raw.replace(b"\xa0\x59", b"\xa1\x01\x26\x59", 1),
        "another typ": raw.replace(b"scitt-statement", b"scitt-statemenu", 1),
        "alg none": raw.replace(b"\xa5\x01\x26", b"\xa5\x01\x00", 1),
        "alg of another kind of key": raw.replace(b"\xa5\x01\x26", b"\xa5\x01\x27", 1),
        "duplicate JSON member": raw.replace(b'"nonce":', b'"kind" :', 1),
        "unknown JSON member": raw.replace(b'"nonce":', b'"nonse":', 1),
    }
    damaged |= signed_cases.malformed()
    cases += [bad(name, **_statement(data, Alg.ES256)) for name, data in damaged.items()]
    cases.append(
        bad(
            "for another log", **_statement(raw, Alg.ES256) | {"aud": a_genesis("other.example/log").audience}
        )
    )
    cases.append(
        bad(
            "with another key",
            **_statement(raw, Alg.ES256) | {"cose_key": a_signer("thief").key.encoded.hex()},
        )
    )
    return cases


def _good(name: str, raw: bytes, alg: Alg) -> Case:
    statement = Statement.parse(raw)
    expect = {
        "id": statement.id.hex(),
        "envelope": statement.envelope.hex(),
        "alg": int(statement.alg),
        "kid": statement.kid.hex(),
        "iss": statement.iss,
        "sub": statement.sub,
        "aud": statement.aud,
        "iat": statement.iat,
        "kind": statement.kind,
        "subjects": list(statement.subjects),
        "streams": [tag.hex() for tag in statement.streams],
        "nonce": statement.nonce.hex(),
        "body": statement.body,
    }
    return {"name": name, "input": _statement(raw, alg), "expect": expect}


def _statement(raw: bytes, alg: Alg) -> Case:
    return {
        "statement": raw.hex(),
        "cose_key": a_signer(EXPORTER, alg).key.encoded.hex(),
        "aud": a_genesis().audience,
    }


def geneses() -> list[Case]:
    """Return a genesis document, and documents that are none."""
    genesis = a_genesis()
    text = genesis.document.decode()
    return [
        {
            "name": "genesis document",
            "input": {"document": text},
            "expect": {
                "hash": genesis.hash.hex(),
                "origin_hash": genesis.origin_hash.hex(),
                "audience": genesis.audience,
            },
        },
        bad("unknown member", document=text[:-1] + ',"more":1}'),
        bad("duplicate member", document=text[:-1] + ',"created":1}'),
        bad("byte order mark", document="\ufeff" + text),
        bad("not a number", document=text.replace('"id":31337', '"id":NaN')),
        bad("over 16,384 bytes", document=text + " " * 16_384),
        bad("origin with a capital", document=text.replace('"origin":"log', '"origin":"Log')),
        bad("log key under another name", document=text.replace('"log_key":"log', '"log_key":"dog')),
        bad("receipt key that is Ed25519", document=text.replace(*_ed25519_instead())),
        bad("address without 0x", document=text.replace('"registry":"0x', '"registry":"')),
        bad("another format", document=text.replace("corridor-genesis/1", "corridor-genesis/2")),
    ]


def _ed25519_instead() -> tuple[str, str]:
    p256, ed25519 = (a_signer("receipts", alg).key.encoded for alg in (Alg.ES256, Alg.EDDSA))
    return b64url(p256), b64url(ed25519)


SECTIONS = {
    "cose-key": cose_keys,
    "stream": streams,
    "subject": subjects,
    "statement": statements,
    "genesis": geneses,
}
