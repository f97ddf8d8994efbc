"""`corridor decision import`: what customs' own system decided is signed once, and the port reads it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.cli.corridor import Ran, refused
from tests.cli.town import Town

HEADER = "reference,decision,type,bill_of_lading,container,reason,decided_at,reverses"


def shared(town: Town, number: int, *containers: str) -> tuple[str, list[str]]:
    """Put a consignment in containers on record, for port and customs to read; return their URIs."""
    path = town.new("shipments.csv")
    rows = [f"XMPL.{number},{one},{ORIGIN_PORT}|{CUSTOMS}" for one in containers]
    path.write_text("\n".join(["consignment,container,share_with", *rows]))
    report = town.new("report.json")
    town.did(EXPORTER, "import", path, "--report", report)
    told = [json.loads(line)["subjects"] for line in report.read_text().splitlines()]
    return told[0][0], [one[1] for one in told]


def exported(town: Town, *rows: str, header: str = HEADER) -> Path:
    path = town.new("decisions.csv")
    path.write_text("\n".join((header, *rows)))
    return path


def imported(town: Town, path: Path, *options: object, who: str = CUSTOMS) -> Ran:
    return town.run(who, "decision", "import", path, "--json", *options)


def sums(ran: Ran) -> tuple[int, int, int]:
    told = json.loads(ran.out)
    return told["accepted"], told["duplicate"], told["rejected"]


def seen(town: Town, uri: str, who: str = ORIGIN_PORT) -> Any:
    return town.did(who, "decision", "list", uri)


def test_a_bill_of_lading_stands_for_its_consignment_and_trips(town: Town) -> None:
    consignment, trips = shared(town, 501, "XXXU5001233", "XXXU5001254")
    path = exported(town, 'E1,hold,cet,XMPL.501,,"rule 7, first shipment",2026-11-06T15:00:00Z,')
    ran = imported(town, path, "--system", "ENTRY")
    assert (ran.code, ran.err, sums(ran)) == (0, "", (1, 0, 0))
    for uri in (consignment, *trips):
        assert seen(town, uri)["delivery"] == "blocked"
        assert seen(town, uri)["in_force"]["reason"] is None
    one = seen(town, consignment, CUSTOMS)["in_force"]
    assert (one["type"], one["reason"]) == ("cet", "rule 7, first shipment")
    assert one["source"] == {"system": "ENTRY", "reference": "E1"}


def test_the_same_again_adds_nothing_with_its_journal_or_without(town: Town) -> None:
    _, (trip,) = shared(town, 502, "XXXU5001233")
    path = exported(town, "E2,hold,manifest,XMPL.502,,,2026-11-06T15:00:00Z,")
    assert sums(imported(town, path, "--system", "ENTRY")) == (1, 0, 0)
    before = seen(town, trip)
    assert sums(imported(town, path, "--system", "ENTRY")) == (0, 1, 0)
    assert sums(imported(town, path, "--system", "ENTRY", "--journal", town.new("journal"))) == (0, 1, 0)
    assert seen(town, trip) == before


def test_a_release_takes_back_what_was_decided_under_its_reference(town: Town) -> None:
    consignment, (trip,) = shared(town, 503, "XXXU5001233")
    path = exported(
        town,
        "E3,hold,cet,XMPL.503,,,2026-11-06T15:00:00Z,",
        "E3,exam,nii,XMPL.503,,,2026-11-06T16:00:00Z,",
        "E3,release,,XMPL.503,,,2026-11-06T17:00:00Z,",
    )
    assert sums(imported(town, path, "--system", "ENTRY")) == (3, 0, 0)
    assert [seen(town, uri)["delivery"] for uri in (consignment, trip)] == ["free", "free"]
    assert [one["state"] for one in seen(town, trip)["history"]] == ["reversed", "reversed", "in-force"]


def test_a_release_leaves_holds_under_other_references_in_force(town: Town) -> None:
    _, (trip,) = shared(town, 511, "XXXU5001233")
    path = exported(
        town,
        "J1,hold,cet,XMPL.511,,,,",
        "J2,exam,nii,XMPL.511,,,,",
        "J3,release,,XMPL.511,,,,",
        "J2,release,,XMPL.511,,,,",
    )
    ran = imported(town, path, "--system", "ENTRY")
    assert (sums(ran), ran.reason) == ((3, 0, 1), "holds-in-force")
    assert seen(town, trip)["delivery"] == "blocked"
    path = exported(town, "J4,release,,XMPL.511,,,,J1")
    assert sums(imported(town, path, "--system", "ENTRY")) == (1, 0, 0)
    assert seen(town, trip)["delivery"] == "free"


def test_a_release_leaves_a_container_held_for_others_goods(town: Town) -> None:
    first, (trip,) = shared(town, 504, "XXXU5001233")
    second = town.opened(EXPORTER, "XMPL.505", "consignment")
    town.did(CUSTOMS, "stream", "join", second["secret"])
    town.did(EXPORTER, "subject", "link", second["subject"], "stuffed-in", trip)
    path = exported(town, "E5,hold,cet,XMPL.505,,,,", "E4,release,,XMPL.504,,,,")
    assert sums(imported(town, path, "--system", "ENTRY")) == (2, 0, 0)
    assert seen(town, first, CUSTOMS)["delivery"] == "blocked"
    assert seen(town, trip)["delivery"] == "blocked"


def test_what_was_decided_earlier_does_not_take_the_place_of_what_is_in_force(town: Town) -> None:
    _, (trip,) = shared(town, 506, "XXXU5001233")
    path = exported(
        town,
        "E6,release,,XMPL.506,,,2026-11-06T17:00:00Z,",
        "E6,hold,cet,XMPL.506,,,2026-11-06T15:00:00Z,",
    )
    ran = imported(town, path, "--system", "ENTRY")
    assert (sums(ran), ran.reason) == ((1, 0, 1), "decided-later")
    assert seen(town, trip)["delivery"] == "free"


def test_a_map_reads_the_names_and_codes_of_the_system(town: Town) -> None:
    _, (trip,) = shared(town, 507, "XXXU5001260")
    map_ = town.body(
        system="AGRI",
        columns={
            "Ref": "reference",
            "Status": "decision",
            "Kind": "type",
            "MBL": "bill_of_lading",
            "Box": "container",
        },
        values={"decision": {"1H": "hold", "1C": "release"}, "type": {"6": "agriculture"}},
    )
    path = town.new("export.jsonl")
    said = {"Ref": 77, "Status": "1H", "Kind": "6", "MBL": "XMPL.507", "Box": "XXXU5001260", "Officer": "x"}
    path.write_text(f"{json.dumps(said)}\n\nnot json\n")
    ran = imported(town, path, "--map", map_, "--ignore", "Officer")
    assert (ran.code, sums(ran)) == (1, (1, 0, 1))
    assert "line 3: " in ran.err
    one = seen(town, trip, CUSTOMS)["in_force"]
    assert (one["type"], one["source"]) == ("agriculture", {"system": "AGRI", "reference": "77"})
    assert one["subjects"] == [trip]


def test_each_line_that_cannot_be_taken_says_why(town: Town) -> None:
    shared(town, 508, "XXXU5001233")
    path = exported(
        town,
        "F1,seize,,XMPL.508,,,,",
        "F2,hold,nii,XMPL.508,,,,",
        "F3,hold,cet,,,,,",
        "F4,hold,cet,XMPL.999,,,,",
        "F5,hold,cet,XMPL.508,XXXU5001260,,,",
        "F6,release,,XMPL.508,,,,F0",
        ",hold,cet,XMPL.508,,,,",
        "F7,hold,cet,XMPL.508,,,today,",
    )
    ran = imported(town, path, "--system", "ENTRY")
    assert (ran.code, sums(ran)) == (1, (0, 0, 8))
    codes = [line.rpartition("[")[2].rstrip("]") for line in ran.err.splitlines()]
    assert codes == [
        *("malformed-field", "malformed-field", "missing-cell", "shipment-unknown", "shipment-unknown"),
        *("reverses-unknown", "missing-cell", "malformed-field"),
    ]


def test_a_rehearsal_decides_nothing(town: Town) -> None:
    _, (trip,) = shared(town, 509, "XXXU5001233")
    path = exported(town, "G1,hold,cet,XMPL.509,,,,")
    journal = town.new("journal")
    ran = imported(town, path, "--system", "ENTRY", "--dry-run", "--journal", journal)
    assert (sums(ran), journal.exists()) == ((1, 0, 0), False)
    assert seen(town, trip)["history"] == []


@pytest.mark.parametrize(
    ("map_", "code"),
    [
        ("{}", "which-system"),
        ('{"colour": 1}', "unknown-field"),
        ('{"columns": {"a": "b"}}', "unknown-field"),
    ],
)
def test_a_map_that_is_not_understood_is_not_used(town: Town, map_: str, code: str) -> None:
    path = town.new("map.json")
    path.write_text(map_)
    refused(
        town.run(CUSTOMS, "decision", "import", exported(town), "--map", path), 2 if map_ == "{}" else 1, code
    )


def test_who_may_not_decide_imports_nothing(town: Town) -> None:
    _, (trip,) = shared(town, 510, "XXXU5001233")
    ran = imported(town, exported(town, "H1,release,,XMPL.510,,,,"), "--system", "ENTRY", who=EXPORTER)
    assert (ran.code, ran.reason) == (1, "kind-not-allowed")
    assert seen(town, trip)["history"] == []
