"""Well-signed statements that the format does not allow, each refused with its own code."""

from typing import Any

import pytest

from ledger.domain import strict_json
from ledger.domain.errors import MalformedError
from ledger.domain.genesis import audience_of
from ledger.domain.statement import Statement
from ledger.domain.subject import Subject
from tests.builders import a_signer, a_statement, a_trip, seeded
from tests.domain.forge import Change, forged, payload_of, protected_of, signed

HASH = seeded("hash", 32).hex()
OTHER_SUBJECT = Subject("trip", "XXXU5001233", seeded("other", 32)).uri
LOGIN = "application/vnd.corridor-ledger.login+cose"


def put(key: Any, value: object) -> Change:
    """Return a change that sets one member."""
    return lambda members: members.__setitem__(key, value)


def claim(key: int, value: object) -> Change:
    """Return a change that sets one CWT claim."""
    return lambda members: members[15].__setitem__(key, value)


def drop(key: object) -> Change:
    """Return a change that takes one member away."""
    return lambda members: members.pop(key)


def test_the_forge_makes_good_statements_when_it_changes_nothing() -> None:
    Statement.parse(forged()).verify(a_signer().key)


HEADERS: dict[str, tuple[Change, str]] = {
    "alg none": (put(1, 0), "unsupported-algorithm"),
    "alg as text": (put(1, "ES256"), "unsupported-algorithm"),
    "alg null": (put(1, None), "unsupported-algorithm"),
    "alg ES384": (put(1, -35), "unsupported-algorithm"),
    "alg fully specified ESP256": (put(1, -9), "unsupported-algorithm"),
    "alg ML-DSA-65": (put(1, -49), "unsupported-algorithm"),
    "alg HMAC": (put(1, 5), "unsupported-algorithm"),
    "alg an array": (put(1, [-7]), "unsupported-algorithm"),
    "no alg": (drop(1), "malformed-header"),
    "crit": (put(2, [16]), "unsupported-header"),
    "content type CBOR": (put(3, "application/cbor"), "malformed-header"),
    "content type as number": (put(3, 50), "malformed-header"),
    "no content type": (drop(3), "malformed-header"),
    "kid of 31 bytes": (put(4, bytes(31)), "malformed-header"),
    "kid as text": (put(4, "k" * 32), "malformed-header"),
    "no kid": (drop(4), "malformed-header"),
    "no claims": (drop(15), "malformed-header"),
    "claims an array": (put(15, []), "malformed-header"),
    "claim cti": (claim(7, b"id"), "malformed-header"),
    "claim without iat": (lambda h: h[15].pop(6), "malformed-header"),
    "iat negative": (claim(6, -1), "malformed-header"),
    "iat as float": (claim(6, 1.5e9), "cbor-type"),
    "iat as text": (claim(6, "2026"), "malformed-header"),
    "iat true": (claim(6, True), "malformed-header"),
    "iat of 54 bits": (claim(6, 2**53), "malformed-header"),
    "iat of 65 bits": (claim(6, 2**64), "cbor-syntax"),
    "iss without a scheme": (claim(1, "exporter.example"), "malformed-field"),
    "iss empty": (claim(1, ""), "malformed-field"),
    "iss with a space": (claim(1, "https://exporter example"), "malformed-field"),
    "iss beyond ASCII": (claim(1, "https://éxporter.example"), "malformed-field"),
    "iss of 201 characters": (claim(1, "https:" + "x" * 195), "malformed-field"),
    "iss as bytes": (claim(1, b"https://x"), "malformed-field"),
    "sub another one": (claim(2, OTHER_SUBJECT), "wrong-subject"),
    "sub as bytes": (claim(2, b"urn"), "malformed-header"),
    "aud no hash": (claim(3, "https://log.example"), "malformed-audience"),
    "aud as array": (claim(3, ["ni:///sha-256;"]), "malformed-audience"),
    "aud with stray bits": (claim(3, "ni:///sha-256;" + "A" * 42 + "B"), "malformed-audience"),
    "typ of a login": (put(16, LOGIN), "wrong-type"),
    "typ of a receipt": (put(16, "application/scitt-receipt+cose"), "wrong-type"),
    "typ as number": (put(16, 42), "wrong-type"),
    "no typ": (drop(16), "malformed-header"),
    "x5chain": (put(33, b"certificate"), "unsupported-header"),
    "x5t": (put(34, [-16, bytes(32)]), "unsupported-header"),
    "unknown label": (put(1000, 1), "unsupported-header"),
    "empty": (lambda h: h.clear(), "malformed-header"),
}


@pytest.mark.parametrize(("change", "code"), HEADERS.values(), ids=HEADERS)
def test_refuses_the_header(change: Change, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        Statement.parse(forged(header=change))
    assert caught.value.code == code


def test_the_refusal_names_the_label() -> None:
    with pytest.raises(MalformedError, match="x5chain"):
        Statement.parse(forged(header=put(33, b"certificate")))


PAYLOADS: dict[str, tuple[Change, str]] = {
    "v 2": (put("v", 2), "unknown-format"),
    "v true": (put("v", True), "unknown-format"),
    "v 1.0": (put("v", 1.0), "unknown-format"),
    "no v": (drop("v"), "missing-field"),
    "unknown member": (put("extra", 1), "unknown-field"),
    "_sd beside the body": (put("_sd", []), "unknown-field"),
    "kind with capitals": (put("kind", "Scan"), "malformed-field"),
    "kind of one letter": (put("kind", "s"), "malformed-field"),
    "kind of 65 letters": (put("kind", "s" * 65), "malformed-field"),
    "kind with a newline": (put("kind", "scan\n"), "malformed-field"),
    "kind a number": (put("kind", 1), "malformed-field"),
    "no subjects": (put("subjects", []), "malformed-subject"),
    "subjects a text": (put("subjects", a_trip().uri), "malformed-field"),
    "a subject twice": (put("subjects", [a_trip().uri] * 2), "malformed-subject"),
    "17 subjects": (
        put("subjects", [a_trip().uri, *(a_trip(seed=n).uri for n in range(1, 17))]),
        "malformed-subject",
    ),
    "a subject of another scheme": (put("subjects", [a_trip().uri, "urn:x"]), "malformed-subject"),
    "a subject that is a number": (put("subjects", [a_trip().uri, 1]), "malformed-subject"),
    "subjects in another order": (put("subjects", [OTHER_SUBJECT, a_trip().uri]), "wrong-subject"),
    "no streams": (put("streams", []), "malformed-field"),
    "17 streams": (put("streams", [seeded(n, 32).hex() for n in range(17)]), "malformed-field"),
    "a stream twice": (put("streams", [HASH, HASH]), "malformed-field"),
    "a stream in capitals": (put("streams", ["AB" * 32]), "malformed-field"),
    "a stream of 31 bytes": (put("streams", ["ab" * 31]), "malformed-field"),
    "a stream with a blank": (put("streams", [" " + HASH]), "malformed-field"),
    "references null": (put("references", None), "malformed-field"),
    "65 references": (put("references", [{"rel": "follows", "id": HASH}] * 65), "malformed-field"),
    "reference without id": (put("references", [{"rel": "follows"}]), "missing-field"),
    "reference with more": (put("references", [{"rel": "follows", "id": HASH, "x": 1}]), "unknown-field"),
    "reference with a short id": (put("references", [{"rel": "follows", "id": "ab"}]), "malformed-field"),
    "corrects null": (put("corrects", None), "malformed-field"),
    "seen without root": (put("seen", {"size": 2}), "missing-field"),
    "seen of size -1": (put("seen", {"size": -1, "root": HASH}), "malformed-field"),
    "seen of size true": (put("seen", {"size": True, "root": HASH}), "malformed-field"),
    "seen of size 2.0": (put("seen", {"size": 2.0, "root": HASH}), "malformed-field"),
    "seen of size 0 with another genesis": (put("seen", {"size": 0, "root": HASH}), "malformed-field"),
    "nonce of 15 bytes": (put("nonce", "ab" * 15), "malformed-field"),
    "body an array": (put("body", []), "malformed-field"),
    "body null": (put("body", None), "malformed-field"),
    "_sd not an array": (put("body", {"_sd": "x"}), "malformed-field"),
    "_sd of something else": (put("body", {"_sd": ["x"]}), "malformed-digest"),
    "_sd of a number": (put("body", {"_sd": [1]}), "malformed-digest"),
    "a digest with stray bits": (put("body", {"_sd": ["A" * 42 + "B"]}), "malformed-digest"),
    "a digest twice": (put("body", {"_sd": ["A" * 43, "A" * 43]}), "digest-repeated"),
    "a digest twice, at two levels": (
        put("body", {"_sd": ["A" * 43], "a": [{"...": "A" * 43}]}),
        "digest-repeated",
    ),
    "... in an object": (put("body", {"...": "A" * 43}), "malformed-disclosure"),
    "... beside another member": (put("body", {"a": [{"...": "A" * 43, "b": 1}]}), "malformed-disclosure"),
    "another hash for disclosures": (put("_sd_alg", "sha-512"), "unknown-format"),
}


@pytest.mark.parametrize(("change", "code"), PAYLOADS.values(), ids=PAYLOADS)
def test_refuses_the_payload(change: Change, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        Statement.parse(forged(payload=change))
    assert caught.value.code == code


GOOD = a_statement().raw
PROTECTED, PAYLOAD = protected_of(GOOD), payload_of(GOOD)
BYTES = {
    "payload not JSON": (signed(PROTECTED, b"{"), "json-syntax"),
    "payload empty": (signed(PROTECTED, b""), "json-syntax"),
    "payload an array": (signed(PROTECTED, b"[]"), "malformed-field"),
    "payload with a byte order mark": (signed(PROTECTED, b"\xef\xbb\xbf" + PAYLOAD), "json-encoding"),
    "payload with a duplicate member": (
        signed(PROTECTED, PAYLOAD.replace(b'"v":1', b'"v":1,"v":1')),
        "json-duplicate",
    ),
    "payload with NaN": (signed(PROTECTED, PAYLOAD.replace(b'"body":{', b'"body":{"x":NaN,')), "json-number"),
    "payload too deep": (
        signed(PROTECTED, PAYLOAD.replace(b'"body":{', b'"body":{"x":' + b"[" * 31 + b"]" * 31 + b",")),
        "json-depth",
    ),
    "header empty": (signed(b"", PAYLOAD), "cbor-syntax"),
    "header no map": (signed(b"\x80", PAYLOAD), "malformed-header"),
    "header with bytes after it": (signed(PROTECTED + b"\x00", PAYLOAD), "cbor-not-deterministic"),
    "header indefinite": (signed(b"\xbf" + PROTECTED[1:] + b"\xff", PAYLOAD), "cbor-syntax"),
    "header with alg in two bytes": (
        signed(PROTECTED.replace(b"\xa5\x01\x26", b"\xa5\x01\x38\x06"), PAYLOAD),
        "cbor-not-deterministic",
    ),
    "header with alg twice": (
        signed(b"\xa6\x01\x26" + PROTECTED[1:], PAYLOAD),
        "cbor-syntax",
    ),
    "ten megabytes": (signed(PROTECTED, b'{"a":"' + b"a" * 10_000_000 + b'"}'), "too-large"),
    "a byte over the limit": (signed(PROTECTED, PAYLOAD + b" " * 262_144), "too-large"),
}


@pytest.mark.parametrize(("raw", "code"), BYTES.values(), ids=BYTES)
def test_refuses_the_bytes(raw: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        Statement.parse(raw)
    assert caught.value.code == code


def test_takes_a_payload_written_in_another_way() -> None:
    members = strict_json.loads(PAYLOAD, max_bytes=10_000)
    reordered = dict(reversed(members.items()))
    Statement.parse(signed(PROTECTED, b" " + strict_json.dumps(reordered) + b"\n")).verify(a_signer().key)


def test_takes_a_statement_of_the_largest_size() -> None:
    room = 262_144 - len(GOOD) - 2
    raw = signed(PROTECTED, PAYLOAD + b" " * room)
    assert len(raw) == 262_144
    Statement.parse(raw)


def test_takes_a_statement_for_another_log() -> None:
    # Which log is its own is for the registration policy and the verifier to say.
    other = audience_of(seeded("other log", 32))
    raw = forged(claim(3, other), put("seen", {"size": 2, "root": HASH}))
    assert Statement.parse(raw).aud == other


def test_floats_stand_in_the_body_only() -> None:
    raw = forged(payload=put("body", {"mean": 7.25}))
    assert Statement.parse(raw).body == {"mean": 7.25}
