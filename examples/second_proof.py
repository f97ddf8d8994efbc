"""Genesis document, checkpoints and COSE Receipts as docs/formats.md says (sections 2, 6, 7 and 9), checked.

The tree is that of RFC 9162, the receipt that of RFC 9942, the note and the tiles those of C2SP.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from second_signing import (
    ALG,
    CLAIMS,
    ES256,
    ISS,
    KID,
    SUB,
    TYP,
    Wrong,
    b64url,
    check_es256,
    from_b64url,
    read_cbor,
    read_cose_key,
    read_json,
    sha256,
    sig_structure,
)

VDS, PROOFS, INCLUSION = 395, 396, -1
Fetch = Callable[[str], bytes]
"""Given the path of a tile below `tile/`, returns its bytes."""


@dataclass(frozen=True)
class Genesis:
    """What a log was founded on, and what this client trusts it by.

    Args:
        hash: SHA-256 of the document.
        origin: Origin line of the log's checkpoints.
        log_id: Key id of the log's key in notes.
        log_key: By which the log signs checkpoints.
        receipt_key: COSE_Key by which it signs receipts.
    """

    hash: bytes
    origin: str
    log_id: bytes
    log_key: Ed25519PublicKey
    receipt_key: bytes

    @property
    def audience(self) -> str:
        """URI that statements and logins for this log name."""
        return "ni:///sha-256;" + b64url(self.hash)


@dataclass(frozen=True)
class Checkpoint:
    """What a log said of itself: so many entries, under this root."""

    size: int
    root: bytes


def read_genesis(document: bytes) -> Genesis:
    """Read a genesis document."""
    members = read_json(document, "the genesis document")
    if members.get("format") != "corridor-genesis/1":
        raise Wrong("this is not a genesis document of version 1")
    origin, log_key = str(members.get("origin")), str(members.get("log_key"))
    name, _, rest = log_key.partition("+")
    key_id, _, encoded = rest.partition("+")
    typed = from_base64(encoded, "`log_key`")
    if len(typed) != 33 or typed[0] != 1 or name != origin:
        raise Wrong("`log_key` is not an Ed25519 key of the log in the genesis document")
    expected = sha256(name.encode(), b"\n", typed)[:4]
    if expected.hex() != key_id:
        raise Wrong("`log_key` in the genesis document has another key id than its key")
    receipt_key = from_b64url(members.get("receipt_key"), "`receipt_key`")
    read_cose_key(receipt_key, "`receipt_key`")
    log = Ed25519PublicKey.from_public_bytes(typed[1:])
    return Genesis(sha256(document), origin, expected, log, receipt_key)


def from_base64(text: str, what: str) -> bytes:
    """Read base64 in its one canonical form."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    if base64.b64encode(data).decode() != text:
        raise Wrong(f"{what} is not base64")
    return data


def read_checkpoint(note: bytes, genesis: Genesis) -> Checkpoint:
    """Read a checkpoint, and check that the log signed it. Cosignatures mean nothing without witness keys."""
    found = re.fullmatch(
        rb"(([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n)\n((?:[^\n]+\n){1,100})", note
    )
    if found is None:
        raise Wrong("this is not a checkpoint: three lines, an empty one, and signature lines")
    text, origin, size, root, lines = found.groups()
    if origin != genesis.origin.encode():
        raise Wrong(f"the checkpoint is of another log: {origin.decode(errors='replace')}")
    signed = False
    for line in lines.decode(errors="replace").splitlines():
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014":
            raise Wrong("the checkpoint has a line that is no signature line")
        signature = from_base64(parts[2], "a signature line of the checkpoint")
        # (1) A line is the log's by name and key id; (2) each of those must hold, and one must be there.
        if parts[1] == genesis.origin and signature[:4] == genesis.log_id:
            try:
                genesis.log_key.verify(signature[4:], text)
            except InvalidSignature:
                raise Wrong("the log's signature on the checkpoint does not hold") from None
            signed = True
    if not signed:
        raise Wrong("the checkpoint is not signed by the log key of the genesis document")
    return Checkpoint(int(size), from_base64(root.decode(), "the root"))


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01", left, right)


def root_of_inclusion(entry: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that an inclusion path leads to (RFC 9162 section 2.1.3.2)."""
    if not index < size:
        raise Wrong(f"index {index} is not in a tree of {size} entries")
    inner, last, found = index, size - 1, sha256(b"\x00", entry)
    for sibling in path:
        if last == 0:
            raise Wrong("the inclusion path is too long")
        if inner & 1 or inner == last:
            found = node(sibling, found)
            while not inner & 1 and inner:
                inner, last = inner >> 1, last >> 1
        else:
            found = node(found, sibling)
        inner, last = inner >> 1, last >> 1
    if last:
        raise Wrong("the inclusion path is too short")
    return found


def check_consistency(old: Checkpoint, new: Checkpoint, path: list[bytes]) -> None:
    """Check that the newer tree begins with the older one (RFC 9162 section 2.1.4.2)."""
    if old.size > new.size:
        raise Wrong(f"the checkpoint is of size {new.size}, before the tree of {old.size} of the receipt")
    if old.size == new.size:
        holds = old.root == new.root and not path
    else:
        whole = old.size & (old.size - 1) == 0
        found = roots_of_consistency(old.size, new.size, [old.root, *path] if whole else path)
        holds = found == (old.root, new.root)
    if not holds:
        raise Wrong(
            f"the root that the receipt leads to is not the log's: {old.root.hex()} at size {old.size}"
        )


def roots_of_consistency(size1: int, size2: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Return the roots of both trees that a path leads to, which begins with a node of both."""
    inner, last = size1 - 1, size2 - 1
    while inner & 1:
        inner, last = inner >> 1, last >> 1
    if not path:
        raise Wrong("the consistency proof is too short")
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Wrong("the consistency proof is too long")
        if inner & 1 or inner == last:
            first, second = node(sibling, first), node(sibling, second)
            while not inner & 1 and inner:
                inner, last = inner >> 1, last >> 1
        else:
            second = node(second, sibling)
        inner, last = inner >> 1, last >> 1
    if last:
        raise Wrong("the consistency proof is too short")
    return first, second


def consistency_path(size1: int, size2: int, fetch: Fetch) -> list[bytes]:
    """Make a consistency proof of a log's hash tiles (RFC 9162 section 2.1.4.1, C2SP tlog-tiles)."""

    def proof(size: int, low: int, high: int, whole: bool) -> list[bytes]:
        if size == high - low:
            return [] if whole else [subtree(low, high)]
        half = 1 << (high - low - 1).bit_length() - 1
        if size <= half:
            return [*proof(size, low, low + half, whole), subtree(low + half, high)]
        return [*proof(size - half, low + half, high, False), subtree(low, low + half)]

    def subtree(low: int, high: int) -> bytes:
        width = high - low
        if width & (width - 1):
            half = 1 << width.bit_length() - 1
            return node(subtree(low, low + half), subtree(low + half, high))
        # A whole subtree is a run of 1 to 128 hashes of one tile, of the level that has its height.
        level = (width.bit_length() - 1) // 8
        first, count = low >> 8 * level, width >> 8 * level
        tile = read_tile(level, first // 256)
        hashes = [tile[32 * at : 32 * at + 32] for at in range(first % 256, first % 256 + count)]
        while len(hashes) > 1:
            hashes = [node(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
        return hashes[0]

    def read_tile(level: int, number: int) -> bytes:
        width = min(256, (size2 >> 8 * level) - 256 * number)
        groups = [f"{number % 1000:03}"]
        rest = number // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        tile = fetch(f"{level}/{'/'.join(groups)}" + (f".p/{width}" if width < 256 else ""))
        if len(tile) != 32 * width:
            raise Wrong(f"tile {level}/{number} has {len(tile)} bytes and not {32 * width}")
        return tile

    return proof(size1, 0, size2, True) if 0 < size1 < size2 else []


@dataclass(frozen=True)
class Receipt:
    """A COSE Receipt that is as it must be for a log and a subject; nothing of it is proven yet."""

    protected: bytes
    signature: bytes
    size: int
    index: int
    path: list[bytes]

    def check_signature(self, root: bytes, genesis: Genesis) -> None:
        """Check that the receipt key signed a root."""
        public = read_cose_key(genesis.receipt_key, "`receipt_key`")
        if not check_es256(public, self.signature, sig_structure(self.protected, root)):
            raise Wrong("the receipt key of the genesis document did not sign this root")


def read_receipt(data: bytes, genesis: Genesis, sub: str) -> Receipt:
    """Read a COSE Receipt (section 9) by making it anew of what we expect and comparing every byte."""
    message = read_cbor(data, "the receipt")
    try:
        header, unprotected, payload, signature = message.value
        (encoded,) = unprotected[PROOFS][INCLUSION]
        size, index, path = read_cbor(encoded, "the receipt's proof")
        kid = read_cbor(header, "the receipt's header")[KID]
    except (AttributeError, LookupError, TypeError, ValueError):
        raise Wrong("this is not a COSE Receipt with one inclusion proof") from None
    if kid != sha256(genesis.receipt_key):
        raise Wrong("the receipt is by another key than the receipt key of the genesis document")
    claims = {ISS: f"https://{genesis.origin}", SUB: sub}
    expected = {ALG: ES256, KID: kid, CLAIMS: claims, TYP: "application/scitt-receipt+cose", VDS: 1}
    if header != cbor2.dumps(expected):
        raise Wrong("the receipt is of another log, or about another subject than the statement")
    numbers = all(type(number) is int and number >= 0 for number in (size, index))
    hashes = isinstance(path, list) and all(type(one) is bytes and len(one) == 32 for one in path)
    anew = [header, {PROOFS: {INCLUSION: [cbor2.dumps([size, index, path])]}}, None, signature]
    if not (numbers and hashes and type(signature) is bytes) or payload is not None:
        raise Wrong("the receipt's proof is not of numbers and hashes, or it has a payload")
    if data != cbor2.dumps(cbor2.CBORTag(18, anew)):
        raise Wrong("the receipt has bytes that do not belong there")
    return Receipt(header, signature, size, index, path)
