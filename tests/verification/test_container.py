"""Containers: one possible ZIP for given members, and a clear refusal of every other."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import ConflictError, MalformedError, NotFoundError, UsageError
from ledger.verification import zip_layout
from ledger.verification.container import open_container, write_container
from ledger.verification.manifest import DOSSIER, CoveredStream, Header, Manifest
from tests.builders import CUSTOMS, a_trip

TRIP = a_trip()
HEADER = Header(DOSSIER, TRIP.uri, CUSTOMS, 8, (CoveredStream(TRIP.uri, "custody", TRIP.custody_tag, 5),))
PARTS = {"b.cbor": b"bytes of b", "a.json": b"{}", "evidence/bafy": b"sealed" * 100}


def container(parts: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    write_container(HEADER, PARTS if parts is None else parts, out)
    return out.getvalue()


def rezipped(change: Callable[[zipfile.ZipFile, dict[str, bytes]], None]) -> bytes:
    """Return a ZIP with the same members that a tool other than ours wrote."""
    with zipfile.ZipFile(io.BytesIO(container())) as ours:
        members = {name: ours.read(name) for name in ours.namelist()}
        comment = ours.comment
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as other:
        other.comment = comment
        change(other, members)
    return out.getvalue()


def plain(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.create_system = 0
    return info


def test_what_is_written_is_read_back() -> None:
    read = open_container(container())
    assert read.manifest.header == HEADER
    assert read.names == PARTS.keys()
    assert (read.read("a.json"), read.read("b.cbor")) == (b"{}", b"bytes of b")
    assert b"".join(read.chunks("evidence/bafy")) == PARTS["evidence/bafy"]


def test_the_same_members_give_the_same_bytes_in_any_order() -> None:
    assert container(dict(reversed(PARTS.items()))) == container()


def test_the_stock_zip_module_finds_the_same_members() -> None:
    with zipfile.ZipFile(io.BytesIO(container())) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted([*PARTS, "manifest.json"])
        assert archive.comment == sha256(archive.read("manifest.json")).hexdigest().encode()
        assert {name: archive.read(name) for name in PARTS} == PARTS


@given(
    st.dictionaries(
        st.from_regex(r"[a-z0-9]{1,8}(\.[a-z]{1,4})?", fullmatch=True), st.binary(max_size=300), max_size=6
    )
)
def test_any_members_come_back(parts: dict[str, bytes]) -> None:
    read = open_container(container(parts))
    assert {name: read.read(name) for name in read.names} == parts


def test_evidence_is_streamed_piece_by_piece_and_to_a_file(tmp_path: Path) -> None:
    pieces, target = [b"frame" * 200_000] * 5, tmp_path / "dossier.zip"
    with target.open("wb") as out:
        write_container(HEADER, {"evidence/clip": lambda: pieces}, out)
    read = open_container(target)
    assert max(map(len, read.chunks("evidence/clip"))) < 5_000_000
    assert b"".join(read.chunks("evidence/clip")) == b"".join(pieces)


def test_evidence_is_not_held_in_memory() -> None:
    with pytest.raises(NotFoundError):
        open_container(container()).read("evidence/bafy")


def test_a_member_that_changes_while_it_is_written_is_noticed() -> None:
    contents = iter([[b"first"], [b"other"]])
    with pytest.raises(ConflictError, match="evidence/x"):
        write_container(HEADER, {"evidence/x": lambda: next(contents)}, io.BytesIO())


@pytest.mark.parametrize(
    "name", ["../up", "/root", "Upper", ".hidden", "a//b", "a/.b", "manifest.json", "", "x" * 201]
)
def test_names_that_no_member_may_have_are_not_written(name: str) -> None:
    with pytest.raises(UsageError):
        container({name: b""})


def test_four_gibibytes_are_not_written() -> None:
    piece = bytes(1 << 20)
    parts = {"evidence/x": lambda: (piece for _ in range(4096))}
    with pytest.raises(UsageError, match="4 GiB"):
        write_container(HEADER, parts, io.BytesIO())


def with_added(name: str, data: bytes = b"added", **fields: int) -> bytes:
    def change(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
        for other in sorted([*members, name]):
            info = plain(other)
            with archive.open(info, "w") as file:
                file.write(data if other == name else members[other])
            info.external_attr = 0
            for field, value in fields.items():
                setattr(info, field, value)

    return rezipped(change)


def compressed(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    for name, data in members.items():
        archive.writestr(plain(name), data, zipfile.ZIP_DEFLATED)


def duplicated(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    archive.writestr(plain("a.json"), members["a.json"])
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(plain("a.json"), members["a.json"])
    archive.writestr(plain("manifest.json"), members["manifest.json"])


def reversed_order(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    for name in reversed(members):
        archive.writestr(plain(name), members[name])


def with_zip64(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    for name, data in members.items():
        with archive.open(plain(name), "w", force_zip64=True) as file:
            file.write(data)


def with_permissions(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    for name, data in members.items():
        archive.writestr(plain(name), data)


def patched(offset_of: bytes, at: int, new: bytes) -> bytes:
    """Return the container with bytes replaced relative to the first place where some bytes stand."""
    data = bytearray(container())
    place = data.index(offset_of) + at
    data[place : place + len(new)] = new
    return bytes(data)


CENTRAL, END = b"PK\x01\x02", b"PK\x05\x06"
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not-zip"),
    "not a zip": (b"\x00" * 500, "not-zip"),
    "an empty zip": (b"PK\x05\x06" + bytes(18), "zip-end"),
    "end missing": (container()[:-90], "not-zip"),
    "cut short": (container()[:-1], "zip-end"),
    "bytes after the end": (container() + b"\n", "zip-end"),
    "bytes before the start": (b"#!/bin/sh\n" + container(), "zip-gap"),
    "two containers": (container() + container(), "zip-gap"),
    "compressed": (rezipped(compressed), "zip-compressed"),
    "encrypted": (patched(CENTRAL, 8, b"\x01\x00"), "zip-encrypted"),
    "data descriptor": (patched(CENTRAL, 8, b"\x08\x00"), "zip-directory"),
    "duplicate": (rezipped(duplicated), "zip-duplicate"),
    "out of order": (rezipped(reversed_order), "zip-order"),
    "zip64 members": (rezipped(with_zip64), "zip-header"),
    "zip64 end": (patched(END, 16, b"\xff\xff\xff\xff"), "zip-zip64"),
    "several disks": (patched(END, 4, b"\x01\x00"), "zip-disks"),
    "too many members": (patched(END, 8, b"\x00\xf0\x00\xf0"), "too-many-members"),
    "permissions": (rezipped(with_permissions), "zip-directory"),
    "traversal": (with_added("../../etc/passwd"), "zip-name"),
    "absolute name": (with_added("/etc/passwd"), "zip-name"),
    "backslash": (with_added("..\\up"), "zip-name"),
    "unlisted": (with_added("extra.txt"), "unlisted-member"),
    "a time": (patched(CENTRAL, 12, b"\x01\x00"), "zip-directory"),
    "another comment": (container()[:-64] + b"0" * 64, "manifest-hash"),
    "upper-case comment": (container()[:-64] + b"F" * 64, "zip-end"),
    "header of a member": (b"PK\x03\x04\x15" + container()[5:], "zip-header"),
    "a byte of a member": (patched(b"bytes of b", 0, b"B"), "zip-crc"),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_anything_else_is_refused_with_one_clear_line(data: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        open_container(data)
    assert caught.value.code == code
    assert "\n" not in caught.value.message


def with_manifest(manifest: bytes, parts: dict[str, bytes]) -> bytes:
    """Return a ZIP that is right in every byte, with a manifest of the test's own."""
    contents = {**parts, "manifest.json": manifest}
    entries = [
        zip_layout.Entry(name.encode(), zlib.crc32(contents[name]), len(contents[name]))
        for name in sorted(contents)
    ]
    body = b"".join(zip_layout.local_header(entry) + contents[entry.name.decode()] for entry in entries)
    return body + zip_layout.tail(entries, sha256(manifest).hexdigest().encode())


def test_a_member_that_the_manifest_lists_and_is_not_there_is_missed() -> None:
    manifest = open_container(container()).manifest_bytes
    less = {name: PARTS[name] for name in PARTS if name != "a.json"}
    with pytest.raises(MalformedError, match=r"lists a\.json"):
        open_container(with_manifest(manifest, less))


def test_a_member_with_other_bytes_than_listed_is_refused_though_all_checksums_fit() -> None:
    manifest = open_container(container()).manifest_bytes
    with pytest.raises(MalformedError, match=r"b\.cbor"):
        open_container(with_manifest(manifest, {**PARTS, "b.cbor": b"bytes of c"}))


def test_a_zip_without_manifest_is_no_dossier() -> None:
    entries = struct.pack("<4s4H2LH", END, 0, 0, 0, 0, 0, 0, 64) + b"0" * 64
    with pytest.raises(MalformedError, match="no manifest"):
        open_container(entries)


GOOD = open_container(container()).manifest_bytes.decode()
BAD_MANIFESTS = {
    "not JSON": "{",
    "another format": GOOD.replace("corridor-dossier/1", "corridor-dossier/2"),
    "another kind": GOOD.replace('"kind":"dossier"', '"kind":"poem"'),
    "a member more": GOOD.replace('"target":8', '"target":8,"note":""'),
    "a member less": GOOD.replace('"target":8,', ""),
    "a member twice": GOOD.replace('"target":8', '"target":8,"target":8'),
    "a target that is no number": GOOD.replace('"target":8', '"target":"8"'),
    "a negative size": GOOD.replace('"size":2', '"size":-2'),
    "a truth value as count": GOOD.replace('"count":5', '"count":true'),
    "a capital in a digest": GOOD.replace('"tag":"', '"tag":"A', 1),
    "members that are a list": GOOD.split('"members"')[0] + '"members":[]}',
    "an audience that is no URI": GOOD.replace(CUSTOMS, "customs"),
    "a name outside": GOOD.replace('"a.json"', '"../a.json"'),
    "the manifest in itself": GOOD.replace('"a.json"', '"manifest.json"'),
    "a stream with a strange name": GOOD.replace('"name":"custody"', '"name":"Custody!"'),
}


@pytest.mark.parametrize("text", BAD_MANIFESTS.values(), ids=BAD_MANIFESTS.keys())
def test_a_manifest_of_another_form_is_refused(text: str) -> None:
    assert text != GOOD
    with pytest.raises(MalformedError):
        Manifest.parse(text.encode())


def test_a_stream_named_twice_is_refused() -> None:
    header = Header(DOSSIER, TRIP.uri, CUSTOMS, 8, HEADER.streams * 2)
    with pytest.raises(MalformedError, match="twice"):
        Manifest.parse(Manifest(header, {}).encode())


@given(st.binary(max_size=400))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        open_container(data)
