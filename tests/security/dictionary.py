"""A dictionary attack on what is public: every guess, in each form that formats here write and hash in."""

import hmac
import json
import re
from base64 import b32encode, b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha1, sha256

from ledger.domain.cid import CidBuilder
from ledger.domain.entry import StatementEntry, parse_entry
from ledger.domain.evidence import commitment
from ledger.domain.evm_layout import keccak
from ledger.domain.merkle import leaf_hash
from ledger.domain.subject import stream_tag
from ledger.log.entry_source import parse_bundle
from ledger.log.tile_path import parse_tile_path

_HEX = re.compile(rb"[0-9a-fA-F]{32,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{22,}={0,2}")
_TILES = "/log/tile/"
_SHORTEST = 5
"""Characters of a guess that is looked for as it is: shorter ones are everywhere by chance."""


@dataclass(frozen=True)
class Hit:
    """A guess that was found.

    Args:
        guess: What was guessed.
        way: In which form.
    """

    guess: str
    way: str


@dataclass
class Public:
    """All that anybody can fetch.

    Args:
        parts: The bytes, by where they come from.
        told: Names of parts that say nothing of the log's content: there only hashes are looked for.
        by_design: By name of a part what stands in it for another reason: there words may be found.
    """

    parts: Mapping[str, bytes]
    told: frozenset[str] = frozenset()
    by_design: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    _digests: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        for data in self.parts.values():
            for size in (16, 20, 32):
                self._digests.update(data[at : at + size] for at in range(len(data) - size + 1))
                self._digests.update(
                    raw[at : at + size] for raw in _decoded(data) for at in range(max(1, len(raw) - size + 1))
                )
        self._words = b"\0".join(self._bare(name) for name in self.parts if name not in self.told)

    def _bare(self, name: str) -> bytes:
        data = self.parts[name]
        for phrase in self.by_design.get(name, ()):
            assert phrase in data, f"{phrase!r} does not stand in {name}"
            data = data.replace(phrase, b"\0")
        return data

    @property
    def tags(self) -> list[bytes]:
        """The tags of all streams that anything was filed in, 32 bytes each."""
        found: set[bytes] = set()
        for name, data in self.parts.items():
            if not name.startswith(_TILES):
                continue
            level, number, width = parse_tile_path(name.removeprefix(_TILES))
            if level is None:
                entries = (parse_entry(one) for one in parse_bundle(data, number, width))
                found.update(tag for one in entries if isinstance(one, StatementEntry) for tag in one.tags)
        return sorted(found)

    def attack(self, guesses: Iterable[str], files: Mapping[str, bytes] | None = None) -> list[Hit]:
        """Return every guess that is found: words as they are, and in all forms; files by their hashes."""
        hits = []
        for guess in guesses:
            text = guess.encode()
            if len(guess) >= _SHORTEST:
                hits += [Hit(guess, way) for way, form in _written(text) if form in self._words]
            hits += [Hit(guess, way) for way, form in hashed(text) if form in self._digests]
        for name, data in (files or {}).items():
            hits += [Hit(name, way) for way, form in hashed(data) if form in self._digests]
            hits += [Hit(name, "CID") for form in (_cid(data).encode(),) if form in self._words]
        return hits

    def holds(self, digest: bytes) -> bool:
        """Return whether 16, 20 or 32 bytes stand somewhere, in any writing."""
        return digest in self._digests


def hashed(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield all that whoever has no secret can make of a guess, as formats here hash things."""
    ways: Sequence[tuple[str, bytes]] = (
        ("as it is", data),
        ("lower case", data.lower()),
        ("without blanks", data.replace(b" ", b"")),
        ("with a line end", data + b"\n"),
        ("as JSON", json.dumps(data.decode(errors="replace")).encode()),
        ("as a disclosure without salt", json.dumps(["", data.decode(errors="replace")]).encode()),
        ("as an unsalted disclosure in base64url", urlsafe_b64encode(data).rstrip(b"=")),
        ("under the label of streams", b"corridor/stream/v1" + data),
        ("under the label of subjects", b"corridor/subject/v1\0" + data),
        ("under the label of evidence", b"corridor/evidence/v1" + data),
        ("under the label of people", b"corridor/person/v1\0" + data),
        ("under the label of sessions", b"corridor/session/v1" + data),
    )
    for name, value in ways:
        digest = sha256(value).digest()
        yield f"SHA-256 {name}", digest
        yield f"SHA-256 twice {name}", sha256(digest).digest()
        yield f"leaf hash {name}", leaf_hash(value)
        yield f"leaf hash of the hash {name}", leaf_hash(b"\x01" + digest)
        yield f"Keccak-256 {name}", keccak(value)
        yield f"SHA-1 {name}", sha1(value, usedforsecurity=False).digest()
        yield f"half of SHA-256 {name}", digest[:16]
        yield f"stream of its hash {name}", stream_tag(digest[:16])
        yield f"HMAC without a key {name}", hmac.digest(b"", value, sha256)
        yield f"commitment without salt {name}", commitment(bytes(32), [value])
    yield "stream of itself", stream_tag(data[:16].ljust(16, b"\0"))


def _written(text: bytes) -> Iterator[tuple[str, bytes]]:
    yield "as it is", text
    yield "in hex", text.hex().encode()
    for shift in range(3):
        # What stands around it moves it within the groups of three bytes.
        coded = b64encode(bytes(shift) + text).rstrip(b"=")
        inner = coded[-(-shift * 8 // 6) : (shift + len(text)) * 8 // 6]
        if len(inner) >= _SHORTEST + 1:
            yield "in base64", inner
            yield "in base64url", inner.replace(b"+", b"-").replace(b"/", b"_")
    if len(text) % 5 == 0:
        yield "in base32", b32encode(text)


def _decoded(data: bytes) -> Iterator[bytes]:
    for found in _HEX.findall(data):
        yield bytes.fromhex(found[: len(found) // 2 * 2].decode())
    for found in _BASE64.findall(data):
        bare = found.rstrip(b"=")
        padded = bare[: len(bare) - (len(bare) % 4 == 1)]
        padded += b"=" * (-len(padded) % 4)
        yield (urlsafe_b64decode if set(b"-_") & set(padded) else b64decode)(padded)


def _cid(data: bytes) -> str:
    builder = CidBuilder(lambda _leaf: None)
    builder.update(data)
    return builder.cid()
