"""The electronic phytosanitary certificate: UN/CEFACT SPSCertificate (ISPM 12, appendix 1)."""

from xml.etree import ElementTree as ET

from ledger.readers.formats.xml_tree import text
from ledger.readers.papers import (
    Amounts,
    Container,
    Figures,
    Goods,
    Paper,
    container,
    hs_code,
    named,
    parties,
)

ROOT = "SPSCertificate"

_KINDS = {"851": "phytosanitary-certificate", "657": "phytosanitary-re-export-certificate"}
"""UN/CEFACT code list 1001: what the certificate is."""
_PARTIES = {
    "consignor": "ConsignorSPSParty",
    "exporter": "ExporterSPSParty",
    "consignee": "ConsigneeSPSParty",
    "importer": "ImporterSPSParty",
    "carrier": "CarrierSPSParty",
    "despatch": "DespatchSPSParty",
    "delivery": "DeliverySPSParty",
}
_PLACES = {
    "export-country": "ExportSPSCountry",
    "import-country": "ImportSPSCountry",
    "transit-country": "TransitSPSCountry",
    "discharge": "UnloadingBaseportSPSLocation",
    "loading": "LoadingBaseportSPSLocation",
}


def paper(root: ET.Element) -> Paper:
    """Return what a certificate says; annexed files in it are counted among the numbers and not opened.

    Args:
        root: Its root, element names without namespaces.
    """
    figures = Figures()
    head = root.find("SPSExchangedDocument")
    load = root.find("SPSConsignment")
    of_load = [] if load is None else list(load)
    lines = root.findall("SPSConsignment/IncludedSPSConsignmentItem/IncludedSPSTradeLineItem")
    annexes = root.findall("SPSExchangedDocument/ReferenceSPSReferencedDocument/AttachmentBinaryObject")
    voyages = [each for each in of_load if each.tag == "MainCarriageSPSTransportMovement"]
    return Paper(
        document=_KINDS.get(text(head, "TypeCode") or "", "sanitary-certificate"),
        numbers=named(
            (
                ("certificate", text(head, "ID")),
                ("status", text(head, "StatusCode")),
                ("annexed-files", str(len(annexes)) if annexes else None),
                *(("voyage", text(each, "ID")) for each in voyages),
                *(("vessel", text(each, "UsedSPSTransportMeans/Name")) for each in voyages),
            )
        ),
        dates=named(
            (
                ("issued", text(head, "IssueDateTime/DateTimeString") or text(head, "IssueDateTime")),
                ("signed", text(head, "SignatorySPSAuthentication/ActualDateTime/DateTimeString")),
            )
        ),
        places=named(
            [
                (kind, text(each, "ID") or text(each, "Name"))
                for kind, name in _PLACES.items()
                for each in of_load
                if each.tag == name
            ]
        ),
        parties=parties(
            (
                ("issuer", text(head, "IssuerSPSParty/Name"), text(head, "IssuerSPSParty/ID")),
                *(
                    (
                        role,
                        text(load, f"{path}/Name"),
                        text(load, f"{path}/ID") or text(load, f"{path}/TypeCode"),
                    )
                    for role, path in _PARTIES.items()
                ),
            )
        ),
        containers=_containers(of_load),
        seals=tuple([seal for each in _equipment(of_load) if not text(each, "ID") for seal in _seals(each)]),
        goods=tuple([_goods(line, figures) for line in lines]),
        totals=Amounts(
            net_kg=_weight(load, "NetWeightMeasure", figures),
            gross_kg=_weight(load, "GrossWeightMeasure", figures),
        ),
        complaints=figures.complaints(),
    )


def _equipment(of_load: list[ET.Element]) -> list[ET.Element]:
    return [each for each in of_load if each.tag == "UtilizedSPSTransportEquipment"]


def _containers(of_load: list[ET.Element]) -> tuple[Container, ...]:
    boxes = [(text(each, "ID"), _seals(each)) for each in _equipment(of_load)]
    return tuple([box for number, seals in boxes for box in container(number, seals=seals)])


def _seals(equipment: ET.Element) -> tuple[str, ...]:
    return tuple([each for seal in equipment.findall("AffixedSPSSeal") if (each := text(seal, "ID"))])


def _goods(line: ET.Element, figures: Figures) -> Goods:
    package = line.find("PhysicalSPSPackage")
    classes = line.findall("ApplicableSPSClassification")
    codes = [text(each, "ClassCode") for each in classes if (text(each, "SystemName") or "").startswith("HS")]
    return Goods(
        description=text(line, "ScientificName") or text(line, "CommonName") or text(line, "Description"),
        hs=next((code for each in codes if (code := hs_code(each))), None),
        origin=text(line, "OriginSPSCountry/ID") or text(line, "OriginSPSCountry/Name"),
        package_kind=text(package, "TypeCode"),
        amounts=Amounts(
            packages=figures.number(text(package, "ItemQuantity")),
            net_kg=_weight(line, "NetWeightMeasure", figures),
            gross_kg=_weight(line, "GrossWeightMeasure", figures),
        ),
    )


def _weight(part: ET.Element | None, name: str, figures: Figures) -> float | None:
    measure = None if part is None else part.find(name)
    return None if measure is None else figures.kilograms(text(measure), measure.get("unitCode"))
