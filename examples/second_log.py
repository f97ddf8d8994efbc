"""What the log commits to: sections 2, 6 and 7 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from second_encoding import Refused, exactly, h, need, strict_json, text_of, u64, uint, unb64, unhex
from second_formats import audience_of, on_edwards25519, public_key

# (2) Genesis document: section 2.


@dataclass(frozen=True)
class Genesis:
    hash: bytes
    origin: str

    @property
    def origin_hash(self) -> bytes:
        return h(self.origin.encode())

    @property
    def audience(self) -> str:
        return audience_of(self.hash)


ORIGIN = r"[a-z0-9./_:-]{1,200}"


def read_genesis(document: bytes) -> Genesis:
    names = "format origin chain contracts log_key receipt_key profile created"
    need(len(document) <= 16_384, "genesis: over 16,384 bytes")
    value = exactly(strict_json(document), names, "genesis")
    need(value["format"] == "corridor-genesis/1", "genesis: another format")
    origin = text_of(value["origin"], ORIGIN, "genesis: origin")
    chain = exactly(value["chain"], "id genesis", "genesis: chain")
    uint(chain["id"], "genesis: chain id")
    unhex(chain["genesis"], 32, "genesis: chain genesis", "0x")
    for name, address in exactly(value["contracts"], "registry anchor inclusion", "genesis").items():
        unhex(address, 20, f"genesis: {name}", "0x")
    need(read_vkey(value["log_key"], 1).name == origin, "genesis: the log key has another name")
    receipt_key = public_key(unb64(value["receipt_key"], "genesis: receipt key", url=True))
    need(isinstance(receipt_key, ec.EllipticCurvePublicKey), "genesis: the receipt key is not P-256")
    unhex(value["profile"], 32, "genesis: profile")
    uint(value["created"], "genesis: created")
    return Genesis(h(document), origin)


# (6) Log and map: section 6.


def genesis_entry(genesis_hash: bytes) -> bytes:
    return b"\x00" + genesis_hash


def statement_entry(envelope: bytes, tags: Iterable[bytes]) -> bytes:
    listed = list(tags)
    return b"\x01" + envelope + len(listed).to_bytes(2, "big") + b"".join(listed)


def map_entry(map_root: bytes) -> bytes:
    return b"\x02" + map_root


def split(size: int) -> int:
    """Return the largest power of two below `size`: where RFC 9162 parts a tree."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_root(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that the path leads to, by the recursive definition of RFC 9162, section 2.1.3.1."""
    need(0 <= index < size <= 2**64, "inclusion: no such place in the tree")
    if size == 1:
        need(not path, "inclusion: the path is too long")
        return leaf
    need(path, "inclusion: the path is too short")
    left = split(size)
    if index < left:
        return h(b"\x01", inclusion_root(leaf, index, left, path[:-1]), path[-1])
    return h(b"\x01", path[-1], inclusion_root(leaf, index - left, size - left, path[:-1]))


def is_included(entry: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    try:
        return inclusion_root(h(b"\x00", entry), index, size, path) == root
    except Refused:
        return False


def check_consistency(size1: int, size2: int, path: list[bytes], root1: bytes, root2: bytes) -> None:
    """Follow the recursive definition of RFC 9162, section 2.1.4.1."""
    code = "consistency-root-mismatch"

    def roots(m: int, n: int, path: list[bytes], whole: bool) -> tuple[bytes, bytes]:
        if m == n:
            need(len(path) == (0 if whole else 1), "consistency: the path has another length", code)
            return (root1, root1) if whole else (path[0], path[0])
        need(path, "consistency: the path is too short", code)
        left = split(n)
        if m <= left:
            old, new = roots(m, left, path[:-1], whole)
            return old, h(b"\x01", new, path[-1])
        old, new = roots(m - left, n - left, path[:-1], False)
        return h(b"\x01", path[-1], old), h(b"\x01", path[-1], new)

    need(0 < size1 <= size2 <= 2**64, "consistency: no such sizes", code)
    need(roots(size1, size2, path, True) == (root1, root2), "consistency: leads to other roots", code)


def check_map_proof(tag: bytes, root: bytes, proof: bytes) -> tuple[int, bytes] | None:
    """Return (count, running) when the tag is in the map, None when it is not."""
    depth = int.from_bytes(proof[:2], "big")
    at = 2 + (depth + 7) // 8
    need(len(proof) > at and depth <= 256, "map proof: truncated, or too deep")
    bits, spare = int.from_bytes(proof[2:at], "big"), -depth % 8
    need(bits % (1 << spare) == 0, "map proof: an unused bit is set")
    siblings = []
    for level in range(depth):
        there = bits >> (depth + spare - 1 - level) & 1
        siblings.append(proof[at : at + 32] if there else bytes(32))
        need(there == any(siblings[-1]), "map proof: a sibling given is empty, or none is left")
        at += 32 * there
    need(depth == 0 or any(siblings[-1]), "map proof: the deepest sibling is empty")
    need(proof[at : at + 1] in (b"\x00", b"\x01"), "map proof: terminal")
    terminal, leaf = proof[at], proof[at + 1 :]
    need(len(leaf) == 72 * terminal, "map proof: length")
    node, own = bytes(32), int.from_bytes(tag, "big")
    if terminal:
        shared = int.from_bytes(leaf[:32], "big") ^ own
        need(shared >> (256 - depth) == 0, "map proof: the leaf lies elsewhere")
        need(any(leaf[32:40]), "map proof: a leaf that counts nothing")
        node = h(b"\x10", leaf)
    for level in reversed(range(depth)):
        pair = (siblings[level], node) if own >> (255 - level) & 1 else (node, siblings[level])
        node = h(b"\x11", *pair)
    need(node == root, "map proof: leads to another root")
    return (int.from_bytes(leaf[32:40], "big"), leaf[40:]) if leaf[:32] == tag else None


def running_hash(entries: Iterable[tuple[int, bytes]]) -> bytes:
    running = bytes(32)
    for index, entry in entries:
        running = h(b"\x12", running, u64(index), entry)
    return running


# (7) Checkpoint: section 7.


@dataclass(frozen=True)
class Vkey:
    name: str
    id: bytes
    key: bytes


@dataclass(frozen=True)
class Checkpoint:
    text: bytes
    origin: str
    size: int
    root: bytes
    lines: tuple[tuple[str, bytes], ...]

    def signatures(self, vkey: Vkey) -> list[bytes]:
        """Return what the key put its name to; the same key may have signed twice."""
        return [raw[4:] for name, raw in self.lines if name == vkey.name and raw[:4] == vkey.id]


KEY_NAME = r"[^\s+\x00-\x1f\x7f-\x9f]+"


def read_vkey(text: Any, kind: int) -> Vkey:
    form = rf"{KEY_NAME}\+[0-9a-f]{{8}}\+[A-Za-z0-9+/=]+"
    name, key_id, material = text_of(text, form, "verifier key").split("+", 2)
    raw = unb64(material, "verifier key")
    need(len(raw) == 33 and raw[0] == kind, f"verifier key: not of type {kind:02x}")
    need(h(name.encode(), b"\n", raw)[:4].hex() == key_id, "verifier key: the id is another key's")
    need(on_edwards25519(raw[1:]), "verifier key: not a point of Ed25519")
    return Vkey(name, bytes.fromhex(key_id), raw[1:])


def read_checkpoint(note: bytes) -> Checkpoint:
    number, line = "0|[1-9][0-9]{0,18}", rf"\u2014 ({KEY_NAME}) ([A-Za-z0-9+/]+={{0,2}})\n"
    try:
        found = re.fullmatch(
            rf"(({ORIGIN})\n({number})\n([A-Za-z0-9+/]{{43}}=)\n)\n((?:{line})+)", note.decode()
        )
    except UnicodeDecodeError as error:
        raise Refused("checkpoint: not UTF-8") from error
    if found is None:
        raise Refused("checkpoint: not a signed note of three lines")
    lines = [(each[0], unb64(each[1], "note signature")) for each in re.findall(line, found[5])]
    need(len(note) <= 131_072 and len(lines) <= 100, "checkpoint: too long, or over 100 signature lines")
    need(int(found[3]) < 2**63, "checkpoint: no such size")
    return Checkpoint(found[1].encode(), found[2], int(found[3]), unb64(found[4], "root"), tuple(lines))


NO_CHECKPOINT = Checkpoint(b"", "", 0, b"", ())
"""What stands for a note that is none: it is of no log, and nobody signed it."""


def check_ed25519(key: bytes, signature: bytes, signed: bytes) -> None:
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature as error:
        raise Refused("checkpoint: a signature by a known key does not fit", "note-signature") from error


def check_log_signature(checkpoint: Checkpoint, log_keys: Iterable[Vkey]) -> None:
    """Refuse a note without a line of one of the keys; each line of theirs has to fit."""
    signed = [(each.key, raw) for each in log_keys for raw in checkpoint.signatures(each)]
    need(signed, f"checkpoint of size {checkpoint.size}: not signed by a trusted log key", "note-unsigned")
    for key, signature in signed:
        check_ed25519(key, signature, checkpoint.text)


def cosignature_times(checkpoint: Checkpoint, witness: Vkey) -> list[int]:
    """Return when the witness signed; refuse a line of its that does not fit."""
    times = []
    for raw in checkpoint.signatures(witness):
        need(len(raw) == 72, "checkpoint: a cosignature of another length")
        need(raw[0] < 128, "checkpoint: a cosignature of a time beyond 2^63")
        times.append(int.from_bytes(raw[:8], "big"))
        check_ed25519(witness.key, raw[8:], b"cosignature/v1\ntime %d\n" % times[-1] + checkpoint.text)
    return times
