import json
from collections.abc import Callable
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from pydifact.segmentcollection import Interchange, Message

from ledger.demo.data import edifact, filings, seals
from ledger.demo.data.duca import duca_d
from ledger.demo.facts import Facts

# The reader has no tables of the UN directories; it says so for every segment.
pytestmark = pytest.mark.filterwarnings("ignore::pydifact.exceptions.MissingImplementationWarning")

EDIFACT: dict[str, Callable[[Facts, datetime], bytes]] = {
    "CUSCAR": edifact.cuscar,
    "VERMAS": edifact.vermas,
    "BAPLIE": edifact.baplie,
}


def message(data: bytes) -> Message:
    interchange = Interchange.from_str(data.decode("iso8859-1"))
    [only] = interchange.get_messages()
    return only


def elements(found: Message, tag: str) -> list[list[str | list[str]]]:
    return [list(segment.elements) for segment in found.get_segments(tag)]


@pytest.mark.parametrize("kind", EDIFACT)
def test_an_edifact_message_opens_and_counts_its_segments(facts: Facts, kind: str) -> None:
    data = EDIFACT[kind](facts, facts.times.sealed)
    found = message(data)
    assert found.type == kind
    segments = data.decode("iso8859-1").rstrip("'").split("'")
    assert [segments[0][:3], segments[1][:3], segments[-2][:3], segments[-1][:3]] == [
        "UNB",
        "UNH",
        "UNT",
        "UNZ",
    ]
    assert segments[-2] == f"UNT+{len(segments) - 2}+1"
    reference = segments[0].split("+")[-1]
    assert len(reference) <= 14
    assert segments[-1] == f"UNZ+1+{reference}"
    assert EDIFACT[kind](facts, facts.times.sealed) == data


@pytest.mark.parametrize("kind", EDIFACT)
def test_every_edifact_message_names_the_box(facts: Facts, kind: str) -> None:
    [box] = elements(message(EDIFACT[kind](facts, facts.times.sealed)), "EQD")
    assert box[:3] == ["CN", facts.identifiers.container, facts.load.container_type]


def test_the_manifest_carries_weights_seals_and_packages(facts: Facts) -> None:
    found = message(edifact.cuscar(facts, facts.times.sealed))
    assert ["WT", "G", ["KGM", "24580"]] in elements(found, "MEA")
    assert elements(found, "SEL") == [[facts.seals.bolt, "CA"], [facts.seals.customs, "CU"]]
    assert elements(found, "GID") == [["1", ["1500", "CT"]]]
    assert [[place[0], place[1][0]] for place in elements(found, "LOC")] == [["9", "GTPBR"], ["11", "USILG"]]


def test_the_verified_gross_mass_follows_a_corrected_tare(facts: Facts) -> None:
    wrong = facts.changed("load", tare_kg=5540)
    for each, kilograms in ((facts, "24580"), (wrong, "25480")):
        found = message(edifact.vermas(each, facts.times.sealed))
        assert elements(found, "MEA") == [["AAE", "VGM", ["KGM", kilograms]]]


def test_a_roll_over_is_the_next_vessel_in_the_stow_plan(facts: Facts) -> None:
    rolled = facts.changed("identifiers", vessel="EXAMPLE TIKAL", voyage="2646N")
    [leg] = elements(message(edifact.baplie(rolled, facts.times.sailing, bay="0300184")), "TDT")
    assert leg[1] == "2646N"
    assert leg[-1] == [facts.identifiers.imo, "146", "11", "EXAMPLE TIKAL"]


def test_the_export_declaration_is_xml_with_the_figures_of_the_papers(facts: Facts) -> None:
    root = ET.fromstring(duca_d(facts, facts.times.sealed))
    assert root.findtext("NumeroDUCA") == facts.identifiers.duca
    assert root.findtext("Mercancia/IncisoArancelario") == facts.tariff.sac
    assert root.findtext("Mercancia/Descripcion") == facts.load.goods_es
    assert root.findtext("Mercancia/PesoNetoKg") == "17700"
    assert root.findtext("Totales/ValorFOB") == "13860.00"
    assert root.findtext("Equipamiento/Marchamo") == facts.seals.customs


def test_the_security_filing_has_ten_elements_and_two(facts: Facts) -> None:
    filed = json.loads(filings.isf(facts, facts.times.sealed))
    assert len(filed["importer"]) == 10
    assert len(filed["carrier"]) == 2
    assert all(filed["importer"].values())
    assert filed["importer"]["hts"] == "080430"
    assert filed["due_at"] == facts.times.filings_due.isoformat()
    assert filed["ports"]["unlading"]["schedule_d"] == "1103"


def test_the_json_manifest_names_every_weight(facts: Facts) -> None:
    said = json.loads(filings.manifest(facts, facts.times.sealed))
    assert said["weights"] == {
        "net_kg": 17_700,
        "gross_kg": 19_500,
        "pallets_kg": 440,
        "tare_kg": 4_640,
        "vgm_kg": 24_580,
    }
    assert [seal["number"] for seal in said["seals"]] == [
        facts.seals.bolt,
        facts.seals.customs,
        facts.seals.machinery_sticker,
    ]


@pytest.mark.parametrize(
    ("event", "kind"), [("GTIN", "EQUIPMENT"), ("LOAD", "EQUIPMENT"), ("DEPA", "TRANSPORT")]
)
def test_a_status_message_is_of_the_box_or_of_the_vessel(facts: Facts, event: str, kind: str) -> None:
    data = filings.status_message(facts, facts.times.lading, event, place="GTPBR")
    said = json.loads(data)
    assert said["eventType"] == kind
    assert said["eventDateTime"] == facts.times.lading.isoformat()
    assert ("equipmentReference" in said) == (kind == "EQUIPMENT")
    assert said["transportCall"]["vessel"]["vesselIMONumber"] == facts.identifiers.imo


def test_a_revised_arrival_is_an_estimate(facts: Facts) -> None:
    data = filings.status_message(
        facts, facts.times.sailing, "ARRI", place="USILG", expected=facts.times.arrival
    )
    said = json.loads(data)
    assert said["eventClassifierCode"] == "EST"
    assert said["eventDateTime"] == facts.times.arrival.isoformat()
    assert said["eventCreatedDateTime"] == facts.times.sailing.isoformat()


def test_a_seal_check_says_which_seal_is_in_which_state(facts: Facts) -> None:
    broken = {facts.seals.machinery_sticker: "broken"}
    said = json.loads(
        seals.seal_check(facts, facts.times.gate_in, place="GTPBR", by=facts.people.guard, states=broken)
    )
    assert [(seal["number"], seal["state"]) for seal in said["seals_found"]] == [
        (facts.seals.bolt, "intact"),
        (facts.seals.customs, "intact"),
        (facts.seals.machinery_sticker, "broken"),
    ]
    assert said["by"] == facts.people.guard


def test_the_bolt_seal_is_certified_as_high_security(facts: Facts) -> None:
    said = json.loads(seals.seal_certificate(facts))
    assert (said["class"], facts.seals.bolt in said["numbers"]) == ("H", True)
    assert said["tested"]["tensile_kn"] >= 10.0
    assert said["tested"]["impact_j"] >= 40.68
