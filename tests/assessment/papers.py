"""Papers of the demo's load, and a case that has them: what tests and stories plant contradictions in."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from ledger.assessment.case import Case
from ledger.corridors.profile import Profile, foundation_profile
from ledger.corridors.rules import CorridorRules, Milestone, Tolerances
from ledger.domain.subject import Subject, stream_tag
from ledger.domain.words import Words
from tests.domain.custody_story import A, C, D, Story, clock, packed

BOX = "MSKU1234565"
BILL = "XXXX26GT110045"
EXPORTER = {"role": "exporter", "name": "Pineapples Example, S.A."}
SHIPPER = {"role": "shipper", "name": "PINEAPPLES EXAMPLE SA"}
CONSIGNEE = {"role": "consignee", "name": "Fruit Import Example Inc."}
AMOUNTS = {"packages": 1500, "net_kg": 17_700, "gross_kg": 19_500}
LINE = {"description": "Pineapples", "hs": "080430", "origin": "GT", **AMOUNTS}
HOUR_OF_LADING, HOUR_OF_DEPARTURE = 22.0, 23.0

INVOICE: Mapping[str, Any] = {
    "document": "commercial-invoice",
    "numbers": [{"kind": "invoice", "value": "FE-2026-004417"}],
    "dates": [{"kind": "issued", "value": "2026-11-06"}],
    "parties": [EXPORTER, CONSIGNEE],
    "goods": [LINE | {"value": 13_860, "currency": "USD"}],
    "totals": {**AMOUNTS, "value": 13_860, "currency": "USD"},
}
PACKING_LIST: Mapping[str, Any] = {
    "document": "packing-list",
    "numbers": [{"kind": "invoice", "value": "FE-2026-004417"}],
    "parties": [EXPORTER],
    "containers": [{"number": BOX, "seals": ["B1"], "packages": 1500}],
    "goods": [LINE | {"package_kind": "CT"}],
    "totals": dict(AMOUNTS),
}
BILL_OF_LADING: Mapping[str, Any] = {
    "document": "bill-of-lading",
    "numbers": [{"kind": "bill-of-lading", "value": BILL}],
    "dates": [{"kind": "on-board", "value": clock(HOUR_OF_LADING + 0.5)}],
    "places": [{"kind": "loading", "value": "GTPBR"}, {"kind": "discharge", "value": "USILG"}],
    "parties": [SHIPPER, CONSIGNEE | {"name": "FRUIT IMPORT EXAMPLE, INC"}],
    "containers": [{"number": BOX, "type": "45R1", "seals": ["B1"], "packages": 1500, "gross_kg": 19_500}],
    "goods": [{"description": "PINEAPPLES", "hs": "08043040", "packages": 1500, "gross_kg": 19_500}],
}
VGM: Mapping[str, Any] = {
    "document": "verified-gross-mass",
    "containers": [{"number": BOX, "tare_kg": 4_640, "vgm_kg": 24_580}],
}
PHYTO: Mapping[str, Any] = {
    "document": "phytosanitary-certificate",
    "numbers": [{"kind": "certificate", "value": "GT-PHYTO-2026-081944"}],
    "dates": [
        {"kind": "issued", "value": clock(16)},
        {"kind": "inspected", "value": "2026-11-06"},
        {"kind": "valid-until", "value": "2026-12-06"},
    ],
    "parties": [{"role": "issuer", "name": "Sanidad Vegetal Example"}, EXPORTER],
    "goods": [{"description": "Ananas comosus", "hs": "080430", "origin": "GT", "net_kg": 17_700}],
}
DECLARATION: Mapping[str, Any] = {
    "document": "export-declaration",
    "numbers": [{"kind": "duca", "value": "GTPBR-2026-D-104233"}, {"kind": "bill-of-lading", "value": BILL}],
    "parties": [EXPORTER | {"id": "9000001-3"}],
    "containers": [{"number": BOX}],
    "goods": [LINE | {"hs": "08043000"}],
    "totals": {**AMOUNTS, "value": 13_860, "currency": "USD"},
}
PAPERS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "invoice": INVOICE,
        "packing-list": PACKING_LIST,
        "bill": BILL_OF_LADING,
        "vgm": VGM,
        "phyto": PHYTO,
        "declaration": DECLARATION,
    }
)
"""Papers that do not contradict each other, by a short name."""
MILESTONES = {
    name: Milestone(Words(name, name, name), frozenset((kind,)))
    for name, kind in (("stuffing", "stuffing"), ("lading", "loading"), ("departure", "departure"))
}


def changed(paper: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a paper with another value at a path such as `goods.0.hs`; its last step may be new."""
    copy: Any = deepcopy(dict(paper))
    *way, last = path.split(".")
    at = copy
    for step in way:
        at = at[int(step)] if step.isdigit() else at[step]
    if last.isdigit():
        at[int(last)] = value
    else:
        at[last] = value
    return dict(copy)


def a_consignment(key: str = "XXXX.26GT110045") -> str:
    """Return the URI of a consignment."""
    return Subject.create("consignment", key, A, stream_tag(b"consignment-secr")).uri


def ruled(**tolerances: Any) -> Profile:
    """Return the foundation's profile with rules for shipments."""
    rules = CorridorRules(milestones=MILESTONES, tolerances=Tolerances(**tolerances))
    return replace(foundation_profile(), rules=rules)


@dataclass
class PaperStory:
    """A trip that was stuffed, sealed and loaded, and the papers that are told of it.

    Args:
        story: The log.
        profile: The corridor's rules.
    """

    story: Story = field(default_factory=packed)
    profile: Profile = field(default_factory=ruled)

    def load(self, seal: str = "B1") -> "PaperStory":
        """Let the port look at the seal, and the carrier load and leave."""
        self.story.saw(C, "seal-check", HOUR_OF_LADING - 1, seals_found=[{"number": seal, "kind": "bolt"}])
        self.story.saw(D, "loading", HOUR_OF_LADING)
        self.story.saw(D, "departure", HOUR_OF_DEPARTURE)
        return self

    def tell(self, *papers: Mapping[str, Any], iss: str = A, kind: str = "document", **changes: Any) -> Any:
        """Let somebody tell of papers in one statement; returns it as signed."""
        return self.story.say(iss, kind, {"papers": [dict(one) for one in papers]}, **changes)

    def tell_all(self, **instead: Mapping[str, Any] | None) -> "PaperStory":
        """Let the exporter tell of all papers, each in a statement of its own; the carrier of its bill.

        Args:
            instead: Papers by their short names, `_` for `-`, to be told instead; None for none.
        """
        for name, paper in PAPERS.items():
            told = instead.get(name.replace("-", "_"), paper)
            if told is not None:
                self.tell(told, iss=D if name == "bill" else A)
        return self

    def case(self, **changes: Any) -> Case:
        """Return the case of the trip."""
        return replace(Case(self.story.trip.uri, tuple(self.story.said), self.profile), **changes)


def a_story(**instead: Mapping[str, Any] | None) -> PaperStory:
    """Return a story with all papers, some of them others, of a container that was loaded and left."""
    return PaperStory().load().tell_all(**instead)
