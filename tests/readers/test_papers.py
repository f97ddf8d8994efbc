"""Papers of every kind say the same things in one shape, so that they can be held against each other."""

import json
from types import ModuleType
from typing import Any

import pytest

from ledger.demo.facts import Facts
from ledger.readers.formats import csv_log, edifact, json_paper, pdf, xml_paper
from ledger.readers.registry import Expectations
from tests.readers.items import codes, foreign, made, read

FACTS = Facts.default()
BOX, LOAD = FACTS.identifiers.container, FACTS.load
SHAPE: dict[str, tuple[str, ...]] = {
    "document": (),
    "numbers": ("kind", "value"),
    "dates": ("kind", "value"),
    "places": ("kind", "value"),
    "parties": ("role", "name", "id"),
    "containers": ("number", "type", "seals", "packages", "net_kg", "gross_kg", "tare_kg", "vgm_kg"),
    "seals": (),
    "goods": (
        "description",
        "hs",
        "origin",
        "package_kind",
        "packages",
        "net_kg",
        "gross_kg",
        "value",
        "currency",
    ),
    "totals": ("packages", "net_kg", "gross_kg", "tare_kg", "vgm_kg", "value", "currency"),
}
PAPERS = [
    ("export-declaration.xml", xml_paper, "DUCA", "export-declaration"),
    ("manifest.json", json_paper, "JSON", "manifest"),
    ("importer-security-filing.json", json_paper, "JSON", "importer-security-filing"),
    ("seal-check-gate.json", json_paper, "JSON", "seal-check"),
    ("seal-certificate.json", json_paper, "JSON", "seal-certificate"),
    ("status-gate-in.json", json_paper, "DCSA-event", "status"),
    ("status-expected.json", json_paper, "DCSA-event", "status"),
    ("carrier-manifest.edi", edifact, "EDIFACT", "manifest"),
    ("verified-gross-mass.edi", edifact, "EDIFACT", "verified-gross-mass"),
    ("stow-plan.edi", edifact, "EDIFACT", "stow-plan"),
]


def _paper(name: str, reader: ModuleType) -> dict[str, Any]:
    paper: dict[str, Any] = read(reader, made(name)).found["paper"]
    return paper


def _values(paper: dict[str, Any], kind: str) -> list[str]:
    return [each["value"] for each in paper["numbers"] if each["kind"] == kind]


@pytest.mark.parametrize(("name", "reader", "form", "document"), PAPERS, ids=[each[0] for each in PAPERS])
def test_every_paper_of_the_demo_is_read_in_the_one_shape(
    name: str, reader: ModuleType, form: str, document: str
) -> None:
    reading = read(reader, made(name))
    paper = reading.found["paper"]
    assert (reading.format, reading.outcome, paper["document"]) == (form, "read", document)
    assert set(paper) <= set(SHAPE)
    for member, parts in SHAPE.items():
        several = paper.get(member, [])
        for one in several if isinstance(several, list) else [several]:
            assert set(one) <= set(parts) if parts else isinstance(one, str)


def test_papers_of_one_shipment_agree_in_what_they_all_say() -> None:
    declared = _paper("export-declaration.xml", xml_paper)
    listed = _paper("manifest.json", json_paper)
    carried = _paper("carrier-manifest.edi", edifact)
    for paper in (declared, listed, carried):
        assert [each["number"] for each in paper["containers"]] == [BOX]
        assert FACTS.seals.bolt in paper["containers"][0]["seals"]
        assert _values(paper, "bill-of-lading") == [FACTS.identifiers.bill_of_lading]
    assert declared["totals"]["gross_kg"] == listed["totals"]["gross_kg"] == LOAD.gross_kg
    assert declared["goods"][0]["packages"] == listed["totals"]["packages"] == LOAD.cartons
    assert carried["goods"][0]["packages"] == LOAD.cartons
    assert {paper["goods"][0]["hs"][:6] for paper in (declared, listed, carried)} == {"080430"}
    verified = _paper("verified-gross-mass.edi", edifact)
    assert verified["containers"][0]["vgm_kg"] == listed["totals"]["vgm_kg"] == LOAD.vgm_kg


def test_an_estimate_is_told_from_what_has_happened() -> None:
    expected, loaded = _paper("status-expected.json", json_paper), _paper("status-loaded.json", json_paper)
    assert [each["kind"] for each in expected["dates"]] == ["ARRI-EST"]
    assert [each["kind"] for each in loaded["dates"]] == ["LOAD"]


def test_a_phytosanitary_certificate_of_another_country_is_read() -> None:
    reading = read(xml_paper, foreign("certificates/SPSCertificateContent.xml"))
    paper = reading.found["paper"]
    assert (reading.format, paper["document"]) == ("SPSCertificate", "phytosanitary-certificate")
    assert _values(paper, "certificate") == ["123ABC"]
    assert {"role": "consignee", "name": "Importer SA", "id": "0123456789"} in paper["parties"]
    assert paper["seals"] == ["G2382564"]
    assert paper["goods"][0] == {
        "description": "Ribes",
        "hs": "06029048",
        "origin": "AR",
        "package_kind": "BG",
        "packages": 100,
        "net_kg": 10,
        "gross_kg": 60,
    }


SPS = """<?xml version="1.0"?>
<SPSCertificate xmlns="urn:un:unece:uncefact:data:standard:SPSCertificate:17"><SPSExchangedDocument>
<ID>GT-1</ID><TypeCode>851</TypeCode><IssueDateTime><DateTimeString>2026-11-06T16:10:00-06:00</DateTimeString>
</IssueDateTime></SPSExchangedDocument><SPSConsignment><UtilizedSPSTransportEquipment><ID>XXXU 500123-3</ID>
<AffixedSPSSeal><ID>S1</ID></AffixedSPSSeal></UtilizedSPSTransportEquipment><IncludedSPSConsignmentItem>
<IncludedSPSTradeLineItem><ScientificName>Ananas comosus</ScientificName>
<NetWeightMeasure unitCode="TNE">17.7</NetWeightMeasure></IncludedSPSTradeLineItem>
</IncludedSPSConsignmentItem></SPSConsignment></SPSCertificate>"""


def test_weights_come_in_kilograms_and_container_numbers_without_blanks() -> None:
    paper = read(xml_paper, SPS.encode()).found["paper"]
    assert paper["containers"] == [{"number": "XXXU5001233", "seals": ["S1"]}]
    assert paper["goods"] == [{"description": "Ananas comosus", "net_kg": 17700}]


AWMDS = """<Awmds><General_segment><General_segment_id><Customs_office_code>GTPBR</Customs_office_code>
<Voyage_number>2645N</Voyage_number><Date_of_departure>2026-11-08</Date_of_departure></General_segment_id>
<Totals_segment><Total_number_of_packages>1500</Total_number_of_packages><Total_gross_mass>19500</Total_gross_mass>
</Totals_segment><Transport_information><Carrier><Carrier_code>XXXX</Carrier_code></Carrier>
<Identity_of_transporter>EXAMPLE QUETZAL</Identity_of_transporter></Transport_information></General_segment>
<Bol_segment><Bol_id><Bol_reference>XXXX26GT110045</Bol_reference></Bol_id><Traders_segment><Exporter>
<Exporter_name>Pineapples Example</Exporter_name></Exporter></Traders_segment><ctn_segment>
<Ctn_reference>XXXU5001233</Ctn_reference><Number_of_packages>1500</Number_of_packages>
<Type_of_container>45R1</Type_of_container><Marks1>GT4471902</Marks1><Empty_weight>4640</Empty_weight>
</ctn_segment><Goods_segment><Number_of_packages>1500</Number_of_packages><Gross_mass>19500</Gross_mass>
<Goods_description>PINEAPPLES</Goods_description></Goods_segment><HS_Compliance><HS_code>0804.30</HS_code>
</HS_Compliance></Bol_segment></Awmds>"""


def test_an_asycuda_manifest_is_read() -> None:
    reading = read(xml_paper, AWMDS.encode())
    paper = reading.found["paper"]
    assert (reading.format, reading.outcome) == ("ASYCUDA-manifest", "read")
    assert paper["containers"] == [
        {"number": BOX, "type": "45R1", "seals": ["GT4471902"], "packages": 1500, "tare_kg": 4640}
    ]
    assert paper["goods"] == [
        {"description": "PINEAPPLES", "hs": "080430", "packages": 1500, "gross_kg": 19500}
    ]
    assert paper["totals"] == {"packages": 1500, "gross_kg": 19500}
    assert {"role": "carrier", "id": "XXXX"} in paper["parties"]


CREDENTIALS = {
    "CommercialInvoiceCredential": "commercial-invoice",
    "PackingListCredential": "packing-list",
    "MultiModalBillOfLadingCredential": "bill-of-lading",
    "ImporterSecurityFilingCredential": "importer-security-filing",
    "CertificationOfOrigin": "certification-of-origin",
    "PhytosanitaryCredential": "phytosanitary-certificate",
}


@pytest.mark.parametrize(("name", "document"), sorted(CREDENTIALS.items()))
def test_traceability_credentials_are_read_and_their_proofs_are_not_believed(
    name: str, document: str
) -> None:
    schema = foreign(f"certificates/w3c-traceability/{name}.yml").decode()
    _, _, example = schema.partition("\nexample: |-\n")
    credential = json.loads(example)
    reading = read(json_paper, json.dumps(credential | {"proof": {"type": "Ed25519"}}).encode())
    assert (reading.format, reading.found["paper"]["document"]) == ("W3C-credential", document)
    assert reading.found["proof"] == "present-not-verified"
    assert reading.found["paper"]["parties"][0]["role"] == "issuer"


def test_status_messages_and_events_of_other_projects_are_read() -> None:
    message = read(json_paper, foreign("dcsa/tnt-300-request-equipment.json"))
    assert message.found["paper"]["containers"] == [{"number": "APZU4812090", "type": "22GP"}]
    assert message.found["paper"]["places"] == [{"kind": "LOAD", "value": "NLRTM"}]
    event = read(json_paper, foreign("epcis/capture/AggregationEvent_with_sensorData.json"))
    assert (event.format, event.found["with_sensors"] > 0) == ("EPCIS-2.0", True)


def test_an_aggregation_into_a_container_names_the_container() -> None:
    event: dict[str, Any] = {
        "type": "AggregationEvent",
        "eventTime": "2026-11-06T15:30:00-06:00",
        "bizStep": "loading",
    }
    event |= {"childEPCs": [f"urn:epc:id:bic:{BOX}"]}
    document = {"type": "EPCISDocument", "epcisBody": {"eventList": [event]}}
    assert read(json_paper, json.dumps(document).encode()).found["paper"]["containers"] == [{"number": BOX}]


@pytest.mark.parametrize("name", ["bill-of-lading.pdf", "packing-list.pdf"])
def test_a_pdf_gives_its_text_its_numbers_and_a_picture_of_its_page(name: str) -> None:
    reading = read(pdf, made(name))
    assert (reading.format, reading.outcome, reading.found["pages"]) == ("PDF", "read", 1)
    assert reading.found["mentions"]["containers"] == [BOX]
    assert LOAD.cartons in reading.found["mentions"]["packages"]
    assert [each.title for each in reading.renditions] == ["page 1"]
    assert reading.renditions[0].data.startswith(b"\xff\xd8\xff")
    assert read(pdf, made(name)).fingerprints == reading.fingerprints


def test_a_log_is_summed_up_alike_from_csv_and_json() -> None:
    table, record = read(csv_log, made("reefer-log.csv")), read(json_paper, made("reefer-log.json"))
    assert table.found["log"] == record.found["log"]
    assert (table.found["log"]["gaps"], table.found["log"]["step_s"]) == (0, 900.0)
    assert record.found["container"] == BOX


def test_a_log_tells_how_long_each_temperature_was_held() -> None:
    log = read(csv_log, made("reefer-log.csv")).found["log"]
    held = log["held_minutes"]
    assert held["set_point_c"] == [[7.5, log["readings"] * 15.0]]
    assert sum(minutes for _, minutes in held["pulp_c"]) == pytest.approx(log["readings"] * 15)
    assert [held["pulp_c"][0][0], held["pulp_c"][-1][0]] == log["ranges"]["pulp_c"]
    assert "humidity_percent" not in held
    lines = ["time,pulp_c", *(f"2026-11-08T{hour:02}:00:00Z,{hour + 0.04}" for hour in (0, 1, 2, 12, 13))]
    told = read(csv_log, "\n".join(lines).encode()).found["log"]["held_minutes"]["pulp_c"]
    assert told == [[0.0, 60.0], [1.0, 60.0], [2.0, 150.0], [12.0, 60.0], [13.0, 60.0]]


def test_a_log_of_too_many_temperatures_tells_of_none_how_long_it_was_held() -> None:
    lines = ["time,pulp_c", *(f"2026-11-08T00:{n // 60:02}:{n % 60:02}Z,{n}" for n in range(400))]
    log = read(csv_log, "\n".join(lines).encode()).found["log"]
    assert log["held_minutes"] == {}
    assert log["ranges"] == {"pulp_c": [0.0, 399.0]}


def test_a_log_with_lines_taken_out_has_a_gap() -> None:
    lines = made("reefer-log.csv").splitlines(keepends=True)
    assert codes(read(csv_log, b"".join(lines[:50] + lines[80:]))) == ["gap"]
    assert codes(read(csv_log, b"".join([*lines[:50], lines[10], *lines[50:]]))) == ["gap", "clock-jump"]
    assert codes(read(csv_log, b"".join(lines).replace(b",", b";"))) == []


ABOUT_THE_BOX = [
    ("export-declaration.xml", xml_paper),
    ("manifest.json", json_paper),
    ("stow-plan.edi", edifact),
    ("bill-of-lading.pdf", pdf),
    ("reefer-log.json", json_paper),
]


@pytest.mark.parametrize(("name", "reader"), ABOUT_THE_BOX, ids=[each[0] for each in ABOUT_THE_BOX])
def test_a_paper_of_another_container_is_complained_of(name: str, reader: ModuleType) -> None:
    right, wrong = (Expectations(container=each) for each in (BOX, "MSKU1234565"))
    assert codes(read(reader, made(name), expectations=right)) == []
    assert codes(read(reader, made(name), expectations=wrong)) == ["other-container"]


def test_what_cannot_be_right_in_a_paper_is_complained_of_and_the_rest_is_read() -> None:
    odd = AWMDS.replace("XXXU5001233", "XXXU5001234").replace(">19500<", ">about 19 t<")
    reading = read(xml_paper, odd.encode())
    assert sorted(codes(reading)) == ["container-check-digit", "number-not-read"]
    assert reading.found["paper"]["goods"][0]["packages"] == 1500


def test_a_paper_of_ten_thousand_lines_stays_within_what_a_reading_may_hold() -> None:
    line = "<Goods_segment><Goods_description>" + "x" * 500 + "</Goods_description></Goods_segment>"
    many = AWMDS.replace("<Goods_segment>", line * 10_000 + "<Goods_segment>", 1)
    reading = read(xml_paper, many.encode())
    assert codes(reading) == ["rows-left-out"]
    assert len(json.dumps(reading.found)) < 64 * 1024


def test_complaints_quote_nothing_of_the_item() -> None:
    for data in (b'{"secret": 1, "secret": 2}', b'{"price": 123456789012345678901}', b'{"secret'):
        with pytest.raises(Exception, match=r"^(?!.*(secret|price|1234)).*$"):
            read(json_paper, data)
