"""W3C traceability credentials: invoices, packing lists, bills of lading, certificates as JSON-LD.

What they say is read; whether their signature holds is not looked at, and the findings say so.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ledger.readers.papers import (
    Amounts,
    Container,
    Figures,
    Goods,
    Paper,
    container,
    hs_code,
    named,
    part,
    parties,
    rows_of,
    text_of,
)

_DOCUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "CertificationOfOrigin": "certification-of-origin",
        "CommercialInvoiceCredential": "commercial-invoice",
        "ImporterSecurityFilingCredential": "importer-security-filing",
        "MultiModalBillOfLadingCredential": "bill-of-lading",
        "PackingListCredential": "packing-list",
        "PhytosanitaryCredential": "phytosanitary-certificate",
    }
)
_PARTIES: Mapping[str, str] = MappingProxyType(
    {
        "seller": "seller",
        "buyer": "buyer",
        "shipper": "shipper",
        "consignee": "consignee",
        "exporter": "exporter",
        "importer": "importer",
        "notifyParty": "notify",
        "carrier": "carrier",
        "broker": "broker",
        "consolidator": "consolidator",
        "shipFromParty": "ship-from",
        "shipToParty": "ship-to",
        "purchaser": "buyer",
        "plantOrg": "plant-health",
        "applicant": "applicant",
    }
)
_NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "invoiceNumber": "invoice",
        "billOfLadingNumber": "bill-of-lading",
        "bookingNumber": "booking",
        "certificateNumber": "certificate",
        "orderNumber": "order",
        "purchaseOrderNumbers": "order",
        "trackingNumber": "tracking",
    }
)
_DATES: Mapping[str, str] = MappingProxyType(
    {
        "shippedOnBoardDate": "on-board",
        "dateOfExport": "export",
        "inspectionDate": "inspected",
        "signatureDate": "signed",
        "purchaseDate": "purchased",
        "expectedArrival": "arrival",
    }
)
_PLACES: Mapping[str, str] = MappingProxyType(
    {
        "portOfLoading": "loading",
        "portOfDischarge": "discharge",
        "portOfEntry": "entry",
        "foreignPortExport": "loading",
    }
)
_LINES = ("items", "itemsShipped", "filingItems", "particulars")


def is_credential(value: object) -> bool:
    """Return whether a document calls itself a verifiable credential with something said in it."""
    return (
        isinstance(value, Mapping)
        and "VerifiableCredential" in _texts(value.get("type"))
        and isinstance(value.get("credentialSubject"), Mapping)
    )


def paper(value: Mapping[str, Any]) -> Paper:
    """Return what a credential says.

    Args:
        value: The credential, for which `is_credential` holds.
    """
    figures, said = Figures(), part(value, "credentialSubject")
    shipment, issuer = part(said, "shipment"), part(value, "issuer")
    both = (said, shipment)
    carriage = part(said, "mainCarriageTransportMovement")
    kinds = [_DOCUMENTS[each] for each in _texts(value.get("type")) if each in _DOCUMENTS]
    return Paper(
        document=kinds[0] if kinds else "credential",
        numbers=named(
            [
                *(
                    (kind, text)
                    for name, kind in _NUMBERS.items()
                    for each in both
                    for text in _texts(each.get(name))
                ),
                ("vessel", text_of(carriage.get("vesselNumber"))),
                ("voyage", text_of(carriage.get("voyageNumber"))),
            ]
        ),
        dates=named(
            [
                ("issued", text_of(value.get("validFrom"))),
                ("valid-until", text_of(value.get("validUntil"))),
                *((kind, text_of(each.get(name))) for name, kind in _DATES.items() for each in both),
            ]
        ),
        places=named(
            [
                *(
                    (kind, text_of(part(each, name).get("unLocode")))
                    for name, kind in _PLACES.items()
                    for each in both
                ),
                ("import-country", text_of(said.get("destinationCountry"))),
                ("origin-country", text_of(said.get("manufacturingCountry"))),
            ]
        ),
        parties=parties(
            [
                ("issuer", text_of(issuer.get("name")), text_of(issuer.get("id"))),
                *(
                    (role, text_of(row.get("name")), text_of(row.get("id")))
                    for name, role in _PARTIES.items()
                    for each in both
                    for row in rows_of(each.get(name))
                ),
            ]
        ),
        containers=tuple(
            [box for row in rows_of(said.get("utilizedTransportEquipment")) for box in _box(row)]
        ),
        goods=tuple([_goods(row, figures) for name in _LINES for row in rows_of(said.get(name))]),
        totals=_totals(said, figures),
        complaints=figures.complaints(),
    )


def _box(row: Mapping[str, Any]) -> tuple[Container, ...]:
    numbers = [text_of(each.get("sealNumber")) for each in rows_of(row.get("seals"))]
    return container(
        text_of(row.get("equipmentReference")),
        type=text_of(row.get("ISOEquipmentCode")),
        seals=tuple([each for each in numbers if each]),
    )


def _goods(row: Mapping[str, Any], figures: Figures) -> Goods:
    product = part(row, "product")
    code = part(row, "commodity").get("commodityCode") or part(product, "commodity").get("commodityCode")
    packages = rows_of(row.get("transportPackages"))
    weighed = (row, *packages)
    inside = [line for each in packages for line in rows_of(each.get("includedTradeLineItems"))]
    price = part(row, "lineItemTotalPrice")
    said = [text_of(each.get("description")) for each in (row, product, *inside)]
    return Goods(
        description=next((each for each in said if each), None),
        hs=hs_code(None if code is None else str(code)),
        origin=text_of(row.get("countryOfOrigin")),
        amounts=Amounts(
            packages=figures.number(row.get("packageQuantity")),
            net_kg=next(_weights(weighed, "netWeight", figures), None),
            gross_kg=next(_weights(weighed, "grossWeight", figures), None),
            value=figures.number(price.get("price")),
            currency=text_of(price.get("priceCurrency")),
        ),
    )


def _totals(said: Mapping[str, Any], figures: Figures) -> Amounts:
    due = part(said, "totalPaymentDue") or part(said, "declaredValue")
    gross = [*_weights((said,), "totalGrossWeight", figures), *_weights((said,), "totalWeight", figures)]
    return Amounts(
        packages=figures.number(said.get("totalNumberOfPackages")),
        net_kg=next(_weights((said,), "totalNetWeight", figures), None),
        gross_kg=next(iter(gross), None),
        value=figures.number(due.get("price")),
        currency=text_of(due.get("priceCurrency")),
    )


def _weights(parts: tuple[Mapping[str, Any], ...], name: str, figures: Figures) -> Iterator[float]:
    for each in parts:
        measure = part(each, name)
        weight = figures.kilograms(measure.get("value"), text_of(measure.get("unitCode")))
        if weight is not None:
            yield weight


def _texts(value: object) -> list[str]:
    """Return the texts in an array, or the one text that stands there instead of one."""
    several = value if isinstance(value, list) else [value]
    return [each for each in several if isinstance(each, str) and each]
