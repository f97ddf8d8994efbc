"""Every reader does its work with everything taken from it, and bad items of each kind leave it standing."""

from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.readers.formats import dicos
from ledger.readers.reading import Reading
from ledger.readers.registry import Expectations
from ledger.readers.run import Readers
from tests.readers.clips import clip
from tests.readers.credentials import maker, signed
from tests.readers.items import codes, foreign, made

ITEMS = {
    "manifest.json": ("JSON", "application/json"),
    "export-declaration.xml": ("DUCA", "application/xml"),
    "carrier-manifest.edi": ("EDIFACT", "application/EDIFACT"),
    "reefer-log.csv": ("CSV", "text/csv"),
    "reefer-log.json": ("temperature-log", "application/json"),
    "bill-of-lading.pdf": ("PDF", "application/pdf"),
    "cctv-gate.mp4": ("MP4", "video/mp4"),
}


def _read(readers: Readers, data: bytes, media_type: str = "", **expected: object) -> Reading:
    expectations = Expectations(**expected)  # type: ignore[arg-type]
    return readers.read(BytesIO(data), media_type=media_type, category="paper", expectations=expectations)


@pytest.mark.parametrize("name", sorted(ITEMS))
def test_an_item_of_the_demo_is_read_whatever_it_is_called(readers: Readers, name: str) -> None:
    form, media_type = ITEMS[name]
    reading = _read(readers, made(name), media_type)
    assert (reading.format, reading.outcome, codes(reading)) == (form, "read", [])
    assert codes(_read(readers, made(name), "image/gif")) == ["other-media-type"]


def test_a_scan_and_a_signed_clip_are_read_shut_in(readers: Readers) -> None:
    assert _read(readers, dicos.tiny()).format == "DICOS"
    own = maker()
    reading = _read(readers, signed(clip(), "video/mp4", own), c2pa=True, c2pa_anchors=own.anchor)
    assert (reading.outcome, reading.found["c2pa"]["signer"]) == ("read", "trusted")


@pytest.mark.parametrize("name", ["c2pa/CA.jpg", "c2pa/E-sig-CA.jpg", "c2pa/cloud.jpg", "c2pa/video1.mp4"])
def test_foreign_credentials_are_judged_shut_in(readers: Readers, name: str) -> None:
    wrong = {"c2pa/E-sig-CA.jpg": "c2pa-broken", "c2pa/cloud.jpg": "c2pa-remote"}
    assert wrong.get(name, "c2pa-signer-untrusted") in codes(_read(readers, foreign(name)))


def test_two_formats_in_one_are_complained_of(readers: Readers) -> None:
    archive = b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(40)
    assert "trailing-data" in codes(_read(readers, made("bill-of-lading.pdf") + archive))
    assert "trailing-data" in codes(_read(readers, clip() + archive))
    assert "two-formats" in codes(_read(readers, b"%PDF-1.7\n" + bytes(119) + dicos.tiny()[128:]))


def test_names_in_an_item_open_no_file(readers: Readers) -> None:
    for data in (
        b'{"document": "../../../../etc/passwd", "path": "/etc/shadow"}',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "/etc/hostname">]><a>&x;</a>',
        b"time,name_c\n2026-11-06T15:30:00Z,../../etc/passwd\n",
    ):
        assert "root:" not in repr(_read(readers, data).found)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_clip_is_read_or_complained_of(readers: Readers, data: st.DataObject) -> None:
    whole = clip(1.0)
    place = data.draw(st.one_of(st.integers(0, 200), st.integers(whole.index(b"moov"), len(whole) - 1)))
    other = data.draw(st.binary(min_size=1, max_size=8))
    damaged = whole[:place] + other + whole[place + len(other) :]
    reading = _read(readers, damaged)
    assert reading.outcome in {"read", "complained", "not-understood"}
    assert not {"reader-ended", "reader-killed", "out-of-time"} & set(codes(reading))


def test_an_original_that_no_reader_knows_is_not_understood_and_nothing_more(readers: Readers) -> None:
    reading = _read(readers, b"\x89UFF\0\x02" + bytes(range(256)) * 40, "application/octet-stream")
    assert (reading.outcome, reading.format, reading.found) == ("not-understood", None, {})
    assert codes(reading) == ["not-understood"]
