"""What papers are called in the sentences of findings."""

from collections.abc import Mapping, Sequence
from typing import Final

from ledger.domain.words import LANGUAGES, Words

MOST_LISTED: Final = 4

_TITLES: Final[Mapping[str, Words]] = {
    "advance-manifest": Words("advance manifest", "manifiesto anticipado", "manifeste anticipé"),
    "bill-of-lading": Words("bill of lading", "conocimiento de embarque", "connaissement"),
    "certification-of-origin": Words(
        "certification of origin", "certificación de origen", "certification d’origine"
    ),
    "commercial-invoice": Words("commercial invoice", "factura comercial", "facture commerciale"),
    "document": Words("paper", "documento", "document"),
    "entry": Words("customs entry", "declaración de importación", "déclaration en douane"),
    "export-declaration": Words(
        "export declaration", "declaración de exportación", "déclaration d’exportation"
    ),
    "export-licence": Words("export licence", "licencia de exportación", "licence d’exportation"),
    "importer-security-filing": Words(
        "importer security filing",
        "declaración de seguridad del importador (ISF)",
        "déclaration de sécurité (ISF)",
    ),
    "manifest": Words("manifest", "manifiesto", "manifeste"),
    "packing-list": Words("packing list", "lista de empaque", "liste de colisage"),
    "phytosanitary-certificate": Words(
        "phytosanitary certificate", "certificado fitosanitario", "certificat phytosanitaire"
    ),
    "phytosanitary-re-export-certificate": Words(
        "phytosanitary certificate for re-export",
        "certificado fitosanitario de reexportación",
        "certificat phytosanitaire de réexportation",
    ),
    "prior-notice": Words("prior notice", "notificación previa", "notification préalable"),
    "release-note": Words("release note", "nota de levante", "bon de mainlevée"),
    "sanitary-certificate": Words("sanitary certificate", "certificado sanitario", "certificat sanitaire"),
    "stow-plan": Words("stow plan", "plan de estiba", "plan d’arrimage"),
    "stuffing": Words("stuffing record", "registro de llenado", "relevé d’empotage"),
    "transit-declaration": Words("transit declaration", "declaración de tránsito", "déclaration de transit"),
    "verified-gross-mass": Words("VGM declaration", "declaración de VGM", "déclaration de la VGM"),
}


def title_of(document: str) -> Words:
    """Return what a kind of paper is called; one that nobody named is called by its code."""
    return _TITLES.get(document) or Words.alike(document)


def listed(names: Sequence[Words]) -> Words:
    """Return several names one behind the other, each once; of many the first four and how many more."""
    return Words(*(_listed([one.in_(language) for one in names]) for language in LANGUAGES))


def _listed(names: Sequence[str]) -> str:
    different = list(dict.fromkeys(names))
    more = len(different) - MOST_LISTED
    return ", ".join(different[:MOST_LISTED]) + (f", + {more}" if more > 0 else "")
