"""Terms of a hand-over: both parties hold the same bytes."""

from hashlib import sha256
from typing import Any

import pytest

from ledger.domain import strict_json
from ledger.domain.errors import MalformedError
from ledger.domain.hand_over import Claim, Result, Role, Terms, build_terms, hand_over_body
from tests.builders import EXPORTER, ORIGIN_PORT, a_trip


def some_terms(**changes: Any) -> Terms:
    arguments: dict[str, Any] = {
        "giver": EXPORTER,
        "taker": ORIGIN_PORT,
        "subjects": [a_trip().uri],
        "place": "GTPBR",
        "at": "2026-11-07T01:40:00-06:00",
        "nonce": bytes(16),
        "remarks": ["dent in the left door"],
    }
    return build_terms(**(arguments | changes))


def test_come_back() -> None:
    terms = some_terms()
    assert Terms.parse(terms.document) == terms
    assert terms.hash == sha256(terms.document).digest()
    assert (terms.giver, terms.taker, terms.place) == (EXPORTER, ORIGIN_PORT, "GTPBR")


def test_a_claim_carries_the_terms_as_text() -> None:
    terms = some_terms(remarks=["Ñandú"])
    body = hand_over_body(terms, Role.TAKER, Result.REFUSED)
    assert body["agreed"].encode() == terms.document
    assert Claim.parse(body) == Claim(terms.hash, Role.TAKER, Result.REFUSED, terms)


def test_a_claim_may_withhold_the_terms() -> None:
    body = hand_over_body(some_terms(), Role.GIVER)
    del body["agreed"]
    assert Claim.parse(body) == Claim(some_terms().hash, Role.GIVER, Result.ACCEPTED, None)


BAD_TERMS: dict[str, Any] = {
    "another format": {"format": "corridor-terms/2"},
    "unknown member": {"price": 1},
    "giver without a scheme": {"from": "exporter"},
    "taker null": {"to": None},
    "no subjects": {"subjects": []},
    "a subject twice": {"subjects": [a_trip().uri] * 2},
    "17 subjects": {"subjects": [a_trip(seed=n).uri for n in range(17)]},
    "a subject that is none": {"subjects": ["urn:x"]},
    "place empty": {"place": ""},
    "a time without offset": {"at": "2026-11-07T01:40:00"},
    "remarks a text": {"remarks": "dent"},
    "a remark that is a number": {"remarks": [1]},
    "65 remarks": {"remarks": ["x"] * 65},
    "nonce of 15 bytes": {"nonce": "ab" * 15},
}


@pytest.mark.parametrize("change", BAD_TERMS.values(), ids=BAD_TERMS)
def test_refuses_terms(change: dict[str, Any]) -> None:
    members = strict_json.loads(some_terms().document, max_bytes=10_000)
    with pytest.raises(MalformedError):
        Terms.parse(strict_json.dumps(members | change))


BAD_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "role of another": ({"role": "witness"}, "malformed-field"),
    "role a list": ({"role": ["giver"]}, "malformed-field"),
    "result unknown": ({"result": "perhaps"}, "malformed-field"),
    "terms in capitals": ({"terms": "AB" * 32}, "malformed-field"),
    "terms of another": ({"agreed": some_terms(place="USILG").document.decode()}, "terms-mismatch"),
    "terms with a blank more": ({"agreed": some_terms().document.decode() + " "}, "terms-mismatch"),
    "terms not JSON": ({"agreed": "{"}, "json-syntax"),
    "terms an object": ({"agreed": {}}, "malformed-field"),
}


@pytest.mark.parametrize(("change", "code"), BAD_CLAIMS.values(), ids=BAD_CLAIMS)
def test_refuses_a_claim(change: dict[str, Any], code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        Claim.parse(hand_over_body(some_terms(), Role.GIVER) | change)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["terms", "role", "result"])
def test_refuses_a_claim_without(name: str) -> None:
    body = hand_over_body(some_terms(), Role.GIVER)
    del body[name]
    with pytest.raises(MalformedError):
        Claim.parse(body)
