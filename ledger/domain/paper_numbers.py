"""Numbers that belong to one shipment only: those of bills of lading and of certificates (formats, 22)."""

from collections.abc import Mapping
from typing import Final

from ledger.domain.papers import Paper
from ledger.domain.standard_forms import document_number
from ledger.domain.subject import Subject

BILL: Final = "bill-of-lading"
CERTIFICATE: Final = "certificate"
INVOICE: Final = "invoice"
LEAST: Final = 6
"""Characters of a number that is looked for elsewhere: shorter ones meet by chance."""

_OWN: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "bill-of-lading": (BILL, ("bill-of-lading",)),
    "certification-of-origin": (CERTIFICATE, ("certificate",)),
    "commercial-invoice": (INVOICE, ("invoice",)),
    "export-licence": (CERTIFICATE, ("certificate", "export-licence")),
    "phytosanitary-certificate": (CERTIFICATE, ("certificate", "phytosanitary-certificate")),
    "phytosanitary-re-export-certificate": (CERTIFICATE, ("certificate",)),
    "sanitary-certificate": (CERTIFICATE, ("certificate",)),
}
_REFERRED: Final[Mapping[str, str]] = {
    "phytosanitary-certificate": CERTIFICATE,
    "export-licence": CERTIFICATE,
}


def own_numbers(paper: Paper) -> frozenset[tuple[str, str]]:
    """Return the numbers of a paper itself, each with its kind, in standard form."""
    kind, names = _OWN.get(paper.document, ("", ()))
    return frozenset((kind, document_number(value)) for value in paper.of_kind("numbers", *names))


def numbers_used(paper: Paper) -> frozenset[tuple[str, str]]:
    """Return the numbers by which a paper uses bills of lading and certificates, its own or others'.

    A paper that names several bills of lading is a manifest of many shipments, and uses none. Numbers of
    fewer than six characters are left out.

    Returns:
        Pairs of `bill-of-lading` or `certificate`, and the number in standard form.
    """
    used = {pair for pair in own_numbers(paper) if pair[0] != INVOICE}
    for named, kind in _REFERRED.items():
        used |= {(kind, document_number(value)) for value in paper.of_kind("numbers", named)}
    bills = {document_number(value) for value in paper.of_kind("numbers", "bill-of-lading")}
    if len(bills) == 1:
        used.add((BILL, bills.pop()))
    return frozenset(pair for pair in used if len(pair[1]) >= LEAST)


def bill_of(subject: Subject) -> str | None:
    """Return the bill of lading that a consignment is filed under, in standard form; None of others."""
    return document_number(subject.key) if subject.type == "consignment" else None
