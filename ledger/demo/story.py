"""What happens in the demo: who takes part, and the eleven statements of one container trip.

Times and figures are the corridor's (a 40-foot reefer of pineapples, Puerto Barrios to Wilmington). Names end
in .example: nobody here is a real company.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

EXPORTER = "https://pineapples.example"
ORIGIN_PORT = "https://terminal.gtpbr.example"
CARRIER = "https://carrier.example"
ORIGIN_CUSTOMS = "https://customs.gt.example"
DESTINATION_CUSTOMS = "https://customs.us.example"

FOUNDERS = (ORIGIN_CUSTOMS, DESTINATION_CUSTOMS)
"""They found the registry together; nobody joins without both."""

ROLES: Mapping[str, str] = {
    ORIGIN_CUSTOMS: "origin-customs",
    DESTINATION_CUSTOMS: "destination-customs",
    EXPORTER: "exporter",
    ORIGIN_PORT: "origin-port",
    CARRIER: "carrier",
}
CONTAINER = "XXXU5001233"
START = int(datetime.fromisoformat("2026-11-06T12:00:00-06:00").timestamp())


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of the story.

    Args:
        at: When it happens, RFC 3339.
        who: URI of the organisation that says it.
        kind: What it says.
        title: The same for the reader of the screen.
        body: What it says in full.
        conceal: Members of the body that travel concealed.
    """

    at: str
    who: str
    kind: str
    title: str
    body: Mapping[str, Any] = field(default_factory=dict)
    conceal: tuple[tuple[str, ...], ...] = ()


GATE_TERMS_AT = "2026-11-07T01:40:00-06:00"

STORY: tuple[Line, ...] = (
    Line("2026-11-06T13:00:00-06:00", EXPORTER, "subject-opened", "the exporter opens the trip"),
    Line(
        "2026-11-06T13:05:00-06:00",
        EXPORTER,
        "grant",
        "the others may read and file in its stream",
        {"to": [ORIGIN_PORT, CARRIER, ORIGIN_CUSTOMS, DESTINATION_CUSTOMS]},
    ),
    Line(
        "2026-11-06T15:30:00-06:00",
        EXPORTER,
        "stuffing",
        "20 pallets, 1,500 cartons go into the reefer",
        {
            "pallets": 20,
            "cartons": 1500,
            "net_kg": 17700,
            "gross_kg": 19500,
            "set_point_c": 7.5,
            "pulp_c": 8.4,
        },
    ),
    Line(
        "2026-11-06T15:40:00-06:00",
        EXPORTER,
        "seal-applied",
        "ISO 17712 bolt seal closed",
        {"seal": "GT4471902", "standard": "ISO 17712", "class": "H"},
    ),
    Line(
        "2026-11-06T16:10:00-06:00",
        EXPORTER,
        "manifest",
        "manifest; the price travels concealed",
        {
            "hts": "0804.30.40",
            "packages": 1500,
            "gross_kg": 19500,
            "vgm_kg": 24580,
            "seal": "GT4471902",
            "price": {"amount": 13860, "currency": "USD"},
        },
        (("price",),),
    ),
    Line(
        GATE_TERMS_AT,
        EXPORTER,
        "hand-over",
        "the exporter's driver hands over at the gate",
        {"role": "giver"},
    ),
    Line(
        "2026-11-07T01:41:00-06:00",
        ORIGIN_PORT,
        "gate-passage",
        "gate-in at Puerto Barrios",
        {"lane": 3, "place": "GTPBR", "seal": "GT4471902"},
    ),
    Line(
        "2026-11-07T01:42:00-06:00",
        ORIGIN_CUSTOMS,
        "scan",
        "drive-through X-ray, 6 MeV dual energy",
        {"place": "GTPBR", "device": "gantry-1", "energy_mev": [4, 6], "pixels": [3000, 1100]},
    ),
    Line(
        "2026-11-07T01:42:20-06:00",
        ORIGIN_CUSTOMS,
        "radiation",
        "portal: counts dip below background, no alarm",
        {
            "place": "GTPBR",
            "lane": 3,
            "occupancy_s": 11.4,
            "gross_gamma_cps": 5210,
            "background_cps": 6040,
            "alarm": False,
        },
    ),
    Line(
        "2026-11-07T01:46:00-06:00", ORIGIN_PORT, "hand-over", "the terminal takes it over", {"role": "taker"}
    ),
    Line(
        "2026-11-08T14:00:00-06:00",
        CARRIER,
        "loading",
        "laden on board, bound for Wilmington",
        {"place": "GTPBR", "destination": "USILG", "seal": "GT4471902", "seal_intact": True},
    ),
)
