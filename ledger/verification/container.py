"""Containers: ZIP files of one possible form, written and read as streams (formats, section 10; ADR 0006)."""

import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from ledger.domain.errors import ConflictError, MalformedError, NotFoundError, UsageError
from ledger.verification.manifest import (
    MANIFEST,
    MAX_MEMBERS,
    Header,
    Manifest,
    MemberDigest,
    is_member_name,
)
from ledger.verification.zip_directory import read_directory
from ledger.verification.zip_layout import LOCAL_SIZE, MAX_SIZE, Entry, local_header, tail, total_size

Chunks = Callable[[], Iterable[bytes]]
"""Gives the bytes of a member piece by piece, the same ones at each call."""
Part = bytes | Chunks
Source = bytes | Path

CHUNK = 1 << 20
# Members that are read as a whole, all together; evidence is not among them. Decoded, CBOR can take 60 times
# the memory of its bytes.
MAX_IN_MEMORY = 64 * 1024 * 1024
STREAMED = "evidence/"


@dataclass(frozen=True, slots=True)
class Packed:
    """A container that is about to be written: gone through once, its size known.

    Args:
        manifest: What it says of itself.
        size: How many bytes it has.
    """

    manifest: Manifest
    size: int
    _entries: Sequence[Entry] = field(repr=False)
    _contents: Mapping[str, Part] = field(repr=False)
    _comment: bytes = field(repr=False)

    def pieces(self) -> Iterator[bytes]:
        """Yield its bytes.

        Raises:
            ConflictError: A part gave other bytes the second time.
        """
        for entry in self._entries:
            name = entry.name.decode()
            yield local_header(entry)
            digest = sha256()
            for chunk in _pieces(self._contents[name]):
                digest.update(chunk)
                yield chunk
            # Of the manifest itself there is nobody else's word.
            listed = self.manifest.members.get(name)
            if listed is not None and digest.digest() != listed.sha256:
                raise ConflictError(
                    "member-changed", f"{name} changed while the container was written; write it again"
                )
        yield tail(self._entries, self._comment)


def pack(header: Header, parts: Mapping[str, Part]) -> Packed:
    """Return a container that is ready to be written; the same arguments always give the same bytes.

    Args:
        header: What the manifest says beside its members.
        parts: Every member but the manifest, under its name. Those that are not bytes are gone through twice.

    Raises:
        UsageError: A name that is not allowed, too many members, or 4 GiB or more in all.
    """
    for name in parts:
        if not is_member_name(name) or name == MANIFEST:
            raise UsageError("member-name", f"a container member cannot be called {name[:80]!a}")
    if len(parts) >= MAX_MEMBERS:
        raise UsageError("too-many-members", f"a container has at most {MAX_MEMBERS} members")
    sums = {name: _sums(part) for name, part in parts.items()}
    manifest = Manifest(header, {name: digest for name, (_, digest) in sums.items()})
    encoded = manifest.encode()
    contents: dict[str, Part] = {**parts, MANIFEST: encoded}
    sums[MANIFEST] = _sums(encoded)
    entries = [Entry(name.encode(), sums[name][0], sums[name][1].size) for name in sorted(contents)]
    comment = _comment(encoded)
    small = sum(entry.size for entry in entries if not entry.name.startswith(STREAMED.encode()))
    if small > MAX_IN_MEMORY:
        raise UsageError("too-large", f"the members other than evidence have more than {MAX_IN_MEMORY} bytes")
    size = total_size(entries, comment)
    if size > MAX_SIZE:
        raise UsageError(
            "too-large", "a container stays below 4 GiB; leave evidence out and hand it over beside"
        )
    return Packed(manifest, size, entries, contents, comment)


def write_container(header: Header, parts: Mapping[str, Part], out: BinaryIO) -> Manifest:
    """Write a container; see `pack`.

    Args:
        header: What the manifest says beside its members.
        parts: Every member but the manifest.
        out: Where to write; need not be seekable.

    Raises:
        UsageError: As `pack`.
        ConflictError: A part gave other bytes the second time.
    """
    packed = pack(header, parts)
    out.writelines(packed.pieces())
    return packed.manifest


@dataclass(frozen=True, slots=True)
class Container:
    """A container whose every byte was checked.

    Args:
        manifest: What it says of itself.
        manifest_bytes: The same as read.
    """

    manifest: Manifest
    manifest_bytes: bytes
    _source: Source = field(repr=False)
    _small: Mapping[str, bytes] = field(repr=False)
    _places: Mapping[str, tuple[int, int]] = field(repr=False)

    @property
    def names(self) -> frozenset[str]:
        """Names of all members but the manifest."""
        return frozenset(self._places)

    def read(self, name: str) -> bytes:
        """Return the bytes of a member that is not evidence.

        Raises:
            NotFoundError: There is no such member.
        """
        if name not in self._small:
            raise NotFoundError("no-member", f"the container has no member {name}")
        return self._small[name]

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of any member piece by piece.

        Raises:
            NotFoundError: There is no such member.
        """
        if name not in self._places:
            raise NotFoundError("no-member", f"the container has no member {name}")
        start, size = self._places[name]
        with _open(self._source) as file:
            file.seek(start)
            yield from _read(file, size)


def open_container(source: Source) -> Container:
    """Read a container and check every byte of it.

    Args:
        source: The bytes, or the path of the file.

    Raises:
        MalformedError: Not a ZIP file, or not of the one form that a container has: the message says where.
        OSError: The file cannot be read.
    """
    with _open(source) as file:
        entries, comment = read_directory(file)
        digests: dict[str, MemberDigest] = {}
        small: dict[str, bytes] = {}
        places: dict[str, tuple[int, int]] = {}
        room = MAX_IN_MEMORY
        offset = 0
        file.seek(0)
        for entry in entries:
            name = entry.name.decode()
            header = local_header(entry)
            if file.read(len(header)) != header:
                raise MalformedError(
                    "zip-header", f"the ZIP header of {name} is not the one that its directory entry asks for"
                )
            offset += LOCAL_SIZE + len(entry.name)
            keep = not name.startswith(STREAMED)
            room -= entry.size if keep else 0
            if room < 0:
                raise MalformedError(
                    "too-large", f"the members up to {name} take more memory than is allowed"
                )
            digests[name], kept = _member(file, entry, keep=keep)
            if kept is not None:
                small[name] = kept
            places[name] = (offset, entry.size)
            offset += entry.size
        expected = tail(entries, comment)
        if file.read(len(expected) + 1) != expected:
            raise MalformedError("zip-directory", "the ZIP directory is not the one that the members ask for")
    if MANIFEST not in small:
        raise MalformedError("no-manifest", f"the ZIP file has no {MANIFEST}: it is no dossier")
    encoded = small.pop(MANIFEST)
    del digests[MANIFEST], places[MANIFEST]
    if comment != _comment(encoded):
        raise MalformedError("manifest-hash", f"the ZIP comment is not the hash of {MANIFEST}")
    manifest = Manifest.parse(encoded)
    _compare(digests, manifest.members)
    return Container(manifest, encoded, source, small, places)


def _compare(found: Mapping[str, MemberDigest], listed: Mapping[str, MemberDigest]) -> None:
    for name, digest in found.items():
        if name not in listed:
            raise MalformedError("unlisted-member", f"the member {name} is not in the manifest")
        if digest != listed[name]:
            raise MalformedError("member-hash", f"the bytes of {name} are not those that the manifest lists")
    for name in listed:
        if name not in found:
            raise MalformedError("absent-member", f"the manifest lists {name}, which is not there")


def _member(file: BinaryIO, entry: Entry, *, keep: bool) -> tuple[MemberDigest, bytes | None]:
    digest = sha256()
    crc = 0
    pieces = []
    for chunk in _read(file, entry.size):
        digest.update(chunk)
        crc = zlib.crc32(chunk, crc)
        if keep:
            pieces.append(chunk)
    if crc != entry.crc:
        raise MalformedError(
            "zip-crc", f"the CRC-32 of {entry.name.decode()} does not match: its bytes changed"
        )
    return MemberDigest(digest.digest(), entry.size), b"".join(pieces) if keep else None


def _read(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size:
        chunk = file.read(min(CHUNK, size))
        if not chunk:
            raise MalformedError("zip-truncated", "the ZIP file ends inside a member")
        size -= len(chunk)
        yield chunk


def _sums(part: Part) -> tuple[int, MemberDigest]:
    digest = sha256()
    crc = size = 0
    for chunk in _pieces(part):
        digest.update(chunk)
        crc = zlib.crc32(chunk, crc)
        size += len(chunk)
    return crc, MemberDigest(digest.digest(), size)


def _pieces(part: Part) -> Iterable[bytes]:
    return (part,) if isinstance(part, bytes) else part()


def _comment(manifest: bytes) -> bytes:
    return sha256(manifest).hexdigest().encode("ascii")


def _open(source: Source) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
