"""Vectors of receipts, containers and evidence."""

from collections.abc import Mapping
from typing import Any

from ledger.domain import merkle, strict_cbor
from ledger.domain.cid import CHUNK, LINKS, cid_of
from ledger.domain.cose import Alg, sig_structure
from ledger.domain.entry import statement_entry
from ledger.domain.evidence import commitment, derive_salt
from ledger.verification.receipt import Inclusion, make_receipt
from tests.builders import ORIGIN, a_signer, a_trip, seeded
from tests.vectors import container_cases

Case = dict[str, Any]
ERROR: Case = {"error": True}
# The age identity of the bytes 00 to 1f.
ITEM_SECRET = "AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SWRYDWG"


def _bad(name: str, **given: Any) -> Case:
    return {"name": name, "input": given, "expect": ERROR}


def receipts() -> list[Case]:
    """Return the receipt of one of seven entries, and receipts that show nothing."""
    entries = [statement_entry(seeded(("envelope", i), 32), [seeded(("tag", i), 32)]) for i in range(7)]
    leaves = [merkle.leaf_hash(entry) for entry in entries]

    def get(level: int, place: int) -> bytes:
        if level == 0:
            return leaves[place]
        return merkle.node_hash(get(level - 1, 2 * place), get(level - 1, 2 * place + 1))

    signer = a_signer("receipts")
    inclusion = Inclusion(7, 5, tuple(merkle.inclusion_proof(5, 7, get)))
    sub = a_trip().uri
    raw = make_receipt(signer, origin=ORIGIN, sub=sub, entry=entries[5], inclusion=inclusion)
    given = {
        "receipt": raw.hex(),
        "entry": entries[5].hex(),
        "key": signer.key.encoded.hex(),
        "origin": ORIGIN,
        "sub": sub,
    }
    expect = {"root": merkle.root(7, get).hex(), "size": 7, "index": 5}
    damaged = {
        "truncated": raw[:-1],
        "something after it": raw + b"\x00",
        "without tag 18": raw[1:],
        "one bit of the signature": raw[:-1] + bytes([raw[-1] ^ 1]),
        **_resealed(raw, inclusion, entries[5]),
    }
    return [
        {"name": "sixth of seven", "input": given, "expect": expect},
        *(_bad(name, **given | {"receipt": data.hex()}) for name, data in damaged.items()),
        _bad("of another entry", **given | {"entry": entries[4].hex()}),
        _bad("by another key", **given | {"key": a_signer("thief").key.encoded.hex()}),
        _bad("of another log", **given | {"origin": "other.example/log"}),
        _bad("of another subject", **given | {"sub": a_trip("HLXU7654321").uri}),
    ]


def _resealed(raw: bytes, inclusion: Inclusion, entry: bytes) -> dict[str, bytes]:
    """Return receipts of other forms, each signed well by the receipt key."""
    protected, unprotected, _, _ = strict_cbor.loads(raw[1:])
    header, root = strict_cbor.loads(protected), inclusion.root(entry)
    (proof,) = unprotected[396][-1]

    def sealed(
        changes: Mapping[int, Any] | None = None, beside: Mapping[int, Any] | None = None, payload: Any = None
    ) -> bytes:
        encoded = strict_cbor.dumps(
            {k: v for k, v in (header | dict(changes or {})).items() if v is not None}
        )
        signature = a_signer("receipts").sign(sig_structure(encoded, root))
        return b"\xd2" + strict_cbor.dumps([encoded, beside or unprotected, payload, signature])

    def proven(size: int, index: int, path: tuple[bytes, ...]) -> Mapping[int, Any]:
        return {396: {-1: [strict_cbor.dumps([size, index, path])]}}

    return {
        "another typ": sealed({16: "application/scitt-statement+cose"}),
        "another tree": sealed({395: 2}),
        "said to be EdDSA": sealed({1: int(Alg.EDDSA)}),
        "without claims": sealed({15: None}),
        "one more header label": sealed({3: "application/json"}),
        "its root carried along": sealed(payload=root),
        "one more label beside": sealed(beside=unprotected | {1: 1}),
        "two proofs": sealed(beside={396: {-1: [proof, proof]}}),
        "no proof": sealed(beside={396: {-1: []}}),
        "another place": sealed(beside=proven(7, 4, inclusion.path)),
        "place outside the tree": sealed(beside=proven(5, 5, inclusion.path)),
        "path too short": sealed(beside=proven(7, 5, inclusion.path[1:])),
        "hash of 31 bytes": sealed(beside=proven(7, 5, (inclusion.path[0][1:], *inclusion.path[1:]))),
    }


def evidence() -> list[Case]:
    """Return salts and commitments, and the CIDs of bytes that fill chunks and nodes, or just do not."""
    salt = derive_salt(ITEM_SECRET.encode())
    plaintexts = {"nothing": b"", "a few bytes": b"gate 4, seal H1234567"}
    commitments: list[Case] = [
        {
            "name": name,
            "input": {"secret": ITEM_SECRET, "plaintext": data.hex()},
            "expect": {"salt": salt.hex(), "commitment": commitment(salt, [data]).hex()},
        }
        for name, data in plaintexts.items()
    ]
    sizes = {
        "no byte": 0,
        "one byte": 1,
        "one whole chunk": CHUNK,
        "two chunks": CHUNK + 1,
        "one full node": LINKS * CHUNK,
        "two levels": LINKS * CHUNK + 1,
    }
    cids = [
        {
            "name": name,
            "input": {"byte": "a5", "times": size},
            "expect": {"cid": cid_of([b"\xa5" * size])},
        }
        for name, size in sizes.items()
    ]
    changed = commitments[1]["input"] | {"commitment": commitment(salt, [b"gate 5"]).hex()}
    return [
        *commitments,
        _bad("another plaintext than was committed to", **changed),
        *cids,
        _bad("other bytes than the CID names", byte="a5", times=2, cid=cid_of([b"\xa5"])),
    ]


SECTIONS: dict[str, Any] = {
    "receipt": receipts,
    "container": container_cases.containers,
    "evidence": evidence,
}
