"""From a shipment to the statements that put it on record."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.client.importing.journal import Opened
from ledger.client.importing.shipments import Shipment
from ledger.domain.disclosure import Path
from ledger.domain.documents import DOCUMENTS
from ledger.domain.errors import PolicyError
from ledger.domain.links import LINK, STUFFED_IN, STUFFING
from ledger.domain.paper_shape import PAPERS
from ledger.domain.sharing import GRANT

MANIFEST: Final = "manifest"
DOCUMENT: Final = "document"
_SEAL_APPLIED: Final = "seal-applied"
_VGM: Final = "verified-gross-mass"
_NUMBERS: Final = (("booking", "booking"), ("invoice", "invoice"))
_ROLES: Final = ("exporter", "consignee")
_PLACES: Final = ("loading", "discharge")


@dataclass(frozen=True, slots=True)
class Step:
    """A statement that is to be signed.

    Args:
        name: What it is called among the steps of its line.
        kind: Of the statement.
        about: What it is about; it is filed in their custody streams.
        body: What is said.
        conceal: Ways to what is concealed.
        files: Whether the line's files go with it.
        corrects: Id of the statement that it corrects.
    """

    name: str
    kind: str
    about: tuple[Opened, ...]
    body: Mapping[str, Any] = field(default_factory=dict)
    conceal: tuple[Path, ...] = ()
    files: bool = False
    corrects: bytes | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what it says in one form, to compare it with what was said before."""
        return {"kind": self.kind, "about": [one.uri for one in self.about], "body": self.body}


def check_kinds(shipment: Shipment, kinds: Collection[str]) -> None:
    """Accept a shipment of which an organisation may say all; every organisation may open subjects.

    Args:
        shipment: The shipment.
        kinds: Of statements that the organisation may say.

    Raises:
        PolicyError: Code `kind-not-allowed`.
    """
    nowhere = Opened("", b"")
    said = {one.kind for one in steps_of(shipment, nowhere, [nowhere] * len(shipment.boxes))}
    unsaid = sorted(said - set(kinds))
    if unsaid:
        message = f"your organisation may not say {', '.join(unsaid)}: its roles do not allow it"
        raise PolicyError("kind-not-allowed", message)


def steps_of(shipment: Shipment, consignment: Opened, trips: Sequence[Opened]) -> list[Step]:
    """Return the statements that put a shipment on record once its subjects are open, in their order.

    Args:
        shipment: The shipment.
        consignment: Its consignment.
        trips: The trips of its containers, in the order of these.
    """
    all_ = (consignment, *trips)
    steps: list[Step] = []
    for box, trip in zip(shipment.boxes, trips, strict=True):
        both = (consignment, trip)
        if box.stuffed_at is None:
            links = [{"rel": STUFFED_IN, "from": consignment.uri, "to": trip.uri}]
            steps.append(Step(f"link {box.container}", LINK, both, {"links": links}))
            continue
        when: dict[str, Any] = {"occurred_at": box.stuffed_at, "container": box.container}
        when |= {} if box.place is None else {"place": box.place}
        steps.append(Step(f"stuffing {box.container}", STUFFING, both, when))
        if box.seal is not None:
            seal = when | {"seals_applied": [{"number": box.seal}]}
            steps.append(Step(f"seal {box.container}", _SEAL_APPLIED, (trip,), seal))
    steps.append(_manifest(shipment, all_))
    if (document := _document(shipment, all_)) is not None:
        steps.append(document)
    if shipment.share_with:
        steps.append(Step(GRANT, GRANT, all_, {"to": list(shipment.share_with)}))
    return steps


def _manifest(shipment: Shipment, about: tuple[Opened, ...]) -> Step:
    """Return what the exporter says of the goods; what they are worth is concealed."""
    paper: dict[str, Any] = {
        "document": MANIFEST,
        "numbers": [_named("bill-of-lading", shipment.consignment)],
    }
    paper["numbers"] += [
        _named(kind, shipment.texts[name]) for name, kind in _NUMBERS if name in shipment.texts
    ]
    paper["parties"] = [
        {"role": role, "name": shipment.texts[role]} for role in _ROLES if role in shipment.texts
    ]
    paper["places"] = [_named(name, shipment.texts[name]) for name in _PLACES if name in shipment.texts]
    paper["containers"] = [
        {"number": box.container}
        | ({} if box.seal is None else {"seals": [box.seal]})
        | {name: one for name, one in box.amounts.items() if name != "vgm_kg"}
        for box in shipment.boxes
    ]
    goods = {} if "goods" not in shipment.texts else {"description": shipment.texts["goods"]}
    goods |= {} if shipment.hs is None else {"hs": shipment.hs}
    paper["goods"] = [goods] if goods else []
    totals = {
        name: total
        for name in ("packages", "net_kg", "gross_kg")
        if (total := shipment.total(name)) is not None
    }
    money: dict[str, Any] = {} if shipment.value is None else {"value": shipment.value}
    money |= {"currency": shipment.texts["currency"]} if "currency" in shipment.texts else {}
    paper["totals"] = totals | money
    said = {name: value for name, value in paper.items() if value}
    conceal: tuple[Path, ...] = tuple((PAPERS, 0, "totals", name) for name in money)
    return Step(MANIFEST, MANIFEST, about, {DOCUMENTS: [MANIFEST], PAPERS: [said]}, conceal)


def _document(shipment: Shipment, about: tuple[Opened, ...]) -> Step | None:
    """Return the statement that brings the papers, None where there are none."""
    codes = [one.document for one in shipment.files]
    weighed = [
        {"number": box.container, "vgm_kg": box.amounts["vgm_kg"]}
        for box in shipment.boxes
        if "vgm_kg" in box.amounts
    ]
    body: dict[str, Any] = {DOCUMENTS: codes}
    if weighed:
        body[DOCUMENTS] = list(dict.fromkeys((*codes, _VGM)))
        body[PAPERS] = [{"document": _VGM, "containers": weighed}]
    return Step(DOCUMENT, DOCUMENT, about, body, files=bool(codes)) if body[DOCUMENTS] else None


def _named(kind: str, value: str) -> dict[str, str]:
    return {"kind": kind, "value": value}
