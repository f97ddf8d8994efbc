"""Vectors of containers: one that is good, and ZIP files that differ from it in one thing each."""

import io
import json
import zlib
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from ledger.domain import strict_json
from ledger.verification.container import write_container
from ledger.verification.manifest import DOSSIER, CoveredStream, Header
from ledger.verification.zip_layout import LOCAL_SIZE, Entry, local_header, tail
from tests.builders import CUSTOMS, a_trip

Case = dict[str, Any]
Members = Sequence[tuple[str, bytes]]
TRIP = a_trip()
HEADER = Header(DOSSIER, TRIP.uri, CUSTOMS, 8, (CoveredStream(TRIP.uri, "custody", TRIP.custody_tag, 5),))
PARTS = {"b.cbor": b"\x80", "a.json": b"{}", "evidence/bafy": b"sealed"}
MANIFEST = "manifest.json"


def _good() -> bytes:
    out = io.BytesIO()
    write_container(HEADER, PARTS, out)
    return out.getvalue()


def _manifest(parts: dict[str, bytes]) -> dict[str, Any]:
    """Return a manifest that lists these members, whatever their names."""
    value: dict[str, Any] = {
        "format": "corridor-dossier/1",
        "kind": DOSSIER,
        "shipment": HEADER.shipment,
        "audience": HEADER.audience,
        "target": HEADER.target,
        "streams": [
            {"subject": TRIP.uri, "name": "custody", "tag": TRIP.custody_tag.hex(), "count": 5},
        ],
    }
    listed = {
        name: {"sha256": sha256(data).hexdigest(), "size": len(data)} for name, data in sorted(parts.items())
    }
    return value | {"members": listed}


def _zipped(members: Members, manifest: bytes) -> bytes:
    entries = [Entry(name.encode(), zlib.crc32(data), len(data)) for name, data in members]
    body = b"".join(local_header(entry) + data for entry, (_, data) in zip(entries, members, strict=True))
    return body + tail(entries, sha256(manifest).hexdigest().encode())


def _with(parts: dict[str, bytes], manifest: bytes | None = None) -> bytes:
    """Return the container of these members in their order, by a manifest that fits or by another."""
    encoded = strict_json.dumps(_manifest(parts)) if manifest is None else manifest
    return _zipped(sorted([*parts.items(), (MANIFEST, encoded)]), encoded)


def _saying(**changes: Any) -> bytes:
    return _with(PARTS, strict_json.dumps(_manifest(PARTS) | changes))


def _reordered(order: Callable[[Members], Members]) -> bytes:
    encoded = strict_json.dumps(_manifest(PARTS))
    return _zipped(order(sorted([*PARTS.items(), (MANIFEST, encoded)])), encoded)


def _patched(data: bytes, at_local: int, at_central: int, value: bytes) -> bytes:
    """Return a container with the same field of the first member changed in both of its headers."""
    central = data.index(b"PK\x01\x02")
    changed = bytearray(data)
    changed[at_local : at_local + len(value)] = value
    changed[central + at_central : central + at_central + len(value)] = value
    return bytes(changed)


def containers() -> list[Case]:
    """Return a good container, and others."""
    good = _good()
    manifest = strict_json.dumps(_manifest(PARTS))
    first = LOCAL_SIZE + len("a.json")
    twice = manifest.replace(b'"kind":', b'"kind":"receipt","kind":', 1)
    stream = _manifest(PARTS)["streams"][0]
    bad = {
        "not a ZIP file": b"PK",
        "truncated": good[:-1],
        "something before it": b"\x00" + good,
        "something after it": good + b"\x00",
        "something between its members": good[:first] + b"\x00" + good[first:],
        "one bit of a member": good[:first] + bytes([good[first] ^ 1]) + good[first + 1 :],
        "another comment": good[:-64] + b"0" * 64,
        "said to be compressed": _patched(good, 8, 10, b"\x08\x00"),
        "said to be encrypted": _patched(good, 6, 8, b"\x01\x00"),
        "another time": _patched(good, 10, 12, b"\x01\x00"),
        "another date": _patched(good, 12, 14, b"\x22\x00"),
        "another CRC-32": _patched(good, 14, 16, bytes(4)),
        "members out of order": _reordered(lambda members: members[::-1]),
        "member twice": _reordered(lambda members: [members[0], *members]),
        "member that is not listed": _with(PARTS | {"c.cbor": b"\x80"}, manifest),
        "listed member that is not there": _with({"a.json": PARTS["a.json"]}, manifest),
        "member of other bytes": _with(PARTS | {"b.cbor": b"\xa0"}, manifest),
        "member outside": _with(PARTS | {"../b.cbor": b""}),
        "hidden member": _with(PARTS | {"evidence/.b": b""}),
        "member name with a capital": _with(PARTS | {"B.cbor": b""}),
        "folder": _with(PARTS | {"evidence/": b""}),
        "member name of 201 bytes": _with(PARTS | {"b" * 201: b""}),
        "no manifest": _zipped(sorted(PARTS.items()), manifest),
        "manifest with a member twice": _with(PARTS, twice),
        "manifest with an unknown member": _saying(more=1),
        "manifest of another format": _saying(format="corridor-dossier/2"),
        "manifest of another kind": _saying(kind="letter"),
        "manifest about no subject": _saying(shipment="MSKU1234565"),
        "manifest for no organisation": _saying(audience="customs"),
        "target of less than nothing": _saying(target=-1),
        "count that is no integer": _saying(streams=[stream | {"count": 5.0}]),
        "stream twice": _saying(streams=[stream, stream]),
        "stream name with a capital": _saying(streams=[stream | {"name": "Custody"}]),
        "tag in capitals": _saying(streams=[stream | {"tag": stream["tag"].upper()}]),
    }
    expect = {"manifest": json.loads(strict_json.dumps(_manifest(PARTS)))}
    return [
        {"name": "three members", "input": {"file": good.hex()}, "expect": expect},
        *(
            {"name": name, "input": {"file": data.hex()}, "expect": {"error": True}}
            for name, data in bad.items()
        ),
    ]
