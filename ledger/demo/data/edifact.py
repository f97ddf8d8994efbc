"""UN/EDIFACT messages of the carrier: manifest (CUSCAR), verified gross mass (VERMAS), stow plan (BAPLIE).

Segments follow the UN directories that the messages name; which of the optional ones are there is this
corridor's choice. No implementation guide of a port or carrier is copied.
"""

from collections.abc import Sequence
from datetime import datetime

from pydifact.segmentcollection import Interchange, Message
from pydifact.segments import Segment

from ledger.demo.facts import Facts

Element = str | list[str]


def cuscar(facts: Facts, at: datetime) -> bytes:
    """Return the cargo manifest of one bill of lading (CUSCAR D.95B)."""
    load, numbers, route = facts.load, facts.identifiers, facts.route
    return _interchange(
        facts,
        at,
        ("CUSCAR", "D", "95B", "UN"),
        [
            _segment("BGM", "85", numbers.ams, "9"),
            _moment("137", at),
            _segment("NAD", "CA", [numbers.scac, "172", "20"]),
            _vessel(facts),
            _segment("LOC", "9", [route.origin, "139", "6"]),
            _segment("LOC", "11", [route.destination, "139", "6"]),
            _moment("132", facts.times.arrival),
            _segment("EQD", "CN", numbers.container, load.container_type, "", "", "5"),
            _segment("MEA", "WT", "T", ["KGM", str(load.tare_kg)]),
            _segment("MEA", "WT", "G", ["KGM", str(load.vgm_kg)]),
            _segment("SEL", facts.seals.bolt, "CA"),
            _segment("SEL", facts.seals.customs, "CU"),
            _temperature(facts),
            _segment("CNI", "1", numbers.bill_of_lading),
            _segment("RFF", ["BM", numbers.bill_of_lading]),
            _segment("NAD", "CZ", "", "", facts.parties.exporter),
            _segment("NAD", "CN", "", "", facts.parties.importer),
            _segment("GID", "1", [str(load.cartons), "CT"]),
            _segment("FTX", "AAA", "", "", load.goods),
            _segment("MEA", "WT", "AAD", ["KGM", str(load.gross_kg + load.pallets_kg)]),
            _segment("SGP", numbers.container, str(load.cartons)),
            _segment("CST", "1", [facts.tariff.hts10.replace(".", ""), "122"]),
            _segment("CNT", ["16", "1"]),
        ],
    )


def vermas(facts: Facts, at: datetime) -> bytes:
    """Return the verified gross mass (VERMAS D.16A); method SM2 is goods weighed and tare added."""
    numbers = facts.identifiers
    return _interchange(
        facts,
        at,
        ("VERMAS", "D", "16A", "UN"),
        [
            _segment("BGM", "749", numbers.vgm_reference, "9"),
            _moment("137", at),
            _segment("NAD", "CA", [numbers.scac, "172", "20"]),
            _segment("EQD", "CN", numbers.container, facts.load.container_type, "", "", "5"),
            _segment("RFF", ["BN", numbers.booking]),
            _segment("SEL", facts.seals.bolt, "CA"),
            _segment("MEA", "AAE", "VGM", ["KGM", str(facts.load.vgm_kg)]),
            _moment("WAT", at),
            _segment("DOC", "SM2"),
            _segment("NAD", "SPC", "", "", facts.parties.exporter),
            _segment("CTA", "RP", ["", facts.people.packer]),
        ],
    )


def baplie(facts: Facts, at: datetime, *, bay: str = "0260482") -> bytes:
    """Return the place of the box in the stow plan (BAPLIE D.95B).

    Args:
        facts: Vessel, voyage, box and temperature.
        at: When the plan was made.
        bay: ISO 9711 stowage location: bay, row and tier.
    """
    numbers, route = facts.identifiers, facts.route
    return _interchange(
        facts,
        at,
        ("BAPLIE", "D", "95B", "UN", "SMDG22"),
        [
            _segment("BGM", "", f"{numbers.voyage}-STOW", "9"),
            _moment("137", at),
            _vessel(facts),
            _segment("LOC", "5", [route.origin, "139", "6"]),
            _segment("LOC", "61", [route.destination, "139", "6"]),
            _moment("133", facts.times.sailing),
            _moment("132", facts.times.arrival),
            _segment("LOC", "147", [bay, "", "5"]),
            _segment("MEA", "VGM", "", ["KGM", str(facts.load.vgm_kg)]),
            _temperature(facts),
            _segment("LOC", "9", [route.origin, "139", "6"]),
            _segment("LOC", "11", [route.destination, "139", "6"]),
            _segment("RFF", ["BM", numbers.bill_of_lading]),
            _segment("EQD", "CN", numbers.container, facts.load.container_type, "", "", "5"),
            _segment("NAD", "CA", [numbers.scac, "172", "20"]),
        ],
    )


def _segment(tag: str, *elements: Element) -> Segment:
    return Segment(tag, *elements)


def _moment(qualifier: str, at: datetime) -> Segment:
    """Return a time to the minute, on the clock where the message is made (format 203)."""
    return _segment("DTM", [qualifier, f"{at:%Y%m%d%H%M}", "203"])


def _vessel(facts: Facts) -> Segment:
    numbers = facts.identifiers
    carrier = [numbers.scac, "172", "20"]
    return _segment(
        "TDT", "20", numbers.voyage, "1", "", carrier, "", "", [numbers.imo, "146", "11", numbers.vessel]
    )


def _temperature(facts: Facts) -> Segment:
    return _segment("TMP", "2", [f"{facts.reefer.set_point_c:.1f}", "CEL"])


def _interchange(facts: Facts, at: datetime, identifier: Sequence[str], segments: Sequence[Segment]) -> bytes:
    reference = f"{at:%m%d%H%M}"
    message = Message("1", identifier)
    message.add_segments(segments)
    interchange = Interchange(
        sender=[facts.identifiers.scac, "02"],
        recipient=["CUSTOMS-EXAMPLE", "ZZZ"],
        control_reference=f"{identifier[0]}{reference}",
        syntax_identifier=("UNOC", 3),
        timestamp=at,
    )
    interchange.add_message(message)
    return interchange.serialize().encode("iso8859-1")
