"""The papers of the shipment as PDF: `(facts, moment) -> bytes`, the same bytes each time."""

from ledger.demo.data.papers.carriage import bill_of_lading
from ledger.demo.data.papers.official import export_licence, phytosanitary_certificate, prior_notice
from ledger.demo.data.papers.trade import (
    certification_of_origin,
    invoice,
    packing_list,
    sscc,
    verified_gross_mass,
)

__all__ = [
    "bill_of_lading",
    "certification_of_origin",
    "export_licence",
    "invoice",
    "packing_list",
    "phytosanitary_certificate",
    "prior_notice",
    "sscc",
    "verified_gross_mass",
]
