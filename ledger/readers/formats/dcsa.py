"""Status messages of carriers as in DCSA Track and Trace, versions 2 and 3."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ledger.readers.papers import Paper, container, named, part, rows_of, text_of

_CODES = (
    *("equipmentEventTypeCode", "transportEventTypeCode", "shipmentEventTypeCode"),
    *("reeferEventTypeCode", "iotEventTypeCode"),
)
_PAPERS = {"BKG": "booking", "TRD": "bill-of-lading", "SHI": "shipping-instructions"}


def events(value: object) -> Sequence[Mapping[str, Any]]:
    """Return the events in a document, none where it is of another kind."""
    rows = rows_of(value.get("events", value) if isinstance(value, Mapping) else value)
    return [
        each for each in rows if "eventType" in each or "eventTypeCode" in part(each, "eventClassification")
    ]


def paper(rows: Sequence[Mapping[str, Any]]) -> Paper:
    """Return what status messages say.

    Args:
        rows: The events.
    """
    boxes = [box for each in rows for box in _box(each)]
    return Paper(
        document="status",
        numbers=named([pair for each in rows for pair in _numbers(each)]),
        dates=named([(_what(each), text_of(each.get("eventDateTime"))) for each in rows]),
        places=named([(_what(each), _place(each)) for each in rows]),
        containers=tuple(dict.fromkeys([box for number, more in boxes for box in container(number, **more)])),
    )


def _what(event: Mapping[str, Any]) -> str:
    """Return what happened, with a mark where it is only planned or estimated: `LOAD`, `ARRI-EST`."""
    classes = {**event, **part(event, "eventClassification")}
    code = next((code for name in _CODES if (code := text_of(classes.get(name)))), None)
    sure = text_of(classes.get("eventClassifierCode")) or "ACT"
    return f"{code or 'event'}{'' if sure == 'ACT' else '-' + sure}"[:40]


def _place(event: Mapping[str, Any]) -> str | None:
    places = (part(event, "eventLocation"), part(event, "transportCall"))
    return next((code for each in places if (code := text_of(each.get("UNLocationCode")))), None)


def _numbers(event: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    shipment = part(event, "shipmentDetails")
    for each in (
        *rows_of(shipment.get("documentReference")),
        *rows_of(shipment.get("additionalDocumentReferences")),
    ):
        yield _PAPERS.get(str(each.get("typeCode")), "reference"), text_of(each.get("reference"))
    for each in rows_of(event.get("documentReferences")):
        kind = _PAPERS.get(str(each.get("documentReferenceType")), "reference")
        yield kind, text_of(each.get("documentReferenceValue"))
    call = {**part(event, "transportCall"), **part(part(event, "transportDetails"), "transportCall")}
    vessel = {
        **part(call, "vessel"),
        **part(call, "vesselTransport"),
        **part(part(call, "vesselTransport"), "vessel"),
    }
    yield "vessel", text_of(vessel.get("vesselName")) or text_of(vessel.get("name"))
    yield "imo", text_of(vessel.get("vesselIMONumber"))
    yield "voyage", text_of(call.get("carrierVoyageNumber"))
    for name in ("exportVoyageNumberOrReference", "importVoyageNumberOrReference"):
        yield "voyage", text_of(part(call, name).get("carrierVoyageNumber"))


def _box(event: Mapping[str, Any]) -> Iterator[tuple[str | None, dict[str, Any]]]:
    box = {**event, **part(event, "equipmentDetails")}
    numbers = [text_of(each.get("sealNumber")) for each in rows_of(box.get("seals"))]
    seals = tuple([each for each in numbers if each])
    yield (
        text_of(box.get("equipmentReference")),
        {"type": text_of(box.get("ISOEquipmentCode")), "seals": seals},
    )
