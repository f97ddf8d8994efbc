"""What is filed as JSON: the manifest, the Importer Security Filing and the carrier's status messages."""

from datetime import datetime

from ledger.demo.data.record import record
from ledger.demo.data.seals import expected_seals
from ledger.demo.facts import Facts


def manifest(facts: Facts, at: datetime) -> bytes:
    """Return the exporter's manifest of the shipment."""
    load, numbers = facts.load, facts.identifiers
    return record(
        {
            "document": "manifest",
            "issued_at": at.isoformat(),
            "issuer": facts.parties.exporter,
            "consignee": facts.parties.importer,
            "carrier": {"name": facts.parties.carrier, "scac": numbers.scac},
            "booking": numbers.booking,
            "bill_of_lading": numbers.bill_of_lading,
            "container": {"number": numbers.container, "type": load.container_type},
            "seals": expected_seals(facts),
            "goods": {
                "description": load.goods,
                "gtin": numbers.gtin,
                "hts": facts.tariff.hts,
                "hts10": facts.tariff.hts10,
                "origin": "GT",
                "preference": {"agreement": "CAFTA-DR", "indicator": facts.tariff.preference},
            },
            "packages": {"pallets": load.pallets, "cartons": load.cartons},
            "weights": {
                "net_kg": load.net_kg,
                "gross_kg": load.gross_kg,
                "pallets_kg": load.pallets_kg,
                "tare_kg": load.tare_kg,
                "vgm_kg": load.vgm_kg,
            },
            "reefer": {"set_point_c": facts.reefer.set_point_c, "vent_m3_h": list(facts.reefer.vent_m3_h)},
            "route": {"from": facts.route.origin, "to": facts.route.destination},
        }
    )


def isf(facts: Facts, at: datetime) -> bytes:
    """Return the Importer Security Filing (19 CFR 149.3): the importer's ten elements, the carrier's two."""
    numbers, parties, route = facts.identifiers, facts.parties, facts.route
    return record(
        {
            "document": "importer-security-filing",
            "filed_at": at.isoformat(),
            "due_at": facts.times.filings_due.isoformat(),
            "transaction": numbers.isf,
            "bill_of_lading": numbers.bill_of_lading,
            "importer": {
                "seller": parties.exporter,
                "buyer": parties.importer,
                "importer_of_record": numbers.importer_of_record,
                "consignee": numbers.importer_of_record,
                "manufacturer": parties.exporter,
                "ship_to": f"{parties.importer}, {route.destination_name}",
                "country_of_origin": "GT",
                "hts": facts.tariff.hts10.replace(".", "")[:6],
                "container_stuffing_location": route.packing_house,
                "consolidator": parties.packer,
            },
            "carrier": {
                "vessel_stow_plan": {"due_at": facts.times.stow_plan_due.isoformat()},
                "container_status_messages": {"scac": numbers.scac},
            },
            "ports": {
                "lading": {"unlocode": route.origin, "schedule_k": numbers.schedule_k},
                "unlading": {
                    "unlocode": route.destination,
                    "schedule_d": numbers.schedule_d,
                    "firms": numbers.firms,
                },
            },
        }
    )


def status_message(
    facts: Facts, at: datetime, event: str, *, place: str, expected: datetime | None = None
) -> bytes:
    """Return one status message of the carrier, its members as in DCSA Track and Trace 2.

    Args:
        facts: Box, booking, vessel and voyage.
        at: When it happened or, of what is expected, when that was said.
        event: DCSA equipment event type code: `GTIN` gate in, `LOAD`, `DISC` discharge, `GTOT` gate out; or
            transport event type code: `DEPA` departure, `ARRI` arrival.
        place: UN/LOCODE.
        expected: When it will happen, of an estimate; its classifier is then `EST`.
    """
    numbers = facts.identifiers
    vessel = {"vesselIMONumber": numbers.imo, "vesselName": numbers.vessel}
    call = {"UNLocationCode": place, "carrierVoyageNumber": numbers.voyage, "vessel": vessel}
    common = {
        "eventClassifierCode": "ACT" if expected is None else "EST",
        "eventCreatedDateTime": at.isoformat(),
        "eventDateTime": (expected or at).isoformat(),
        "transportCall": call,
        "documentReferences": [
            {"documentReferenceType": "BKG", "documentReferenceValue": numbers.booking},
            {"documentReferenceType": "TRD", "documentReferenceValue": numbers.bill_of_lading},
        ],
    }
    if event in {"DEPA", "ARRI"}:
        return record({**common, "eventType": "TRANSPORT", "transportEventTypeCode": event})
    box = {
        "eventType": "EQUIPMENT",
        "equipmentEventTypeCode": event,
        "equipmentReference": numbers.container,
        "ISOEquipmentCode": facts.load.container_type,
        "emptyIndicatorCode": "LADEN",
        "seals": [{"sealNumber": seal["number"]} for seal in expected_seals(facts)],
    }
    return record(common | box)
