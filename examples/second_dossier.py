"""The files that are read: sections 9 to 12 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

import base64
import hmac
import itertools
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import second_evm as evm
import second_formats as formats
import second_log as log
from second_encoding import (
    Refused,
    array,
    cbor,
    exactly,
    h,
    need,
    strict_json,
    text_of,
    to_cbor,
    uint,
    unhex,
)
from second_log import Checkpoint

T = TypeVar("T")


# (9) Receipt: section 9.


def check_receipt(receipt: bytes, entry: bytes, cose: bytes, origin: str, sub: str) -> tuple[bytes, int, int]:
    """Return root, tree size and leaf index of a receipt for this entry: made anew, it is the same bytes."""
    need(len(receipt) <= 65_536 and receipt[:2].hex() == "d284", "receipt: not a tagged COSE_Sign1")
    shape = (bytes, dict, type(None), bytes)
    protected, unprotected, _, signature = cbor(receipt[1:], shape, "receipt")
    proofs = unprotected.get(396)
    (proof,) = array(proofs.get(-1) if isinstance(proofs, dict) else None, "receipt: proofs", 1, 1)
    need(isinstance(proof, bytes), "receipt: the proof is not wrapped in bytes")
    size, index, path = cbor(proof, (int, int, [32]), "receipt: proof")
    claims = {1: "https://" + origin, 2: sub}
    header = {1: -7, 4: h(cose), 15: claims, 16: "application/scitt-receipt+cose", 395: 1}
    outside = {396: {-1: [to_cbor([size, index, path])]}}
    anew = b"\xd2" + to_cbor([to_cbor(header), outside, None, signature])
    need(anew == receipt, "receipt: not the bytes that this key, log, subject and proof make")
    root = log.inclusion_root(h(b"\x00", entry), index, size, path)
    formats.check_cose_signature(cose, -7, signature, protected, root)
    return root, size, index


def tlog_proof(entry: bytes, index: int, path: list[bytes], note: bytes) -> bytes:
    """Write the C2SP tlog-proof with the entry as its extra data."""
    lines = [base64.b64encode(each).decode() for each in (entry, *path)]
    lines[0] = f"extra {lines[0]}\nindex {index}"
    return ("c2sp.org/tlog-proof@v1\n" + "\n".join(lines) + "\n\n").encode() + note


# (10) Container: section 10.

MEMBER = r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*"


def write_container(members: Mapping[str, bytes]) -> bytes:
    """Write the one ZIP file that these members can make."""
    body, directory = bytearray(), bytearray()
    for name in sorted(members):
        raw, encoded = members[name], name.encode()
        common = struct.pack("<4H3I2H", 0, 0, 0, 0x21, zlib.crc32(raw), len(raw), len(raw), len(encoded), 0)
        directory += struct.pack("<I2H", 0x02014B50, 20, 20) + common
        directory += struct.pack("<3H2I", 0, 0, 0, 0, len(body)) + encoded
        body += struct.pack("<IH", 0x04034B50, 20) + common + encoded + raw
    count, comment = len(members), h(members["manifest.json"]).hex().encode()
    end = struct.pack("<I4H2IH", 0x06054B50, 0, 0, count, count, len(directory), len(body), len(comment))
    return bytes(body + directory + end + comment)


def read_container(data: bytes) -> dict[str, bytes]:
    """Read the members, make the ZIP anew from them and compare the bytes."""
    members: dict[str, bytes] = {}
    at = 0
    try:
        while data[at : at + 4] == b"PK\3\4":
            size, name_length = struct.unpack_from("<IH", data, at + 22)
            start = at + 30 + name_length
            name = text_of(data[at + 30 : start].decode(), MEMBER, "member name")
            need(len(name) <= 200 and name not in members and len(members) < 20_000, "container: members")
            at = start + size
            members[name] = data[start:at]
        need("manifest.json" in members, "container: no manifest")
        need(write_container(members) == data, "container: not the one ZIP file that its members make")
        bulk = sum(len(raw) for name, raw in members.items() if not name.startswith("evidence/"))
        need(bulk <= 67_108_864 and len(data) < 2**32, "container: too large")
        need(len(members["manifest.json"]) <= 16_777_216, "container: too large a manifest")
    except (struct.error, UnicodeDecodeError) as error:
        raise Refused("container: not the ZIP file of section 10") from error
    return members


def read_manifest(members: Mapping[str, bytes]) -> dict[str, Any]:
    value = strict_json(members["manifest.json"])
    manifest = exactly(value, "format kind shipment audience target streams members", "manifest")
    need(manifest["format"] == "corridor-dossier/1", "manifest: another format")
    need(manifest["kind"] in ("dossier", "receipt"), "manifest: another kind")
    text_of(manifest["shipment"], formats.SUBJECT, "manifest: shipment")
    text_of(manifest["audience"], formats.ORGANISATION, "manifest: audience")
    uint(manifest["target"], "manifest: target")
    for stream in array(manifest["streams"], "manifest: streams"):
        text_of(
            exactly(stream, "subject name tag count", "manifest: stream")["subject"],
            formats.SUBJECT,
            "subject",
        )
        text_of(stream["name"], "[a-z][a-z0-9-]{0,63}", "manifest: the name of a stream")
        unhex(stream["tag"], 32, "manifest: tag")
        uint(stream["count"], "manifest: count")
    tags = [stream["tag"] for stream in manifest["streams"]]
    need(len(set(tags)) == len(tags), "manifest: a stream twice")
    need(manifest["kind"] == "dossier" or not tags, "manifest: a receipt that covers a stream")
    need(isinstance(manifest["members"], dict), "manifest: members")
    need(manifest["members"].keys() == members.keys() - {"manifest.json"}, "manifest: lists other members")
    for name, entry in manifest["members"].items():
        unhex(exactly(entry, "sha256 size", name)["sha256"], 32, name)
        rebuilt = {"sha256": h(members[name]).hex(), "size": len(members[name])}
        need(entry == rebuilt and type(entry["size"]) is int, f"manifest: {name} has other bytes")
    return manifest


# (11) Dossier: section 11.

NEEDED = (
    "genesis.json", "profile.toml", "keys.cbor", "statements.cbor", "target.checkpoint", "checkpoints.cbor",
    "map.cbor", "anchors.cbor", "chain.cbor",
)  # fmt: skip


@dataclass(frozen=True)
class Dossier:
    manifest: dict[str, Any]
    genesis: bytes
    profile: bytes
    keys: dict[bytes, bytes]
    statements: list[Any]
    note: bytes
    target: Checkpoint
    checkpoints: list[tuple[Checkpoint, list[bytes]]]
    map: list[Any]
    anchors: list[Any]
    states: list[evm.StateProof]
    timestamps: list[Any]
    wrapped: dict[bytes, bytes]
    evidence: dict[str, bytes]
    receipt: bytes
    proof: bytes


def ascending(values: list[Any], what: str) -> None:
    need(
        all(one < other for one, other in itertools.pairwise(values)),
        f"{what}: not in ascending order",
    )


def checkpoint_of(note: bytes) -> log.Checkpoint:
    """Read a note; that one is none is for the check `inclusion` to say."""
    try:
        return log.read_checkpoint(note)
    except Refused:
        return log.NO_CHECKPOINT


def read_dossier(data: bytes) -> Dossier:
    members = read_container(data)
    manifest = read_manifest(members)
    needed = {*NEEDED, "manifest.json"}
    needed |= {"receipt.cose", "statement.tlog-proof"} if manifest["kind"] == "receipt" else set()
    optional = {"timestamps.cbor", "evidence.cbor"}
    need(needed <= members.keys(), f"dossier: {', '.join(sorted(needed - members.keys()))} missing")
    others = members.keys() - needed - optional
    need(
        all(name.startswith("evidence/") for name in others),
        "dossier: a member of unknown meaning",
    )

    def listed(name: str, shape: Any, key: Callable[[Any], Any]) -> list[Any]:
        items = list(cbor(members.get(name, b"\x80"), [shape], name))
        ascending([key(item) for item in items], name)
        return items

    def first(item: list[Any]) -> Any:
        return item[0]

    keys = listed("keys.cbor", bytes, h)
    notes = cbor(members["checkpoints.cbor"], [(bytes, [32])], "checkpoints.cbor")
    checkpoints = [(checkpoint_of(note), path) for note, path in notes]
    statements = listed("statements.cbor", (int, bytes, [str], [32]), first)
    need(manifest["kind"] == "dossier" or len(statements) == 1, "receipt: not of one statement")
    map_part = cbor(members["map.cbor"], (32, [32], [(32, bytes)]), "map.cbor")
    timestamps = listed("timestamps.cbor", (int, bytes), tuple)
    proofs = cbor(members["chain.cbor"], [evm.STATE_PROOF], "chain.cbor")
    return Dossier(
        manifest=manifest,
        genesis=members["genesis.json"],
        profile=members["profile.toml"],
        keys={h(key): key for key in keys},
        statements=statements,
        note=members["target.checkpoint"],
        target=checkpoint_of(members["target.checkpoint"]),
        checkpoints=checkpoints,
        map=map_part,
        anchors=listed("anchors.cbor", (int, int, int), first),
        states=[evm.read_state_proof(proof) for proof in proofs],
        timestamps=timestamps,
        wrapped=dict(listed("evidence.cbor", (32, bytes), first)),
        evidence={name.removeprefix("evidence/"): members[name] for name in others},
        receipt=members.get("receipt.cose", b""),
        proof=members.get("statement.tlog-proof", b""),
    )


# (12) Evidence: section 12.


def commit(item_secret: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
    """Return salt and commitment. Its HKDF is RFC 5869 with one block of output."""
    pseudo_random_key = hmac.digest(bytes(32), item_secret, "sha256")
    salt = hmac.digest(pseudo_random_key, b"corridor/evidence/v1\x01", "sha256")
    return salt, h(salt, plaintext)


def check_cid(text: Any) -> str:
    """Refuse what is no CID of section 12."""
    try:
        raw = base64.b32decode(text_of(text, "b[a-z2-7]{58}", "CID")[1:].upper() + "======")
    except ValueError as error:
        raise Refused("CID: not base32") from error
    need(raw[:4].hex() in ("01551220", "01701220"), "CID: of another form")
    need("b" + base64.b32encode(raw).decode().rstrip("=").lower() == text, "CID: stray bits")
    return str(text)


def cid_of(data: bytes) -> str:
    """Name bytes as IPFS does: CIDv1, raw leaves of 262,144 bytes, a balanced UnixFS tree of 174 links."""

    def varint(number: int) -> bytes:
        return bytes([number]) if number < 128 else bytes([number % 128 | 128]) + varint(number >> 7)

    def field(tag: int, raw: bytes) -> bytes:
        return bytes([tag]) + varint(len(raw)) + raw

    def parent(children: list[tuple[bytes, int, int]]) -> tuple[bytes, int, int]:
        links = [field(0x0A, cid) + field(0x12, b"") + b"\x18" + varint(total) for cid, _, total in children]
        size = sum(each[1] for each in children)
        file = b"\x08\x02\x18" + varint(size) + b"".join(b"\x20" + varint(each[1]) for each in children)
        node = b"".join(field(0x12, link) for link in links) + field(0x0A, file)
        return b"\x01\x70\x12\x20" + h(node), size, len(node) + sum(each[2] for each in children)

    chunks = [data[at : at + 262_144] for at in range(0, len(data) or 1, 262_144)]
    level = [(b"\x01\x55\x12\x20" + h(chunk), len(chunk), len(chunk)) for chunk in chunks]
    while len(level) > 1:
        level = [parent(level[at : at + 174]) for at in range(0, len(level), 174)]
    return "b" + base64.b32encode(level[0][0]).decode().rstrip("=").lower()
