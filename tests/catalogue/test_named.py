"""Who names a milestone or a paper that the corridor does not count is told so, and hindered by nothing."""

from pathlib import Path

from ledger.corridors.shipped import shipped_profile
from tests.builders import EXPORTER, a_trip
from tests.catalogue.office import Office, an_office

ESTIMATE = {"milestone": "arrival", "classifier": "EST", "at": "2026-09-25T12:00:00Z"}
ODD = ESTIMATE | {"milestone": "arival"}


def test_times_and_papers_that_do_nothing_in_a_corridor_are_told_to_who_says_them(tmp_path: Path) -> None:
    ahead = {"milestone": "departure", "classifier": "ACT", "at": "2027-09-21T12:00:00Z"}
    papers = ["packinglist", "packing-list", "our-own-paper"]
    with an_office(tmp_path, profile=shipped_profile("guatemala-us")) as office:
        trip = office.opens(a_trip())
        warned = [
            (one.code, one.field)
            for kind, body in (
                ("status", {"schedule": [ESTIMATE, ODD, ahead]}),
                ("document", {"documents": papers}),
            )
            for one in office.says(EXPORTER, kind, trip, body).warnings
        ]
    assert warned == [
        ("unknown-milestone", "body.schedule.1.milestone"),
        ("actual-in-future", "body.schedule.2.at"),
        ("unknown-paper", "body.documents.0"),
    ]


def test_where_nothing_is_asked_of_shipments_all_milestones_will_do(office: Office) -> None:
    trip = office.opens(a_trip())
    assert office.says(EXPORTER, "status", trip, {"schedule": [ODD]}).warnings == ()
