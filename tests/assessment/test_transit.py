"""The East African transit: the same checks go by other places, roles and laws."""

from collections.abc import Mapping
from typing import Any

import pytest

from ledger.assessment.assess import assess
from ledger.assessment.finding import Finding, Severity
from ledger.assessment.margin import margin_of
from ledger.assessment.needs import needs_of
from ledger.corridors.shipped import shipped_profile
from ledger.domain.statement import Reference
from tests.assessment.story import Shipment
from tests.domain.custody_story import clock

ROLES: Mapping[str, str] = {
    "https://exporter.example": "exporter",
    "https://haulier.example": "haulier",
    "https://port.mombasa.example": "origin-port",
    "https://revenue.ke.example": "origin-customs",
    "https://border.ug.example": "transit-customs",
    "https://line.example": "carrier",
    "https://tracking.example": "seal-operator",
    "https://depot.example": "destination-port",
    "https://revenue.ug.example": "destination-customs",
    "https://agent.example": "broker",
}
OWNER, HAULIER, PORT, KRA, BORDER, LINE, TRACKING, DEPOT, URA, AGENT = ROLES
SEAL = {"number": "RECTS-4471", "kind": "electronic"}
ROAD = ((66, -3.40, 38.56), (72, -2.27, 37.83), (80, -1.29, 36.82), (90, -0.30, 36.07), (98, 0.52, 35.27))
"""Hours, and where the truck was then: Voi, Makindu, Nairobi, Nakuru, Eldoret."""


def transit(*left_out: str, release: float = 55) -> Shipment:
    """Return a container's way from Mombasa to Kampala.

    Args:
        left_out: Papers and kinds of statements that nobody brings.
        release: Hour of the release note.
    """
    one = Shipment(profile=shipped_profile("east-africa-transit"))
    papers = {
        "bill-of-lading": (LINE, 2.0),
        "commercial-invoice": (OWNER, 3.0),
        "packing-list": (OWNER, 3.0),
        "transit-declaration": (AGENT, 20.0),
        "release-note": (URA, release),
    }
    one.say(OWNER, "subject-opened", 0)
    one.say(PORT, "discharge", 1, {"place": "KEMBA", "container": "MSKU1234565"})
    for paper, (who, hour) in papers.items():
        if paper not in left_out:
            one.bring(who, paper, hour)
    scan = one.say(KRA, "scan", 30, {"place": "KEMBA", "container": "MSKU1234565"})
    if "analysis" not in left_out:
        of = [Reference("of", scan.statement.id)]
        one.say(KRA, "analysis", 31, {"conclusion": "clear", "concluded_by": "person"}, references=of)
    if "seal-applied" not in left_out:
        one.say(TRACKING, "seal-applied", 56, {"place": "KEMBA", "seals_applied": [SEAL]})
    one.say(HAULIER, "departure", 60, {"place": "KEMBA"})
    for hour, latitude, longitude in () if "status" in left_out else ROAD:
        where = {"at": clock(hour), "latitude": latitude, "longitude": longitude}
        one.say(TRACKING, "status", hour, {"positions": [where]})
    if "seal-check" not in left_out:
        one.say(BORDER, "seal-check", 104, {"seals_found": [SEAL]})
    one.say(BORDER, "arrival", 104, {"schedule": [entry("border", 104)]})
    one.say(DEPOT, "arrival", 118, {"place": "UGKLA"})
    one.say(DEPOT, "gate-passage", 140, {"place": "UGKLA", "container": "MSKU1234565"})
    return one


def entry(milestone: str, hour: float) -> dict[str, Any]:
    return {"milestone": milestone, "classifier": "ACT", "at": clock(hour)}


def findings(one: Shipment) -> list[Finding]:
    case = one.case(roles=lambda iss: frozenset({ROLES[iss]}))
    return [found for found in assess(case).findings if found.reason.severity is not Severity.WARNING]


def test_an_honest_transit_is_complete_and_in_time() -> None:
    one = transit()
    assert [(found.reason.code, found.sentence()) for found in findings(one)] == []
    case = one.case(roles=lambda iss: frozenset({ROLES[iss]}))
    margin = margin_of(case)
    assert margin.complete
    # The declared goods were released, and sealed, four hours before the truck left.
    assert margin.to_arrival == (118 - 56) * 3600
    assert not margin.is_late
    assert all(state.satisfied_by is not None for state in needs_of(case))


@pytest.mark.parametrize(
    ("left_out", "need", "owed_by"),
    [
        ("release-note", "release-note", "destination-customs"),
        ("transit-declaration", "transit-declaration", "broker"),
        ("seal-applied", "electronic-seal", "seal-operator"),
        ("status", "seal-positions", "seal-operator"),
        ("analysis", "scan-conclusion", "origin-customs"),
    ],
)
def test_what_nobody_brought_is_missing_with_who_owes_it(left_out: str, need: str, owed_by: str) -> None:
    missing = {found.need: found.owed_by for found in findings(transit(left_out)) if found.need is not None}
    assert missing.get(need) == owed_by


def test_a_release_after_departure_is_late() -> None:
    case = transit(release=61).case(roles=lambda iss: frozenset({ROLES[iss]}))
    (late,) = assess(case).findings
    assert (late.reason.code, late.need) == ("origin-evidence-late", "release-note")
    assert "1 h 00 min" in late.sentence()


def test_an_alert_of_the_electronic_seal_is_told() -> None:
    one = transit()
    one.say(TRACKING, "status", 85, {"alert": {"kind": "opened", "at": clock(85), "seal": SEAL["number"]}})
    case = one.case(roles=lambda iss: frozenset({ROLES[iss]}))
    told = [found.sentence() for found in assess(case).results["movement"].findings]
    assert any(SEAL["number"] in sentence for sentence in told)


def test_a_truck_far_off_its_road_is_told() -> None:
    one = transit()
    # Tabora, in another country.
    off = {"at": clock(94), "latitude": -5.02, "longitude": 32.80}
    one.say(TRACKING, "status", 94, {"positions": [off]})
    case = one.case(roles=lambda iss: frozenset({ROLES[iss]}))
    before = transit().case(roles=lambda iss: frozenset({ROLES[iss]}))
    assert assess(before).results["movement"].findings == ()
    assert "detour" in [found.reason.code for found in assess(case).results["movement"].findings]
