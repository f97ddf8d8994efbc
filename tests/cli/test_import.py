"""`corridor import`: tables and folders of shipments, put on record at a real ledger, each line once."""

import csv
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pyrage
import pytest

from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.cli.corridor import EXECUTABLE, Ran, refused
from tests.cli.town import STRANGER, Town

HEADER = "consignment,container,seal,stuffed_at,packages,gross_kg,vgm_kg,value,currency,share_with"
ROW = "{},XXXU5001{},GT44,2026-11-06T15:30:00-06:00,1500,21000,24580,13860,USD,{}"


def table(town: Town, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = town.new("shipments.csv")
    path.write_bytes("\n".join((header, *rows)).encode(encoding) + b"\n")
    return path


def row(number: int, container: str = "233", share_with: str = "") -> str:
    return ROW.format(f"XMPL.{number}", container, share_with)


def imported(town: Town, path: Path, *options: object, who: str = EXPORTER) -> Ran:
    return town.run(who, "import", path, *options)


def sums(ran: Ran) -> tuple[int, int, int]:
    told = json.loads(ran.out)
    return told["accepted"], told["duplicate"], told["rejected"]


def consignments(town: Town, number: int) -> Any:
    return town.did(EXPORTER, "subject", "list", "--type", "consignment", "--number", f"XMPL.{number}")


def test_a_line_becomes_a_consignment_a_trip_and_what_is_said_of_them(town: Town) -> None:
    ran = imported(town, table(town, row(101, share_with=CUSTOMS)), "--json")
    assert (ran.code, ran.err, sums(ran)) == (0, "", (1, 0, 0))
    (found,) = consignments(town, 101)
    shown = town.did(CUSTOMS, "subject", "show", found["uri"])
    kinds = [one["kind"] for one in shown["statements"]]
    assert kinds == ["subject-opened", "stuffing", "manifest", "document", "grant"]
    (link,) = shown["links"]["links"]
    assert (link["rel"], link["to"].split(":")[3]) == ("stuffed-in", "XXXU5001233")
    bodies = {one["kind"]: one["body"] for one in shown["statements"]}
    (paper,) = bodies["manifest"]["papers"]
    assert paper["totals"] == {"packages": 1500, "gross_kg": 21000, "value": 13860, "currency": "USD"}
    assert bodies["document"]["documents"] == ["verified-gross-mass"]
    assert bodies["document"]["papers"][0]["containers"] == [{"number": "XXXU5001233", "vgm_kg": 24580}]
    trip = town.did(CUSTOMS, "custody", link["to"])
    assert [one["number"] for one in trip["seals"]] == ["GT44"]


def test_what_goods_are_worth_is_concealed(town: Town) -> None:
    imported(town, table(town, row(102, share_with=ORIGIN_PORT)))
    (found,) = consignments(town, 102)
    shown = town.did(ORIGIN_PORT, "subject", "show", found["uri"])
    (manifest,) = [one["body"] for one in shown["statements"] if one["kind"] == "manifest"]
    assert manifest["papers"][0]["totals"] == {"packages": 1500, "gross_kg": 21000}


def test_the_same_again_adds_nothing(town: Town) -> None:
    path = table(town, row(103), row(103, "254"), row(103))
    assert sums(imported(town, path, "--json")) == (2, 1, 0)
    (found,) = consignments(town, 103)
    before = town.did(EXPORTER, "subject", "show", found["uri"])
    assert sums(imported(town, path, "--json")) == (0, 3, 0)
    assert town.did(EXPORTER, "subject", "show", found["uri"]) == before


def test_what_is_on_record_by_other_means_is_not_opened_again(town: Town) -> None:
    path = table(town, row(104))
    assert sums(imported(town, path, "--json")) == (1, 0, 0)
    again = imported(town, path, "--json", "--journal", town.new("journal"))
    assert sums(again) == (0, 1, 0)
    assert len(consignments(town, 104)) == 1


def test_another_container_joins_a_consignment_that_was_opened_by_hand(town: Town) -> None:
    opened = town.opened(EXPORTER, "XMPL.105", "consignment")
    assert sums(imported(town, table(town, row(105)), "--json")) == (1, 0, 0)
    (found,) = consignments(town, 105)
    assert found["uri"] == opened["subject"]


def test_a_line_that_says_something_else_than_before_is_rejected(town: Town) -> None:
    imported(town, table(town, row(106)))
    ran = imported(town, table(town, row(106).replace("21000", "22000")), "--json")
    assert (ran.code, sums(ran)) == (1, (0, 0, 1))
    assert "line 2: " in ran.err
    assert "line-changed" in ran.err


def test_lines_fail_alone_and_each_says_where_and_why(town: Town) -> None:
    path = table(
        town,
        row(107),
        row(108, container="9"),
        row(109).replace("21000", '"21,000"'),
        row(110).replace("2026-11-06T15:30:00-06:00", "yesterday"),
        row(111, share_with="nobody"),
        ",XXXU5001233",
        row(112) + ",one more",
        row(113),
    )
    report = town.new("report.csv")
    ran = imported(town, path, "--json", "--report", report)
    assert (ran.code, sums(ran)) == (1, (2, 0, 6))
    with report.open(encoding="utf-8-sig", newline="") as file:
        told = [(one["line"], one["state"], one["column"], one["code"]) for one in csv.DictReader(file)]
    assert told == [
        ("2", "accepted", "", ""),
        ("3", "rejected", "container", "malformed-field"),
        ("4", "rejected", "gross_kg", "ambiguous-number"),
        ("5", "rejected", "stuffed_at", "malformed-field"),
        ("6", "rejected", "share_with", "malformed-field"),
        ("7", "rejected", "consignment", "missing-cell"),
        ("8", "rejected", "", "bad-row"),
        ("9", "accepted", "", ""),
    ]
    assert "line 4, column gross_kg: " in ran.err


def test_a_line_that_failed_midway_goes_on_once_it_was_put_right(town: Town) -> None:
    wrong = row(114).replace("2026-11-06", "2199-11-06")
    ran = imported(town, table(town, wrong), "--json")
    assert (sums(ran), "occurred-in-future" in ran.err) == ((0, 0, 1), True)
    (found,) = consignments(town, 114)
    assert sums(imported(town, table(town, row(114)), "--json")) == (1, 0, 0)
    assert consignments(town, 114) == [found]
    told = town.did(EXPORTER, "subject", "show", found["uri"])["statements"]
    assert [one["kind"] for one in told] == ["subject-opened", "stuffing", "manifest", "document"]


def test_spanish_columns_semicolons_and_windows_1252_are_read(town: Town) -> None:
    header = "Conocimiento de embarque;Contenedor;Precinto;Fecha de llenado;Bultos;Peso bruto kg;Descripción"
    line = "XMPL.116;XXXU5001233;GT44;2026-11-06 15:30;1500;21.000,5;Piña fresca, año 2026"
    path = table(town, line, header=header, encoding="cp1252")
    ran = imported(town, path, "--json", "--timezone", "America/Guatemala")
    assert (ran.code, ran.err, sums(ran)) == (0, "", (1, 0, 0))
    (found,) = consignments(town, 116)
    told = town.did(EXPORTER, "subject", "show", found["uri"])["statements"]
    (paper,) = [one["body"]["papers"][0] for one in told if one["kind"] == "manifest"]
    assert paper["goods"] == [{"description": "Piña fresca, año 2026"}]
    assert paper["totals"]["gross_kg"] == 21000.5
    (stuffed,) = [one["body"] for one in told if one["kind"] == "stuffing"]
    assert stuffed["occurred_at"] == "2026-11-06T15:30:00-06:00"


def test_a_folder_has_a_shipment_in_each_file_or_folder_with_its_papers(town: Town) -> None:
    folder = town.new("shipments")
    (folder / "one").mkdir(parents=True)
    (folder / "one" / "invoice.pdf").write_bytes(b"%PDF-1.7 an invoice")
    said = {
        "consignment": "XMPL.117",
        "containers": [{"container": "XXXU5001233", "packages": 700}, {"container": "XXXU5001254"}],
        "commercial_invoice": "invoice.pdf",
        "hs": "0804.30",
    }
    (folder / "one" / "shipment.json").write_text(json.dumps(said))
    (folder / "two.json").write_text('{"consignment": "XMPL.118", "container": "XXXU5001260"}')
    (folder / "three.json").write_text('{"consignment": "XMPL.119", "colour": "red"}')
    told = imported(town, folder / "one" / "shipment.json", "--json")
    assert (sums(told), "no-encryption-key" in told.err) == ((0, 0, 1), True)
    assert consignments(town, 117) == []
    subject = town.opened(EXPORTER, "EXPORTER", "organisation")["subject"]
    reader = str(pyrage.x25519.Identity.generate().to_public())
    town.did(EXPORTER, "organisation", "encryption-key", "--subject", subject, "--recipient", reader)
    ran = imported(town, folder, "--json")
    assert (ran.code, sums(ran)) == (1, (2, 0, 1))
    assert "line three.json, column colour: " in ran.err
    (found,) = consignments(town, 117)
    told = town.did(EXPORTER, "subject", "show", found["uri"])
    assert len(told["links"]["links"]) == 2
    (paper,) = [one["body"] for one in told["statements"] if one["kind"] == "document"]
    assert paper["documents"] == ["commercial-invoice"]
    (item,) = paper["evidence"]
    assert (item["category"], item["media_type"]) == ("commercial", "application/pdf")
    kept = town.did(EXPORTER, "evidence", "secrets", "--subject", found["uri"])
    assert [one["cid"] for one in kept] == [item["cid"]]


def test_a_rehearsal_leaves_nothing_behind(town: Town) -> None:
    journal = town.new("journal")
    ran = imported(
        town, table(town, row(120), row(120), row(121, "9")), "--dry-run", "--json", "--journal", journal
    )
    assert (ran.code, sums(ran)) == (1, (1, 1, 1))
    assert not journal.exists()
    assert consignments(town, 120) == []


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("container,seal", "missing-column"),
        ("consignment,container,colour", "unknown-column"),
        ("consignment,container,contenedor", "column-twice"),
        ("", "no-header"),
    ],
)
def test_a_table_whose_columns_are_not_understood_is_not_begun(town: Town, header: str, code: str) -> None:
    refused(imported(town, table(town, row(122), header=header)), 2, code)


def test_columns_that_nobody_asked_for_are_left_out_by_name(town: Town) -> None:
    path = table(town, "XMPL.123,XXXU5001233,red", header="consignment,container,colour")
    assert sums(imported(town, path, "--json", "--ignore", "Colour")) == (1, 0, 0)


def test_nobody_imports_in_anothers_name_nor_what_its_role_may_not_say(town: Town) -> None:
    refused(imported(town, table(town, row(124)), who=STRANGER), 1, "key-unknown")
    ran = imported(town, table(town, row(124)), "--json", who=CUSTOMS)
    assert (ran.code, sums(ran), ran.reason) == (1, (0, 0, 1), "kind-not-allowed")
    assert consignments(town, 124) == []


def test_a_file_is_never_taken_from_elsewhere(town: Town) -> None:
    header = "consignment,container,commercial_invoice"
    path = table(town, "XMPL.125,XXXU5001233,../../etc/passwd", header=header)
    ran = imported(town, path, "--json")
    assert (ran.code, sums(ran), ran.reason) == (1, (0, 0, 1), "file-outside")


def test_who_stops_it_by_a_key_is_told_how_far_it_came_and_it_goes_on_there(
    town: Town, tmp_path: Path
) -> None:
    numbers = range(9_000, 9_080)
    path, report = table(town, *map(row, numbers)), tmp_path / "report.csv"
    options = ("--report", report, *town.signing(EXPORTER), "--to", town.url)
    command = [str(EXECUTABLE), "import", str(path), *map(str, options)]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        assert "accepted" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "run the same command again" in err
    first = int(out.splitlines()[-1].split()[0])
    assert 0 < first < len(numbers)
    with report.open(encoding="utf-8-sig") as lines:
        assert sum(1 for _ in csv.DictReader(lines)) == first
    accepted, duplicate, rejected = sums(imported(town, path, "--json"))
    assert (accepted + duplicate, rejected) == (len(numbers), 0)
    assert duplicate >= first


def test_days_and_months_of_office_programs_are_read_as_they_are_meant(town: Town) -> None:
    path = table(town, row(9_100).replace("2026-11-06T15:30:00-06:00", "06/11/2026 15:30"))
    ran = imported(town, path, "--timezone", "America/Guatemala", "--json")
    assert (ran.code, sums(ran)) == (1, (0, 0, 1))
    assert "--dates" in ran.err
    meant = ("--timezone", "America/Guatemala", "--dates", "day-first", "--json")
    assert sums(imported(town, path, *meant)) == (1, 0, 0)
