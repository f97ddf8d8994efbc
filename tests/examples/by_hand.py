"""The bytes of the formats page made by hand, with no code of ours: what the second verifier is tried on.

Everything is as slow and plain as its definition: trees are hashed anew for every question.
"""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import cbor2
from Crypto.Hash import keccak
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256


def h(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def k(*parts: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=b"".join(parts)).digest()


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def tree(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, over leaf hashes."""
    if len(leaves) == 1:
        return leaves[0]
    cut = 1 << (len(leaves) - 1).bit_length() - 1
    return h(b"\1", tree(leaves[:cut]), tree(leaves[cut:]))


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    if len(leaves) == 1:
        return []
    cut = 1 << (len(leaves) - 1).bit_length() - 1
    if index < cut:
        return [*inclusion(leaves[:cut], index), tree(leaves[cut:])]
    return [*inclusion(leaves[cut:], index - cut), tree(leaves[:cut])]


def consistency(leaves: Sequence[bytes], size: int, whole: bool = True) -> list[bytes]:
    if size == len(leaves):
        return [] if whole else [tree(leaves)]
    cut = 1 << (len(leaves) - 1).bit_length() - 1
    if size <= cut:
        return [*consistency(leaves[:cut], size, whole), tree(leaves[cut:])]
    return [*consistency(leaves[cut:], size - cut, False), tree(leaves[:cut])]


def map_root(leaves: dict[bytes, bytes], depth: int = 0) -> bytes:
    """The compact sparse tree over tag -> leaf hash."""
    if len(leaves) < 2:
        return next(iter(leaves.values()), bytes(32))
    sides: tuple[dict[bytes, bytes], dict[bytes, bytes]] = ({}, {})
    for tag, leaf in leaves.items():
        sides[int.from_bytes(tag, "big") >> 255 - depth & 1][tag] = leaf
    return h(b"\x11", map_root(sides[0], depth + 1), map_root(sides[1], depth + 1))


def map_proof(leaves: dict[bytes, bytes], tag: bytes, shown: dict[bytes, bytes]) -> bytes:
    """The proof for a tag, where `shown` holds `tag ‖ count ‖ running` of every leaf."""
    siblings = []
    depth = 0
    while len(leaves) > 1:
        sides: tuple[dict[bytes, bytes], dict[bytes, bytes]] = ({}, {})
        for other, leaf in leaves.items():
            sides[int.from_bytes(other, "big") >> 255 - depth & 1][other] = leaf
        mine = int.from_bytes(tag, "big") >> 255 - depth & 1
        depth += 1
        siblings.append(map_root(sides[1 - mine], depth))
        leaves = sides[mine]
    bits = "".join("1" if any(each) else "0" for each in siblings).ljust(-(-depth // 8) * 8, "0")
    bitmap = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    terminal = b"".join(b"\1" + shown[other] for other in leaves) or b"\0"
    return depth.to_bytes(2, "big") + bitmap + b"".join(each for each in siblings if any(each)) + terminal


def rlp(value: Any) -> bytes:
    if isinstance(value, bytes):
        if len(value) == 1 and value[0] < 0x80:
            return value
        body, base = value, 0x80
    else:
        body, base = b"".join(map(rlp, value)), 0xC0
    if len(body) < 56:
        return bytes([base + len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(size)]) + size + body


def integer(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def trie(items: dict[bytes, bytes], nodes: dict[bytes, bytes]) -> bytes:
    """Return the root of a Merkle Patricia trie with hashed keys and put its nodes into `nodes`."""

    def path(nibbles: str, leaf: bool) -> bytes:
        flag = 2 * leaf + len(nibbles) % 2
        return bytes.fromhex(f"{flag:x}" + ("" if len(nibbles) % 2 else "0") + nibbles)

    def reference(node: Any) -> Any:
        raw = rlp(node)
        if len(raw) < 32:
            return node
        nodes[k(raw)] = raw
        return k(raw)

    def build(pairs: list[tuple[str, bytes]]) -> Any:
        if not pairs:
            return b""
        if len(pairs) == 1:
            return reference([path(pairs[0][0], True), pairs[0][1]])
        first, last = min(pairs)[0], max(pairs)[0]
        shared = next(at for at, (one, other) in enumerate(zip(first, last, strict=True)) if one != other)
        if shared:
            below = build([(key[shared:], value) for key, value in pairs])
            return reference([path(first[:shared], False), below])
        digits = "0123456789abcdef"
        children = [build([(key[1:], value) for key, value in pairs if key[0] == each]) for each in digits]
        return reference([*children, b""])

    top = build([(k(key).hex(), value) for key, value in items.items()])
    raw = rlp(top) if isinstance(top, list) else b""
    root = k(raw) if raw else top or k(rlp(b""))
    nodes.update({root: raw} if raw else {})
    return bytes(root)


class Signer:
    """An organisation with one key; `secret` makes it the same key in every run."""

    def __init__(self, iss: str, secret: int, edwards: bool = False) -> None:
        self.iss = iss
        self.key: Any
        if edwards:
            self.key = ed25519.Ed25519PrivateKey.from_private_bytes(word(secret))
            raw = raw_of(self.key)
            self.cose = cbor2.dumps({1: 1, -1: 6, -2: raw}, canonical=True)
        else:
            self.key = ec.derive_private_key(secret, ec.SECP256R1())
            point = self.key.public_key().public_numbers()
            self.cose = cbor2.dumps({1: 2, -1: 1, -2: word(point.x), -3: word(point.y)}, canonical=True)
        self.alg = -8 if edwards else -7
        self.kid = h(self.cose)

    def sign(self, data: bytes) -> bytes:
        if self.alg == -8:
            return bytes(self.key.sign(data))
        r, s = utils.decode_dss_signature(self.key.sign(data, ec.ECDSA(SHA256())))
        return word(r) + word(s)

    def sign1(self, header: dict[int, Any], payload: bytes, outside: Any = None, kept: Any = b"") -> bytes:
        protected = cbor2.dumps(header, canonical=True)
        signature = self.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
        return cbor2.dumps(
            cbor2.CBORTag(18, [protected, outside or {}, payload if kept == b"" else kept, signature])
        )

    def statement(self, payload: dict[str, Any] | bytes, aud: str, **changed: Any) -> bytes:
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        sub = changed.pop("sub", None) or json.loads(raw)["subjects"][0]
        claims = {1: self.iss, 2: sub, 3: aud, 6: changed.pop("iat", 1_000)}
        header = {1: self.alg, 3: "application/json", 4: self.kid, 15: claims}
        header[16] = "application/scitt-statement+cose"
        return self.sign1(header | changed.pop("header", {}), raw)


def raw_of(key: ed25519.Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


class NoteKey:
    """A log's key (type 1) or a witness's (type 4)."""

    def __init__(self, name: str, kind: int, secret: int) -> None:
        self.name, self.kind = name, kind
        self.key = ed25519.Ed25519PrivateKey.from_private_bytes(word(secret))
        material = bytes([kind]) + raw_of(self.key)
        self.id = h(name.encode(), b"\n", material)[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64_of(material)}"

    def line(self, text: str, moment: int = 0) -> str:
        if self.kind == 1:
            raw = self.key.sign(text.encode())
        else:
            signed = f"cosignature/v1\ntime {moment}\n{text}".encode()
            raw = moment.to_bytes(8, "big") + self.key.sign(signed)
        return f"— {self.name} {base64_of(self.id + raw)}\n"


def pack(members: dict[str, bytes], **manifest: Any) -> bytes:
    """Pack members under a manifest that lists them, with the ZIP writer of the standard library."""
    listed = {name: {"sha256": h(raw).hex(), "size": len(raw)} for name, raw in members.items()}
    text = json.dumps({"members": listed} | manifest).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        infos: list[zipfile.ZipInfo] = []
        for name, raw in sorted([*members.items(), ("manifest.json", text)]):
            info = zipfile.ZipInfo(name)
            info.create_system = 0
            archive.writestr(info, raw)
            infos.append(info)
        for info in infos:
            info.external_attr = 0
        archive.comment = h(text).hex().encode()
    return file.getvalue()


def slot(key: bytes, base: bytes | int) -> bytes:
    return k(key.rjust(32, b"\0"), word(base) if isinstance(base, int) else base)


def after(place: bytes, steps: int) -> bytes:
    return word(int.from_bytes(place, "big") + steps)


def storage(values: Iterable[tuple[bytes, int]]) -> dict[bytes, bytes]:
    return {place: rlp(integer(value)) for place, value in values if value}
