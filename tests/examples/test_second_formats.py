"""The readers of the second verifier, section by section, against definitions written out slowly."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest
import second_dossier
import second_evm as evm
import second_formats as formats
import second_log as log
from second_encoding import Refused
from second_vectors import check_vector

from tests.examples.by_hand import (
    Signer,
    b64url,
    consistency,
    h,
    inclusion,
    map_proof,
    map_root,
    pack,
    rlp,
    tree,
    trie,
)
from tests.examples.scene import CID, EXPORTER, Scene


def test_small_merkle_trees_exhaustively() -> None:
    for size in range(1, 18):
        leaves = [h(b"\0", bytes([index])) for index in range(size)]
        for index in range(size):
            path = inclusion(leaves, index)
            assert log.inclusion_root(leaves[index], index, size, path) == tree(leaves)
            for wrong in [path[1:], [*path, bytes(32)]][not path :]:
                assert not log.is_included(bytes([index]), index, size, wrong, tree(leaves))
        for size1 in range(1, size + 1):
            path = consistency(leaves, size1)
            log.check_consistency(size1, size, path, tree(leaves[:size1]), tree(leaves))
            for wrong in [[*path, bytes(32)], [bytes(32), *path[1:]], path[:-1]][: 1 if not path else 3]:
                with pytest.raises(Refused):
                    log.check_consistency(size1, size, wrong, tree(leaves[:size1]), tree(leaves))
    with pytest.raises(Refused):
        log.check_consistency(0, 1, [], h(b""), h(b"\0"))


def test_small_maps_prove_presence_and_absence() -> None:
    for size in range(12):
        shown = {h(bytes([n])): h(bytes([n])) + n.to_bytes(8, "big") + bytes(32) for n in range(1, size + 1)}
        leaves = {tag: h(b"\x10", leaf) for tag, leaf in shown.items()}
        root = map_root(leaves)
        for tag in [h(bytes([n])) for n in range(1, 30)]:
            proof = map_proof(leaves, tag, shown)
            found = log.check_map_proof(tag, root, proof)
            expected = shown.get(tag)
            assert found == (expected and (int.from_bytes(expected[32:40], "big"), expected[40:]))
            with pytest.raises(Refused):
                log.check_map_proof(tag, root, proof + b"\0")
            for at in range(len(proof)):
                with pytest.raises(Refused):
                    log.check_map_proof(tag, root, proof[:at] + bytes([proof[at] ^ 1]) + proof[at + 1 :])


def test_tries_of_every_small_size_give_their_values_and_prove_absence() -> None:
    for size in range(1, 40):
        nodes: dict[bytes, bytes] = {}
        items = {bytes([n]): rlp(bytes([n + 1]) * (n % 40 + 1)) for n in range(size)}
        root = trie(items, nodes)
        assert {key: evm.trie_value(root, key, nodes) for key in items} == items
        assert evm.trie_value(root, b"absent", nodes) == b""
        with pytest.raises(evm.Unproven):
            evm.trie_value(root, bytes(1), {})


def test_known_content_identifiers() -> None:
    assert second_dossier.cid_of(b"hello world") == CID
    assert second_dossier.cid_of(bytes(262_145)).startswith("bafybei")


def test_the_high_s_signature_of_p256_is_accepted() -> None:
    signer, order = Signer(EXPORTER, 11), 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    signature = signer.sign(formats.sig_structure(b"", b"x"))
    other = signature[:32] + (order - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
    for each in (signature, other):
        formats.check_cose_signature(signer.cose, -7, each, b"", b"x")
    with pytest.raises(Refused):
        formats.check_cose_signature(signer.cose, -8, signature, b"", b"x")


def test_an_edwards_key_that_is_no_point_is_refused() -> None:
    prefix = Signer(EXPORTER, 1, edwards=True).cose[:8]
    for encoded in (b"\x02" + bytes(31), b"\xff" * 32, b"\x01" + bytes(30) + b"\x80"):
        with pytest.raises(Refused):
            formats.public_key(prefix + encoded)


def payload() -> dict[str, Any]:
    return Scene().payload("packing", {})


def with_member(name: str, value: Any) -> bytes:
    return json.dumps(payload() | {name: value}).encode()


BAD_STATEMENTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "typ of a login challenge": (payload(), {"header": {16: "application/vnd.corridor-ledger.login+cose"}}),
    "no algorithm": (payload(), {"header": {1: "none"}}),
    "ES384": (payload(), {"header": {1: -35}}),
    "x5t": (payload(), {"header": {34: [-16, bytes(32)]}}),
    "another content type": (payload(), {"header": {3: "text/plain"}}),
    "kid too short": (payload(), {"header": {4: bytes(31)}}),
    "sub that is not the first subject": (payload(), {"sub": "urn:corridor:trip:A:" + "00" * 32}),
    "iat below zero": (payload(), {"iat": -1}),
    "version 2": (with_member("v", 2), {}),
    "version true": (with_member("v", True), {}),
    "kind in capitals": (with_member("kind", "Packing"), {}),
    "no stream": (with_member("streams", []), {}),
    "a stream twice": (with_member("streams", ["00" * 32] * 2), {}),
    "17 streams": (with_member("streams", [h(bytes([n])).hex() for n in range(17)]), {}),
    "member of no meaning": (with_member("more", 1), {}),
    "a name twice": (json.dumps(payload()).encode()[:-1] + b', "v": 1}', {}),
    "NaN": (with_member("body", {"a": float("nan")}), {}),
    "infinite": (json.dumps(payload()).encode().replace(b'"body": {}', b'"body": {"a": 1e999}'), {}),
    "2^53": (with_member("body", {"a": 2**53}), {}),
    "unpaired surrogate": (with_member("body", {"a": "\ud800"}), {}),
    "too deep": (with_member("body", json.loads('{"a":' * 32 + "1" + "}" * 32)), {}),
    "byte order mark": (b"\xef\xbb\xbf" + json.dumps(payload()).encode(), {"sub": payload()["subjects"][0]}),
    "something after": (json.dumps(payload()).encode() + b"1", {"sub": payload()["subjects"][0]}),
    "too long": (with_member("body", {"a": "a" * 262_144}), {}),
}


def test_a_statement_is_read() -> None:
    scene = Scene()
    raw = scene.exporter.statement(payload(), scene.audience)
    found = formats.read_statement(raw)
    assert (found.envelope, found.iss, found.iat) == (h(raw), EXPORTER, 1_000)
    protected, _, body, _ = cbor2.loads(raw).value
    assert found.id == h(cbor2.dumps(["Signature1", protected, b"", body]))


@pytest.mark.parametrize("name", BAD_STATEMENTS)
def test_a_bad_statement_is_refused(name: str) -> None:
    content, changes = BAD_STATEMENTS[name]
    if isinstance(content, bytes) and "sub" not in changes:
        changes = changes | {"sub": payload()["subjects"][0]}
    with pytest.raises(Refused):
        formats.read_statement(Scene().exporter.statement(content, "ni:///sha-256;x", **changes))


SERIALISATIONS: dict[str, Callable[[bytes], bytes]] = {
    "untagged": lambda raw: raw[1:],
    "another tag": lambda raw: b"\xd1" + raw[1:],
    "something after": lambda raw: raw + b"\0",
    "truncated": lambda raw: raw[:-1],
    "indefinite array": lambda raw: raw[:1] + b"\x9f" + raw[2:] + b"\xff",
    "length in more bytes than needed": lambda raw: raw[:2] + b"\x5a\0\0" + raw[3:],
    "an unprotected header": lambda raw: raw.replace(b"\xa0\x59", b"\xa1\x01\x01\x59", 1),
}


@pytest.mark.parametrize("name", SERIALISATIONS)
def test_there_is_one_serialisation_of_a_statement(name: str) -> None:
    raw = Scene().exporter.statement(payload(), Scene().audience)
    assert raw[2] == 0x59
    formats.read_statement(raw)
    changed = SERIALISATIONS[name](raw)
    assert changed != raw
    with pytest.raises(Refused):
        formats.read_statement(changed)


def disclosed(*parts: Any) -> str:
    return b64url(json.dumps([b64url(bytes(16)), *parts]).encode())


def digest(text: str) -> str:
    return b64url(h(text.encode()))


SEAL, BOX, INNER = disclosed("seal", "H1"), disclosed("box"), disclosed("port", "GTPBR")
OUTER = disclosed("place", {"_sd": [digest(INNER)]})


def test_disclosures_take_their_places_and_the_rest_is_dropped() -> None:
    body = {
        "a": 1,
        "_sd": [digest(SEAL), digest("decoy"), digest(OUTER)],
        "list": [0, {"...": digest(BOX)}, {"...": digest("x")}],
    }
    assert formats.reveal(body, []) == {"a": 1, "list": [0]}
    revealed = formats.reveal(body, [INNER, BOX, OUTER, SEAL])
    assert revealed == {"a": 1, "seal": "H1", "place": {"port": "GTPBR"}, "list": [0, "box"]}


BAD_DISCLOSURES: dict[str, tuple[Any, list[str]]] = {
    "matches nothing": ({}, [SEAL]),
    "matches only what is withheld": ({"_sd": []}, [INNER, OUTER]),
    "occurs twice": ({"_sd": [digest(SEAL)]}, [SEAL, SEAL]),
    "digest twice": ({"_sd": [digest(SEAL)], "b": {"_sd": [digest(SEAL)]}}, [SEAL]),
    "name is there": ({"_sd": [digest(SEAL)], "seal": 1}, [SEAL]),
    "name is _sd": ({"_sd": [digest(disclosed("_sd", []))]}, [disclosed("_sd", [])]),
    "name is ...": ({"_sd": [digest(disclosed("...", ""))]}, [disclosed("...", "")]),
    "element as a member": ({"_sd": [digest(BOX)]}, [BOX]),
    "member as an element": ({"a": [{"...": digest(SEAL)}]}, [SEAL]),
    "salt too short": ({"_sd": [digest("WyJBQUFBIiwiYSIsMV0")]}, ["WyJBQUFBIiwiYSIsMV0"]),
    "padding": ({"_sd": [digest(SEAL + "=")]}, [SEAL + "="]),
    "placeholder outside an array": ({"...": digest(BOX)}, []),
    "too many": ({}, [SEAL] * 257),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_DISCLOSURES)
def test_a_bad_disclosure_is_refused(name: str) -> None:
    body, disclosures = BAD_DISCLOSURES[name]
    with pytest.raises(Refused):
        formats.reveal(body, disclosures)


def test_vectors_are_held_against_the_readers(tmp_path: Path) -> None:
    scene, key = Scene(), Signer(EXPORTER, 11)
    members = scene.members()
    (tmp_path / "d.zip").write_bytes(scene.file(members))
    leaf = h(b"\0", b"x")
    cases: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "cose-key": ({"cose_key": key.cose.hex()}, {"thumbprint": key.kid.hex()}),
        "stream": ({"secret": bytes(range(16)).hex()}, {"tag": scene.tag.hex()}),
        "genesis": ({"document": scene.genesis.decode()}, {"hash": h(scene.genesis).hex()}),
        "merkle-inclusion": (
            {"leaf_hash": leaf.hex(), "index": 0, "size": 1, "path": [], "root": leaf.hex()},
            {},
        ),
        "container": ({"file": pack({"a": b"1"}, **scene.manifest()).hex()}, {}),
        "disclosure": ({"body": "{}", "disclosures": []}, {"body": {}}),
        "dossier": ({"file": "d.zip", "trust": scene.trust(), "now": 7_000}, {"outcome": "accepted"}),
    }
    file = tmp_path / "vectors.json"
    for section, (given, expected) in cases.items():
        for expect, good in ((expected, True), ({"error": True}, False), (expected | {"size": -1}, False)):
            case = {"name": section, "input": given, "expect": expect}
            file.write_text(json.dumps({"section": section, "cases": [case]}))
            if good:
                check_vector(file)
            else:
                with pytest.raises(AssertionError):
                    check_vector(file)
