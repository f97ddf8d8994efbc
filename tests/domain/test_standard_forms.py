"""Names and numbers that only differ in how they are written are the same; others are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.paper_numbers import bill_of, numbers_used, own_numbers
from ledger.domain.papers import Named, Paper
from ledger.domain.standard_forms import (
    company_name,
    container_number,
    document_number,
    exact_name,
    hs_digits,
    is_name,
    package_kind,
    same_company,
)
from ledger.domain.subject import Subject

ONE_COMPANY = {
    "S.A.": "Pineapples Example, S.A.",
    "SA": "PINEAPPLES EXAMPLE SA",
    "S. A.": "Pineapples  Example S. A.",
    "S.A. de C.V.": "Pineapples Example S.A. de C.V.",
    "Sociedad Anónima": "Pineapples Example, Sociedad Anónima",
    "Ltda.": "Pineapples Example Ltda.",
    "L.L.C.": "Pineapples Example, L.L.C.",
    "Co., Ltd.": "Pineapples Example Co., Ltd.",
    "& Cía.": "Pineapples Example & Cía.",
    "accents": "Pïneápples Exâmple",
    "GmbH": "pineapples-example GmbH",
}
OTHERS = ("Pineapples Example Farms", "Example Pineapples", "Pineapple Example", "Pineapples Capital Example")


@pytest.mark.parametrize("name", ONE_COMPANY.values(), ids=ONE_COMPANY)
def test_legal_forms_accents_and_marks_make_no_other_company(name: str) -> None:
    assert company_name(name) == "pineapplesexample"


@pytest.mark.parametrize("name", OTHERS)
def test_another_word_makes_another_company(name: str) -> None:
    assert not same_company(company_name(name), company_name("Pineapples Example, S.A."))


def test_a_legal_form_alone_is_a_name() -> None:
    assert company_name("Company") == "company"
    assert company_name("S.A.") == "sa"


def test_only_a_long_name_may_be_cut_off() -> None:
    whole = company_name("The Very Long Named Pineapples Company Example of Los Amates")
    assert same_company(whole, whole[:30])
    assert not same_company(whole, whole[:10])


def test_exact_names_keep_accents_and_legal_forms() -> None:
    assert exact_name("ＡＣＭＥ Example,  Inc.") == exact_name("acme example inc")
    assert exact_name("Peña Example") != exact_name("Pena Example")
    assert exact_name("Acme Example") != exact_name("Acme Example Inc")


def test_numbers_are_compared_without_blanks_and_marks() -> None:
    assert container_number(" xxxu 500123-3") == "XXXU5001233"
    assert document_number("GT-PHYTO-2026/081944") == document_number("gt phyto 2026 081944")
    assert [hs_digits(each) for each in ("0804.30.40", "08", 804_30, None)] == ["08043040", None, None, None]


def test_kinds_of_packages_in_several_languages_are_one() -> None:
    assert {package_kind(each) for each in ("CT", "Cajas", "cartons", "BOX")} == {"carton"}
    assert package_kind("Tarimas") == package_kind("PX") == "pallet"
    assert package_kind("Drums") == "drums"


def test_numbers_and_bills_to_order_name_nobody() -> None:
    for text in ("95-0000451XX", "TO ORDER", "To the order of Bank Example", "A la orden", "..."):
        assert not is_name(text)
    assert is_name("Order Example, S.A.")


@given(st.text(max_size=40))
def test_forms_are_final(text: str) -> None:
    assert document_number(document_number(text)) == document_number(text)
    assert exact_name(exact_name(text)) == exact_name(text)


def paper(document: str, *numbers: tuple[str, str]) -> Paper:
    return Paper(document, numbers=tuple(Named(*pair) for pair in numbers))


def test_a_certificate_has_its_own_number_and_a_declaration_uses_it() -> None:
    certificate = paper(
        "phytosanitary-certificate", ("certificate", "GT-PHYTO-2026-081944"), ("voyage", "2645N")
    )
    declaration = paper(
        "export-declaration", ("phytosanitary-certificate", "GT PHYTO 2026 081944"), ("duca", "D-1")
    )
    assert own_numbers(certificate) == {("certificate", "GTPHYTO2026081944")}
    assert numbers_used(certificate) == numbers_used(declaration) == own_numbers(certificate)
    assert own_numbers(declaration) == frozenset()


def test_invoices_manifests_of_many_bills_and_short_numbers_use_none() -> None:
    assert numbers_used(paper("commercial-invoice", ("invoice", "FE-2026-004417"))) == frozenset()
    assert (
        numbers_used(paper("manifest", ("bill-of-lading", "XXXX0001"), ("bill-of-lading", "XXXX0002")))
        == frozenset()
    )
    assert numbers_used(paper("sanitary-certificate", ("certificate", "C-1"))) == frozenset()
    bill = paper("manifest", ("bill-of-lading", "XXXX.26GT110045"))
    assert numbers_used(bill) == {("bill-of-lading", "XXXX26GT110045")}


def test_a_consignment_is_filed_under_its_bill() -> None:
    made = Subject.create("consignment", "XXXX.26GT110045", "https://exporter.example", bytes(32))
    assert bill_of(made) == "XXXX26GT110045"
    assert bill_of(Subject.create("voyage", "2645N", "https://carrier.example", bytes(32))) is None
