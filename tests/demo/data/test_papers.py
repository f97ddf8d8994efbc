from collections.abc import Callable
from datetime import datetime
from io import BytesIO

import pypdf
import pytest
from stdnum import ean

from ledger.demo.data import papers
from ledger.demo.facts import Facts

Maker = Callable[[Facts, datetime], bytes]

MAKERS: dict[str, Maker] = {
    "invoice": papers.invoice,
    "packing list": papers.packing_list,
    "verified gross mass": papers.verified_gross_mass,
    "certification of origin": papers.certification_of_origin,
    "phytosanitary certificate": papers.phytosanitary_certificate,
    "export licence": papers.export_licence,
    "prior notice": papers.prior_notice,
    "bill of lading": papers.bill_of_lading,
}

SAYS = {
    "invoice": ("FE-2026-004417", "Factura comercial", "0804.30.40", "1,500", "17,700", "13,860.00", "FOB"),
    "packing list": ("Lista de empaque", "GT4471902", "19,500 kg", "885.0", "975.0", "20 tarimas (440 kg)"),
    "verified gross mass": ("24580 kg", "19500 kg", "440 kg and 4640 kg", "SOLAS", "BKG2611070"),
    "certification of origin": ("CAFTA-DR", "0804.30.40", "FE-2026-004417", "17,700 kg", "1.1 cents/kg"),
    "phytosanitary certificate": ("Certificado fitosanitario", "GT-PHYTO-2026-081944", "plagas", "17,700 kg"),
    "export licence": ("Licencia de exportación", "VUPE-2026-3310457", "08043000", "USD 13,860.00"),
    "prior notice": ("620011140045", "XXX-4500127-9", "99000000451", "2026-11-14 06:00 (UTC-05:00)"),
    "bill of lading": (
        "XXXX26GT110045",
        "EXAMPLE QUETZAL (9999993)",
        "GTPBR",
        "USILG",
        "19,940",
        "24,580 kg",
    ),
}


def read(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(data), strict=True)


@pytest.mark.parametrize("name", MAKERS)
def test_a_paper_can_be_read_and_says_what_the_facts_say(facts: Facts, name: str) -> None:
    reader = read(MAKERS[name](facts, facts.times.sealed))
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert len(reader.pages) == 1
    for each in SAYS[name]:
        assert each in text
    assert "2026-11-06 15:40 (UTC-06:00)" in text


@pytest.mark.parametrize("name", MAKERS)
def test_a_paper_is_the_same_bytes_each_time_and_dated_by_its_issuer(facts: Facts, name: str) -> None:
    first, second = (MAKERS[name](facts, facts.times.sealed) for _ in range(2))
    assert first == second
    assert MAKERS[name](facts, facts.times.gate_in) != first
    about = read(first).metadata
    assert about is not None
    assert about.creation_date == facts.times.sealed


@pytest.mark.parametrize("name", MAKERS)
def test_every_paper_names_the_container_or_the_invoice(facts: Facts, name: str) -> None:
    text = "".join(page.extract_text() for page in read(MAKERS[name](facts, facts.times.sealed)).pages)
    assert facts.identifiers.container in text or facts.identifiers.invoice in text


def test_the_packing_list_names_every_pallet_with_a_valid_code(facts: Facts) -> None:
    text = read(papers.packing_list(facts, facts.times.sealed)).pages[0].extract_text()
    codes = [papers.sscc(pallet) for pallet in range(1, facts.load.pallets + 1)]
    assert all(code in text for code in codes)
    assert all(len(code) == 18 and ean.calc_check_digit(code[:-1]) == code[-1] for code in codes)


def test_a_wrong_weight_can_be_declared_to_be_corrected_later(facts: Facts) -> None:
    mistyped = facts.changed("load", tare_kg=5540)
    text = read(papers.verified_gross_mass(mistyped, facts.times.sealed)).pages[0].extract_text()
    assert "25480 kg" in text
    assert "24580" not in text


def test_a_changed_figure_changes_the_papers(facts: Facts) -> None:
    fewer = facts.changed("load", pallets=18)
    text = read(papers.invoice(fewer, facts.times.sealed)).pages[0].extract_text()
    assert "1,350" in text
    assert "12,474.00" in text


def test_the_bill_of_lading_names_the_seals_that_are_on_the_doors(facts: Facts) -> None:
    after = facts.changed("seals", bolt=facts.seals.bolt_after_inspection)
    text = read(papers.bill_of_lading(after, facts.times.lading)).pages[0].extract_text()
    assert facts.seals.bolt_after_inspection in text
    assert facts.seals.bolt not in text
