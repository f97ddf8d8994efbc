"""Evidence items: the commitment is over every byte, and opens with the salt of the item's secret only."""

import hmac
from hashlib import sha256
from typing import Any

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import MalformedError, UsageError, VerificationError
from ledger.domain.evidence import EvidenceItem, commitment, derive_salt, items

SECRET = b"AGE-SECRET-KEY-1" + b"Q" * 58
CID = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
TREE = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
ITEM: dict[str, Any] = {
    "commitment": "ab" * 32,
    "cid": CID,
    "size": 5,
    "media_type": "image/jpeg",
    "category": "photo",
    "name": "Seal, left door",
}


def test_the_salt_is_hkdf_as_in_rfc_5869() -> None:
    extracted = hmac.digest(bytes(32), SECRET, "sha256")
    expected = hmac.digest(extracted, b"corridor/evidence/v1" + b"\x01", "sha256")
    assert derive_salt(SECRET) == expected


def test_the_secret_is_an_age_identity() -> None:
    assert len(derive_salt(str(pyrage.x25519.Identity.generate()).encode())) == 32


@pytest.mark.parametrize(
    "secret", [b"", SECRET[:-1], SECRET + b"\n", SECRET.lower(), b"AGE-SECRET-KEY-1" + b"B" * 58, b"A" * 74]
)
def test_refuses_a_secret_and_does_not_repeat_it(secret: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        derive_salt(secret)
    assert "Q" * 10 not in str(caught.value)


@given(st.binary(max_size=200), st.integers(1, 50))
def test_the_commitment_does_not_depend_on_the_pieces(data: bytes, size: int) -> None:
    salt = derive_salt(SECRET)
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert commitment(salt, pieces) == sha256(salt + data).digest()


def test_another_byte_or_another_salt_is_another_commitment() -> None:
    salt = derive_salt(SECRET)
    item = EvidenceItem(commitment(salt, [b"bytes"]), CID, 5, "image/jpeg", "photo")
    item.verify(salt, [b"by", b"tes"])
    for other_salt, data in ((salt, b"byteZ"), (salt, b""), (bytes(32), b"bytes")):
        with pytest.raises(VerificationError):
            item.verify(other_salt, [data])
    with pytest.raises(UsageError):
        commitment(b"short", [])


def test_comes_back() -> None:
    nameless = {name: value for name, value in ITEM.items() if name != "name"}
    for value in (ITEM, nameless, ITEM | {"cid": TREE}):
        assert EvidenceItem.parse(value).to_json() == value
    assert items({"evidence": [ITEM, nameless]}) == (EvidenceItem.parse(ITEM), EvidenceItem.parse(nameless))
    assert items({}) == ()


BAD: dict[str, Any] = {
    "no array": {},
    "no object": [1],
    "salt in it": [ITEM | {"salt": "ab" * 32}],
    "commitment of 31 bytes": [ITEM | {"commitment": "ab" * 31}],
    "size negative": [ITEM | {"size": -1}],
    "size a float": [ITEM | {"size": 1.0}],
    "media type without a subtype": [ITEM | {"media_type": "image"}],
    "media type with parameters": [ITEM | {"media_type": "text/plain; charset=utf-8"}],
    "media type with a newline": [ITEM | {"media_type": "text/plain\n"}],
    "category with a capital": [ITEM | {"category": "Photo"}],
    "name empty": [ITEM | {"name": ""}],
    "name of 201 characters": [ITEM | {"name": "x" * 201}],
    "name null": [ITEM | {"name": None}],
    "cid null": [ITEM | {"cid": None}],
    "cid of version 0": [ITEM | {"cid": "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"}],
    "cid in capitals": [ITEM | {"cid": CID.upper()}],
    "cid in base58": [ITEM | {"cid": "z" + CID[1:]}],
    "cid cut off": [ITEM | {"cid": CID[:-1]}],
    "cid with stray bits": [ITEM | {"cid": CID[:-1] + "z"}],
    "cid of JSON": [ITEM | {"cid": "baguqeera" + CID[9:]}],
    "cid with a character beyond base32": [ITEM | {"cid": CID[:-1] + "1"}],
    "cid beyond ASCII": [ITEM | {"cid": CID[:-1] + "é"}],
}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
def test_refuses(value: object) -> None:
    with pytest.raises(MalformedError):
        items({"evidence": value})
