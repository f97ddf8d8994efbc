"""The genesis document: read strictly, kept byte for byte."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from ledger.domain import strict_json
from ledger.domain.cose import Alg
from ledger.domain.errors import MalformedError
from ledger.domain.fields import b64url
from ledger.domain.genesis import Genesis, audience_of, checked_audience, genesis_hash_of
from ledger.domain.note import COSIGNATURE_V1, VerifierKey
from tests.builders import ORIGIN, a_genesis, a_log_verifier_key, a_signer, an_ed25519_key, seeded

Change = Callable[[dict[str, Any]], object]


def put(*path: Any) -> Change:
    """Return a change that sets the member at a path to the last argument."""

    def change(members: dict[str, Any]) -> None:
        for name in path[:-2]:
            members = members[name]
        members[path[-2]] = path[-1]

    return change


def test_comes_back() -> None:
    genesis = a_genesis()
    assert Genesis.parse(genesis.document) == genesis
    assert genesis.hash == sha256(genesis.document).digest()
    assert genesis.origin_hash == sha256(ORIGIN.encode()).digest()
    assert (genesis.chain_id, genesis.registry) == (31337, seeded("registry", 20))


def test_white_space_makes_another_genesis() -> None:
    genesis = a_genesis()
    other = Genesis.parse(genesis.document + b"\n")
    assert other != genesis
    assert other.audience != genesis.audience


def test_the_audience_names_the_hash() -> None:
    genesis = a_genesis()
    assert genesis.audience == "ni:///sha-256;" + b64url(genesis.hash)
    assert genesis_hash_of(genesis.audience) == genesis.hash
    assert checked_audience(audience_of(bytes(32))) == "ni:///sha-256;" + "A" * 43


def test_audience_example_of_rfc_6920_section_8_1() -> None:
    audience = audience_of(sha256(b"Hello World!").digest())
    assert audience == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"


@pytest.mark.parametrize(
    "audience",
    [
        None,
        "",
        "ni:///sha-256;",
        "ni:///sha-256;" + "A" * 42,
        "ni:///sha-256;" + "A" * 42 + "B",
        "ni:///sha-512;" + "A" * 43,
    ],
)
def test_refuses_an_audience(audience: Any) -> None:
    with pytest.raises(MalformedError):
        checked_audience(audience)


BAD: dict[str, Change] = {
    "another format": put("format", "corridor-genesis/2"),
    "unknown member": put("note", "x"),
    "no origin": lambda m: m.pop("origin"),
    "origin with a scheme in capitals": put("origin", "HTTPS"),
    "origin empty": put("origin", ""),
    "origin with a plus": put("origin", "log+example"),
    "origin of 201 characters": put("origin", "a" * 201),
    "chain id as text": put("chain", "id", "1"),
    "chain id true": put("chain", "id", True),
    "chain genesis without 0x": put("chain", "genesis", "ab" * 32),
    "chain genesis in capitals": put("chain", "genesis", "0x" + "AB" * 32),
    "chain with more": put("chain", "name", "x"),
    "address of 19 bytes": put("contracts", "anchor", "0x" + "ab" * 19),
    "address null": put("contracts", "registry", None),
    "contract missing": lambda m: m["contracts"].pop("inclusion"),
    "log key under another name": put("log_key", a_log_verifier_key("other.example")),
    "log key with another key id": lambda m: m.update(log_key=m["log_key"].replace("+", "+0", 1)),
    "log key a number": put("log_key", 1),
    "log key cut off": lambda m: m.update(log_key=m["log_key"][:-4]),
    "receipt key of Ed25519": put("receipt_key", b64url(a_signer("r", Alg.EDDSA).key.encoded)),
    "receipt key cut off": lambda m: m.update(receipt_key=m["receipt_key"][:-3]),
    "profile of 31 bytes": put("profile", "ab" * 31),
    "created negative": put("created", -1),
    "created a float": put("created", 1.0),
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
def test_refuses(change: Change) -> None:
    members = strict_json.loads(a_genesis().document, max_bytes=10_000)
    change(members)
    with pytest.raises(MalformedError):
        Genesis.parse(strict_json.dumps(members))


@pytest.mark.parametrize(
    "document", [b"", b"[]", b"null", b"{}", b" " * 16_385], ids=["empty", "array", "null", "object", "large"]
)
def test_refuses_the_document(document: bytes) -> None:
    with pytest.raises(MalformedError):
        Genesis.parse(document)


def test_a_witness_key_is_not_a_log_key() -> None:
    key = VerifierKey(ORIGIN, COSIGNATURE_V1, an_ed25519_key().public_key().public_bytes_raw())
    with pytest.raises(MalformedError):
        a_genesis(log_key=key.encode())
