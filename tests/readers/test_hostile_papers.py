"""Papers made to hurt: nothing but a clear error or a complaint comes of them."""

from contextlib import suppress
from io import BytesIO
from types import ModuleType

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from ledger.domain.errors import CorridorError
from ledger.readers.formats import csv_log, dicos, edifact, json_paper, pdf, xml_paper, xml_tree
from tests.readers.items import codes, made, read

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
XML = {
    "billion laughs": (f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>', "xml-dtd"),
    "external entity": ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml-dtd"),
    "external document type": ('<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>', "xml-dtd"),
    "parameter entity": ('<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/"> %x;]><a/>', "xml-dtd"),
    "entity nobody declared": ("<DUCA><NumeroDUCA>&x;</NumeroDUCA></DUCA>", "xml-syntax"),
    "cut off": (made("export-declaration.xml").decode()[:900], "xml-syntax"),
    "too deep": ("<a>" * 70 + "</a>" * 70, "xml-too-large"),
    "too many elements": ("<a>" + "<b/>" * 200_001 + "</a>", "xml-too-large"),
    "unknown encoding": ('<?xml version="1.0" encoding="klingon"?><a/>', "xml-syntax"),
    "zero byte": ("<a>\0</a>", "xml-syntax"),
    "something after the end": ("<a/>PK", "xml-syntax"),
    "an attribute twice": ('<a b="1" b="2"/>', "xml-syntax"),
}


@pytest.mark.parametrize("name", sorted(XML))
def test_hostile_xml_is_refused(name: str) -> None:
    document, code = XML[name]
    with pytest.raises(CorridorError) as caught:
        read(xml_paper, document.encode())
    assert caught.value.code == code


def test_xml_longer_than_the_limit_is_not_read_to_its_end() -> None:
    class Endless(BytesIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            self.taken += 16_384
            return b"<a>" if self.taken == 16_384 else b" " * 16_384

    endless = Endless()
    with pytest.raises(CorridorError) as caught:
        xml_tree.parse(endless)
    assert caught.value.code == "xml-too-large"
    assert endless.taken < 2 * xml_tree.MAX_BYTES


JSON = {
    "cut off": (b'{"document": "manif', "json-syntax"),
    "a member twice": (b'{"document": "manifest", "document": "seal-check"}', "json-duplicate"),
    "too deep": (b'{"a":' + b"[" * 50 + b"]" * 50 + b"}", "json-depth"),
    "no number": (b'{"a": NaN}', "json-number"),
    "not UTF-8": (b'{"a": "\xff"}', "json-encoding"),
    "something after the end": (b'{"a": 1}PK', "json-syntax"),
}


@pytest.mark.parametrize("name", sorted(JSON))
def test_json_with_more_than_one_reading_is_refused(name: str) -> None:
    data, code = JSON[name]
    with pytest.raises(CorridorError) as caught:
        read(json_paper, data)
    assert caught.value.code == code


def test_json_of_no_known_kind_is_read_as_just_that() -> None:
    reading = read(json_paper, b'{"hello": 1}')
    assert (reading.format, reading.found) == ("JSON", {"members": ["hello"]})


TABLES = {
    "a line too short": (b"time,supply_c\n2026-11-06T15:30:00Z\n", "csv-malformed"),
    "a line too long": (b"time,supply_c\n2026-11-06T15:30:00Z,1,2\n", "csv-malformed"),
    "not UTF-8": (b"time,supply_c\n\xff,1\n", "csv-encoding"),
    "a quote that never closes": (b'time,supply_c\n"2026,1\n', "csv-malformed"),
    "a field of a megabyte": (b"time,supply_c\n" + b"x" * 1_000_000 + b",1\n", "csv-malformed"),
}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_that_is_none_is_refused(name: str) -> None:
    data, code = TABLES[name]
    with pytest.raises(CorridorError) as caught:
        read(csv_log, data)
    assert caught.value.code == code


def test_an_interchange_that_was_cut_off_is_complained_of() -> None:
    assert "truncated" in codes(read(edifact, made("carrier-manifest.edi")[:400]))


def test_marks_of_the_interchange_itself_are_used_and_released_ones_are_content() -> None:
    box = b"EQD*CN*XXXU5001233*45R1~SEL*A#*B#~C##~"
    data = b"UNA|*.# ~UNB*UNOC|3*A*B~UNH*1*VERMAS|D|16A|UN~" + box + b"UNT*1*1~UNZ*1*1~"
    paper = read(edifact, data).found["paper"]
    assert paper["containers"] == [{"number": "XXXU5001233", "type": "45R1", "seals": ["A*B~C#"]}]


def _pdf(pages: int, width: float = 595, height: float = 842) -> bytes:
    document, out = pypdfium2.PdfDocument.new(), BytesIO()
    for _ in range(pages):
        document.new_page(width, height)
    document.save(out)
    document.close()
    return out.getvalue()


def test_a_pdf_page_as_large_as_a_house_gives_a_small_picture() -> None:
    reading = read(pdf, _pdf(1, 1_000_000, 1_000_000))
    assert len(reading.renditions) <= 1
    assert sum(len(each.data) for each in reading.renditions) < 1_000_000


def test_a_pdf_of_a_thousand_pages_gives_few_pictures() -> None:
    reading = read(pdf, _pdf(1000))
    assert (reading.found["pages"], len(reading.renditions)) == (1000, 8)
    assert sorted(codes(reading)) == ["no-text", "rows-left-out"]


def test_a_pdf_that_asks_for_a_password_says_so() -> None:
    writer, out = PdfWriter(clone_from=PdfReader(BytesIO(made("bill-of-lading.pdf")))), BytesIO()
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(out)
    with pytest.raises(CorridorError) as caught:
        read(pdf, out.getvalue())
    assert caught.value.code == "pdf-encrypted"


def test_a_pdf_with_something_after_it_or_nothing_at_its_end_is_complained_of() -> None:
    whole = made("bill-of-lading.pdf")
    assert codes(read(pdf, whole + b"\r\n")) == []
    assert codes(read(pdf, whole + b"PK\x03\x04 a ZIP")) == ["trailing-data"]
    assert "truncated" in codes(read(pdf, whole[: whole.rindex(b"%%EOF")]))


def test_a_pdf_with_a_script_is_complained_of_and_the_script_is_not_run() -> None:
    whole = made("bill-of-lading.pdf")
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("1")}
    )
    scripts = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("x"), action])})
    writer, out = PdfWriter(clone_from=PdfReader(BytesIO(whole))), BytesIO()
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): scripts})
    writer.write(out)
    assert codes(read(pdf, out.getvalue())) == ["pdf-script"]


READERS: list[tuple[ModuleType, str]] = [
    (xml_paper, "export-declaration.xml"),
    (json_paper, "importer-security-filing.json"),
    (edifact, "carrier-manifest.edi"),
    (csv_log, "reefer-log.csv"),
    (pdf, "export-licence.pdf"),
]


@pytest.mark.parametrize(("reader", "name"), READERS, ids=[each[1] for each in READERS])
@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_paper_is_read_or_refused_and_nothing_else(
    reader: ModuleType, name: str, data: st.DataObject
) -> None:
    whole = made(name)[:6000] if reader is csv_log else made(name)
    cut = data.draw(st.integers(1, len(whole)))
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.binary(max_size=12))
    for damaged in (whole[:cut], whole[:at] + other + whole[at + len(other) :], other + whole[at:]):
        if not reader.accepts(damaged[:65_536], len(damaged)):
            continue
        with suppress(CorridorError):
            assert read(reader, damaged).format is not None


@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_scan_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = dicos.tiny()
    cut = data.draw(st.integers(133, len(whole)))
    at = data.draw(st.integers(132, len(whole) - 1))
    other = data.draw(st.binary(max_size=12))
    for damaged in (whole[:cut], whole[:at] + other + whole[at + len(other) :]):
        with suppress(CorridorError):
            assert read(dicos, damaged).format in {"DICOS", "DICOM"}
